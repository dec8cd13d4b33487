//! Times and sizes as people write them: `5s`, `30d`, `256MiB`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Units of time in milliseconds, smallest first.
const TIMES: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Units of size in bytes, smallest first.
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// A time, such as `500ms`, `5s`, `2m`, `24h` or `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(pub Duration);

/// A number of bytes, such as `512B`, `64KiB`, `256MiB` or `2GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(pub u64);

/// A whole number and one of the units.
fn read(text: &str, units: &[(&str, u64)]) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let names = || units.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let refused = || format!("`{text}` is not a whole number with one of the units {}", names());
    let (_, each) = units.iter().find(|(name, _)| *name == unit).ok_or_else(refused)?;
    number.parse::<u64>().ok().and_then(|count| count.checked_mul(*each)).ok_or_else(refused)
}

/// In the largest unit that divides it.
fn write(value: u64, units: &[(&str, u64)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let fits = |each: u64| value != 0 && value.is_multiple_of(each);
    // Nothing is `0s` and `0B`.
    let usual = if value == 0 && units == TIMES { 1 } else { 0 };
    let (name, each) = units.iter().rev().find(|(_, each)| fits(*each)).unwrap_or(&units[usual]);
    write!(f, "{}{name}", value / each)
}

impl FromStr for Time {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        read(text, &TIMES).map(|ms| Self(Duration::from_millis(ms)))
    }
}

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        read(text, &SIZES).map(Self)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX), &TIMES, f)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.0, &SIZES, f)
    }
}

impl TryFrom<String> for Time {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for Size {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_in_the_largest_unit() {
        for (text, again) in
            [("500ms", "500ms"), ("60s", "1m"), ("48h", "2d"), ("0s", "0s"), ("90m", "90m"), ("0ms", "0s")]
        {
            let time: Time = text.parse().expect(text);
            assert_eq!(time.to_string(), again);
            assert_eq!(again.parse(), Ok(time));
        }
        for (text, again) in [("1024B", "1KiB"), ("256MiB", "256MiB"), ("0B", "0B"), ("3072MiB", "3GiB")] {
            let size: Size = text.parse().expect(text);
            assert_eq!(size.to_string(), again);
            assert_eq!(again.parse(), Ok(size));
        }
    }

    #[test]
    fn what_has_no_unit_or_does_not_fit_is_refused() {
        for text in ["", "5", "s", "5 s", "-5s", "1.5h", "5x", "99999999999999999999s", "18446744073709551615d"] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
        for text in ["5", "5MB", "5mib", "18446744073709551615GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
