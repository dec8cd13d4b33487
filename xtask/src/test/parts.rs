//! What each part runs.

use super::browsers::Browser;
use super::{Outcome, count, node, packaging, python, twice, wasm};
use crate::bench;
use crate::build;
use crate::demo;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::progress::say;
use crate::run::{cargo, command, run, tee};
use crate::setup::{self, Need};
use crate::size;
use crate::stamp;
use std::fs;

/// A group of checks with a name.
pub struct Part {
    /// As it is called on the command line.
    pub name: &'static str,
    /// What it checks, in a few words.
    pub what: &'static str,
    /// Only with `--all`, or by name.
    pub long: bool,
    /// Where it runs, if that is a browser.
    pub browser: Option<Browser>,
    /// Runs it.
    pub run: fn(&Layout) -> Result<Outcome>,
}

const fn part(name: &'static str, what: &'static str, run: fn(&Layout) -> Result<Outcome>) -> Part {
    Part { name, what, long: false, browser: None, run }
}

const fn long(part: Part) -> Part {
    Part { long: true, ..part }
}

const fn within(browser: Browser, part: Part) -> Part {
    Part { browser: Some(browser), ..part }
}

/// In the order of running: what is quick and what fails most often first.
pub const PARTS: [Part; 21] = [
    part("fmt", "formatting", fmt),
    part("tidy", "the repository's own rules", tidy),
    part("clippy", "lints, warnings are errors", clippy),
    part("native", "Rust tests", native),
    within(Browser::Chromium, part("wasm", "wasm tests in headless Chromium", wasm::in_chromium)),
    within(Browser::Firefox, part("wasm-firefox", "wasm tests in headless Firefox", wasm::in_firefox)),
    within(Browser::WebKit, part("wasm-webkit", "wasm tests in WebKit", wasm::in_webkit)),
    part("types", "the TypeScript interface, strictly", types),
    part("size", "the package against budget.toml", weigh),
    part("package", "the package, entry by entry, and its tarball in a fresh Vite app", node::package),
    within(Browser::Chromium, part("e2e", "browser and server, end to end", node::e2e)),
    within(Browser::Chromium, part("demo", "the demo, driven through its whole loop", demonstration)),
    within(Browser::Firefox, part("e2e-firefox", "the same in headless Firefox", node::e2e_in_firefox)),
    long(part("exports", "each export, loaded with the tool it is for", python::exports)),
    long(part("contract", "what a tool makes of docs/openapi.json, answered as it says", python::contract)),
    long(part("twice", "a second build gives the same bytes", twice::twice)),
    long(part("packaging", "the tarball under every bundler, opened", packaging::packaging)),
    long(part("bench", "the benchmarks still work; nothing is measured", benchmarks)),
    long(part("wasm-pack", "`wasm-pack build` at the root", wasm::wasm_pack)),
    long(part("otel", "spans, as a collector gets them", otel)),
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
    count::rust(&tee(cargo(&layout.root).args(["test", "--package", "xtask", "--no-fail-fast"]))?)
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

fn types(layout: &Layout) -> Result<Outcome> {
    build::sdk(layout)?;
    for dir in ["js", "tests/types"] {
        if stamp::files(&layout.root.join(dir))?.is_empty() {
            return Err(Failure::new(format!("{dir} has no files to check")));
        }
    }
    let config = pack::tsconfig(layout, "check", "\"noEmit\": true,", &["js", "tests/types"])?;
    run(command(layout.npm_bin("tsc"), &layout.root).arg("--project").arg(config))?;
    passed("")
}

fn weigh(layout: &Layout) -> Result<Outcome> {
    pack::pack(layout)?;
    say(size::check(layout)?);
    passed("")
}

fn demonstration(layout: &Layout) -> Result<Outcome> {
    demo::check(layout)?;
    passed("")
}

/// One short round; how fast it was says nothing here.
fn benchmarks(layout: &Layout) -> Result<Outcome> {
    run(&mut bench::bench(layout, ["--quick"])?)?;
    bench::server(layout, &["--quick".to_owned()])?;
    passed("")
}

/// What is only there with the server's feature `otel`.
fn otel(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[])?;
    let server = ["test", "--package", "flywheel-server", "--features", "otel", "--test", "running", "spans"];
    count::rust(&tee(cargo(&layout.root).args(server))?)
}

/// The packages whose tests ask for a number of seeds; without one there is nothing to run.
fn seeds(layout: &Layout) -> Result<Outcome> {
    setup::ensure(layout, &[])?;
    let mut test = cargo(&layout.root);
    test.args(["test", "--no-fail-fast"]).env("FLYWHEEL_SEEDS", SEEDS);
    let mut found = false;
    for (dir, package) in [("core", "flywheel-core"), ("server", "flywheel-server")] {
        for file in stamp::files(&layout.root.join(dir))? {
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
