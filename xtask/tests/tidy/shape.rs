//! What every file must be like.

use crate::repo::{no_complaints, root, tracked};

const MOST_LINES: usize = 500;
/// Written by tools, read by tools.
const MADE: [&str; 4] = ["Cargo.lock", "docs/openapi.json", "package-lock.json", "tests/packaging/package-lock.json"];

#[test]
fn no_file_is_over_500_lines() {
    let complaints: Vec<_> = tracked()
        .iter()
        .filter(|file| !MADE.contains(&file.path.as_str()))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect();
    no_complaints(&complaints);
}

#[test]
fn no_file_names_a_path_of_a_machine() {
    // Put together here, so that this file does not name one either.
    let mut paths =
        vec![format!("/{}/", "Users"), format!("/{}/", "root"), format!("/{}/", "home"), format!("C:\\{}", "Users")];
    let here = root().display().to_string();
    if here.split('/').count() > 2 {
        paths.push(here);
    }
    let mut complaints = Vec::new();
    for file in tracked() {
        for (at, line) in file.text.lines().enumerate() {
            for path in paths.iter().filter(|path| line.contains(path.as_str())) {
                complaints.push(format!("{}:{} names {path}", file.path, at + 1));
            }
        }
    }
    no_complaints(&complaints);
}

#[test]
fn the_npm_lock_names_no_host() {
    let complaints: Vec<_> = tracked()
        .iter()
        .filter(|file| file.path.ends_with("package-lock.json"))
        .filter(|file| file.text.contains("\"resolved\": \"http"))
        .map(|file| format!("{}: run npm with omit-lockfile-registry-resolved", file.path))
        .collect();
    no_complaints(&complaints);
}

#[test]
fn no_symbols_are_stripped_before_wasm_opt_has_read_them() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    assert!(
        !manifest.lines().any(|line| line.trim() == "strip = true"),
        "strip = true takes out target_features, and wasm-opt then fails"
    );
}
