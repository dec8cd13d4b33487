//! `cargo xtask test`: every check there is, part by part.

mod browsers;
mod count;
mod node;
mod packaging;
mod parts;
mod python;
mod twice;
mod wasm;

use crate::args::Args;
use crate::fail::{Failure, Result};
use crate::layout::Layout;
use crate::progress::{Steps, say};

use browsers::Browser;
use parts::{PARTS, Part};
use std::time::{Duration, Instant};

pub use node::{api, node_environment};

/// What `cargo xtask test --help` prints.
pub const HELP: &str = "\
Runs the checks, each part under its own name, and ends with a line per part.

Usage: cargo xtask test [PART…] [--browser NAME] [--all] [--exports] [--packaging] [--list]

  PART…            only these
  --browser NAME   only what runs in chromium, firefox or webkit; it is installed if it is missing
  --all            also the parts that take long, and browsers that have to be installed first
  --exports        the part of that name: each export is loaded with the tool that it is for
  --packaging      the part of that name: the packed tarball, built by every bundler, and opened
  --list           names the parts and runs nothing

Without --browser tests run in every browser that is installed, Chromium always.

Examples: cargo xtask test fmt clippy native
          cargo xtask test wasm --browser webkit";

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
    let by_switch = ["exports", "packaging"].map(|name| args.switch(&format!("--{name}")).then(|| name.to_owned()));
    let browser = args.value("--browser")?.map(|name| Browser::named(&name)).transpose()?;
    let mut names = args.names()?;
    names.extend(by_switch.into_iter().flatten());
    if list {
        say(listing());
        return Ok(());
    }
    let mut chosen = choose(&names, all, browser)?;
    let left_out = if all || browser.is_some() || !names.is_empty() { Vec::new() } else { take_absent(&mut chosen) };
    let start = Instant::now();
    let mut steps = Steps::new(chosen.len());
    let mut lines = Vec::new();
    for part in chosen {
        say("");
        steps.next(&format!("{}: {}", part.name, part.what));
        let start = Instant::now();
        let result = match (part.run)(layout) {
            // Who asks for a browser by its name wants to know that it is not there.
            Ok(Outcome::Skipped(why)) if browser.is_some() => Err(Failure::new(why)),
            result => result,
        };
        if let Err(error) = &result {
            say(format_args!("{} FAILED: {}", part.name, error.in_short()));
        }
        lines.push(Line { name: part.name, result, took: start.elapsed() });
    }
    if !left_out.is_empty() {
        say(format_args!(
            "\nnot run, as their browsers are not installed (--all installs them): {}",
            left_out.join(", ")
        ));
    }
    say(format_args!("\n{}", report(&lines, start.elapsed())));
    let failed = lines.iter().filter(|line| line.result.is_err()).count();
    if failed == 0 {
        return Ok(());
    }
    // The counts are the last line of the output, so the verdict is the exit code alone.
    std::process::exit(1);
}

/// Parts by name; with a browser only those that run in it, and `wasm` is then short for `wasm-firefox`.
fn choose(names: &[String], all: bool, browser: Option<Browser>) -> Result<Vec<&'static Part>> {
    let is_named = |part: &Part, name: &str| {
        part.name == name || browser.is_some_and(|browser| part.name == format!("{name}-{}", browser.name()))
    };
    let chosen: Vec<_> = PARTS
        .iter()
        .filter(|part| browser.is_none() || part.browser == browser)
        .filter(|part| if names.is_empty() { all || !part.long } else { names.iter().any(|name| is_named(part, name)) })
        .collect();
    let unknown = |name: &&String| !chosen.iter().any(|part| is_named(part, name));
    if let Some(name) = names.iter().find(unknown) {
        let place = browser.map_or_else(String::new, |browser| format!(" that runs in {}", browser.name()));
        return Err(Failure::new(format!("there is no part named {name}{place}\n\n{}", listing())));
    }
    Ok(chosen)
}

/// Takes out the parts whose browser is not installed; gives their names.
fn take_absent(parts: &mut Vec<&'static Part>) -> Vec<&'static str> {
    let (there, absent): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.browser.is_none_or(Browser::is_there));
    *parts = there;
    absent.iter().map(|part: &&Part| part.name).collect()
}

fn listing() -> String {
    PARTS
        .iter()
        .map(|part| {
            let long = if part.long { "  (only with --all)" } else { "" };
            format!("{:<12} {}{long}", part.name, part.what)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn report(lines: &[Line], took: Duration) -> String {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut text = String::new();
    // Again, as of a long log often only the end is kept.
    for line in lines {
        if let Err(error) = &line.result {
            text.push_str(&format!("{} FAILED: {error}\n\n", line.name));
        }
    }
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
        let row = format!("{:<12} {verdict:<8} {:>7.1} s  {words}", line.name, line.took.as_secs_f64());
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
    use super::{Browser, Line, Outcome, choose, report};
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
        assert!(text.starts_with("c FAILED: x\n"), "{text}");
        assert!(text.ends_with("\n1 passed, 1 failed, 1 skipped"), "{text}");
        let text = report(&[line("a", Ok(Outcome::Passed(String::new())))], Duration::ZERO);
        assert!(text.ends_with("\n1 passed, 0 failed"), "{text}");
    }

    #[test]
    fn a_name_that_is_no_part_is_an_error() {
        assert!(choose(&["nonsense".to_owned()], false, None).is_err());
        let usual = choose(&[], false, None).map_or(0, |parts| parts.len());
        let all = choose(&[], true, None).map_or(0, |parts| parts.len());
        assert!(usual > 0 && all > usual);
    }

    #[test]
    fn a_browser_by_its_name_takes_the_parts_that_run_in_it() {
        let named = |names: &[&str], browser| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let chosen = choose(&names, false, Some(browser)).ok()?;
            Some(chosen.iter().map(|part| part.name).collect::<Vec<_>>())
        };
        assert_eq!(named(&[], Browser::Firefox), Some(vec!["wasm-firefox", "e2e-firefox"]));
        assert_eq!(named(&["wasm"], Browser::WebKit), Some(vec!["wasm-webkit"]));
        assert_eq!(named(&["e2e"], Browser::Chromium), Some(vec!["e2e"]));
        assert_eq!(named(&["native"], Browser::Firefox), None, "it runs in no browser");
    }
}
