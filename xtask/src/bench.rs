//! `cargo xtask bench`: what calls cost, beside a plain-JavaScript scorer in the same run.

use crate::args::Args;
use crate::build;
use crate::fail::Result;
use crate::layout::Layout;
use crate::pack;
use crate::run::{cargo, command, run};
use crate::setup::{self, Need};
use crate::test::node_environment;
use std::ffi::OsStr;
use std::process::Command;

/// What `cargo xtask bench --help` prints.
pub const HELP: &str = "\
Measures the packed package in Node and in headless Chromium, in turns with a scorer in plain
JavaScript that gives the same answer and with what npm has; prints medians, quartiles, and the
ratios round by round (behind the semicolon: of the least times). docs/speed.md says how to read it.

Usage: cargo xtask bench [PART…] [--node] [--chromium] [--native] [--alone] [--quick] [--json FILE]
                         [--document]

  rank        10 candidates × 20 string features: parsed, built, and the same objects again
  learn       a thumb on a decision made before
  scaling     by candidates × features, and by how many signals were given before
  memory      what a person's model with 5,000 features takes
  start       import → first decision, first visit and with a profile (Chromium)
  captures    what the caller waits, what is written, what is lost when the page goes, beside
              what else captures (Chromium)
  native      core alone: time by criterion, instructions where valgrind is installed

  --node, --chromium, --native   only there
  --alone              without the packages from npm, which are otherwise installed into target/
  --quick              one short round, alone: shows that it works, measures nothing
  --json FILE          the figures as JSON, too
  --document           the figures of a whole run into docs/speed.md, too

  server      the server, from outside: rate and latency beside a baseline that only stores the bytes,
              memory and the cost of a sync by people, a publication of all slots; docs/server-speed.md.
              It stands alone and has options of its own: cargo xtask bench server --help

Examples: cargo xtask bench --document
          cargo xtask bench rank learn --node --alone --json bench.json
          cargo xtask bench server rate --seconds 10";

/// `cargo xtask bench`.
///
/// # Errors
/// When something cannot be built, or a part fails.
pub fn main(layout: &Layout, args: Args) -> Result<()> {
    let words = args.rest();
    match words.split_first() {
        Some((first, rest)) if first == "server" => server(layout, rest),
        _ => run(&mut bench(layout, words)?),
    }
}

/// server/benches/load, with these words.
///
/// # Errors
/// When it cannot be built, or breaks.
pub fn server(layout: &Layout, words: &[String]) -> Result<()> {
    setup::ensure(layout, &[])?;
    run(cargo(&layout.root)
        .args(["bench", "--quiet", "--package", "flywheel-server", "--bench", "load", "--"])
        .args(words))
}

/// The script, with these words, once all is there that it needs.
///
/// # Errors
/// When something cannot be built.
pub fn bench<S: AsRef<OsStr>>(layout: &Layout, words: impl IntoIterator<Item = S>) -> Result<Command> {
    pack::pack(layout)?;
    build::server(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    // The caller's folder: the JSON file is relative to it.
    let here = std::env::current_dir().unwrap_or_else(|_| layout.root.clone());
    let mut node = command("node", &here);
    node.arg(layout.root.join("tests/bench/bench.mjs")).args(words);
    node_environment(layout, &mut node)?;
    Ok(node)
}
