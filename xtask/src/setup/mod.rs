//! Installs what is missing, once; each command asks only for what it needs.

pub mod apt;
pub mod browser;
pub mod firefox;
mod prerequisites;
mod tools;
pub mod webkit;

use crate::args::Args;
use crate::fail::{Context, Result};
use crate::layout::Layout;
use crate::progress::{Steps, say};
use std::fs::{self, File};

pub use prerequisites::npm;
pub use tools::{std_source, wasm_pack};

/// What `cargo xtask setup --help` prints.
pub const HELP: &str = "\
Installs what is missing: the wasm target, rustfmt and clippy, the npm tools, the wasm-bindgen
tools at the crate's version, headless Chromium and its driver. The other commands do this
themselves, each for what it needs.

Usage: cargo xtask setup

Example: cargo xtask setup        # once, to have the network part behind you

CHROMIUM and CHROMEDRIVER name a browser and a driver that are not on PATH.";

/// Something that a command cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// `wasm32-unknown-unknown` for rustc.
    WasmTarget,
    /// rustfmt and clippy.
    Lints,
    /// What package-lock.json names.
    NpmPackages,
    /// `wasm-bindgen` and its test runner.
    Bindgen,
    /// Headless Chromium and chromedriver.
    Browser,
}

impl Need {
    /// All of them, in the order of installing.
    pub const ALL: [Self; 5] = [Self::Lints, Self::WasmTarget, Self::NpmPackages, Self::Browser, Self::Bindgen];

    const fn what(self) -> &'static str {
        match self {
            Self::WasmTarget => "installing the wasm32-unknown-unknown target",
            Self::Lints => "installing rustfmt and clippy",
            Self::NpmPackages => "installing the npm tools (npm ci)",
            Self::Bindgen => "building the wasm-bindgen tools (two or three minutes, once)",
            Self::Browser => "installing headless Chromium and chromedriver",
        }
    }

    fn ready(self, layout: &Layout) -> Result<bool> {
        match self {
            Self::WasmTarget => Ok(tools::wasm_target_ready(layout)),
            Self::Lints => Ok(tools::lints_ready(layout)),
            Self::NpmPackages => tools::npm_ready(layout),
            Self::Bindgen => tools::bindgen_ready(layout),
            Self::Browser => Ok(browser::find().is_ok()),
        }
    }

    fn install(self, layout: &Layout) -> Result<()> {
        match self {
            Self::WasmTarget => tools::install_wasm_target(layout),
            Self::Lints => tools::install_lints(layout),
            Self::NpmPackages => tools::install_npm(layout),
            Self::Bindgen => tools::install_bindgen(layout),
            Self::Browser => browser::install(layout),
        }
    }
}

/// `cargo xtask setup`.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn main(layout: &Layout, args: Args) -> Result<()> {
    args.finish()?;
    ensure(layout, &Need::ALL)?;
    say("Everything is there.");
    Ok(())
}

/// Makes sure that `needs` are there, and says so only where something had to be done.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn ensure(layout: &Layout, needs: &[Need]) -> Result<()> {
    prerequisites::check(layout)?;
    let _alone = lock(layout)?;
    let mut missing = Vec::new();
    for need in Need::ALL {
        if needs.contains(&need) && !need.ready(layout)? {
            missing.push(need);
        }
    }
    let mut steps = Steps::new(missing.len());
    for need in missing {
        steps.next(need.what());
        need.install(layout)?;
    }
    Ok(())
}

/// Held while files are made that another xtask could be making too.
///
/// # Errors
/// When the lock file cannot be opened.
pub fn lock(layout: &Layout) -> Result<File> {
    let dir = layout.root.join("target");
    fs::create_dir_all(&dir).context("creating target/")?;
    let file = File::create(dir.join(".xtask-lock")).context("opening target/.xtask-lock")?;
    if file.try_lock().is_err() {
        say("waiting for another `cargo xtask` in this folder");
        file.lock().context("locking target/.xtask-lock")?;
    }
    Ok(file)
}
