//! E-mail addresses, in any script.

use super::text::{any, at, before, begins, has, is_alone, is_digit, is_plain, is_word, part};
use super::{Kind, Scan};

/// Longest name and longest domain, in characters (RFC 5321, 4.5.3.1).
const NAME: usize = 64;
const DOMAIN: usize = 255;
/// Ends of file names, which are no top-level domains.
const FILES: &str = "png. jpg. jpeg. gif. svg. webp. js. ts. css. html. json.";

/// An address around an @.
pub(super) fn find(scan: &mut Scan<'_>, place: usize) -> bool {
    let text = scan.text;
    let (mut start, mut from) = (place, place);
    while from > 0 && place - from < NAME {
        let class = before(text, from);
        let is_letter = is_plain(class) || class >= 0x80;
        // `请联系ana@…`: a name is in one kind of script.
        if is_letter && is_alone(class) != is_alone(before(text, place)) || class == u8::MAX {
            break;
        }
        if !is_letter && !any(b"._%+-'~", class) {
            break;
        }
        from -= 1;
        if is_letter {
            start = from;
        }
    }
    let end = domain(text, place + 1);
    // `@user@host` names somebody on a network, `://user@host` has no password, and `git@host:path` is a repository.
    let is_other = before(text, from) == b'@' && from == start
        || has(text, start.wrapping_sub(3), b"://")
        || at(text, end) == b':' && part(text, start, place) == b"git";
    start < place && end > 0 && !is_other && scan.found(Kind::Email, start, end)
}

/// Where a domain ends: labels with dots between, the last of letters; 0 if it is none.
fn domain(text: &[u8], start: usize) -> usize {
    let (mut label, mut place, mut end, mut numbers) = (start, start, 0, 0);
    // `@1.2.3`, `@2x.png`: versions and sizes.
    while place - start < DOMAIN {
        let class = at(text, place);
        let fits = is_word(class) && class != b'_' || is_alone(class) || class == b'-' && place > label;
        if fits && is_alone(class) == is_alone(at(text, label)) {
            place += 1;
            continue;
        }
        let word = part(text, label, place);
        let digits = word.iter().filter(|class| is_digit(**class)).count();
        let is_top = label > start
            && word.len() > 1
            && (digits == 0 || begins(word, "xn--"))
            && numbers < 2
            && !begins(word, FILES)
            && before(text, place) != b'-';
        numbers += match word {
            [b'0'..=b'9'] | [b'0'..=b'9', b'x' | b'X'] => 2,
            _ => usize::from(digits == word.len()),
        };
        end = if is_top { place } else { 0 };
        if class != b'.' || word.is_empty() {
            break;
        }
        let next = at(text, place + 1);
        if !(is_plain(next) || next >= 0x80 && next != u8::MAX) {
            break;
        }
        place += 1;
        label = place;
    }
    end
}
