//! The parts that compile the browser edge to wasm and run it in browsers.

use super::{Outcome, count};
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::progress::say;
use crate::run::{cargo, command, forget_xtask, run, tee, watch};
use crate::setup::{self, Need, browser, firefox, webkit};
use std::ffi::OsString;
use std::fs;
use std::process::Command;

/// The wasm tests in headless Chromium.
pub fn in_chromium(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::WasmTarget, Need::Bindgen, Need::Browser])?;
    let found = browser::find()?;
    let config = browser::webdriver_json(layout, &found)?;
    let mut test = wasm_tests(layout);
    test.env("CHROMEDRIVER", &found.driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", config);
    count::rust(&tee(&mut test)?)
}

/// A machine that cannot have Firefox skips this, and says so.
pub fn in_firefox(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::WasmTarget, Need::Bindgen])?;
    let found = match firefox::ensure(layout) {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why.to_string())),
    };
    let config = firefox::webdriver_json(layout, &found)?;
    let driver = firefox::driver(layout)?;
    let mut test = wasm_tests(layout);
    test.env("GECKODRIVER", driver).env_remove("CHROMEDRIVER").env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", config);
    count::rust(&tee(&mut test)?)
}

/// A machine that cannot have WebKit skips this, and says so.
pub fn in_webkit(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::WasmTarget, Need::Bindgen])?;
    let found = match webkit::ensure(layout) {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why.to_string())),
    };
    let config = webkit::webdriver_json(layout, &found)?;
    let inner = wasm_tests(layout);
    let mut test = command(&found.screen, &layout.root);
    test.arg("--auto-servernum").arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => test.env(name, value),
            None => test.env_remove(name),
        };
    }
    // The runner knows WebKit's driver by the name of Safari's.
    test.env("SAFARIDRIVER", &found.driver).env_remove("CHROMEDRIVER").env_remove("GECKODRIVER");
    test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", config).env("WASM_BINDGEN_TEST_TIMEOUT", "60");
    let (output, status) = watch(&mut test)?;
    // WebKit's driver now and then never answers a script that came while its page was loading. That is no test's verdict.
    if !status.success() && output.contains("/execute/sync timed out") {
        say("the driver lost a script; once more");
        return count::rust(&tee(&mut test)?);
    }
    if status.success() { count::rust(&output) } else { Err(Failure::new(format!("the tests failed ({status})"))) }
}

/// `cargo test` of the browser edge, without saying yet in which browser.
fn wasm_tests(layout: &Layout) -> Command {
    let mut test = cargo(&layout.root);
    test.args(["test", "--package", "flywheel-sdk", "--lib", "--tests"])
        .args(["--target", "wasm32-unknown-unknown", "--no-fail-fast"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", layout.tool("wasm-bindgen-test-runner"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1");
    test
}

/// With our tools first on PATH, so that wasm-pack downloads nothing.
pub fn wasm_pack(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::WasmTarget, Need::NpmPackages, Need::Bindgen])?;
    let wasm_pack = setup::wasm_pack(layout)?;
    let out = layout.target.join("wasm-pack");
    let _ = fs::remove_dir_all(&out);
    let mut build = command(wasm_pack, &layout.root);
    build
        .args(["build", "--target", "web", "--mode", "no-install"])
        .arg("--out-dir")
        .arg(&out)
        .env("PATH", path_with(layout)?);
    forget_xtask(&mut build);
    run(&mut build)?;
    let module = out.join("flywheel_sdk_bg.wasm");
    let bytes = fs::metadata(&module).context("wasm-pack made no module")?.len();
    Ok(Outcome::Passed(format!("module of {bytes} bytes")))
}

fn path_with(layout: &Layout) -> Result<OsString> {
    let ours = [layout.tools_bin(), layout.root.join("node_modules").join(".bin")];
    let theirs = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(ours.into_iter().chain(std::env::split_paths(&theirs))).context("joining PATH")
}
