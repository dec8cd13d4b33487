//! What identifies a person or opens a door, found in texts and replaced by a mark such as `[email]`: addresses, numbers
//! and secrets leave before anything is learned, kept or sent (docs/privacy.md; decision 14).
//!
//! One pass reads each character once; a finder that is tried at a place looks a bounded way around it, and what it
//! finds is not read again. Where nothing is found nothing is allocated.

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
use text::{Text, is_token, is_word};

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

impl Kind {
    /// What stands in the text instead.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Email => "[email]",
            Self::Phone => "[phone]",
            Self::Card => "[card]",
            Self::Iban => "[iban]",
            Self::Ip => "[ip]",
            Self::Secret => "[secret]",
            Self::Credentials => "[credentials]",
            Self::Passed => "",
        }
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

/// Everything in a text that must not be kept, in its order.
#[must_use]
pub fn find(text: &str) -> Vec<Find> {
    let mut finds: Vec<Find> = Vec::new();
    let text = Text(text);
    let (mut place, mut inside) = (0, false);
    // Up to where keys were looked for.
    let mut keys = 0;
    loop {
        let (class, next) = text.at(place);
        if class == 0 && next == place {
            return finds;
        }
        let begins = !inside;
        inside = is_word(class);
        let found = match class {
            b'@' => email::at(text, place),
            b':' | b'=' => url::credentials(text, place).or_else(|| secret::assigned(text, place)),
            b'-' => secret::pem(text, place),
            b'+' | b'(' if begins => number::phone(text, place),
            _ if begins && class.is_ascii_alphanumeric() => {
                ip::v6(text, place).or_else(|| iban::at(text, place)).or_else(|| number::at(text, place)).or_else(|| {
                    let end = text.run(place.max(keys), is_token);
                    let new = place >= keys;
                    keys = end;
                    secret::token(text, place, end, new)
                })
            }
            _ => None,
        };
        place = next;
        // An address may begin before what was found in it; its end may be that of a password before a host.
        while let (Some(last), Some(new)) = (finds.last(), found) && last.start >= new.start {
            finds.pop();
        }
        let found = found.filter(|new| finds.last().is_none_or(|last| last.end <= new.start));
        if let Some(found) = found {
            if found.kind != Kind::Passed {
                finds.push(found);
            }
            place = found.end.max(next);
            inside = is_word(text.before(place).0);
        }
    }
}

/// The text with marks instead of what must not be kept; `None` if there is nothing of that in it.
#[must_use]
pub fn redacted(text: &str) -> Option<String> {
    let finds = find(text);
    let mut out = String::new();
    let mut from = 0;
    for found in &finds {
        out.push_str(text.get(from..found.start).unwrap_or_default());
        out.push_str(found.kind.mark());
        from = found.end;
    }
    out.push_str(if finds.is_empty() { "" } else { text.get(from..).unwrap_or_default() });
    (!finds.is_empty()).then_some(out)
}

/// Redacts a shared string in its place.
pub fn redact(text: &mut Str) {
    if let Some(clean) = redacted(text) {
        *text = clean.into();
    }
}
