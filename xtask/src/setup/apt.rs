//! Debian's packages, where this process may install them.

use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::run::{capture, command, exists, run};

/// Installs packages.
///
/// # Errors
/// When there is no apt-get, no right to use it, or it fails; `advice` ends the message.
pub fn install(layout: &Layout, packages: &[&str], advice: &str) -> Result<()> {
    if !exists("apt-get") {
        return Err(Failure::new(advice));
    }
    let sudo = if is_root(layout) {
        false
    } else if capture(command("sudo", &layout.root).args(["-n", "true"])).is_ok() {
        true
    } else {
        return Err(Failure::new(format!("{advice}\nOn Debian: `sudo apt-get install {}`.", packages.join(" "))));
    };
    let apt = |args: &[&str]| {
        let mut apt = command(if sudo { "sudo" } else { "apt-get" }, &layout.root);
        if sudo {
            apt.args(["-n", "apt-get"]);
        }
        run(apt.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| Failure::new(format!("{error}\n{advice}")))
    };
    apt(&["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}

/// True for the user whose browsers have no sandbox.
pub fn is_root(layout: &Layout) -> bool {
    capture(command("id", &layout.root).arg("-u")).is_ok_and(|id| id == "0")
}
