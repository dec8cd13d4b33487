//! Headless Firefox and its driver.

use super::apt;
use super::browser::on_path;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::progress::say;
use crate::run::{cargo, run};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];
const GECKODRIVER: &str = "0.37.1";

/// The browser's binary, installed if it is missing.
///
/// # Errors
/// When there is no Firefox here and none can be installed.
pub fn ensure(layout: &Layout) -> Result<PathBuf> {
    if let Some(path) = find() {
        return Ok(path);
    }
    say("installing Firefox");
    apt::install(layout, &["firefox-esr"], "Please put a Firefox on PATH, or name one by FIREFOX.")?;
    find().ok_or_else(|| Failure::new("Firefox is still not on PATH"))
}

/// Writes what `wasm-bindgen-test-runner` reads, and gives its path.
///
/// # Errors
/// When the file cannot be written.
pub fn webdriver_json(layout: &Layout, firefox: &Path) -> Result<PathBuf> {
    let text = format!(
        "{{ \"moz:firefoxOptions\": {{ \"binary\": {:?}, \"args\": [\"-headless\"] }} }}\n",
        firefox.display().to_string()
    );
    let path = layout.scratch().join("webdriver.firefox.json");
    fs::create_dir_all(layout.scratch()).context("creating target/xtask")?;
    fs::write(&path, text).context("writing webdriver.firefox.json")?;
    Ok(path)
}

/// Named by the variable `FIREFOX`, or on PATH.
pub fn find() -> Option<PathBuf> {
    env::var_os("FIREFOX").map(PathBuf::from).or_else(|| FIREFOX.iter().find_map(|name| on_path(name)))
}

/// The WebDriver server for it. Debian has no package of it, crates.io has.
///
/// # Errors
/// When it cannot be built.
pub fn driver(layout: &Layout) -> Result<PathBuf> {
    if let Some(named) = env::var_os("GECKODRIVER") {
        return Ok(PathBuf::from(named));
    }
    let ours = layout.tool("geckodriver");
    if let Some(path) = on_path("geckodriver").or_else(|| ours.exists().then(|| ours.clone())) {
        return Ok(path);
    }
    say(format_args!("installing geckodriver {GECKODRIVER} (a minute or two, once)"));
    run(cargo(&layout.root)
        .args(["install", "geckodriver", "--version", GECKODRIVER, "--locked"])
        .args(["--profile", "dev", "--root"])
        .arg(layout.target.join("tools")))?;
    Ok(ours)
}
