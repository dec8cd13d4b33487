//! The package's `.d.ts` files: only what its entries show, and nothing of the wasm glue.

use crate::fail::{Context, Failure, Result};
use crate::stamp;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Takes out the declarations that no entry leads to.
///
/// # Errors
/// When one that stays speaks of the glue: the package does not contain its types.
pub fn keep_reachable(pkg: &Path, entries: &[&str]) -> Result<()> {
    let reached = reachable(pkg, entries)?;
    for file in stamp::files(pkg)? {
        if file.to_string_lossy().ends_with(".d.ts") && !reached.contains(&file) {
            fs::remove_file(&file).context(format_args!("removing {}", file.display()))?;
        }
    }
    Ok(())
}

/// The declarations that these entries lead to.
fn reachable(pkg: &Path, entries: &[&str]) -> Result<BTreeSet<PathBuf>> {
    let mut waiting: Vec<PathBuf> = entries.iter().map(|entry| pkg.join(format!("{entry}.d.ts"))).collect();
    let mut reached = BTreeSet::new();
    while let Some(file) = waiting.pop() {
        if !reached.insert(file.clone()) {
            continue;
        }
        let text = fs::read_to_string(&file).context(format_args!("reading {}", file.display()))?;
        let dir = file.parent().unwrap_or(pkg);
        for module in modules(&text) {
            if module.starts_with('#') {
                return Err(Failure::new(format!(
                    "{} speaks of {module}, whose types the package does not contain: \
                     give that export a type of its own in js/",
                    file.display()
                )));
            }
            if module.starts_with('.') {
                let stem = module.strip_suffix(".js").unwrap_or(module);
                waiting.push(normal(&dir.join(format!("{stem}.d.ts"))));
            }
        }
    }
    Ok(reached)
}

/// The same declarations once more as `.d.cts`: for whoever gets CommonJS, an ES module's types would be a lie.
///
/// # Errors
/// When a file cannot be read or written.
pub fn for_require(pkg: &Path, entries: &[&str]) -> Result<()> {
    for file in reachable(pkg, entries)? {
        let text = fs::read_to_string(&file).context(format_args!("reading {}", file.display()))?;
        let mut turned = text.clone();
        for module in modules(&text).filter(|module| module.starts_with('.')) {
            let stem = module.strip_suffix(".js").unwrap_or(module);
            for quote in ['"', '\''] {
                turned = turned.replace(&format!("{quote}{module}{quote}"), &format!("{quote}{stem}.cjs{quote}"));
            }
        }
        let name = file.to_string_lossy().replace(".d.ts", ".d.cts");
        fs::write(&name, turned).context(format_args!("writing {name}"))?;
    }
    Ok(())
}

/// What a classic script exports is also a global of that name.
///
/// # Errors
/// When the file cannot be read or written.
pub fn for_scripts(file: &Path, global: &str) -> Result<()> {
    let text = fs::read_to_string(file).context(format_args!("reading {}", file.display()))?;
    fs::write(file, format!("{text}export as namespace {global};\n"))
        .context(format_args!("writing {}", file.display()))
}

/// The module names after `from`, and in `import("…")`.
fn modules(text: &str) -> impl Iterator<Item = &str> {
    text.split("from ").skip(1).chain(text.split("import(").skip(1)).chain(text.split("import ").skip(1)).filter_map(
        |rest| {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest[1..].split(quote).next()
        },
    )
}

/// Without `.` and `..`; the files exist or not, this only looks at the words.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::modules;

    #[test]
    fn every_form_of_import_is_seen() {
        let text = "import type { A } from \"./a.js\";\nexport * from './b.js';\n\
                    import \"./c.js\";\nexport declare const d: import(\"./d.js\").D;\n";
        let mut found: Vec<_> = modules(text).collect();
        found.sort_unstable();
        assert_eq!(found, ["./a.js", "./b.js", "./c.js", "./d.js"]);
    }
}
