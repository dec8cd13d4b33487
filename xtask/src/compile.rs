//! rustc's part of the wasm module.

use crate::fail::{Context, Result};
use crate::layout::{Layout, Variant};
use crate::progress::say;
use crate::run::{capture, cargo, command, run};
use crate::setup;
use crate::stamp::{self, Digest};
use std::env;
use std::fs;
use std::path::PathBuf;

/// The compiler that `-Cpanic=immediate-abort` was tried with; older ones may not know it.
const TRIED: u32 = 95;

/// What the module is compiled from.
const SOURCES: [&str; 6] = ["Cargo.toml", "Cargo.lock", ".cargo", "src", "core/Cargo.toml", "core/src"];

/// For the last crate, and so for linking: a little more is inlined than `opt-level = "z"` would have it (5), ½ % in
/// brotli. For all crates it is worse, and before LLVM too.
const INLINE: &str = "-Cllvm-args=-inline-threshold=15";

/// Compiles the module, unless it is up to date; gives where it is.
///
/// The standard library is compiled along, so that a panic is one instruction instead of a sentence with numbers in it
/// (docs/decisions/0009-std-is-compiled-along.md). Where that cannot be, the module is 3 KB larger and does the same.
///
/// # Errors
/// When it does not compile.
pub fn module(layout: &Layout, variant: Variant) -> Result<PathBuf> {
    let sysroot = PathBuf::from(capture(command(rustc(), &layout.root).args(["--print", "sysroot"]))?);
    let version = capture(command(rustc(), &layout.root).arg("--version"))?;
    let small = is_tried(&version) && setup::std_source(layout, &sysroot);
    let flags = flags(&sysroot, small);
    let mut digest = Digest::new().text(&version).text(&flags).text(variant.features()).text(INLINE);
    for source in SOURCES {
        digest = digest.path(&layout.root.join(source))?;
    }
    let kept = layout.scratch().join(format!("{}.wasm", variant.name()));
    let stamp = layout.scratch().join(format!("{}.wasm.stamp", variant.name()));
    if stamp::fresh(&stamp, digest, std::slice::from_ref(&kept)) {
        return Ok(kept);
    }
    let dir = layout.target.join("wasm32-unknown-unknown").join("wasm");
    let made = dir.join("flywheel_sdk.wasm");
    // A cdylib's name has no hash in it: what another variant left there would pass for this one.
    for left in [&made, &dir.join("deps").join("flywheel_sdk.wasm")] {
        let _ = fs::remove_file(left);
    }
    let mut build = cargo(&layout.root);
    // Only the one crate type: beside an rlib (which the tests link) cargo leaves link-time optimisation out.
    build.args(["rustc", "--package", "flywheel-sdk", "--lib", "--crate-type", "cdylib", "--profile", "wasm"]);
    build.args(["--target", "wasm32-unknown-unknown", "--config"]).arg(flags);
    build.args(["--features", variant.features()]);
    if small {
        build.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        build.env("RUSTC_BOOTSTRAP", "1");
    } else {
        say("note: std is not compiled along (no rust-src, or another rustc): the module is 3 KB larger");
    }
    build.args(["--", INLINE]);
    run(&mut build)?;
    fs::create_dir_all(layout.scratch()).context("creating target/xtask")?;
    fs::copy(&made, &kept).context("keeping the module")?;
    stamp::mark(&stamp, digest)?;
    Ok(kept)
}

fn rustc() -> std::ffi::OsString {
    env::var_os("RUSTC").unwrap_or("rustc".into())
}

/// Whether `rustc --version` names a compiler of 1.95 or later.
fn is_tried(version: &str) -> bool {
    let minor = version.split_whitespace().nth(1).and_then(|number| number.split('.').nth(1)?.parse().ok());
    minor.is_some_and(|minor: u32| minor >= TRIED)
}

/// Loop strength reduction trades one pointer for many: 1½ % in brotli; loading early trades a branch for a copy: 0.2 %.
/// Panic messages name source files; those of dependencies and of std would show where this machine keeps them.
fn flags(sysroot: &std::path::Path, small: bool) -> String {
    let cargo = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))
        .unwrap_or_default();
    let mut flags = vec!["-Cllvm-args=-disable-lsr -enable-load-pre=0".to_owned()];
    for (home, name) in [(cargo, "cargo"), (sysroot.join("lib/rustlib/src/rust"), "rust")] {
        flags.push(format!("--remap-path-prefix={}={name}", home.display()));
    }
    if small {
        let unstable = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"];
        flags.extend(unstable.map(str::to_owned));
    }
    format!("target.wasm32-unknown-unknown.rustflags={flags:?}")
}

#[cfg(test)]
mod tests {
    use super::is_tried;

    #[test]
    fn an_older_compiler_is_known_by_its_version() {
        for (version, tried) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", true),
            ("rustc 1.101.0-nightly", true),
            ("rustc 1.90.0 (1159e78c4 2025-09-14)", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_tried(version), tried, "{version}");
        }
    }
}
