//! International bank account numbers (ISO 13616): two letters, two check digits, 11 to 30 letters and digits, whose
//! remainder by 97 is 1 when the first four stand at the end.

use super::text::{at, is_digit, is_plain, is_word, part};
use super::{Kind, Scan};

/// Fewest and most letters and digits: Norway and the standard.
const FEWEST: usize = 15;
const MOST: usize = 34;

/// An IBAN that begins here, written in one or in groups; the longest that fits.
pub(super) fn find(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    let head = part(text, start, start + 4);
    let [a, b, b'0'..=b'9', b'0'..=b'9'] = head else { return false };
    if !a.is_ascii_alphabetic() || !b.is_ascii_alphabetic() {
        return false;
    }
    let moved = head.iter().fold(0, append);
    // A group of letters alone ends none: it is the next word.
    let (mut place, mut count, mut rest, mut end, mut has_digit) = (start + 4, 4, 0, 0, true);
    while count < MOST {
        let class = at(text, place);
        if is_digit(class) || is_plain(class) && class.is_ascii_lowercase() == a.is_ascii_lowercase() {
            (place, count, rest) = (place + 1, count + 1, append(rest, &class));
            has_digit |= is_digit(class);
            // 10⁶, by which the four at the end move the rest up, is 27 more than a multiple of 97.
            if count >= FEWEST && has_digit && (rest * 27 + moved) % 97 == 1 && !is_word(at(text, place)) {
                end = place;
            }
        } else if matches!(class, b' ' | b'-') && is_plain(at(text, place + 1)) {
            (place, has_digit) = (place + 1, false);
        } else {
            break;
        }
    }
    end > 0 && scan.found(Kind::Iban, start, end)
}

/// The remainder when a digit, or a letter as a number from 10, is written after a number.
fn append(rest: u32, class: &u8) -> u32 {
    let value = u32::from(class & 31);
    (if is_digit(*class) { rest * 10 + (value & 15) } else { rest * 100 + value + 9 }) % 97
}
