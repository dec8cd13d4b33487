//! The tools that come through rustup, cargo and npm.

use super::prerequisites::npm;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::progress::say;
use crate::run::{capture, cargo, command, exists, run};
use crate::stamp::{self, Digest};
use std::fs;
use std::path::{Path, PathBuf};

const WASM: &str = "wasm32-unknown-unknown";
/// Name of the binary in xtask/bindgen, and the name that others look for.
const BINDGEN: [(&str, &str); 2] =
    [("bindgen-cli", "wasm-bindgen"), ("bindgen-test-runner", "wasm-bindgen-test-runner")];
const WASM_PACK: &str = "0.15.1";

pub fn wasm_target_ready(layout: &Layout) -> bool {
    capture(command(rustc(), &layout.root).args(["--print", "target-libdir", "--target", WASM]))
        .is_ok_and(|dir| PathBuf::from(dir).exists())
}

pub fn install_wasm_target(layout: &Layout) -> Result<()> {
    rustup(layout, &["target", "add", WASM])
}

/// Whether the source of std is there; installs it if rustup can.
pub fn std_source(layout: &Layout, sysroot: &Path) -> bool {
    let lock = sysroot.join("lib/rustlib/src/rust/library/Cargo.lock");
    lock.exists() || (rustup(layout, &["component", "add", "rust-src"]).is_ok() && lock.exists())
}

pub fn lints_ready(layout: &Layout) -> bool {
    ["fmt", "clippy"].iter().all(|tool| capture(cargo(&layout.root).args([tool, "--version"])).is_ok())
}

pub fn install_lints(layout: &Layout) -> Result<()> {
    rustup(layout, &["component", "add", "rustfmt", "clippy"])
}

pub fn npm_ready(layout: &Layout) -> Result<bool> {
    Ok(stamp::fresh(&npm_stamp(layout), npm_digest(layout)?, &[layout.npm_bin("esbuild"), layout.npm_bin("wasm-opt")]))
}

/// Without install scripts: none of the tools needs one, and a script is a stranger's program.
pub fn install_npm(layout: &Layout) -> Result<()> {
    run(command(npm(), &layout.root).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))
        .map_err(|error| {
        Failure::new(format!(
            "{error}\nThe npm tools come from the registry that npm is configured for; \
             is it reachable? (`npm ping`)"
        ))
    })?;
    stamp::mark(&npm_stamp(layout), npm_digest(layout)?)
}

pub fn bindgen_ready(layout: &Layout) -> Result<bool> {
    Ok(stamp::fresh(&bindgen_stamp(layout), bindgen_digest(layout)?, &BINDGEN.map(|(_, name)| layout.tool(name))))
}

/// Built in a folder of its own, so that the product's builds and these never wait for each other.
pub fn install_bindgen(layout: &Layout) -> Result<()> {
    let build = layout.target.join("tools").join("build");
    run(cargo(&layout.root)
        .args(["build", "--package", "xtask-bindgen", "--profile", "tools"])
        .arg("--target-dir")
        .arg(&build))?;
    fs::create_dir_all(layout.tools_bin()).context("creating the tools folder")?;
    for (binary, name) in BINDGEN {
        let made = build.join("tools").join(format!("{binary}{}", std::env::consts::EXE_SUFFIX));
        fs::copy(&made, layout.tool(name)).context(format_args!("copying {}", made.display()))?;
    }
    stamp::mark(&bindgen_stamp(layout), bindgen_digest(layout)?)
}

/// `wasm-pack`, installed on first use: only `test --all` wants it.
///
/// # Errors
/// When it cannot be built.
pub fn wasm_pack(layout: &Layout) -> Result<PathBuf> {
    let path = layout.tool("wasm-pack");
    let right =
        capture(command(&path, &layout.root).arg("--version")).is_ok_and(|version| version.ends_with(WASM_PACK));
    if !right {
        say(format_args!("installing wasm-pack {WASM_PACK} (a few minutes, once)"));
        run(cargo(&layout.root)
            .args(["install", "wasm-pack", "--version", WASM_PACK, "--locked"])
            .args(["--force", "--profile", "dev", "--root"])
            .arg(layout.target.join("tools")))?;
    }
    Ok(path)
}

fn rustup(layout: &Layout, args: &[&str]) -> Result<()> {
    if !exists("rustup") {
        return Err(Failure::new(format!(
            "rustup is missing, so `rustup {}` cannot run: install Rust by https://rustup.rs",
            args.join(" ")
        )));
    }
    run(command("rustup", &layout.root).args(args))
}

fn rustc() -> std::ffi::OsString {
    std::env::var_os("RUSTC").unwrap_or("rustc".into())
}

fn npm_stamp(layout: &Layout) -> PathBuf {
    layout.root.join("node_modules").join(".xtask-stamp")
}

fn npm_digest(layout: &Layout) -> Result<Digest> {
    Digest::new().path(&layout.root.join("package-lock.json"))
}

fn bindgen_stamp(layout: &Layout) -> PathBuf {
    layout.target.join("tools").join("bindgen.stamp")
}

fn bindgen_digest(layout: &Layout) -> Result<Digest> {
    Digest::new().path(&layout.root.join("xtask").join("bindgen"))
}
