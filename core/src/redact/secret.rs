//! Keys, tokens and passwords: by the way they begin, by what they are called, or since they look like nothing else.

use super::text::{any, at, before, begins, has, is_digit, is_plain, is_token, is_word, part, run};
use super::{Kind, Scan};

/// How keys of well-known issuers begin, in small letters.
const BEGINNINGS: &str = "sk- sk_live_ sk_test_ pk_live_ pk_test_ rk_live_ rk_test_ gh github_pat_ glpat- xox xapp- \
    aiza ya29 hf_ npm_ key- shpat_ shpss_ dop_v1_ whsec_ sg gocspx- pypi- eyj";
/// What comes before one in a header.
const HEADERS: &str = "bearer. basic. token.";
/// What they are called: the end of a name, in small letters.
const NAMES: [&str; 15] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passwort",
    "passe",
    "contraseña",
    "senha",
    "пароль",
    "密码",
    "secret",
    "token",
    "apikey",
    "api-key",
    "_key",
];

/// Fewest characters of a token with a known beginning, of one that looks random, and of one without capitals.
pub(super) const SHORTEST: usize = 15;
const RANDOM: usize = 20;
const SMALL: usize = 24;
/// So many characters of a token are judged.
const JUDGED: usize = 256;
/// What is longer, in characters of base64, is no key but data.
const DATA: usize = 200;
/// Most characters of a block between its beginning and its end.
const BLOCK: usize = 8_192;
const ANY: usize = usize::MAX;

/// What a token is made of, in characters.
#[derive(Default)]
struct Looks {
    length: usize,
    /// Others, small letters, capitals, digits.
    count: [usize; 4],
    /// Letters beyond f.
    far: usize,
    /// Changes between small letters, capitals and digits.
    changes: usize,
    /// Letters in runs of four or more of one case, as in words.
    wordy: usize,
}

#[inline(never)]
fn looks(text: &[u8]) -> Looks {
    let mut looks = Looks::default();
    let (mut last, mut same) = (0, 0);
    for class in text {
        let kind = match class {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            _ => 0,
        };
        looks.length += 1;
        if let Some(count) = looks.count.get_mut(kind) {
            *count += 1;
        }
        looks.far += usize::from(class | 32 > b'f' && is_plain(*class));
        same = if kind == last { same + 1 } else { 1 };
        looks.changes += usize::from(kind * last > 0 && same == 1);
        if kind == 1 || kind == 2 {
            looks.wordy += if same == 4 { 4 } else { usize::from(same > 4) };
        }
        last = kind;
    }
    looks
}

const fn is_data(class: u8) -> bool {
    is_token(class) || matches!(class, b'+' | b'/' | b'=' | b'~' | b'.')
}

/// A key that begins here.
pub(super) fn token(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    let whole = start >= scan.tokens;
    let end = run(text, start.max(scan.tokens), ANY, is_token);
    scan.tokens = end;
    let mut last = end;
    // The parts of a JSON web token hang together by dots.
    for _ in 0..4 {
        if at(text, last) == b'.' && is_token(at(text, last + 1)) {
            last = run(text, last + 1, JUDGED * 16, is_token);
        }
    }
    let word = part(text, start, end);
    if at(text, end) == b' ' && begins(word, HEADERS) {
        let start = end + 1;
        let end = run(text, start, JUDGED * 16, is_data);
        let [_, _, _, digits] = looks(part(text, start, end)).count;
        return end - start > SHORTEST && digits > 0 && scan.found(Kind::Secret, start, end);
    }
    // Most words end here.
    if last - start < SHORTEST {
        return false;
    }
    let Looks { length, count: [_, lower, upper, digits], far, changes, wordy } =
        looks(part(text, start, last.min(start + JUDGED)));
    let is_amazon = length == RANDOM && lower == 0 && digits > 0 && begins(word, "akia asia");
    let is_known = begins(word, BEGINNINGS)
        && digits > 1
        && wordy * 2 < length
        && (word.iter().any(|class| b"-_".contains(class)) || last > end || upper > 2);
    if is_amazon || is_known {
        return scan.found(Kind::Secret, start, last);
    }
    if !whole {
        return false;
    }
    let data = run(text, start, ANY, |class| is_data(class) && class != b'.');
    let is_public = has(text, start, b"AAAA") || has(text, start, b"sha") && is_digit(at(text, start + 3));
    if data - start > DATA || is_public {
        return scan.found(Kind::Passed, start, data);
    }
    // No person made it up and no program named something so.
    let is_mixed = lower > 1 && upper > 1 && length >= RANDOM || upper == 0 && length >= SMALL;
    let is_random = is_mixed && far > 1 && digits > 1 && changes * 10 >= length * 3 && wordy * 4 < length;
    is_random && end - start >= RANDOM && scan.found(Kind::Secret, start, last)
}

/// What a URL carries in base64: pictures, mostly.
pub(super) fn data(scan: &mut Scan<'_>, place: usize) -> bool {
    let text = scan.text;
    has(text, place.wrapping_sub(6), b"base64") && {
        let end = run(text, place + 1, ANY, is_data);
        scan.found(Kind::Passed, place, end)
    }
}

/// The value of something that is called a password or a key, at the colon or the sign between them.
pub(super) fn assigned(scan: &mut Scan<'_>, place: usize) -> bool {
    let text = scan.text;
    let mut ends = place;
    // `config["token"] =`, but not the mark `[secret]`.
    while matches!(before(text, ends), b' ' | b'"' | b'\'') || has(text, ends.wrapping_sub(2), b"\"]") {
        ends -= 1;
    }
    if !is_word(before(text, ends)) && before(text, ends) < 0x80 {
        return false;
    }
    let Some(begin) = NAMES.iter().find_map(|name| {
        let begin = ends.checked_sub(name.chars().count())?;
        begins(part(text, begin, ends), name).then_some(begin)
    }) else {
        return false;
    };
    let start = run(text, place + 1, 4, |class| matches!(class, b' ' | b'"' | b'\''));
    // Paths, variables and what is to be filled in.
    if any(b"/$<{%*.", at(text, start)) {
        return false;
    }
    let fits = |class: u8| is_word(class) || class.is_ascii_graphic() && !any(b"\"'`,;&<>(){}[]|", class);
    let mut end = run(text, start, JUDGED, fits);
    let Looks { length, count: [_, lower, upper, digits], .. } = looks(part(text, start, end));
    let is_long = length >= 8 && lower > 0 && any(b"?&", before(text, begin));
    let is_secret = digits > 0 && (length > 4 && lower + upper > 0 || length > 5 && digits == length) || is_long;
    if !is_secret || at(text, end) == b'(' {
        return false;
    }
    end = run(text, end, ANY, fits);
    while before(text, end) == b'.' {
        end -= 1;
    }
    scan.found(Kind::Secret, start, end)
}

/// A block of PEM: a private key is a secret, to the end of the text if it has none; anything else is passed over.
pub(super) fn pem(scan: &mut Scan<'_>, start: usize) -> bool {
    let text = scan.text;
    if !has(text, start, b"-----BEGIN ") {
        return false;
    }
    let find = |from: usize, most: usize, what: &[u8]| {
        (from..from + most).find(|place| at(text, *place) == b'-' && has(text, *place, what))
    };
    let Some(name) = find(start + 11, 64, b"-----") else { return false };
    let is_private = part(text, start, name).ends_with(b"PRIVATE KEY");
    let end = find(name, BLOCK, b"-----END ").and_then(|end| find(end + 9, 64, b"-----"));
    match end {
        Some(end) => scan.found(if is_private { Kind::Secret } else { Kind::Passed }, start, end + 5),
        None => is_private && scan.found(Kind::Secret, start, text.len()),
    }
}
