//! The commands for the apps of a server and their keys.

mod app;
mod key;

pub use app::{AppArgs, run_app};
pub use key::{KeyArgs, run_key};

use flywheel_core::error::{Code, Error, Result};
use serde::Serialize;

/// One JSON object a line.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    let line = serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, format!("it cannot be written as JSON: {error}")))?;
    println!("{line}");
    Ok(())
}

/// Days since 1970 and the time of the day, as ISO 8601 writes them.
pub(crate) fn date(ms: u64) -> String {
    // H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days; 719,468 days from March of year 0.
    let days = ms / 86_400_000 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (date, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + u64::from(month <= 2);
    let (hours, minutes) = (ms / 3_600_000 % 24, ms / 60_000 % 60);
    format!("{year:04}-{month:02}-{date:02} {hours:02}:{minutes:02}Z")
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
