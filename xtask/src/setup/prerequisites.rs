//! What xtask does not install: git, a C compiler, Rust, Node with npm.

use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::run::{capture, command, exists};

/// Node below this lacks what Vite and the test runner need.
const NODE: (u32, u32) = (20, 19);

/// # Errors
/// Names everything that is missing at once, and where it comes from.
pub fn check(layout: &Layout) -> Result<()> {
    let mut missing = Vec::new();
    if !exists("git") {
        missing.push("git: `apt-get install git`, or https://git-scm.com".to_owned());
    }
    if !exists(std::env::var_os("CC").unwrap_or("cc".into())) {
        missing
            .push("a C compiler named cc: `apt-get install build-essential`, or `xcode-select --install`".to_owned());
    }
    match capture(command("node", &layout.root).arg("--version")) {
        Err(_) => missing.push(format!("Node {}.{} or newer: https://nodejs.org", NODE.0, NODE.1)),
        Ok(version) if !node_is_enough(&version) => {
            missing.push(format!("Node {}.{} or newer (this is {version}): https://nodejs.org", NODE.0, NODE.1))
        }
        Ok(_) => {}
    }
    if !exists(npm()) {
        missing.push("npm: it comes with Node from https://nodejs.org".to_owned());
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("please install first:\n  - {}", missing.join("\n  - "))))
}

/// npm's name on this system.
pub const fn npm() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

fn node_is_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= NODE
}

#[cfg(test)]
mod tests {
    use super::node_is_enough;

    #[test]
    fn an_old_node_is_not_enough() {
        for (version, enough) in
            [("v18.20.4", false), ("v20.18.9", false), ("v20.19.0", true), ("v24.1.0", true), ("nonsense", false)]
        {
            assert_eq!(node_is_enough(version), enough, "{version}");
        }
    }
}
