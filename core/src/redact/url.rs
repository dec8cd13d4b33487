//! User and password in a URL.

use super::text::Text;
use super::{Find, Kind};

/// Longest that is looked at, in characters.
const LONGEST: usize = 256;

/// What stands between `://` and `@`, at the colon of a scheme.
pub(super) fn credentials(text: Text<'_>, place: usize) -> Option<Find> {
    if !text.has(place, "://") || !text.before(place).0.is_ascii_alphanumeric() {
        return None;
    }
    let start = place + 3;
    let (mut at, mut colon, mut end) = (start, None, None);
    for _ in 0..LONGEST {
        let (class, next) = text.at(at);
        match class {
            0..=b' ' | b'/' | b'?' | b'"' | b'<' | b'>' | b'`' => break,
            // The host has ended before.
            b'#' if colon.is_none() => break,
            b':' => colon = colon.or(Some(next)),
            b'@' => end = Some(at),
            _ => {}
        }
        at = next;
    }
    let (colon, end) = (colon?, end?);
    // `${USER}:${PASSWORD}` holds no secret.
    let is_gap = |at| matches!(text.class(at), b'$' | b'{' | b'<');
    (colon < end && !is_gap(start) && !is_gap(colon)).then_some(Find { kind: Kind::Credentials, start, end })
}
