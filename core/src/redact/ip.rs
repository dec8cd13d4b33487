//! IP addresses. Those that identify nobody are left: this machine, masks, networks of one digit each (`1.1.1.1`, which
//! looks like a version), and what is called a version.

use super::text::{Text, begins, is_word, word_before};
use super::{Find, Kind};

/// What numbers with three dots are called that are no addresses.
const VERSIONS: &str = "vers ver. v. release build firmware section rev chapter kapitel update";

/// Four numbers up to 255 with dots between.
pub(super) fn v4(text: Text<'_>, start: usize) -> Option<Find> {
    let (before, ahead) = text.before(start);
    let (far, _) = text.before(ahead);
    if before == b'/' && far != b'/' || matches!(before, b'.' | b'-' | b',') && is_word(far) {
        return None;
    }
    let mut parts = [0; 4];
    let mut place = start;
    for (at, part) in parts.iter_mut().enumerate() {
        if at > 0 {
            if text.class(place) != b'.' {
                return None;
            }
            place += 1;
        }
        let from = place;
        while let Some(digit) = text.digit(place) {
            if place > from && *part == 0 {
                return None;
            }
            *part = *part * 10 + digit;
            if *part > 255 {
                return None;
            }
            place = text.at(place).1;
        }
        if place == from {
            return None;
        }
    }
    let (after, next) = text.at(place);
    let ends = !is_word(after) && !(matches!(after, b'.' | b'-') && is_word(text.class(next)));
    let [first, rest @ ..] = parts;
    let is_network = rest == [0; 3] && after != b'/';
    let is_host = (1..224).contains(&first) && first != 127 && !is_network && parts.iter().any(|part| *part > 9);
    let (from, to) = word_before(text, start);
    (ends && is_host && !begins(text.part(from, to), VERSIONS)).then_some(Find { kind: Kind::Ip, start, end: place })
}

/// Eight groups of hexadecimal digits, or fewer with `::`, in the ranges that are given out: the first group has four
/// digits and begins with 2, 3 or f. So no time, no `std::fmt` and no slice is one.
pub(super) fn v6(text: Text<'_>, start: usize) -> Option<Find> {
    if !matches!(text.class(start), b'2' | b'3' | b'f' | b'F') || text.class(start + 4) != b':' {
        return None;
    }
    let (mut place, mut groups, mut short) = (start, 0, false);
    loop {
        let end = text.run(place, |class| class.is_ascii_hexdigit()).min(place + 5);
        if end == place {
            break;
        }
        if end - place > 4 {
            return None;
        }
        (place, groups) = (end, groups + 1);
        if text.class(place) != b':' {
            break;
        }
        if text.class(place + 1) == b':' {
            if short {
                return None;
            }
            short = true;
            place += 2;
        } else if text.class(place + 1).is_ascii_hexdigit() {
            place += 1;
        } else {
            break;
        }
    }
    if text.class(place) == b'%' {
        place = text.run(place + 1, |class| class.is_ascii_alphanumeric());
    }
    let whole = if short { groups < 8 } else { groups == 8 };
    (whole && !is_word(text.class(place))).then_some(Find { kind: Kind::Ip, start, end: place })
}
