//! `cargo xtask test`: every check there is, part by part.

mod count;
mod exports;
mod node;
mod parts;
mod wasm;

use crate::args::Args;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::progress::Steps;

use parts::{PARTS, Part};
use std::time::{Duration, Instant};

pub use node::node_environment;

/// What `cargo xtask test --help` prints.
pub const HELP: &str = "\
Runs the checks, each part under its own name, and ends with a line per part.

Usage: cargo xtask test [PART…] [--all] [--exports] [--list]

  PART…      only these
  --all      also the parts that take long
  --exports  the part of that name: each export is loaded with the tool that it is for
  --list     names the parts and runs nothing

Example: cargo xtask test fmt clippy native";

/// How a part ended well.
pub enum Outcome {
    /// It passed; with a few words about how much that was.
    Passed(String),
    /// It cannot run on this machine; with the reason.
    Skipped(String),
}

struct Line {
    name: &'static str,
    result: Result<Outcome>,
    took: Duration,
}

/// `cargo xtask test`.
///
/// # Errors
/// When a part fails, or a name is not a part's.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let all = args.switch("--all");
    let list = args.switch("--list");
    let exports = args.switch("--exports");
    let mut names = args.names()?;
    names.extend(exports.then(|| "exports".to_owned()));
    if list {
        println!("{}", listing());
        return Ok(());
    }
    let chosen = choose(&names, all)?;
    let start = Instant::now();
    let mut steps = Steps::new(chosen.len());
    let mut lines = Vec::new();
    for part in chosen {
        println!();
        steps.next(&format!("{}: {}", part.name, part.what));
        let start = Instant::now();
        let result = (part.run)(layout);
        if let Err(error) = &result {
            println!("{} FAILED: {error}", part.name);
        }
        lines.push(Line { name: part.name, result, took: start.elapsed() });
    }
    println!("\n{}", report(&lines, start.elapsed()));
    let failed = lines.iter().filter(|line| line.result.is_err()).count();
    if failed == 0 {
        return Ok(());
    }
    // The counts are the last line of the output, so the verdict is the exit code alone.
    std::process::exit(1);
}

fn choose(names: &[String], all: bool) -> Result<Vec<&'static Part>> {
    if let Some(name) = names.iter().find(|name| !PARTS.iter().any(|part| part.name == **name)) {
        return Err(Failure::new(format!("there is no part named {name}\n\n{}", listing())));
    }
    Ok(PARTS
        .iter()
        .filter(|part| if names.is_empty() { all || !part.long } else { names.iter().any(|name| name == part.name) })
        .collect())
}

fn listing() -> String {
    PARTS
        .iter()
        .map(|part| {
            let long = if part.long { "  (only with --all)" } else { "" };
            format!("{:<10} {}{long}", part.name, part.what)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn report(lines: &[Line], took: Duration) -> String {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut text = String::new();
    for line in lines {
        let (verdict, words) = match &line.result {
            Ok(Outcome::Passed(words)) => {
                passed += 1;
                ("ok", words.as_str())
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                ("skipped", why.as_str())
            }
            Err(_) => {
                failed += 1;
                ("FAILED", "see above")
            }
        };
        let row = format!("{:<10} {verdict:<8} {:>7.1} s  {words}", line.name, line.took.as_secs_f64());
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text.push_str(&format!("in all {:.0} s\n", took.as_secs_f64()));
    text.push_str(&format!("{passed} passed, {failed} failed"));
    if skipped > 0 {
        text.push_str(&format!(", {skipped} skipped"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Line, Outcome, choose, report};
    use crate::fail::Failure;
    use std::time::Duration;

    fn line(name: &'static str, result: crate::fail::Result<Outcome>) -> Line {
        Line { name, result, took: Duration::from_millis(1500) }
    }

    #[test]
    fn the_last_line_counts_the_parts() {
        let passed = line("a", Ok(Outcome::Passed("7 tests".to_owned())));
        let skipped = line("b", Ok(Outcome::Skipped("why".to_owned())));
        let failed = line("c", Err(Failure::new("x")));
        let text = report(&[passed, skipped, failed], Duration::ZERO);
        assert!(text.ends_with("\n1 passed, 1 failed, 1 skipped"), "{text}");
        let text = report(&[line("a", Ok(Outcome::Passed(String::new())))], Duration::ZERO);
        assert!(text.ends_with("\n1 passed, 0 failed"), "{text}");
    }

    #[test]
    fn a_name_that_is_no_part_is_an_error() {
        assert!(choose(&["nonsense".to_owned()], false).is_err());
        let usual = choose(&[], false).map_or(0, |parts| parts.len());
        let all = choose(&[], true).map_or(0, |parts| parts.len());
        assert!(usual > 0 && all > usual);
    }
}
