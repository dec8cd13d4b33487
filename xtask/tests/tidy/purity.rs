//! Core gives the same bits everywhere, and does nothing but compute.

use crate::repo::{File, no_complaints, tracked};

/// Methods of f64 whose bits differ between a browser and a server; core/src/math.rs has its own.
const UNSTEADY: [&str; 26] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "sin", "cos", "tan", "sin_cos",
    "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "hypot",
];

/// Things with a clock, an order of their own, or a world outside.
const IMPURE: [(&str, &str); 16] = [
    ("HashMap", "its order differs from run to run"),
    ("HashSet", "its order differs from run to run"),
    ("std::time", "time is the caller's"),
    ("SystemTime", "time is the caller's"),
    ("Instant::now", "time is the caller's"),
    ("std::env", "settings are the caller's"),
    ("std::fs", "core does no I/O"),
    ("std::io", "core does no I/O"),
    ("std::net", "core does no I/O"),
    ("std::thread", "core has no threads"),
    ("wasm_bindgen", "core knows no browser"),
    ("web_sys", "core knows no browser"),
    ("js_sys", "core knows no browser"),
    ("tokio", "core knows no runtime"),
    ("getrandom", "randomness is the caller's"),
    ("rand::", "randomness is the caller's"),
];

/// Core's files with their tests cut off: tests may read an environment variable.
fn product() -> Vec<File> {
    let files: Vec<File> = tracked()
        .into_iter()
        .filter(|file| file.is_in("core/src") && file.has_extension(&["rs"]))
        .filter(|file| !file.path.ends_with("tests.rs") && !file.path.contains("/tests/"))
        .map(|file| File { text: without_tests(&file.text), path: file.path })
        .collect();
    assert!(!files.is_empty(), "core has no files");
    files
}

fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let ends = line.trim() == "#[cfg(test)]"
            && lines.peek().is_some_and(|next| next.trim_start().starts_with("mod ") && next.ends_with('{'));
        if ends {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

fn unsteady(line: &str) -> Option<&'static str> {
    UNSTEADY.into_iter().find(|name| {
        [format!(".{name}("), format!("f64::{name}"), format!("f32::{name}")].iter().any(|call| {
            line.match_indices(call.as_str()).any(|(at, _)| {
                let after = line[at + call.len()..].chars().next();
                call.ends_with('(') || !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        })
    })
}

#[test]
fn core_takes_no_transcendental_function_from_std() {
    let mut complaints = Vec::new();
    for file in product() {
        if file.path == "core/src/math.rs" {
            continue;
        }
        for (at, line) in file.code_lines() {
            if let Some(name) = unsteady(line) {
                complaints.push(format!("{}:{at} calls {name}: use core/src/math.rs", file.path));
            }
        }
    }
    no_complaints(&complaints);
}

#[test]
fn core_has_no_clock_no_randomness_and_no_world() {
    let mut complaints = Vec::new();
    for file in product() {
        for (at, line) in file.code_lines() {
            for (name, why) in IMPURE.iter().filter(|(name, _)| line.contains(name)) {
                complaints.push(format!("{}:{at} says {name}: {why}", file.path));
            }
        }
    }
    no_complaints(&complaints);
}

#[test]
fn an_unsteady_call_is_recognised() {
    for line in ["let y = x.exp();", "xs.map(f64::ln)", "f64::powf(x, 2.0)"] {
        assert!(unsteady(line).is_some(), "{line}");
    }
    for line in ["math::exp(x)", "x.sqrt()", "f64::lnx", "self.expand()", "x.mul_add(y, z)"] {
        assert!(unsteady(line).is_none(), "{line}");
    }
}
