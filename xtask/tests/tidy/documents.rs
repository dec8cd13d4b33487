//! What the documents say is so.

use crate::repo::{File, no_complaints, root, tracked};
use std::path::Path;

#[test]
fn every_relative_link_leads_somewhere() {
    let mut complaints = Vec::new();
    for file in tracked().iter().filter(|file| file.has_extension(&["md"])) {
        let dir = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for (at, target) in links(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !root().join(dir).join(path).exists() {
                complaints.push(format!("{}:{at} links to {target}", file.path));
            }
        }
    }
    no_complaints(&complaints);
}

/// Targets of `[text](target)` outside code, with their line, without those that leave the repository.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            if !target.contains(':') && !target.starts_with('#') && !target.is_empty() {
                found.push((at + 1, target.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_invariant_of_the_architecture_is_a_test() {
    let files = tracked();
    let architecture = files.iter().find(|file| file.path == "ARCHITECTURE.md").expect("ARCHITECTURE.md is missing");
    let invariants = invariants(&architecture.text);
    assert!(!invariants.is_empty(), "ARCHITECTURE.md has no invariants");
    let mut complaints = Vec::new();
    for (at, text) in invariants {
        match named_tests(&text) {
            names if names.is_empty() => {
                complaints.push(format!("ARCHITECTURE.md:{at} names no (test: …)"));
            }
            names => complaints.extend(
                names
                    .into_iter()
                    .filter(|name| !is_a_test(&files, name))
                    .map(|name| format!("ARCHITECTURE.md:{at}: there is no test {name}")),
            ),
        }
    }
    no_complaints(&complaints);
}

/// Each invariant with its line, up to the next blank line or the next invariant.
fn invariants(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        if let Some((_, rest)) = line.split_once("**Invariant:**") {
            found.push((at + 1, rest.to_owned()));
            open = true;
        } else if line.trim().is_empty() {
            open = false;
        } else if open && let Some((_, words)) = found.last_mut() {
            words.push(' ');
            words.push_str(line.trim());
        }
    }
    found
}

/// `a` and `b` of every `(test: a, b)`; back-ticks do not matter.
fn named_tests(text: &str) -> Vec<String> {
    text.replace('`', "")
        .split("(test: ")
        .skip(1)
        .filter_map(|rest| rest.split(')').next().map(str::to_owned))
        .flat_map(|names| names.split(", ").map(|name| name.trim().to_owned()).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect()
}

/// A Rust function under `#[test]` or `#[wasm_bindgen_test]`, or a `test("name"` of JavaScript.
fn is_a_test(files: &[File], name: &str) -> bool {
    let function = format!("fn {name}(");
    let calls = [format!("test(\"{name}\""), format!("it(\"{name}\"")];
    files.iter().any(|file| {
        if file.has_extension(&["rs"]) {
            return file.text.match_indices(&function).any(|(at, _)| attribute_before(&file.text[..at]));
        }
        if file.has_extension(&["py"]) {
            return name.starts_with("test_") && file.text.contains(&format!("def {name}("));
        }
        file.has_extension(&["mjs", "js", "ts"]) && calls.iter().any(|c| file.text.contains(c))
    })
}

/// True when one of the few lines just above is a test attribute.
fn attribute_before(text: &str) -> bool {
    text.lines().rev().take_while(|line| !line.trim_start().starts_with('}')).take(6).any(|line| {
        let line = line.trim();
        line.starts_with("#[") && line.contains("test") && !line.contains("cfg(")
    })
}

#[test]
fn an_invariant_without_a_real_test_is_found_out() {
    let text = "- a **Invariant:** never (test: x_is_y,\n  `z`)\n\n**Invariant:** always\n";
    let found = invariants(text);
    assert_eq!(found.len(), 2);
    assert_eq!(named_tests(&found[0].1), ["x_is_y", "z"]);
    assert!(named_tests(&found[1].1).is_empty());
    let file = |text: &str| File { path: "a.rs".to_owned(), text: text.to_owned() };
    assert!(is_a_test(&[file("#[test]\nfn x_is_y() {}")], "x_is_y"));
    assert!(!is_a_test(&[file("fn x_is_y() {}")], "x_is_y"));
    assert!(!is_a_test(&[file("#[test]\nfn x_is() {}")], "x_is_y"));
}

#[test]
fn links_in_code_and_to_the_world_are_left_alone() {
    let text = "[a](b.md#c) [w](https://x.y)\n```\n[c](d)\n```\n[e](#f)\n";
    assert_eq!(links(text), [(1, "b.md#c".to_owned())]);
}

/// What stands in the first column of a table, in back-ticks.
fn first_column(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_default();
    let code = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    let mut found: Vec<String> = text.lines().filter_map(code).collect();
    found.sort();
    found
}

#[test]
fn every_error_code_stands_in_the_troubleshooting_and_no_other_does() {
    let codes = first_column("docs/errors.md");
    assert!(codes.len() > 40, "only {} codes", codes.len());
    assert_eq!(codes, first_column("docs/troubleshooting.md"));
}
