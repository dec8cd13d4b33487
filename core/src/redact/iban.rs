//! International bank account numbers (ISO 13616): two letters, two check digits, 11 to 30 letters and digits, whose
//! remainder by 97 is 1 when the first four stand at the end.

use super::text::{Text, is_word};
use super::{Find, Kind};

/// Fewest and most letters and digits: Norway and the standard.
const FEWEST: usize = 15;
const MOST: usize = 34;

/// An IBAN that begins here, written in one or in groups; the longest that fits.
pub(super) fn at(text: Text<'_>, start: usize) -> Option<Find> {
    let head = text.0.as_bytes().get(start..start + 4)?;
    let shape = head.iter().zip([false, false, true, true]);
    if !shape.into_iter().all(|(byte, digit)| if digit { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() }) {
        return None;
    }
    let is_small = head.first()?.is_ascii_lowercase();
    let moved = head.iter().fold(0, append);
    let scale = 1_000_000 % 97;
    let (mut place, mut count, mut rest, mut end) = (start + 4, 4, 0, None);
    // A group of letters alone ends none: it is the next word.
    let mut has_digit = true;
    while count < MOST {
        let (class, next) = text.at(place);
        if class.is_ascii_digit() || class.is_ascii_alphabetic() && class.is_ascii_lowercase() == is_small {
            (place, count, rest) = (next, count + 1, append(rest, &class));
            has_digit |= class.is_ascii_digit();
            if count >= FEWEST && has_digit && (rest * scale + moved) % 97 == 1 && !is_word(text.class(place)) {
                end = Some(place);
            }
        } else if matches!(class, b' ' | b'-') && text.class(next).is_ascii_alphanumeric() {
            (place, has_digit) = (next, false);
        } else {
            break;
        }
    }
    end.map(|end| Find { kind: Kind::Iban, start, end })
}

/// The remainder when a digit, or a letter as a number from 10, is written after a number.
fn append(rest: u32, byte: &u8) -> u32 {
    let value = char::from(*byte).to_digit(36).unwrap_or(0);
    (rest * if value > 9 { 100 } else { 10 } + value) % 97
}
