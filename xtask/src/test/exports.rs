//! The part that loads each export with the tool it is for, in a Python environment of its own.

use super::{Outcome, count};
use crate::build;
use crate::fail::{Context, Result};
use crate::layout::Layout;
use crate::run::{capture, command, run, tee};
use crate::setup::apt;
use std::fs;
use std::path::PathBuf;

/// What it needs: with all that these depend on, and alone.
const WITH: &str = "tests/exports/requirements.txt";
const ALONE: &str = "tests/exports/requirements-alone.txt";

/// `flywheel export` and what reads it.
pub fn exports(layout: &Layout) -> Result<Outcome> {
    build::server(layout)?;
    let python = environment(layout)?;
    let mut test = command(python, &layout.root);
    test.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/exports"])
        .env("FLYWHEEL_BIN", layout.server())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Nothing is fetched from a hub, and nobody is told.
        .env("HF_HUB_OFFLINE", "1")
        .env("HF_HOME", layout.scratch().join("huggingface"))
        .env("TRANSFORMERS_VERBOSITY", "error")
        .env("DO_NOT_TRACK", "1");
    count::pytest(&tee(&mut test)?)
}

/// The environment's Python. Made anew when what it needs has changed.
fn environment(layout: &Layout) -> Result<PathBuf> {
    let home = layout.target.join("exports");
    let python = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = [WITH, ALONE].map(|file| fs::read_to_string(layout.root.join(file)).unwrap_or_default()).concat();
    let stamp = home.join("requirements");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    println!("installing what exports are loaded with into {} …", layout.show(&home));
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
    pip(&["--requirement", WITH])?;
    pip(&["--no-deps", "--requirement", ALONE])?;
    fs::write(&stamp, wanted).context("noting what was installed")?;
    Ok(python)
}
