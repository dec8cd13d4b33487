//! `cargo xtask bench`: what calls cost, beside a plain-JavaScript scorer in the same run.

use crate::args::Args;
use crate::fail::Result;
use crate::layout::Layout;
use crate::pack;
use crate::run::{command, run};
use crate::setup::{self, Need};
use crate::test::node_environment;

/// What `cargo xtask bench --help` prints.
pub const HELP: &str = "\
Measures the packed package in Node and in headless Chromium, in turns with a scorer in plain
JavaScript that gives the same answer; prints medians, quartiles and the ratios round by round.

Usage: cargo xtask bench [PART…] [--node] [--chromium] [--quick] [--json FILE]

  rank        10 candidates × 20 string features, objects parsed, built, and the same again
  learn       a thumb on a decision made before

  --node, --chromium   only there
  --quick              one short round: shows that it works, measures nothing
  --json FILE          the figures as JSON, too

Example: cargo xtask bench rank learn --node --json bench.json";

/// `cargo xtask bench`.
///
/// # Errors
/// When something cannot be built, or a part fails.
pub fn main(layout: &Layout, args: Args) -> Result<()> {
    pack::pack(layout)?;
    setup::ensure(layout, &[Need::Browser])?;
    // The caller's folder: the JSON file is relative to it.
    let here = std::env::current_dir().unwrap_or_else(|_| layout.root.clone());
    let mut node = command("node", &here);
    node.arg(layout.root.join("tests/bench/bench.mjs")).args(args.rest());
    node_environment(layout, &mut node)?;
    run(&mut node)
}
