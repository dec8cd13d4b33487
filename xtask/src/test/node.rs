//! The parts that are scripts under tests/, run by Node.

use super::{Outcome, count};
use crate::build;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::run::{command, tee};
use crate::setup::{self, Need, browser, firefox};
use crate::stamp;
use std::process::Command;

/// The tarball in a stranger's app.
pub fn package(layout: &Layout) -> Result<Outcome> {
    let tarball = pack::pack(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    let mut test = node_tests(layout, "tests/package", |_| true)?;
    test.env("FLYWHEEL_TARBALL", tarball);
    count::node(&tee(&mut test)?)
}

/// What the package shows, against the snapshot alone.
///
/// # Errors
/// When it shows something else.
pub fn api(layout: &Layout) -> Result<()> {
    setup::ensure(layout, &[Need::Browser])?;
    let mut test = node_tests(layout, "tests/package", |name| name.ends_with("api.test.mjs"))?;
    count::node(&tee(&mut test)?).map(|_| ())
}

/// Browser and server together.
pub fn e2e(layout: &Layout) -> Result<Outcome> {
    pack::pack(layout)?;
    build::server(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    count::node(&tee(&mut node_tests(layout, "tests/e2e", |_| true)?)?)
}

/// The same tests but those that need what only Chromium can do. A machine that cannot have Firefox skips this, and
/// says so.
pub fn e2e_in_firefox(layout: &Layout) -> Result<Outcome> {
    let found = match firefox::ensure(layout) {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why.to_string())),
    };
    pack::pack(layout)?;
    build::server(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    let mut test = node_tests(layout, "tests/e2e", |name| !name.ends_with(".chromium.test.mjs"))?;
    test.env("FLYWHEEL_BROWSER", "firefox").env("FIREFOX", found);
    count::node(&tee(&mut test)?)
}

/// `node --test` over the `*.test.mjs` of a folder, with all that they may ask for.
pub fn node_tests(layout: &Layout, dir: &str, wanted: fn(&str) -> bool) -> Result<Command> {
    let mut files = stamp::files(&layout.root.join(dir))?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".test.mjs") && wanted(&name)
    });
    if files.is_empty() {
        return Err(Failure::new(format!("no *.test.mjs in {dir}")));
    }
    let mut test = command("node", &layout.root);
    // One file after the other: each starts browsers and servers, and measures time.
    test.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]).arg("--test-timeout=600000").args(files);
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
