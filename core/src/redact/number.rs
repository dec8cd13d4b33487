//! Card numbers, and phone numbers as they are written around the world.

use super::text::{any, at, before, begins, is_digit, is_word, part, run};
use super::{Kind, Scan};

/// What stands before a phone number.
const CUES: &str = "tel. tels. telf. telef teleph tél phon fon. call ring. mob cell cel. text. txt sms fax whatsapp \
    dial handy móvil tlf hp. ph. appel bel. ruf natel тел зв اتصل تماس טל";
/// What stands before a number that is none, however it looks.
const OTHERS: &str = "order isbn invoice id. ref sku ticket account konto case issn tracking ean upc gtin po. art nhs";

/// Whether a number may begin after what stands before it: no decimal, no part of a time or a larger number.
fn is_free(text: &[u8], start: usize) -> bool {
    let near = before(text, start);
    !(is_word(near) || any(b".,:-'", near) && is_digit(before(text, start - 1)))
}

/// A card's number (ISO/IEC 7812): the lengths that its issuers use, the last digit by Luhn's rule.
pub(super) fn card(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    let (mut place, mut count, mut group, mut head, mut end) = (start, 0, 0, 0, 0);
    // The sums where every second digit is doubled, from the next one or from the last.
    let (mut this, mut other) = (0, 0);
    while count < 19 {
        let class = at(text, place);
        if is_digit(class) {
            let digit = u32::from(class & 15);
            (this, other) = (other + digit, this + digit * 2 - if digit > 4 { 9 } else { 0 });
            if count < 2 {
                head = head * 10 + digit;
            }
            (place, count, group) = (place + 1, count + 1, group + 1);
            let fits = match head {
                34 | 37 => count == 15,
                30 | 36 | 38 | 39 => count == 14,
                40..=49 => count == 16 || count == 19,
                22..=27 | 35 | 50..=59 => count == 16,
                60..=69 => count > 15,
                _ => false,
            };
            if fits && this % 10 == 0 && group > 2 && !is_word(at(text, place)) {
                end = place;
            }
        } else if any(b" -", class) && group > 2 && is_digit(at(text, place + 1)) {
            (place, group) = (place + 1, 0);
        } else {
            break;
        }
    }
    end > 0 && is_free(text, start) && scan.found(Kind::Card, start, end)
}

/// How a number is written so far.
struct Written {
    /// A plus, a bracket or a digit.
    first: u8,
    cue: bool,
    other: bool,
    digits: u32,
    /// The first four digits, from the left.
    head: [u8; 4],
    /// The length of each group, four bits each, the last one lowest.
    shape: u32,
    dashed: bool,
}

impl Written {
    /// Whether it is a phone number as it stands.
    fn is_phone(&self) -> bool {
        let (n, [a, b, c, _]) = (self.digits, self.head);
        if self.first == b'+' {
            return n > 7 && a > b'0';
        }
        if self.cue && n > 6 {
            return true;
        }
        if self.other {
            return false;
        }
        if self.first == b'(' {
            // Not a year.
            return n > 7 && n < 14 && !matches!([a, b], [b'1', b'9'] | [b'2', b'0']);
        }
        if a == b'0' {
            let grouped = self.shape > 15;
            return match n {
                _ if b == b'0' => n > 10 && c > b'0' && grouped,
                // Five pairs in France, not three or four of another number.
                _ if self.shape & 0xFFF == 0x222 => n == 10 && self.shape == 0x22222,
                9 => grouped,
                12 => grouped || b == b'1',
                _ => n == 10 || n == 11,
            };
        }
        match self.shape {
            0x334 => a > b'1',
            0x1334 | 0x13322 => a == b'1' || a == b'8',
            0x55 => a > b'5',
            0x344 | 0xB => a == b'1' && b > b'2',
            0x254 | 0x244 => self.dashed,
            0x333 => self.dashed && a > b'4',
            _ => false,
        }
    }
}

/// A phone number that begins here; the longest that fits.
pub(super) fn phone(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    let first = at(text, start);
    let near = before(text, start);
    // A later part of a longer number, a price, a part of an address or of a sum.
    let is_part = near == b' ' && is_digit(before(text, start - 1)) || any(b"$#/=&@\\^-+", near);
    let begin = start + usize::from(!is_digit(first));
    // A decimal, or a book's number.
    let is_decimal = first == b'0' && any(b"-.", at(text, start + 1));
    if !is_digit(at(text, begin)) || is_decimal || !is_free(text, start) || first != b'+' && is_part {
        return false;
    }
    let mut written = Written { first, cue: false, other: false, digits: 0, head: [0; 4], shape: 0, dashed: false };
    (written.cue, written.other) = (called(text, start, CUES, 3), called(text, start, OTHERS, 3));
    let (mut place, mut end, mut mark) = (begin, 0, 0);
    loop {
        let from = place;
        while is_digit(at(text, place)) {
            if let Some(digit) = written.head.get_mut(written.digits as usize) {
                *digit = at(text, place);
            }
            (place, written.digits) = (place + 1, written.digits + 1);
        }
        if written.digits > 15 {
            break;
        }
        #[allow(clippy::cast_possible_truncation)] // at most 15
        (written.shape = written.shape << 4 | (place - from) as u32);
        let after = at(text, place);
        if matches!(written.shape, 0x224 | 0x422) && any(b".-/", mark) && after != mark {
            return scan.found(Kind::Passed, start, place);
        }
        if written.shape & 0x00FF_FFFF == 0x22_2222 {
            // Five pairs are a number in France; six are lottery numbers.
            end = 0;
        } else if ends(text, place) && written.is_phone() {
            end = place;
        }
        // Marks with spaces around, in brackets, or one: up to four characters.
        let next = run(text, place, 4, |class| any(b" -./()", class));
        let gap = part(text, place, next);
        let marks = gap.iter().filter(|class| b"-./".contains(class)).count();
        let spaces = gap.iter().filter(|class| **class == b' ').count();
        let is_wide = marks * spaces > 0;
        let is_last =
            !is_digit(at(text, next)) || gap.is_empty() || marks > 1 || spaces > 2 || is_wide && after == b'.';
        // What has been found ends before a dash with spaces, a bracket, and a digit alone.
        if is_last || end > 0 && (is_wide || gap.ends_with(b"(") || !is_digit(at(text, next + 1))) {
            break;
        }
        (place, mark, written.dashed) = (next, after, after == b'-');
    }
    end > 0 && scan.found(Kind::Phone, start, end)
}

/// Whether a number may end here.
fn ends(text: &[u8], place: usize) -> bool {
    let (after, far) = (at(text, place), at(text, place + 1));
    match after {
        b'%' | b'$' => false,
        b'.' | b',' | b':' => !is_digit(far),
        b'-' => !is_word(far) || is_digit(far),
        b' ' => far != b'$',
        _ => !is_word(after),
    }
}

/// Whether one of so many words before a place is one of these; only short words may stand between.
#[inline(never)]
pub(super) fn called(text: &[u8], place: usize, list: &str, words: usize) -> bool {
    let mut place = place;
    for _ in 0..words {
        let mut end = place;
        while place - end < 4 && any(b" :.(\"", before(text, end)) {
            end -= 1;
        }
        let mut start = end;
        while end - start < 16 && is_word(before(text, start)) && !is_digit(before(text, start)) {
            start -= 1;
        }
        if begins(part(text, start, end), list) {
            return true;
        }
        if start == end || end - start > 4 {
            return false;
        }
        place = start;
    }
    false
}
