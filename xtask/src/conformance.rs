//! `cargo xtask conformance`: any sync endpoint against docs/protocol.md.

use crate::args::Args;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::run::command;

/// What `cargo xtask conformance --help` prints.
pub const HELP: &str = "\
Tests a sync endpoint, in whatever language it is written, against docs/protocol.md: what is
taken, duplicates, malformed entries, erased people, types, gzip, sizes, origins, refusals.
It sends a few hundred signals of people who do not exist; give it an app of its own.

Usage: cargo xtask conformance URL --key KEY [--origin URL]

  URL            the address that pages would give to Flywheel.open as `endpoint`
  --key KEY      the app's public key
  --origin URL   an origin that the endpoint allows; without it, origins are not tested

Prints a line for each law, and ends with a failure if one is broken.

Example: flywheel serve --data ./scratch --allow-origin https://example.com &
         cargo xtask conformance http://127.0.0.1:8787 --key pk_… --origin https://example.com";

/// `cargo xtask conformance`.
///
/// # Errors
/// When something is missing on the command line.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let key = args.value("--key")?.ok_or_else(|| Failure::new("--key is missing; --help shows an example"))?;
    let origin = args.value("--origin")?;
    let names = args.names()?;
    let [url] = names.as_slice() else {
        return Err(Failure::new("give the address of one endpoint; --help shows an example"));
    };
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Failure::new(format!("{url} is no address: it begins with http:// or https://")));
    }
    let mut node = command("node", &layout.root);
    node.arg(layout.root.join("xtask/scripts/conformance/main.mjs")).arg(url).arg(key).args(origin);
    let status = node.status().map_err(|error| Failure::new(format!("could not start node: {error}")))?;
    // It has said what is wrong, and its counts are the last line.
    std::process::exit(status.code().unwrap_or(1));
}
