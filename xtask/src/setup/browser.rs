//! Headless Chromium and the driver that belongs to it.

use super::apt;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::run::{capture, command, exists};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const CHROMIUM: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const CHROMEDRIVER: [&str; 2] = ["chromedriver", "/usr/lib/chromium/chromedriver"];

/// A browser and its driver, of one major version.
#[derive(Clone, Debug)]
pub struct Browser {
    /// The browser's binary.
    pub chromium: PathBuf,
    /// The WebDriver server for it.
    pub driver: PathBuf,
}

/// Looks at the variables `CHROMIUM` and `CHROMEDRIVER`, then at PATH.
///
/// # Errors
/// Says what is missing, or that the two do not belong together.
pub fn find() -> Result<Browser> {
    let chromium = locate("CHROMIUM", &CHROMIUM)?;
    let driver = locate("CHROMEDRIVER", &CHROMEDRIVER)?;
    let (ours, its) = (major(&chromium)?, major(&driver)?);
    if ours != its {
        return Err(Failure::new(format!(
            "{} is version {ours} and {} is version {its}: they must be the same; \
             name a pair by CHROMIUM and CHROMEDRIVER",
            chromium.display(),
            driver.display()
        )));
    }
    Ok(Browser { chromium, driver })
}

/// Through apt where that works.
pub fn install(layout: &Layout) -> Result<()> {
    let advice = "Please install Chromium (or Chrome) and the chromedriver of the same version, \
                  on PATH or named by CHROMIUM and CHROMEDRIVER.";
    let why = match find() {
        Ok(_) => return Ok(()),
        Err(why) => why,
    };
    let named = ["CHROMIUM", "CHROMEDRIVER"].iter().any(|name| env::var_os(name).is_some());
    if named {
        return Err(Failure::new(format!("{why}\n{advice}")));
    }
    apt::install(layout, &["chromium", "chromium-driver"], advice)
        .map_err(|error| Failure::new(format!("{why}\n{error}")))?;
    find().map(|_| ()).map_err(|error| Failure::new(format!("after `apt-get install` still: {error}\n{advice}")))
}

/// The arguments that a headless run needs here.
///
/// Chromium's sandbox cannot start as root; the other switches keep it from calling home.
pub fn arguments(layout: &Layout) -> Vec<&'static str> {
    let mut arguments = vec![
        "--headless",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ];
    if apt::is_root(layout) {
        arguments.push("--no-sandbox");
    }
    arguments
}

/// Writes what `wasm-bindgen-test-runner` reads, and gives its path.
///
/// # Errors
/// When the file cannot be written.
pub fn webdriver_json(layout: &Layout, browser: &Browser) -> Result<PathBuf> {
    let arguments: Vec<String> = arguments(layout).iter().map(|argument| format!("{argument:?}")).collect();
    let text = format!(
        "{{ \"goog:chromeOptions\": {{ \"binary\": {:?}, \"args\": [{}] }} }}\n",
        browser.chromium.display().to_string(),
        arguments.join(", ")
    );
    let path = layout.scratch().join("webdriver.json");
    fs::create_dir_all(layout.scratch()).context("creating target/xtask")?;
    fs::write(&path, text).context("writing webdriver.json")?;
    Ok(path)
}

fn locate(variable: &str, names: &[&str]) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        let path = PathBuf::from(path);
        return if exists(&path) {
            Ok(path)
        } else {
            Err(Failure::new(format!("{variable} names {}, which does not start", path.display())))
        };
    }
    names
        .iter()
        .filter_map(|name| on_path(name))
        .find(|path| exists(path))
        .ok_or_else(|| Failure::new(format!("{} is missing", names[0])))
}

/// The first program of this name on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    if Path::new(name).is_absolute() {
        return Path::new(name).exists().then(|| PathBuf::from(name));
    }
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

fn major(program: &Path) -> Result<u32> {
    let text = capture(command(program, Path::new(".")).arg("--version"))?;
    text.split_whitespace()
        .find_map(|word| word.split('.').next()?.parse().ok())
        .ok_or_else(|| Failure::new(format!("{} has no version: {text}", program.display())))
}
