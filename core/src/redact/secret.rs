//! Keys, tokens and passwords: by the way they begin, by what they are called, or since they look like nothing else.

use super::text::{LETTER, Text, is_token};
use super::{Find, Kind};
use crate::rewrite::cut;

/// How keys of well-known issuers begin.
const BEGINNINGS: &str = "sk- sk_live_ sk_test_ pk_live_ pk_test_ rk_live_ rk_test_ ghp_ gho_ ghu_ ghs_ ghr_ \
    github_pat_ glpat- xoxa- xoxb- xoxp- xoxr- xoxs- xapp- AIza ya29. hf_ npm_ key- shpat_ shpss_ dop_v1_ whsec_ SG. \
    GOCSPX- pypi- eyJ";
/// What they are called: the end of a name, in small letters.
const NAMES: &str = "password passwd pwd passphrase passwort passe contraseña senha пароль 密码 secret token apikey \
    api_key api-key access_key secret_key private_key";

/// Fewest characters of a token with a known beginning.
const SHORTEST: usize = 15;
/// Fewest characters of a token that looks random, and of one without capitals.
const RANDOM: usize = 20;
const SMALL: usize = 24;
/// So many characters of a token are judged.
const JUDGED: usize = 256;
/// What is longer, in characters of base64, is no key but data.
const DATA: usize = 200;

/// What a token is made of.
#[derive(Default)]
struct Looks {
    lower: usize,
    upper: usize,
    digits: usize,
    /// Letters beyond f.
    far: usize,
    /// Changes between small letters, capitals and digits.
    changes: usize,
    /// Letters in runs of four or more of one case, as in words.
    wordy: usize,
    length: usize,
}

fn looks(text: &str) -> Looks {
    let mut looks = Looks::default();
    let (mut last, mut run) = (0, 0);
    for byte in text.bytes().take(JUDGED) {
        let kind = match byte {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            _ => 0,
        };
        looks.length += 1;
        looks.lower += usize::from(kind == 1);
        looks.upper += usize::from(kind == 2);
        looks.digits += usize::from(kind == 3);
        looks.far += usize::from(byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit());
        looks.changes += usize::from(kind != 0 && last != 0 && kind != last);
        run = if kind == last { run + 1 } else { 1 };
        if kind == 1 || kind == 2 {
            looks.wordy += match run {
                4 => 4,
                5.. => 1,
                _ => 0,
            };
        }
        last = kind;
    }
    looks
}

impl Looks {
    /// Whether no person made it up and no program named something so.
    const fn is_random(&self) -> bool {
        let mixed = self.lower > 1 && self.upper > 1 && self.length >= RANDOM
            || self.upper == 0 && self.length >= SMALL;
        mixed && self.far > 1 && self.digits > 1 && self.changes * 10 >= self.length * 3 && self.wordy * 4 < self.length
    }
}

const fn is_data(class: u8) -> bool {
    is_token(class) || matches!(class, b'+' | b'/' | b'=')
}

/// The end of a token with all that hangs on it by dots, as the parts of a JSON web token do.
fn dotted(text: Text<'_>, end: usize) -> usize {
    let mut end = end;
    while text.class(end) == b'.' && is_token(text.class(end + 1)) {
        end = text.run(end + 1, is_token);
    }
    end
}

/// A key that begins here; `end` is where the run of token characters ends, `whole` says whether it begins here too.
pub(super) fn token(text: Text<'_>, start: usize, end: usize, whole: bool) -> Option<Find> {
    let find = |end| Some(Find { kind: Kind::Secret, start, end });
    let run = text.part(start, end);
    // What comes before one in a header.
    if matches!(run, "bearer" | "Bearer" | "Basic" | "Token") && text.class(end) == b' ' {
        let end = text.run(end + 1, |class| is_data(class) || matches!(class, b'.' | b'~'));
        let start = start + run.len() + 1;
        let shown = looks(text.part(start, end));
        let is_key = shown.length >= 16 && shown.digits > 0;
        return is_key.then_some(Find { kind: Kind::Secret, start, end });
    }
    let last = dotted(text, end);
    // Most words end here.
    if last - start < SHORTEST {
        return None;
    }
    if end - start == 20 && (run.starts_with("AKIA") || run.starts_with("ASIA")) {
        let shown = looks(run);
        if shown.lower == 0 && shown.digits > 0 {
            return find(end);
        }
    }
    for beginning in BEGINNINGS.split(' ') {
        if text.has(start, beginning) {
            let tail = looks(text.part(start + beginning.len(), last));
            let is_web_token = beginning != "eyJ" || last > end;
            if tail.length >= 12 && tail.digits > 1 && tail.wordy * 2 < tail.length && is_web_token {
                return find(last);
            }
        }
    }
    if !whole {
        return None;
    }
    let data = text.run(start, is_data);
    let is_public = run.starts_with("AAAA")
        || run.starts_with("sha") && text.digit(start + 3).is_some()
        || (7..10).any(|back| text.has(start.wrapping_sub(back), "base64,"));
    if data - start > DATA || is_public {
        return Some(Find { kind: Kind::Passed, start, end: data });
    }
    if looks(run).is_random() { find(last) } else { None }
}

/// The value of something that is called a password or a key, at the colon or the sign between them.
pub(super) fn assigned(text: Text<'_>, place: usize) -> Option<Find> {
    let mut name_end = place;
    for _ in 0..3 {
        match text.before(name_end) {
            (b' ' | b'"' | b'\'', before) => name_end = before,
            // `config["token"] =`, but not the mark `[secret]`.
            (b']', before) if matches!(text.before(before).0, b'"' | b'\'') => name_end = before,
            _ => break,
        }
    }
    let name = NAMES.split(' ').find(|name| {
        let part = name_end.checked_sub(name.len()).and_then(|from| text.0.as_bytes().get(from..name_end));
        part.is_some_and(|part| part.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    let name_start = text.0.get(..name_end - name.len()).map_or(0, str::len);
    let mut start = text.at(place).1;
    for _ in 0..4 {
        match text.at(start) {
            (b' ' | b'"' | b'\'', next) => start = next,
            _ => break,
        }
    }
    // Paths, variables and what is to be filled in.
    if matches!(text.class(start), b'/' | b'$' | b'<' | b'{' | b'%' | b'*' | b'.') {
        return None;
    }
    let mut end = text.run(start, |class| {
        class == LETTER || class.is_ascii_graphic() && !br#""'`,;&<>(){}[]|"#.contains(&class)
    });
    if text.class(end) == b'(' {
        return None;
    }
    while end > start && text.class(end - 1) == b'.' {
        end -= 1;
    }
    let shown = looks(text.part(start, end));
    let in_query = matches!(text.before(name_start).0, b'?' | b'&') && shown.length >= 8 && shown.lower > 0;
    let is_secret = shown.length >= 5 && shown.digits > 0 && shown.lower + shown.upper > 0
        || shown.length >= 6 && shown.digits == shown.length
        || in_query;
    is_secret.then_some(Find { kind: Kind::Secret, start, end })
}

/// A block of PEM: a private key is a secret, anything else is passed over.
pub(super) fn pem(text: Text<'_>, start: usize) -> Option<Find> {
    let begin = "-----BEGIN ";
    if !text.has(start, begin) {
        return None;
    }
    let (name, body) = cut(text.0.get(start + begin.len()..)?, "-----")?;
    // A block without an end goes on to the end of the text.
    let end = cut(body, "-----END ").and_then(|(_, end)| cut(end, "-----")).map_or(text.0.len(), |(_, rest)| {
        text.0.len() - rest.len()
    });
    let kind = if name.ends_with("PRIVATE KEY") { Kind::Secret } else { Kind::Passed };
    Some(Find { kind, start, end })
}
