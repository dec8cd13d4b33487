//! User and password in a URL.

use super::text::{any, at, before, has, is_plain};
use super::{Kind, Scan};

/// Longest that is looked at, in characters.
const LONGEST: usize = 256;

/// What stands between `://` and `@`, at the colon of a scheme.
pub(super) fn find(scan: &mut Scan<'_>, place: usize) -> bool {
    let text = scan.text;
    if !has(text, place, b"://") || !is_plain(before(text, place)) {
        return false;
    }
    let start = place + 3;
    let (mut colon, mut end) = (0, 0);
    for place in start..start + LONGEST {
        match at(text, place) {
            0..=b' ' | b'/' | b'?' | b'"' | b'<' | b'>' | b'`' => break,
            // The host has ended before.
            b'#' if colon == 0 => break,
            b':' if colon == 0 => colon = place + 1,
            b'@' => end = place,
            _ => {}
        }
    }
    // `${USER}:${PASSWORD}` holds no secret.
    let is_gap = |place| any(b"${<", at(text, place));
    colon > 0 && colon < end && !is_gap(start) && !is_gap(colon) && scan.found(Kind::Credentials, start, end)
}
