//! How many tests ran: a run of none is a failure, not a success.

use super::Outcome;
use crate::fail::{Failure, Result};

/// Counts what `cargo test` and `wasm-bindgen-test-runner` report.
///
/// # Errors
/// When no test ran.
pub fn rust(output: &str) -> Result<Outcome> {
    at_least_one(
        output.lines().filter_map(|line| line.trim().strip_prefix("test result: ok. ")).filter_map(number).sum(),
    )
}

/// Counts what `node --test` reports.
///
/// # Errors
/// When no test ran.
pub fn node(output: &str) -> Result<Outcome> {
    at_least_one(
        output
            .lines()
            .filter_map(|line| {
                let line = line.trim();
                line.strip_prefix("ℹ pass ").or_else(|| line.strip_prefix("# pass "))
            })
            .filter_map(number)
            .sum(),
    )
}

/// Counts what `pytest -q` reports in its last line.
///
/// # Errors
/// When no test ran.
pub fn pytest(output: &str) -> Result<Outcome> {
    let passed = |line: &str| -> Option<u64> { line.split_once(" passed")?.0.rsplit(' ').next()?.parse().ok() };
    at_least_one(output.lines().filter_map(passed).sum())
}

fn at_least_one(tests: u64) -> Result<Outcome> {
    if tests == 0 {
        return Err(Failure::new("no test ran"));
    }
    Ok(Outcome::Passed(format!("{tests} tests")))
}

fn number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, node, pytest, rust};

    fn words(outcome: crate::fail::Result<Outcome>) -> Option<String> {
        match outcome {
            Ok(Outcome::Passed(words)) => Some(words),
            _ => None,
        }
    }

    #[test]
    fn tests_are_summed_over_binaries() {
        let output = "test result: ok. 2 passed; 0 failed\n\n\
                      test result: ok. 0 passed; 0 failed\ntest result: ok. 5 passed; 0 failed\n";
        assert_eq!(words(rust(output)).as_deref(), Some("7 tests"));
        assert_eq!(words(node("ℹ tests 4\nℹ pass 4\nℹ fail 0\n")).as_deref(), Some("4 tests"));
        assert_eq!(words(pytest("....\n4 passed, 2 warnings in 1.23s\n")).as_deref(), Some("4 tests"));
    }

    #[test]
    fn a_run_of_no_tests_fails() {
        assert!(rust("no tests to run!\n").is_err());
        assert!(rust("test result: ok. 0 passed; 0 failed\n").is_err());
        assert!(pytest("no tests ran in 0.01s\n").is_err());
        assert!(node("ℹ tests 0\nℹ pass 0\n").is_err());
    }
}
