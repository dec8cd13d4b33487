//! Text as the finders read it: digits, spaces and marks of every script and width as their ASCII forms, so that one
//! rule serves `030-1234`, `０３０−１２３４` and `٠٣٠ ١٢٣٤`.

use crate::feature::is_unspaced;
use crate::feature::letter::is_letter;

/// A letter beyond ASCII.
pub(super) const LETTER: u8 = 0x80;
/// A letter of a script that is written without spaces: words end beside it.
pub(super) const UNSPACED: u8 = 0x81;
/// Anything else beyond ASCII.
pub(super) const OTHER: u8 = 0x82;

/// A text to read from any place on, in both directions; beyond its ends stand zeros.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub &'a str);

impl<'a> Text<'a> {
    /// What stands at a place, and where the next begins.
    #[inline(never)]
    pub fn at(self, place: usize) -> (u8, usize) {
        match self.0.as_bytes().get(place) {
            None => (0, place),
            Some(byte) if byte.is_ascii() => (*byte, place + 1),
            Some(_) => {
                let c = self.0.get(place..).and_then(|rest| rest.chars().next()).unwrap_or_default();
                (fold(c), place + c.len_utf8())
            }
        }
    }

    /// What stands at a place.
    pub fn class(self, place: usize) -> u8 {
        self.at(place).0
    }

    /// What stands before a place, and where it begins.
    #[inline(never)]
    pub fn before(self, place: usize) -> (u8, usize) {
        let mut start = place;
        while start > 0 {
            start -= 1;
            if self.0.is_char_boundary(start) {
                return self.at_start(start);
            }
        }
        (0, 0)
    }

    fn at_start(self, start: usize) -> (u8, usize) {
        (self.class(start), start)
    }

    /// Where a run of what fits ends.
    pub fn run(self, from: usize, fits: fn(u8) -> bool) -> usize {
        let mut place = from;
        loop {
            match self.at(place) {
                (class, next) if fits(class) => place = next,
                _ => return place,
            }
        }
    }

    /// A part of the text.
    pub fn part(self, from: usize, to: usize) -> &'a str {
        self.0.get(from..to).unwrap_or_default()
    }

    /// Whether these bytes stand at a place.
    #[inline(never)]
    pub fn has(self, place: usize, what: &str) -> bool {
        self.0.as_bytes().get(place..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    /// The number of a digit.
    pub fn digit(self, place: usize) -> Option<u32> {
        let class = self.class(place);
        class.is_ascii_digit().then(|| u32::from(class & 15))
    }
}

/// Whether it is part of a word.
pub(super) const fn is_word(class: u8) -> bool {
    class.is_ascii_alphanumeric() || class == b'_' || class == LETTER
}

/// Whether it is part of a key or a token.
pub(super) const fn is_token(class: u8) -> bool {
    class.is_ascii_alphanumeric() || class == b'_' || class == b'-'
}

fn fold(c: char) -> u8 {
    let code = u32::from(c);
    let ascii = match code {
        0x660..=0x669 | 0x6F0..=0x6F9 => b'0' + (code & 15) as u8,
        0x966..=0x96F | 0x9E6..=0x9EF => b'0' + (code & 15).wrapping_sub(6) as u8,
        // Full width.
        0xFF01..=0xFF5E => (code - 0xFF01) as u8 + b'!',
        0xA0 | 0x2000..=0x200A | 0x202F | 0x3000 => b' ',
        0x2010..=0x2015 | 0x2212 => b'-',
        0xA2..=0xA5 | 0x20A0..=0x20CF => b'$',
        _ if is_unspaced(c) && is_letter(c) => UNSPACED,
        _ if is_letter(c) => LETTER,
        _ => OTHER,
    };
    // Letters of full width stand where no word of another script ends.
    if ascii.is_ascii_alphabetic() { UNSPACED } else { ascii }
}

/// Where the word before a place begins and ends; spaces and marks between are passed over.
pub(super) fn word_before(text: Text<'_>, place: usize) -> (usize, usize) {
    let mut end = place;
    for _ in 0..4 {
        match text.before(end) {
            (b' ' | b':' | b'.' | b'(' | b'"', start) => end = start,
            _ => break,
        }
    }
    let mut start = end;
    for _ in 0..16 {
        match text.before(start) {
            (class, before) if class.is_ascii_alphabetic() || class == LETTER || class == UNSPACED => start = before,
            _ => break,
        }
    }
    (start, end)
}

/// Whether a word begins with one of the words in a list, which are small and have spaces between; with a full stop
/// after it the word must be just that.
#[inline(never)]
pub(super) fn begins(word: &str, list: &str) -> bool {
    list.split(' ').any(|known| {
        let (known, whole) = match known.strip_suffix('.') {
            Some(known) => (known, true),
            None => (known, false),
        };
        let head = word.as_bytes().get(..known.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(known.as_bytes())) && (!whole || word.len() == known.len())
    })
}
