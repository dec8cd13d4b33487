//! `cargo xtask release --dry-run`: everything that a release is, but for publishing it.

use crate::args::Args;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::run::command;
use crate::server_package;
use crate::test::api;

/// What `cargo xtask release --help` prints.
pub const HELP: &str = "\
Makes the tarballs of a release in target/release-files, with their SHA-256 and a statement of
what commit and which tools they come from; checks that versions agree, that the changelog has
the version, that the package shows what tests/api says, and that the step from the release
before is large enough for what has changed there.

Usage: cargo xtask release --dry-run [--tag TAG]

  --dry-run   needed: publishing is done by .github/workflows/release.yml, on a tag
  --tag TAG   the tag of the release; the changelog must have its section then

Example: cargo xtask release --dry-run --tag v0.1.0
         (cd target/release-files && sha256sum --check SHA256SUMS)";

/// `cargo xtask release`.
///
/// # Errors
/// When something cannot be built, or a check fails.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let dry = args.switch("--dry-run");
    let tag = args.value("--tag")?;
    args.finish()?;
    if !dry {
        return Err(Failure::new("a tag publishes, by .github/workflows/release.yml; here there is --dry-run"));
    }
    let mut tarballs = vec![pack::pack(layout)?];
    tarballs.extend(server_package::pack(layout)?);
    api(layout)?;
    let mut node = command("node", &layout.root);
    node.arg(layout.root.join("xtask/scripts/release/main.mjs"))
        .arg(&layout.root)
        .arg(layout.target.join("release-files"))
        .args([env!("CARGO_PKG_VERSION"), tag.as_deref().unwrap_or_default()])
        .args(tarballs);
    let status = node.status().map_err(|error| Failure::new(format!("could not start node: {error}")))?;
    // It has said what is wrong, and its counts are the last line.
    std::process::exit(status.code().unwrap_or(1));
}
