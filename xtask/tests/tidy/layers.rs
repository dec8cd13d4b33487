//! Arrows point down: core knows nobody, the browser edge and the server know only core.

use crate::repo::{File, no_complaints, root, tracked};
use std::collections::BTreeSet;
use std::fs;

/// Every other dependency of core needs a reason here, in core/Cargo.toml and in a review.
const CORE_MAY_USE: [&str; 2] = ["libm", "serde"];
const WORKSPACE: [&str; 4] = ["flywheel-core", "flywheel-sdk", "flywheel-server", "xtask"];

/// Names in every table whose name ends in `kind`, in either TOML form.
fn dependencies(manifest: &str, kind: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).expect(manifest);
    dependencies_in(&text, kind)
}

fn dependencies_in(text: &str, kind: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = table == kind || (table.starts_with("target.") && ends_in(table, kind));
            if let Some((before, name)) = table.rsplit_once('.')
                && (before == kind || (before.starts_with("target.") && ends_in(before, kind)))
            {
                names.insert(name.trim_matches('"').to_owned());
            }
        } else if inside
            && !line.starts_with('#')
            && let Some((name, _)) = line.split_once('=')
        {
            let name = name.trim().split('.').next().unwrap_or_default();
            names.insert(name.trim_matches('"').to_owned());
        }
    }
    names
}

fn ends_in(table: &str, kind: &str) -> bool {
    table.strip_suffix(kind).is_some_and(|before| before.ends_with('.'))
}

fn of_the_workspace(names: BTreeSet<String>) -> Vec<String> {
    names.into_iter().filter(|name| WORKSPACE.contains(&name.as_str())).collect()
}

#[test]
fn core_depends_on_its_allow_list_and_nothing_else() {
    let names: Vec<_> = dependencies("core/Cargo.toml", "dependencies").into_iter().collect();
    assert_eq!(names, CORE_MAY_USE);
    assert!(dependencies("core/Cargo.toml", "build-dependencies").is_empty());
    let tests = dependencies("core/Cargo.toml", "dev-dependencies");
    assert!(of_the_workspace(tests).is_empty());
}

#[test]
fn the_browser_edge_and_the_server_know_only_core() {
    for manifest in ["Cargo.toml", "server/Cargo.toml"] {
        let names = of_the_workspace(dependencies(manifest, "dependencies"));
        assert_eq!(names, ["flywheel-core"], "{manifest}");
    }
    assert!(of_the_workspace(dependencies("xtask/Cargo.toml", "dependencies")).is_empty());
}

/// What learns is in core. Elsewhere these words would mean that it has leaked.
#[test]
fn nothing_outside_core_learns() {
    let words = ["sigmoid", "softplus", "Math.exp", "Math.log(", "Math.tanh", ".exp()", "math::exp", ".tanh()"];
    let mut complaints = Vec::new();
    for file in tracked() {
        let edge = ["src", "js", "server/src"].iter().any(|dir| file.is_in(dir));
        // Synth invents people with known tastes, who decide by chance: nothing learns there.
        let invents = file.path.starts_with("server/src/replay/synth");
        if !edge || invents || is_test(&file) {
            continue;
        }
        for (at, line) in file.code_lines() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{}:{at} says {word}: that is core's", file.path));
            }
        }
    }
    no_complaints(&complaints);
}

/// The demo is written as a stranger would write it.
#[test]
fn the_demo_imports_the_package_by_its_name() {
    let mut complaints = Vec::new();
    let mut named = 0;
    for file in tracked() {
        if !file.is_in("www") || !file.has_extension(&["js", "mjs", "html"]) {
            continue;
        }
        for (at, line) in file.text.lines().enumerate() {
            for module in imported(line) {
                let of_the_package = module == "flywheel-sdk" || module.starts_with("flywheel-sdk/");
                named += usize::from(of_the_package);
                if !of_the_package && (!module.starts_with("./") || module.contains("pkg")) {
                    complaints.push(format!("{}:{} imports {module}", file.path, at + 1));
                }
            }
        }
    }
    no_complaints(&complaints);
    assert!(named > 0, "www/ never imports flywheel-sdk");
}

fn imported(line: &str) -> Vec<&str> {
    let line = line.trim();
    let statement = line.starts_with("import ") || line.starts_with("export ");
    let mut found = Vec::new();
    if statement && let Some(rest) = line.split(" from ").nth(1).or(line.strip_prefix("import ")) {
        found.extend(quoted(rest));
    }
    for rest in line.split("import(").skip(1) {
        found.extend(quoted(rest));
    }
    if let Some(rest) = line.strip_prefix("} from ") {
        found.extend(quoted(rest));
    }
    found
}

fn quoted(text: &str) -> Option<&str> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split(quote).next()
}

fn is_test(file: &File) -> bool {
    file.path.ends_with("tests.rs") || file.path.contains("/tests/")
}

#[test]
fn imports_are_seen_in_every_form() {
    for (line, modules) in [
        ("import { Flywheel } from \"flywheel-sdk\";", vec!["flywheel-sdk"]),
        ("import './a.js'", vec!["./a.js"]),
        ("} from \"./b.js\";", vec!["./b.js"]),
        ("const x = await import(\"../c.js\");", vec!["../c.js"]),
        ("// nothing", vec![]),
    ] {
        assert_eq!(imported(line), modules, "{line}");
    }
}

#[test]
fn dependencies_are_seen_in_every_form() {
    let manifest = "[dependencies]\n# why = \"x\"\na.workspace = true\nb = \"1\"\n\
                    [dev-dependencies]\nc = \"1\"\n[dependencies.d]\nversion = \"1\"\n\
                    [target.'cfg(x)'.dependencies]\ne = { path = \"e\" }\n[lints]\nf = true\n";
    let found: Vec<_> = dependencies_in(manifest, "dependencies").into_iter().collect();
    assert_eq!(found, ["a", "b", "d", "e"]);
    let found: Vec<_> = dependencies_in(manifest, "dev-dependencies").into_iter().collect();
    assert_eq!(found, ["c"]);
}
