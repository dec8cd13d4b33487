//! The part that installs the tarballs into fresh projects, builds them with every bundler, and opens them.

use super::node::node_tests;
use super::{Outcome, count};
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::progress::say;
use crate::run::{command, run, tee};
use crate::server_package;
use crate::setup::{self, Need};
use crate::stamp::{self, Digest};
use std::fs;
use std::path::{Path, PathBuf};

/// Names the tools, and pins them.
const TOOLS: &str = "tests/packaging";

/// Every bundler, every example, the server's package.
pub fn packaging(layout: &Layout) -> Result<Outcome> {
    let tarball = pack::pack(layout)?;
    let server = std::env::join_paths(server_package::pack(layout)?).context("the server's tarballs")?;
    setup::ensure(layout, &[Need::Browser])?;
    let home = tools(layout)?;
    let mut test = node_tests(layout, TOOLS, |_| true)?;
    test.env("FLYWHEEL_TARBALL", tarball).env("FLYWHEEL_PACKAGING", home).env("FLYWHEEL_SERVER_TARBALLS", server);
    // Nobody is told, and no news is asked for.
    test.env("NEXT_TELEMETRY_DISABLED", "1").env("DO_NOT_TRACK", "1").env("NO_UPDATE_NOTIFIER", "1");
    count::node(&tee(&mut test)?)
}

/// What package-lock.json pins, in a folder of its own; installed anew when that changes.
fn tools(layout: &Layout) -> Result<PathBuf> {
    let home = layout.target.join("packaging");
    let files = ["package.json", "package-lock.json"];
    let mut digest = Digest::new();
    for file in files {
        digest = digest.path(&from(layout, file))?;
    }
    let stamp = layout.scratch().join("packaging.stamp");
    if stamp::fresh(&stamp, digest, &[home.join("node_modules").join(".bin").join("next")]) {
        return Ok(home);
    }
    say(format_args!("installing the bundlers into {} …", layout.show(&home)));
    fs::create_dir_all(&home).context("creating the folder of the bundlers")?;
    for file in files {
        fs::copy(from(layout, file), home.join(file)).context(format_args!("copying {file}"))?;
    }
    install(&home)?;
    stamp::mark(&stamp, digest)?;
    Ok(home)
}

fn from(layout: &Layout, file: &str) -> PathBuf {
    layout.root.join(TOOLS).join(file)
}

/// Without install scripts, as everywhere here: what is compiled comes in packages of its own.
fn install(home: &Path) -> Result<()> {
    let words = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    run(command(setup::npm(), home).args(words))
        .map_err(|error| Failure::new(format!("{error}\nThe bundlers come from npm's registry; is it reachable?")))
}
