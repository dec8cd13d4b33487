//! What identifies a person or opens a door, found in texts and replaced by a mark such as `[email]`: addresses, numbers
//! and secrets go before anything is learned, kept or sent (docs/privacy.md; decision 14).
//!
//! One pass looks at each character; a finder that is tried at a place looks a bounded way around it, and what it finds
//! is not read again. Of ASCII texts in which nothing is found nothing is copied.

mod email;
mod iban;
mod ip;
mod number;
mod object;
mod secret;
mod text;
mod url;

pub use object::{candidate, feedback, object, signal};

use crate::feature::Str;
use text::{at, fold, is_plain, is_word};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The number of a payment card; its check digit fits (Luhn).
    Card,
    /// An IBAN; its check digits fit (mod 97).
    Iban,
    /// An IP address, version 4 or 6.
    Ip,
    /// A key, a token or a password.
    Secret,
    /// User and password in a URL.
    Credentials,
    /// Nothing, but what looks like something: a date, a picture in base64, a public key.
    Passed,
}

/// What stands in the text instead of each kind.
const MARKS: [&str; 8] = ["[email]", "[phone]", "[card]", "[iban]", "[ip]", "[secret]", "[credentials]", ""];

impl Kind {
    /// What stands in the text instead.
    #[must_use]
    pub fn mark(self) -> &'static str {
        MARKS.get(self as usize).copied().unwrap_or_default()
    }
}

/// A place in a text, in bytes, and what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Find {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A pass over a text.
struct Scan<'a> {
    text: &'a [u8],
    finds: Vec<Find>,
    /// Where it goes on.
    next: usize,
    /// Up to where tokens were looked at.
    tokens: usize,
}

impl Scan<'_> {
    /// Notes a find. An address may begin before what was found in it; its end may be that of a password before a host.
    #[inline(never)]
    fn found(&mut self, kind: Kind, start: usize, end: usize) -> bool {
        while self.finds.last().is_some_and(|last| last.start >= start) {
            self.finds.pop();
        }
        if self.finds.last().is_some_and(|last| last.end > start) {
            return false;
        }
        if kind as u8 != Kind::Passed as u8 {
            self.finds.push(Find { kind, start, end });
        }
        self.next = self.next.max(end);
        true
    }

    fn look(&mut self, place: usize) {
        let class = at(self.text, place);
        let begins = !is_word(text::before(self.text, place));
        let _ = match class {
            b'@' => email::find(self, place),
            b':' | b'=' => url::find(self, place) || secret::assigned(self, place),
            b'-' => secret::pem(self, place),
            b',' => secret::data(self, place),
            b'+' | b'(' if begins => number::phone(self, place),
            _ if begins && is_plain(class) => {
                ip::v6(self, place)
                    || iban::find(self, place)
                    || number::card(self, place)
                    || ip::v4(self, place)
                    || number::phone(self, place)
                    || secret::token(self, place)
            }
            _ => false,
        };
    }
}

/// Everything in a text that must not be kept, in its order.
#[must_use]
pub fn find(text: &str) -> Vec<Find> {
    let folded: Vec<u8>;
    let bytes = if text.is_ascii() {
        text.as_bytes()
    } else {
        folded = text.chars().map(fold).collect();
        &folded
    };
    let mut scan = Scan { text: bytes, finds: Vec::new(), next: 0, tokens: 0 };
    while scan.next < bytes.len() {
        let place = scan.next;
        scan.next += 1;
        scan.look(place);
    }
    if bytes.len() < text.len() {
        let mut places = text.char_indices().map(|(place, _)| place).chain([text.len()]);
        let mut passed = 0;
        let mut byte = |character: usize| {
            let place = places.nth(character - passed).unwrap_or_default();
            passed = character + 1;
            place
        };
        let mut last = (0, 0);
        for find in &mut scan.finds {
            // One may begin where the last one ended.
            find.start = if find.start == last.0 && last.0 > 0 { last.1 } else { byte(find.start) };
            last.0 = find.end;
            find.end = byte(find.end);
            last.1 = find.end;
        }
    }
    scan.finds
}

fn once(text: &str) -> Option<String> {
    let finds = find(text);
    let mut out = String::new();
    let mut from = 0;
    for found in &finds {
        out.push_str(text.get(from..found.start).unwrap_or_default());
        out.push_str(found.kind.mark());
        from = found.end;
    }
    if finds.is_empty() {
        return None;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Some(out)
}

/// Whether a text is one short word in which nothing can be found: most categories are, and a server reads thirty of them
/// with each signal. Whatever is found has a mark in it (`@`, `.`, `:`, `=`), four digits or more characters.
fn is_small_word(text: &str) -> bool {
    let is_of_words = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() < secret::SHORTEST
        && text.bytes().all(|byte| is_of_words(&byte))
        && text.bytes().filter(u8::is_ascii_digit).count() < 4
}

/// Most passes over one text.
const PASSES: usize = 8;

/// The text with marks instead of what must not be kept; `None` if there is nothing of that in it.
#[must_use]
pub fn redacted(text: &str) -> Option<String> {
    // The usual entry of the package has no room for it (docs/decisions/0014-redaction-first.md).
    if !cfg!(feature = "redact") {
        return None;
    }
    if is_small_word(text) {
        return None;
    }
    let mut clean = once(text)?;
    // What stood between two finds may now stand alone.
    for _ in 1..PASSES {
        match once(&clean) {
            Some(cleaner) => clean = cleaner,
            None => break,
        }
    }
    Some(clean)
}

/// Redacts a shared string in its place.
pub fn redact(text: &mut Str) {
    if let Some(clean) = redacted(text) {
        *text = clean.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_found_in_a_small_word() {
        let parts = [
            "sk", "-", "_", "pk", "key", "token", "Bearer", "tel", "call", "DE", "0", "7", "12", "a", "F", "x9", "AKIA",
        ];
        let (mut state, mut words) = (7u64, 0);
        for _ in 0..200_000 {
            let mut word = String::new();
            loop {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                word.push_str(parts[(state >> 33) as usize % parts.len()]);
                if state >> 61 == 0 || word.len() > 16 {
                    break;
                }
            }
            if is_small_word(&word) {
                words += 1;
                assert!(find(&word).is_empty(), "{word}");
            }
        }
        assert!(words > 10_000, "{words}");
    }
}
