//! What each part runs.

use super::{Outcome, count};
use crate::build;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::run::{cargo, command, run, tee};
use crate::setup::{self, Need, browser, firefox};
use crate::size;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A group of checks with a name.
pub struct Part {
    /// As it is called on the command line.
    pub name: &'static str,
    /// What it checks, in a few words.
    pub what: &'static str,
    /// Only with `--all`, or by name.
    pub long: bool,
    /// Runs it.
    pub run: fn(&Layout) -> Result<Outcome>,
}

const fn part(name: &'static str, what: &'static str, run: fn(&Layout) -> Result<Outcome>) -> Part {
    Part {
        name,
        what,
        long: false,
        run,
    }
}

const fn long(part: Part) -> Part {
    Part { long: true, ..part }
}

/// In the order of running: what is quick and what fails most often first.
pub const PARTS: [Part; 12] = [
    part("fmt", "formatting", fmt),
    part("tidy", "the repository's own rules", tidy),
    part("clippy", "lints, warnings are errors", clippy),
    part("native", "Rust tests", native),
    part("wasm", "wasm tests in headless Chromium", wasm),
    part("types", "the TypeScript interface, strictly", types),
    part("size", "the package against budget.toml", weigh),
    part("package", "the tarball in a fresh Vite app", package),
    part("e2e", "browser and server, end to end", e2e),
    long(part(
        "firefox",
        "wasm tests in headless Firefox",
        in_firefox,
    )),
    long(part(
        "wasm-pack",
        "`wasm-pack build` at the root",
        wasm_pack,
    )),
    long(part("seeds", "simulations with more seeds", seeds)),
];

/// How many seeds the `seeds` part asks for; tests read it from `FLYWHEEL_SEEDS`.
const SEEDS: &str = "1000";

fn fmt(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::Lints])?;
    run(cargo(&layout.root).args(["fmt", "--all", "--check"]))
        .map_err(|error| Failure::new(format!("{error}; `cargo fmt --all` mends it")))?;
    passed("")
}

/// xtask's own tests: among them tests/tidy, which reads the repository.
fn tidy(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[])?;
    count::rust(&tee(cargo(&layout.root).args([
        "test",
        "--package",
        "xtask",
        "--no-fail-fast",
    ]))?)
}

/// Without xtask-bindgen: its few lines are not worth checking all of wasm-bindgen's tools for.
fn clippy(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::Lints, Need::WasmTarget])?;
    run(cargo(&layout.root).args([
        "clippy",
        "--workspace",
        "--exclude",
        "xtask-bindgen",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    run(cargo(&layout.root).args([
        "clippy",
        "--package",
        "flywheel-sdk",
        "--target",
        "wasm32-unknown-unknown",
        "--lib",
        "--tests",
        "--",
        "-D",
        "warnings",
    ]))?;
    passed("")
}

fn native(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[])?;
    count::rust(&tee(cargo(&layout.root).args([
        "test",
        "--workspace",
        "--exclude",
        "xtask",
        "--exclude",
        "xtask-bindgen",
        "--no-fail-fast",
    ]))?)
}

fn wasm(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::WasmTarget, Need::Bindgen, Need::Browser])?;
    let found = browser::find()?;
    let config = browser::webdriver_json(layout, &found)?;
    let mut test = wasm_tests(layout);
    test.env("CHROMEDRIVER", &found.driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", config);
    count::rust(&tee(&mut test)?)
}

/// A machine that cannot have Firefox skips this, and says so.
fn in_firefox(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[Need::WasmTarget, Need::Bindgen])?;
    let found = match firefox::firefox(layout) {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why.to_string())),
    };
    let config = firefox::webdriver_json(layout, &found)?;
    let driver = firefox::driver(layout)?;
    let mut test = wasm_tests(layout);
    test.env("GECKODRIVER", driver)
        .env_remove("CHROMEDRIVER")
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", config);
    count::rust(&tee(&mut test)?)
}

/// `cargo test` of the browser edge, without saying yet in which browser.
fn wasm_tests(layout: &Layout) -> Command {
    let mut test = cargo(&layout.root);
    test.args(["test", "--package", "flywheel-sdk", "--lib", "--tests"])
        .args(["--target", "wasm32-unknown-unknown", "--no-fail-fast"])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            layout.tool("wasm-bindgen-test-runner"),
        )
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1");
    test
}

fn types(layout: &Layout) -> Result<Outcome> {
    build::sdk(layout)?;
    for dir in ["js", "tests/types"] {
        if crate::stamp::files(&layout.root.join(dir))?.is_empty() {
            return Err(Failure::new(format!("{dir} has no files to check")));
        }
    }
    let config = pack::tsconfig(layout, "check", "\"noEmit\": true,", &["js", "tests/types"])?;
    run(command(layout.npm_bin("tsc"), &layout.root)
        .arg("--project")
        .arg(config))?;
    passed("")
}

fn weigh(layout: &Layout) -> Result<Outcome> {
    pack::pack(layout)?;
    println!("{}", size::check(layout)?);
    passed("")
}

fn package(layout: &Layout) -> Result<Outcome> {
    let tarball = pack::pack(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    let mut test = node_tests(layout, &["tests/package"])?;
    test.env("FLYWHEEL_TARBALL", tarball);
    count::node(&tee(&mut test)?)
}

fn e2e(layout: &Layout) -> Result<Outcome> {
    pack::pack(layout)?;
    build::server(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    count::node(&tee(&mut node_tests(layout, &["tests/e2e"])?)?)
}

/// `node --test` over the `*.test.mjs` of some folders, with all that they may ask for.
fn node_tests(layout: &Layout, dirs: &[&str]) -> Result<Command> {
    let mut files = Vec::new();
    for dir in dirs {
        files.extend(
            crate::stamp::files(&layout.root.join(dir))?
                .into_iter()
                .filter(|file| file.to_string_lossy().ends_with(".test.mjs")),
        );
    }
    if files.is_empty() {
        return Err(Failure::new(format!(
            "no *.test.mjs in {}",
            dirs.join(", ")
        )));
    }
    let mut test = command("node", &layout.root);
    // One file after the other: each starts browsers and servers, and measures time.
    test.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .arg("--test-timeout=600000")
        .args(files);
    node_environment(layout, &mut test)?;
    Ok(test)
}

/// What scripts under tests/ may rely on; tests/support/README.md names it.
///
/// # Errors
/// When there is no browser.
pub fn node_environment(layout: &Layout, node: &mut Command) -> Result<()> {
    let found = browser::find()?;
    node.env("CHROMIUM", found.chromium)
        .env("CHROMIUM_ARGS", browser::arguments(layout).join(" "))
        .env("FLYWHEEL_BIN", layout.server())
        .env("FLYWHEEL_PKG", layout.pkg())
        .env("FLYWHEEL_TARGET", &layout.target);
    Ok(())
}

/// With our tools first on PATH, so that wasm-pack downloads nothing.
fn wasm_pack(layout: &Layout) -> Result<Outcome> {
    setup::ensure(
        layout,
        &[Need::WasmTarget, Need::NpmPackages, Need::Bindgen],
    )?;
    let wasm_pack = setup::wasm_pack(layout)?;
    let out = layout.target.join("wasm-pack");
    let _ = fs::remove_dir_all(&out);
    let mut build = command(wasm_pack, &layout.root);
    build
        .args(["build", "--target", "web", "--mode", "no-install"])
        .arg("--out-dir")
        .arg(&out)
        .env("PATH", path_with(layout)?);
    run(&mut build)?;
    let module = out.join("flywheel_sdk_bg.wasm");
    let bytes = fs::metadata(&module)
        .context("wasm-pack made no module")?
        .len();
    passed(&format!("module of {bytes} bytes"))
}

fn path_with(layout: &Layout) -> Result<OsString> {
    let ours = [layout.tools_bin(), npm_bins(&layout.root)];
    let theirs = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(ours.into_iter().chain(std::env::split_paths(&theirs)))
        .context("joining PATH")
}

fn npm_bins(root: &Path) -> PathBuf {
    root.join("node_modules").join(".bin")
}

/// The packages whose tests ask for a number of seeds; without one there is nothing to run.
fn seeds(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[])?;
    let mut test = cargo(&layout.root);
    test.args(["test", "--no-fail-fast"])
        .env("FLYWHEEL_SEEDS", SEEDS);
    let mut found = false;
    for (dir, package) in [("core", "flywheel-core"), ("server", "flywheel-server")] {
        for file in crate::stamp::files(&layout.root.join(dir))? {
            if fs::read_to_string(&file).is_ok_and(|text| text.contains("FLYWHEEL_SEEDS")) {
                test.args(["--package", package]);
                found = true;
                break;
            }
        }
    }
    if !found {
        return Err(Failure::new("no test reads FLYWHEEL_SEEDS"));
    }
    count::rust(&tee(&mut test)?)
}

fn passed(words: &str) -> Result<Outcome> {
    Ok(Outcome::Passed(words.to_owned()))
}
