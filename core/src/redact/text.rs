//! Text as the finders read it: a byte a character. Digits, spaces and marks of every script and width are their ASCII
//! forms, so that one rule serves `030-1234`, `０３０−１２３４` and `٠٣٠ ١٢٣٤`; other letters are a hash of themselves.

use crate::feature::is_unspaced;
use crate::feature::letter::{is_letter, lower};

/// From here on: letters beyond ASCII.
const LETTER: u8 = 0x80;
/// From here on: letters of scripts that are written without spaces; words end beside them.
const UNSPACED: u8 = 0xC0;
/// Anything else beyond ASCII.
const OTHER: u8 = 0xFF;

// Of these small things the page carries one copy each: in place they would cost it a kilobyte.

/// Whether it is one of these.
#[inline(never)]
pub(super) fn any(of: &[u8], class: u8) -> bool {
    of.contains(&class)
}

/// What stands at a place; 0 beyond both ends.
#[inline(never)]
pub(super) fn at(text: &[u8], place: usize) -> u8 {
    text.get(place).copied().unwrap_or(0)
}

/// What stands before a place.
#[inline(never)]
pub(super) fn before(text: &[u8], place: usize) -> u8 {
    at(text, place.wrapping_sub(1))
}

/// A part of the text, as far as there is one.
#[inline(never)]
pub(super) fn part(text: &[u8], from: usize, to: usize) -> &[u8] {
    text.get(from..to.min(text.len())).unwrap_or_default()
}

/// Whether these bytes stand at a place.
#[inline(never)]
pub(super) fn has(text: &[u8], place: usize, what: &[u8]) -> bool {
    part(text, place, place.wrapping_add(what.len())) == what
}

/// Where a run of what fits ends, within so many characters.
#[inline(never)]
pub(super) fn run(text: &[u8], from: usize, most: usize, fits: fn(u8) -> bool) -> usize {
    let mut place = from;
    while place - from < most && fits(at(text, place)) {
        place += 1;
    }
    place
}

/// Whether it is a digit.
#[inline(never)]
pub(super) const fn is_digit(class: u8) -> bool {
    class.is_ascii_digit()
}

/// Whether it is a letter or a digit of ASCII.
#[inline(never)]
pub(super) const fn is_plain(class: u8) -> bool {
    class.is_ascii_alphanumeric()
}

/// Whether it is part of a word.
#[inline(never)]
pub(super) const fn is_word(class: u8) -> bool {
    is_plain(class) || class == b'_' || matches!(class, LETTER..UNSPACED)
}

/// Whether it is a letter of a script that is written without spaces.
pub(super) const fn is_alone(class: u8) -> bool {
    class >= UNSPACED && class != OTHER
}

/// Whether it is part of a key or a token.
pub(super) const fn is_token(class: u8) -> bool {
    is_plain(class) || class == b'_' || class == b'-'
}

/// A character as the finders see it.
#[allow(clippy::cast_possible_truncation)] // parts of it
pub(super) fn fold(c: char) -> u8 {
    let code = u32::from(c);
    match code {
        0..0x80 => code as u8,
        0x660..=0x669 | 0x6F0..=0x6F9 => b'0' + (code & 15) as u8,
        0x966..=0x96F | 0x9E6..=0x9EF => b'0' + ((code - 6) & 15) as u8,
        // Full width.
        0xFF01..=0xFF20 => (code - 0xFF00) as u8 + b' ',
        0xA0 | 0x2000..=0x200A | 0x202F | 0x3000 => b' ',
        0x2010..=0x2015 | 0x2212 => b'-',
        0xA2..=0xA5 | 0x20A0..=0x20CF => b'$',
        _ if !is_letter(c) => OTHER,
        _ if is_unspaced(c) => UNSPACED + (code % 63) as u8,
        _ => LETTER + (u32::from(lower(c)) & 63) as u8,
    }
}

/// Whether a text begins with one of the words in a list, which are small and have spaces between; with a full stop
/// after it the word must be just that.
#[inline(never)]
pub(super) fn begins(text: &[u8], list: &str) -> bool {
    let mut left = 0;
    // How far the known word agrees; beyond the text where it does not.
    let mut agrees = true;
    for known in list.chars().chain([' ']) {
        match known {
            ' ' if agrees && left > 0 => return true,
            ' ' => (left, agrees) = (0, true),
            '.' => agrees &= left == text.len(),
            _ => {
                agrees &= at(text, left).to_ascii_lowercase() == fold(known);
                left += 1;
            }
        }
    }
    false
}
