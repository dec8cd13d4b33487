//! Commands that documents show can be called as they are shown.

use crate::repo::{no_complaints, tracked};
use std::process::Command;

/// What `cargo xtask WORDS` prints.
fn xtask(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().expect("runs");
    assert!(output.status.success(), "cargo xtask {words:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every `cargo xtask …` of a document's blocks and code spans, without what is only stood for: `…`, `URL`.
fn shown(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for rest in line.split("cargo xtask ").skip(1) {
            let call = rest
                .split("-->")
                .next()
                .unwrap_or_default()
                .split(['`', '#', '|', '(', ')', ';', ','])
                .next()
                .unwrap_or_default();
            let words = call.split_whitespace().map(|word| word.trim_end_matches(['.', ':']));
            let words: Vec<_> = words.take_while(|word| !word.contains('…')).map(str::to_owned).collect();
            if !words.is_empty() {
                found.push((at + 1, words));
            }
        }
    }
    found
}

#[test]
fn every_xtask_command_of_a_document_exists_with_its_parts_and_flags() {
    let list = |text: String| -> Vec<String> {
        text.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    };
    let (commands, parts) = (list(xtask(&[])), list(xtask(&["test", "--list"])));
    let mut complaints = Vec::new();
    let mut looked_at = 0;
    for file in tracked().iter().filter(|file| file.has_extension(&["md"]) && file.path != "CHANGELOG.md") {
        for (at, words) in shown(&file.text) {
            let (name, rest) = (words[0].as_str(), &words[1..]);
            if !commands.iter().any(|command| command == name) {
                // A sentence about all of them.
                if name != "help" {
                    complaints.push(format!("{}:{at}: there is no cargo xtask {name}", file.path));
                }
                continue;
            }
            looked_at += 1;
            // What follows `bench server` is the benchmark's own.
            let help =
                if rest.first().is_some_and(|word| word == "server") { continue } else { xtask(&[name, "--help"]) };
            for word in rest {
                let is_known = match word.strip_prefix("--") {
                    Some(_) => help.contains(word.split('=').next().unwrap_or_default()),
                    None => name != "test" || parts.contains(word) || help.contains(word.as_str()),
                };
                if !is_known {
                    complaints.push(format!("{}:{at}: cargo xtask {name} does not know {word}", file.path));
                }
            }
        }
    }
    assert!(looked_at > 30, "only {looked_at} commands");
    no_complaints(&complaints);
}

#[test]
fn commands_are_found_in_blocks_and_in_sentences() {
    let text = "```sh\ncargo xtask test fmt  # quick\n```\nsee `cargo xtask size`, then cargo xtask bench rank.\n`cargo xtask …`";
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let found: Vec<_> = shown(text).into_iter().map(|(_, words)| words).collect();
    assert_eq!(found, [words(&["test", "fmt"]), words(&["size"]), words(&["bench", "rank"])]);
}
