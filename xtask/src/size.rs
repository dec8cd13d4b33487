//! `cargo xtask size`: what a page downloads, against budget.toml.

use crate::args::Args;
use crate::build;
use crate::fail::{Context, Failure, Result};
use crate::layout::Layout;
use crate::pack;
use crate::progress::say;
use crate::run::{capture, command, run};
use std::fs;

/// What `cargo xtask size --help` prints.
pub const HELP: &str = "\
Prints what each entry of the package weighs, JavaScript and wasm together, raw and compressed with
gzip and brotli; fails when one is over its budget in budget.toml.

Usage: cargo xtask size [--functions N]

  --functions N   the N largest functions of the module instead, with their names

Example: cargo xtask size --functions 40";

const COLUMNS: [&str; 3] = ["raw", "gzip", "brotli"];

/// A most that budget.toml allows.
#[derive(Debug, PartialEq, Eq)]
struct Budget {
    entry: String,
    column: usize,
    bytes: u64,
}

/// `cargo xtask size`.
///
/// # Errors
/// When an entry is over its budget.
pub fn main(layout: &Layout, mut args: Args) -> Result<()> {
    let functions = args.value("--functions")?;
    args.finish()?;
    if let Some(most) = functions {
        let module = build::named_module(layout)?;
        let script = layout.root.join("xtask/scripts/functions.mjs");
        return run(command("node", &layout.root).arg(script).arg(module).arg(most));
    }
    pack::pack(layout)?;
    say(check(layout)?);
    Ok(())
}

/// The table, once everything is within its budget.
///
/// # Errors
/// When an entry is over its budget, or one that has a budget is not in the package.
pub fn check(layout: &Layout) -> Result<String> {
    let text = fs::read_to_string(layout.root.join("budget.toml")).context("reading budget.toml")?;
    let budgets = parse(&text)?;
    let sizes =
        capture(command("node", &layout.root).arg(layout.root.join("xtask/scripts/sizes.mjs")).arg(layout.pkg()))?;
    let mut table = format!("{:<10}{:>9}{:>9}{:>9}", "entry", "raw", "gzip", "brotli");
    let mut over = Vec::new();
    let mut met = 0;
    for line in sizes.lines() {
        let mut words = line.split_whitespace();
        let entry = words.next().unwrap_or_default();
        let bytes: Vec<u64> = words.map_while(|word| word.parse().ok()).collect();
        let [raw, gzip, brotli] = bytes[..] else {
            return Err(Failure::new(format!("sizes.mjs printed {line:?}")));
        };
        table.push_str(&format!("\n{entry:<10}{raw:>9}{gzip:>9}{brotli:>9}"));
        for budget in budgets.iter().filter(|budget| budget.entry == entry) {
            met += 1;
            let (size, name) = (bytes[budget.column], COLUMNS[budget.column]);
            table.push_str(&format!("   {name} {} % of {}", size * 100 / budget.bytes, budget.bytes));
            if size > budget.bytes {
                over.push(format!(
                    "entry {entry} is {size} bytes in {name}, {} over its budget of {}",
                    size - budget.bytes,
                    budget.bytes
                ));
            }
        }
    }
    if met != budgets.len() {
        over.push("budget.toml names an entry that the package does not have".to_owned());
    }
    if over.is_empty() { Ok(table) } else { Err(Failure::new(format!("{table}\n{}", over.join("\n")))) }
}

/// The little of TOML that budget.toml uses: `[entry."NAME"]` and `column = bytes`.
fn parse(text: &str) -> Result<Vec<Budget>> {
    let mut entry = None;
    let mut budgets = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let wrong = || Failure::new(format!("budget.toml: cannot read {line:?}"));
        if let Some(name) = line.strip_prefix("[entry.\"") {
            entry = Some(name.strip_suffix("\"]").ok_or_else(wrong)?.to_owned());
            continue;
        }
        let (column, bytes) = line.split_once('=').ok_or_else(wrong)?;
        budgets.push(Budget {
            entry: entry.clone().ok_or_else(wrong)?,
            column: COLUMNS.iter().position(|name| *name == column.trim()).ok_or_else(wrong)?,
            bytes: bytes.trim().replace('_', "").parse().ok().filter(|bytes| *bytes > 0).ok_or_else(wrong)?,
        });
    }
    if budgets.is_empty() {
        return Err(Failure::new("budget.toml has no budget in it"));
    }
    Ok(budgets)
}

#[cfg(test)]
mod tests {
    use super::{Budget, parse};

    #[test]
    fn a_budget_is_read_and_nonsense_is_refused() {
        let good = "# why\n[entry.\"./slim\"]\nbrotli = 61_440 # most\n";
        assert_eq!(parse(good).ok(), Some(vec![Budget { entry: "./slim".to_owned(), column: 2, bytes: 61_440 }]));
        for bad in ["", "brotli = 1", "[entry.\".\"]\nzip = 1", "[entry.\".\"]\nraw = x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
