//! The npm packages that run the server without Rust: `flywheel-server`, and its binary for this platform.

use crate::build;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::run::{capture, command};
use crate::setup;
use std::env::consts::{ARCH, EXE_SUFFIX, OS};
use std::fs;
use std::path::{Path, PathBuf};

/// Copied as they are.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Makes both; gives their tarballs.
///
/// # Errors
/// When something cannot be built, or npm has no name for this platform.
pub fn pack(layout: &Layout) -> Result<Vec<PathBuf>> {
    build::server(layout)?;
    let (os, cpu) = platform()?;
    Ok(vec![wrapper(layout)?, binary(layout, os, cpu)?])
}

/// Node's names for this platform.
fn platform() -> Result<(&'static str, &'static str)> {
    let os = match OS {
        "macos" => "darwin",
        "windows" => "win32",
        "linux" => "linux",
        other => return Err(Failure::new(format!("there is no package for {other}"))),
    };
    let cpu = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(Failure::new(format!("there is no package for {other}"))),
    };
    Ok((os, cpu))
}

fn wrapper(layout: &Layout) -> Result<PathBuf> {
    let from = layout.root.join("npm/server");
    let to = folder(layout, "flywheel-server")?;
    for entry in fs::read_dir(&from).context("reading npm/server")? {
        let path = entry.context("reading npm/server")?.path();
        let name = path.file_name().unwrap_or_default();
        if name != "package.template.json" {
            copy(&path, &to.join(name))?;
        }
    }
    manifest(layout, &from, &to, &[])?;
    tarball(layout, &to)
}

fn binary(layout: &Layout, os: &str, cpu: &str) -> Result<PathBuf> {
    let from = layout.root.join("npm/server-platform");
    let platform = format!("{os}-{cpu}");
    let to = folder(layout, &format!("server-{platform}"))?;
    copy(&from.join("README.md"), &to.join("README.md"))?;
    fs::create_dir_all(to.join("bin")).context("creating bin/")?;
    copy(&layout.server(), &to.join("bin").join(format!("flywheel{EXE_SUFFIX}")))?;
    manifest(layout, &from, &to, &[("@PLATFORM@", &platform), ("@OS@", os), ("@CPU@", cpu)])?;
    tarball(layout, &to)
}

/// An empty folder under target/npm.
fn folder(layout: &Layout, name: &str) -> Result<PathBuf> {
    let folder = layout.target.join("npm").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).context(format_args!("creating {}", folder.display()))?;
    for licence in LICENCES {
        copy(&layout.root.join(licence), &folder.join(licence))?;
    }
    Ok(folder)
}

fn manifest(layout: &Layout, from: &Path, to: &Path, also: &[(&str, &str)]) -> Result<()> {
    let template = from.join("package.template.json");
    let text = fs::read_to_string(&template).context(format_args!("reading {}", layout.show(&template)))?;
    let usual = [("@VERSION@", env!("CARGO_PKG_VERSION")), ("@REPOSITORY@", env!("CARGO_PKG_REPOSITORY"))];
    let text = usual.iter().chain(also).fold(text, |text, (from, to)| text.replace(from, to));
    fs::write(to.join("package.json"), text).context("writing package.json")
}

fn tarball(layout: &Layout, folder: &Path) -> Result<PathBuf> {
    let to = layout.target.join("npm");
    let name =
        capture(command(setup::npm(), folder).args(["pack", "--loglevel=error", "--pack-destination"]).arg(&to))?;
    Ok(to.join(name.lines().last().unwrap_or_default()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(|_| ()).context(format_args!("copying {}", from.display()))
}
