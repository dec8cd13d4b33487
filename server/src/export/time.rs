//! Moments as people and other programs write them.

use chrono::{DateTime, NaiveDate, SecondsFormat};

/// Milliseconds since 1970 out of a day (its beginning in UTC), an RFC 3339 moment, or the number itself.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let of_day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc().timestamp_millis());
    let of_moment = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis());
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    of_day()
        .or_else(of_moment)
        .and_then(|ms| u64::try_from(ms).ok())
        .ok_or_else(|| "2026-01-31, 2026-01-31T12:00:00Z or milliseconds since 1970".to_owned())
}

/// RFC 3339 in UTC, to the millisecond.
pub(super) fn show(ms: u64) -> String {
    let moment = i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or(DateTime::UNIX_EPOCH);
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::{parse, show};

    #[test]
    fn a_moment_reads_back_however_it_is_written() {
        let noon = 1_769_860_800_000;
        assert_eq!(show(noon), "2026-01-31T12:00:00.000Z");
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "1769860800000"] {
            assert_eq!(parse(text), Ok(noon), "{text}");
        }
        assert_eq!(parse("2026-01-31"), Ok(noon - 12 * 3_600_000));
        for text in ["yesterday", "2026-02-30", "-5", "1969-01-01", ""] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
