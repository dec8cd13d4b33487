//! `cargo xtask replay --browser`: a log through the public JavaScript API, against a real server.

use crate::args::Args;
use crate::build;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::run::{command, run};
use crate::setup::{self, Need};
use crate::test::node_environment;

/// What `cargo xtask replay --help` prints.
pub const HELP: &str = "\
Runs the rows of a replay log through the package in headless Chromium, a storage of its own for
each person, against a running server; prints the same table as `flywheel replay`, and the
difference from it.

Usage: cargo xtask replay --browser FILE [--people N] [--limit M] [--sync-every N] [--json]

Example: cargo xtask replay --browser ratings.jsonl.gz --people 20 --limit 2000

Natively, without a browser: cargo run --release --package flywheel-server -- replay FILE";

/// `cargo xtask replay`.
///
/// # Errors
/// When something cannot be built, or the replay fails.
pub fn main(layout: &Layout, args: Args) -> Result<()> {
    let words = args.rest();
    if !words.iter().any(|word| word.starts_with("--browser")) {
        return Err(Failure::new("replay needs --browser FILE; --help shows an example, and the native replay"));
    }
    pack::pack(layout)?;
    build::server(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    // The caller's folder: FILE is relative to it.
    let here = std::env::current_dir().unwrap_or_else(|_| layout.root.clone());
    let mut node = command("node", &here);
    node.arg(layout.root.join("tests/replay/browser-replay.mjs")).args(words);
    node_environment(layout, &mut node)?;
    run(&mut node)
}
