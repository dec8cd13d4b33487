//! Whether the package can be made again, byte by byte.

use super::Outcome;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::run::{command, run};
use crate::stamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

/// Builds and packs once more in an empty target folder, and compares every file and the tarball.
pub fn twice(layout: &Layout) -> Result<Outcome> {
    let tarball = pack::pack(layout)?;
    let (first, first_tarball) = (contents(&layout.pkg())?, fs::read(&tarball).context("reading the tarball")?);
    let again = Layout { root: layout.root.clone(), target: layout.target.join("again") };
    let _ = fs::remove_dir_all(&again.target);
    fs::create_dir_all(again.tools_bin()).context("creating target/again")?;
    // The tools are pinned; building them again would say nothing about the package.
    for tool in stamp::files(&layout.target.join("tools"))? {
        let to = again.target.join(tool.strip_prefix(&layout.target).unwrap_or(&tool));
        fs::create_dir_all(to.parent().unwrap_or(&again.target)).context("creating target/again/tools")?;
        fs::copy(&tool, &to).context("copying the tools")?;
    }
    let this = env::current_exe().context("finding xtask")?;
    run(command(this, &layout.root).arg("pack").env("CARGO_TARGET_DIR", &again.target))?;
    let second = contents(&layout.pkg())?;
    let names = first.keys().chain(second.keys()).collect::<std::collections::BTreeSet<_>>();
    let differ: Vec<_> = names.into_iter().filter(|name| first.get(*name) != second.get(*name)).cloned().collect();
    if !differ.is_empty() {
        return Err(Failure::new(format!("a second build differs in {}", differ.join(", "))));
    }
    let name = tarball.file_name().unwrap_or_default();
    if fs::read(again.target.join(name)).context("reading the second tarball")? != first_tarball {
        return Err(Failure::new("a second build has the same files, but another tarball"));
    }
    fs::remove_dir_all(&again.target).context("removing target/again")?;
    Ok(Outcome::Passed(format!("{} files", first.len())))
}

fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    stamp::files(folder)?
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
            Ok((name, fs::read(&file).context(format_args!("reading {}", file.display()))?))
        })
        .collect()
}
