//! IP addresses. Those that identify nobody are left: this machine, masks, addresses of four single digits (`1.1.1.1`,
//! which look like versions), and what is called a version.

use super::text::{any, at, before, is_digit, is_plain, is_word, run};
use super::{Kind, Scan, number};

/// What numbers with three dots are called that are no addresses.
const VERSIONS: &str = "vers ver. v. release build firmware section rev chapter kapitel update";

/// Four numbers up to 255 with dots between.
pub(super) fn v4(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    let (near, far) = (before(text, start), before(text, start.wrapping_sub(1)));
    if near == b'/' && far != b'/' || any(b".-,", near) && is_word(far) {
        return false;
    }
    let (mut place, mut all, mut dots) = (start, 0_u32, 0);
    loop {
        let (from, mut part) = (place, 0);
        while is_digit(at(text, place)) && place < from + 3 {
            part = part * 10 + u32::from(at(text, place) & 15);
            place += 1;
        }
        if place == from || part > 255 || at(text, from) == b'0' && place > from + 1 {
            return false;
        }
        all = all << 8 | part;
        if dots == 3 {
            break;
        }
        if at(text, place) != b'.' {
            return false;
        }
        (place, dots) = (place + 1, dots + 1);
    }
    let after = at(text, place);
    let first = all >> 24;
    let goes_on = is_word(after) || any(b".-", after) && is_word(at(text, place + 1));
    let is_host = first > 0 && first < 224 && first != 127 && (all << 8 > 0 || after == b'/') && place - start > 7;
    !goes_on && is_host && !number::called(text, start, VERSIONS, 1) && scan.found(Kind::Ip, start, place)
}

/// Eight groups of hexadecimal digits, or fewer with `::`, in the ranges that are given out: the first group has four
/// digits and begins with 2, 3 or f. So no time, no `std::fmt` and no slice is one.
pub(super) fn v6(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    if !any(b"23fF", at(text, start)) || at(text, start + 4) != b':' {
        return false;
    }
    let (mut place, mut groups, mut short) = (start, 0, 0);
    while groups < 9 {
        let end = run(text, place, 4, |class| class.is_ascii_hexdigit());
        if end == place {
            break;
        }
        (place, groups) = (end, groups + 1);
        let colons = run(text, place, 2, |class| class == b':') - place;
        if colons == 0 || colons == 1 && !is_plain(at(text, place + 1)) {
            break;
        }
        short += colons - 1;
        place += colons;
    }
    if at(text, place) == b'%' {
        place = run(text, place + 1, 16, is_plain);
    }
    let whole = if short == 0 { groups == 8 } else { short == 1 && groups < 8 };
    whole && !is_word(at(text, place)) && scan.found(Kind::Ip, start, place)
}
