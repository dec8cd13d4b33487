//! What of a long output says why it failed: a log is often kept by its end alone.

/// At most so many lines of one output are shown again.
const LINES: usize = 60;

/// Where test runners begin to say what failed: Node's reporter, cargo's harness, pytest.
const HEADINGS: [&str; 3] = ["✖ failing tests:", "failures:", "= FAILURES ="];

/// From the first heading of failures on, or the last lines when there is none; at most [`LINES`] lines.
pub fn why(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    let said = |line: &&str| HEADINGS.iter().any(|heading| line.contains(heading));
    let from = lines.iter().position(said).unwrap_or(lines.len().saturating_sub(LINES));
    let mut text = lines.iter().skip(from).take(LINES).copied().collect::<Vec<_>>().join("\n");
    let rest = lines.len().saturating_sub(from + LINES);
    if rest > 0 {
        text.push_str(&format!("\n… and {rest} lines more, above"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{LINES, why};

    #[test]
    fn what_failed_is_shown_and_not_what_passed() {
        let node = "✔ one\n✖ two\nℹ fail 1\n\n✖ failing tests:\n\n✖ two\n  expected 1";
        assert_eq!(why(node), "✖ failing tests:\n\n✖ two\n  expected 1");
        let rust = "test a ... ok\n\nfailures:\n\n---- b stdout ----\nb is wrong\n";
        assert_eq!(why(rust), "failures:\n\n---- b stdout ----\nb is wrong");
    }

    #[test]
    fn without_a_heading_it_is_the_end_and_never_more_than_a_page() {
        let many: String = (0..200).map(|line| format!("line {line}\n")).collect();
        assert_eq!(why(&many).lines().count(), LINES);
        assert!(why(&many).ends_with("line 199"));
        let long = format!("failures:\n{many}");
        assert_eq!(why(&long).lines().count(), LINES + 1);
    }
}
