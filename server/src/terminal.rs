//! What commands say to whoever called: how far they are, JSON a line, dates and counts.

use chrono::DateTime;
use flywheel_core::error::{Code, Error, Result};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// A line on the terminal that is written over: how far it is. Silent where nobody looks.
pub(crate) fn progress(name: &str, total: usize) -> impl FnMut(usize) + use<> {
    let name = name.to_owned();
    let watched = std::io::stderr().is_terminal();
    let mut shown = 0;
    move |done| {
        let percent = done * 100 / total.max(1);
        if watched && percent != shown {
            shown = percent;
            let mut out = std::io::stderr().lock();
            let end = if done >= total { "\r\x1b[K" } else { "" };
            let _ = write!(out, "\r{name}: {percent} % of {total} rows{end}");
            let _ = out.flush();
        }
    }
}

/// One JSON object a line.
///
/// # Errors
/// [`Code::Internal`] for what is no JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    let line = serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, format!("it cannot be written as JSON: {error}")))?;
    println!("{line}");
    Ok(())
}

/// Milliseconds since 1970 as ISO 8601 writes them, to the minute, in UTC.
pub(crate) fn date(ms: u64) -> String {
    let moment = i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis);
    moment.map_or_else(|| "?".into(), |moment| moment.format("%Y-%m-%d %H:%MZ").to_string())
}

/// Digits in groups of three.
pub(crate) fn thousands(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digit.is_ascii_digit() && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (ms, words) in [
            (0, "1970-01-01 00:00Z"),
            (951_782_400_000, "2000-02-29 00:00Z"),
            (1_800_000_000_000, "2027-01-15 08:00Z"),
            (4_107_542_399_999, "2100-02-28 23:59Z"),
        ] {
            assert_eq!(date(ms), words);
        }
    }
}
