//! Card numbers, and phone numbers as they are written around the world.

use super::text::{Text, begins, is_word, word_before};
use super::{Find, Kind, ip};

/// What stands before a phone number.
const CUES: &str = "tel. tels. telf. telef teleph tél phon fon. call ring. mob cell cel. text. txt sms fax whatsapp dial handy móvil tlf hp. ph. \
    appel bel. ruf natel тел зв اتصل تماس טל 电话 手机 電話 携帯 ☎";
/// What stands before a number that is none, however it looks.
const OTHERS: &str = "order isbn invoice id. ref sku ticket account konto case issn tracking ean upc gtin po. art nhs";

/// A number that begins here: of a card, an address, a phone, or a date, which is passed over.
pub(super) fn at(text: Text<'_>, start: usize) -> Option<Find> {
    text.digit(start)?;
    card(text, start).or_else(|| ip::v4(text, start)).or_else(|| phone(text, start))
}

/// Whether a number may begin after what stands before it: no decimal, no part of a time or a larger number.
fn is_free(text: Text<'_>, start: usize) -> bool {
    let (before, ahead) = text.before(start);
    !is_word(before) && !(matches!(before, b'.' | b',' | b':' | b'-' | b'\'') && text.before(ahead).0.is_ascii_digit())
}

/// A card's number (ISO/IEC 7812): the lengths that its issuers use, the last digit by Luhn's rule.
fn card(text: Text<'_>, start: usize) -> Option<Find> {
    if !is_free(text, start) {
        return None;
    }
    let (mut place, mut count, mut group, mut head, mut end) = (start, 0, 0, 0, None);
    // The sums where every second digit is doubled, from the first or from the second.
    let mut sums = [0; 2];
    while count < 19 {
        let (class, next) = text.at(place);
        if let Some(digit) = text.digit(place) {
            for (at, sum) in sums.iter_mut().enumerate() {
                let doubled = if at == count & 1 { digit * 2 } else { digit };
                *sum += doubled / 10 + doubled % 10;
            }
            if count < 2 {
                head = head * 10 + digit;
            }
            (place, count, group) = (next, count + 1, group + 1);
            let fits = matches!(
                (head, count),
                (34 | 37, 15) | (30 | 36 | 38 | 39, 14) | (40..=49, 16 | 19) | (22..=27 | 35 | 50..=59, 16) | (60..=69, 16..=19)
            );
            let sum = sums.get(count & 1).copied().unwrap_or(1);
            let after = text.class(place);
            if fits && sum % 10 == 0 && group > 2 && !after.is_ascii_digit() && !is_word(after) {
                end = Some(place);
            }
        } else if matches!(class, b' ' | b'-') && group > 2 && text.digit(next).is_some() {
            (place, group) = (next, 0);
        } else {
            break;
        }
    }
    end.map(|end| Find { kind: Kind::Card, start, end })
}

/// How a number is written so far.
#[derive(Default)]
struct Written {
    plus: bool,
    /// The area stands in brackets, at the front.
    area: bool,
    cue: bool,
    other: bool,
    digits: u32,
    /// The first digits: at most four.
    head: u32,
    /// The length of each group, four bits each, the last one lowest.
    shape: u32,
    dashed: bool,
}

impl Written {
    /// Whether it is a phone number as it stands.
    fn is_phone(&self) -> bool {
        let n = self.digits;
        let ahead = |count: u32| self.head / 10_u32.pow(n.min(4).saturating_sub(count));
        let first = ahead(1);
        if self.plus {
            return (8..=15).contains(&n) && first > 0;
        }
        if self.cue && (7..=15).contains(&n) {
            return true;
        }
        if self.other {
            return false;
        }
        if self.area {
            return (8..=13).contains(&n) && !matches!(self.head, 1900..=2099);
        }
        if first == 0 {
            let zeros = ahead(2) == 0;
            let pairs = self.shape & 0x000F_FFFF == 0x22222;
            let contiguous = self.shape < 16;
            return match n {
                _ if self.shape >> (4 * (31 - self.shape.leading_zeros()) / 4 & 28) == 1 => false,
                _ if zeros => (11..=15).contains(&n) && ahead(3) > 0 && !contiguous,
                9..=12 if pairs || self.shape & 0xFFF == 0x222 => n == 10 && pairs || n == 9 && !contiguous,
                9 => !contiguous,
                10 | 11 => true,
                12 => !contiguous || ahead(2) == 1,
                _ => false,
            };
        }
        match self.shape {
            0x334 => first > 1,
            0x1334 | 0x13322 => first == 1 || first == 8,
            0x55 => first > 5,
            0x344 | 0xB => (13..=19).contains(&ahead(2)),
            0x254 | 0x244 => self.dashed,
            0x333 => self.dashed && first > 4,
            _ => false,
        }
    }
}

/// A phone number that begins here; the longest that fits.
pub(super) fn phone(text: Text<'_>, start: usize) -> Option<Find> {
    let (before, ahead) = text.before(start);
    let (class, next) = text.at(start);
    let mut written = Written { plus: class == b'+', ..Written::default() };
    // A later part of a longer number, a price, a part of an address or of a sum.
    let is_part = match before {
        b' ' => text.before(ahead).0.is_ascii_digit(),
        _ => b"$#/=&@\\^-+".contains(&before),
    };
    if !is_free(text, start) || !written.plus && is_part {
        return None;
    }
    (written.cue, written.other) = (called(text, start, CUES), called(text, start, OTHERS));
    let mut place = if class.is_ascii_digit() { start } else { next };
    let (mut end, mut mark) = (None, 0);
    written.area = class == b'(';
    for _ in 0..8 {
        let from = place;
        while let Some(digit) = text.digit(place) {
            if written.digits < 4 {
                written.head = written.head * 10 + digit;
            }
            written.digits += 1;
            place = text.at(place).1;
            if written.digits > 15 {
                return end;
            }
        }
        let group = text.0.get(from..place).map_or(0, |group| group.chars().count());
        #[allow(clippy::cast_possible_truncation)] // at most 15
        (written.shape = written.shape << 4 | group as u32);
        if group == 0 {
            break;
        }
        if written.shape == 0x224 || written.shape == 0x422 {
            // A date, if it has ended.
            let is_date = matches!(mark, b'.' | b'-' | b'/') && text.class(place) != mark;
            if is_date && end.is_none() {
                return Some(Find { kind: Kind::Passed, start, end: place });
            }
        }
        if written.shape & 0x00FF_FFFF == 0x22_2222 {
            // Five pairs are a number in France; six are lottery numbers.
            end = None;
        } else if ends(text, place) && written.is_phone() {
            end = Some(Find { kind: Kind::Phone, start, end: place });
        }
        let (after, wide) = separator(text, place);
        if after == place || end.is_some() && (wide || text.class(after - 1) == b'(') || end.is_some() && text.digit(text.at(after).1).is_none() {
            break;
        }
        mark = text.class(place);
        written.dashed = mark == b'-';
        place = after;
    }
    end
}

/// Where the next group begins, and whether a mark with spaces around stands between.
fn separator(text: Text<'_>, from: usize) -> (usize, bool) {
    let (mut place, mut marks, mut spaces) = (from, 0, 0);
    for _ in 0..4 {
        let (class, next) = text.at(place);
        match class {
            b' ' => spaces += 1,
            b'-' | b'.' | b'/' => marks += 1,
            b'(' | b')' => {}
            _ => break,
        }
        place = next;
    }
    let fits = text.digit(place).is_some() && marks < 2 && spaces < 3 && !(marks > 0 && spaces > 0 && text.class(from) == b'.');
    if fits { (place, marks > 0 && spaces > 0) } else { (from, false) }
}

/// Whether a number may end here.
fn ends(text: Text<'_>, place: usize) -> bool {
    let (after, next) = text.at(place);
    let far = text.class(next);
    !is_word(after)
        && !matches!(after, b'%' | b'$')
        && !(matches!(after, b'.' | b',' | b':') && far.is_ascii_digit())
        && !(after == b'-' && is_word(far) && !far.is_ascii_digit())
        && !(after == b' ' && far == b'$')
}

/// Whether one of the last words before a place is one of these; short words may stand between.
fn called(text: Text<'_>, place: usize, list: &str) -> bool {
    let mut place = place;
    for _ in 0..3 {
        let (start, end) = word_before(text, place);
        let word = text.part(start, end);
        if begins(word, list) {
            return true;
        }
        if word.is_empty() || word.len() > 4 {
            return false;
        }
        place = start;
    }
    false
}
