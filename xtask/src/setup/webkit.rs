//! WebKit: Debian's MiniBrowser and the driver that belongs to it. It has no headless mode, so a virtual screen is there
//! too.

use super::apt;
use super::browser::on_path;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::progress::say;
use std::env;
use std::fs;
use std::path::PathBuf;

const PACKAGES: [&str; 3] = ["webkit2gtk-driver", "xvfb", "xauth"];
/// Below a folder that is named after the machine, such as `x86_64-linux-gnu`.
const MINI_BROWSER: [&str; 2] = ["webkit2gtk-4.1/MiniBrowser", "webkit2gtk-4.0/MiniBrowser"];

/// A browser, its driver and a screen.
pub struct WebKit {
    /// The WebDriver server.
    pub driver: PathBuf,
    /// Starts a program with a virtual screen.
    pub screen: PathBuf,
    browser: PathBuf,
}

/// Named by the variable `MINIBROWSER`, or where Debian puts it.
pub fn find() -> Option<WebKit> {
    let browser = env::var_os("MINIBROWSER").map(PathBuf::from).or_else(mini_browser)?;
    Some(WebKit { driver: on_path("WebKitWebDriver")?, screen: on_path("xvfb-run")?, browser })
}

fn mini_browser() -> Option<PathBuf> {
    let machines = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    machines.flat_map(|dir| MINI_BROWSER.map(|name| dir.join(name))).find(|path| path.is_file())
}

/// The same, installed if it is missing.
///
/// # Errors
/// When there is none here and none can be installed.
pub fn ensure(layout: &Layout) -> Result<WebKit> {
    if let Some(found) = find() {
        return Ok(found);
    }
    say("installing WebKit");
    apt::install(
        layout,
        &PACKAGES,
        "Please put WebKitWebDriver and xvfb-run on PATH and name a MiniBrowser by MINIBROWSER.",
    )?;
    find().ok_or_else(|| Failure::new("WebKit is still not there"))
}

/// Writes what `wasm-bindgen-test-runner` reads, and gives its path.
///
/// # Errors
/// When the file cannot be written.
pub fn webdriver_json(layout: &Layout, webkit: &WebKit) -> Result<PathBuf> {
    let text = format!(
        "{{ \"browserName\": \"MiniBrowser\", \"webkitgtk:browserOptions\": {{ \"binary\": {:?}, \"args\": [\"--automation\"] }} }}\n",
        webkit.browser.display().to_string()
    );
    let path = layout.scratch().join("webdriver.webkit.json");
    fs::create_dir_all(layout.scratch()).context("creating target/xtask")?;
    fs::write(&path, text).context("writing webdriver.webkit.json")?;
    Ok(path)
}
