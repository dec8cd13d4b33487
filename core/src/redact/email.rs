//! E-mail addresses, in any script.

use super::text::{LETTER, Text, UNSPACED};
use super::{Find, Kind};

/// Longest name and longest domain, in characters (RFC 5321, 4.5.3.1).
const NAME: usize = 64;
const DOMAIN: usize = 255;
/// Ends of file names and versions, which are no top-level domains.
const FILES: [&str; 12] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "css", "html", "json", "x"];

/// An address around an @.
pub(super) fn at(text: Text<'_>, place: usize) -> Option<Find> {
    let start = name(text, place)?;
    let end = domain(text, text.at(place).1)?;
    // `git@host:path` is a repository.
    let is_repository = text.part(start, place) == "git" && text.class(end) == b':';
    // A user before a host, without a password.
    let is_user = text.has(start.wrapping_sub(3), "://");
    (!is_repository && !is_user).then_some(Find { kind: Kind::Email, start, end })
}

/// Where the name before an @ begins.
fn name(text: Text<'_>, end: usize) -> Option<usize> {
    let (mut at, mut start, mut unspaced) = (end, None, None);
    for _ in 0..NAME {
        let (class, before) = text.before(at);
        let is_letter = class.is_ascii_alphanumeric() || matches!(class, LETTER | UNSPACED);
        // `请联系ana@…`: the name is in one kind of script.
        if is_letter && *unspaced.get_or_insert(class == UNSPACED) != (class == UNSPACED) {
            break;
        }
        if !is_letter && !matches!(class, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'~') {
            // `@user@host` names somebody on a network, not a mailbox.
            return if class == b'@' { None } else { start };
        }
        at = before;
        if is_letter {
            start = Some(at);
        }
    }
    start
}

/// Where the domain after an @ ends: labels with dots between, the last of letters.
fn domain(text: Text<'_>, start: usize) -> Option<usize> {
    let (mut label, mut place, mut end, mut labels) = (start, start, None, 0);
    let mut unspaced = None;
    let mut digits = 0;
    let mut numeric = 0;
    for _ in 0..=DOMAIN {
        let (class, next) = text.at(place);
        let is_letter = class.is_ascii_alphabetic() || matches!(class, LETTER | UNSPACED);
        let fits = is_letter && *unspaced.get_or_insert(class == UNSPACED) == (class == UNSPACED)
            || class.is_ascii_digit()
            || class == b'-' && place > label;
        if fits {
            digits += usize::from(class.is_ascii_digit());
            place = next;
            continue;
        }
        let word = text.part(label, place);
        let dashed = word.ends_with('-');
        if word.is_empty() {
            break;
        }
        labels += 1;
        // `@2x.png`, `@1.2.3-rc`: sizes and versions.
        numeric += usize::from(digits == word.len() || labels == 1 && digits > 0 && word.ends_with('x'));
        let is_top = labels > 1
            && word.chars().count() > 1
            && !dashed
            && (digits == 0 || word.starts_with("xn--"))
            && !FILES.iter().any(|file| word.eq_ignore_ascii_case(file));
        if is_top && (numeric == 0 || labels == 2 && numeric == 1 && digits == 0 && text.part(start, label).len() > 3) {
            end = Some(place);
        } else if labels > 1 {
            end = None;
        }
        if class != b'.' {
            break;
        }
        (place, label, digits, unspaced) = (next, next, 0, None);
    }
    end
}
