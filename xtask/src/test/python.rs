//! Parts that are Python, each in an environment of its own.

use super::{Outcome, count};
use crate::build;
use crate::fail::{Context, Result};
use crate::layout::Layout;
use crate::progress::say;
use crate::run::{capture, command, run, tee};
use crate::setup::apt;
use std::fs;
use std::path::PathBuf;

/// `flywheel export` and what reads it.
pub fn exports(layout: &Layout) -> Result<Outcome> {
    tests(layout, "exports")
}

/// What a tool makes of docs/openapi.json, and what the server answers.
pub fn contract(layout: &Layout) -> Result<Outcome> {
    tests(layout, "contract")
}

/// `pytest` over a folder under tests/, with the server.
fn tests(layout: &Layout, name: &str) -> Result<Outcome> {
    build::server(layout)?;
    let python = environment(layout, name)?;
    let mut test = command(python, &layout.root);
    test.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .arg(format!("tests/{name}"))
        .env("FLYWHEEL_BIN", layout.server())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Nothing is fetched from a hub, and nobody is told.
        .env("HF_HUB_OFFLINE", "1")
        .env("HF_HOME", layout.scratch().join("huggingface"))
        .env("TRANSFORMERS_VERBOSITY", "error")
        .env("DO_NOT_TRACK", "1");
    count::pytest(&tee(&mut test)?)
}

/// The environment's Python. Made anew when what it needs has changed: `requirements.txt` of the folder with all that
/// these depend on, and `requirements-alone.txt` without.
fn environment(layout: &Layout, name: &str) -> Result<PathBuf> {
    let home = layout.target.join(name);
    let python = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let with = format!("tests/{name}/requirements.txt");
    let alone = format!("tests/{name}/requirements-alone.txt");
    let wanted = [&with, &alone].map(|file| fs::read_to_string(layout.root.join(file)).unwrap_or_default()).concat();
    let stamp = home.join("requirements");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    say(format_args!("installing what tests/{name} needs into {} …", layout.show(&home)));
    let _ = fs::remove_dir_all(&home);
    let make = || capture(command("python3", &layout.root).args(["-m", "venv"]).arg(&home));
    if make().is_err() {
        // Debian keeps this module in a package of its own.
        apt::install(layout, &["python3", "python3-venv"], "python3 with its module venv is needed")?;
        make()?;
    }
    let pip = |args: &[&str]| {
        run(command(&python, &layout.root)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(args))
    };
    pip(&["--requirement", &with])?;
    if layout.root.join(&alone).exists() {
        pip(&["--no-deps", "--requirement", &alone])?;
    }
    fs::write(&stamp, wanted).context("noting what was installed")?;
    Ok(python)
}
