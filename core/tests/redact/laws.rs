//! What holds for every text.

use super::corpus::{self, Case, HALVES, cases};
use flywheel_core::redact::{find, redacted};
use flywheel_core::rng::Rng;

fn all() -> Vec<Case> {
    HALVES.iter().flat_map(|half| cases(half)).collect()
}

/// Texts of the characters that the finders look at, and parts of the corpus between them.
fn noise(count: usize) -> Vec<String> {
    const ALPHABET: [&str; 40] = [
        "0", "1", "2", "4", "5", "9", "00", "+", "(", ")", "-", "-----", ".", "..", "/", "//", ":", "::", "://", "@",
        "=", "\"", " ", "  ", "\n", "a", "f", "DE", "x1", "sk-", "eyJ", "password", "tel", "é", "中", "😀", "０", "٣",
        "\u{a0}", "[",
    ];
    let mut rng = Rng::new(14);
    let parts = all();
    let mut texts = Vec::new();
    for _ in 0..count {
        let mut text = String::new();
        for _ in 0..rng.below(40) {
            if rng.below(9) == 0 {
                let part = &parts[rng.below(parts.len())].text;
                let cut = part.char_indices().map(|(at, _)| at).nth(rng.below(30)).unwrap_or(part.len());
                text.push_str(&part[cut..]);
            } else {
                text.push_str(ALPHABET[rng.below(ALPHABET.len())]);
            }
        }
        texts.push(text);
    }
    texts
}

#[test]
fn finds_stand_in_order_within_the_text_and_between_characters() {
    for text in noise(30_000) {
        let mut from = 0;
        for find in find(&text) {
            assert!(from <= find.start && find.start < find.end, "{find:?} in {text:?}");
            assert!(text.get(find.start..find.end).is_some(), "{find:?} in {text:?}");
            from = find.end;
        }
    }
}

#[test]
fn what_was_redacted_is_redacted() {
    let texts = corpus::variants(&all(), 5_000).into_iter().map(|case| case.text).chain(noise(30_000));
    for text in texts {
        if let Some(clean) = redacted(&text) {
            assert_eq!(redacted(&clean), None, "{text:?}");
        }
    }
}

#[test]
fn a_text_without_finds_is_not_written_anew() {
    assert_eq!(redacted("Nothing of the kind: 3 apples, 2 pears, and that is all."), None);
    assert_eq!(redacted(""), None);
}

/// The work is bounded: no text of 64 KB takes more than a small multiple of what prose takes. Steps are counted in the
/// only way that a test can without a clock, by the time limit of the test run; a quadratic finder takes minutes here.
#[test]
fn hostile_texts_take_no_longer_than_their_length() {
    const BYTES: usize = 64 * 1024;
    for part in [
        "a",
        "0",
        "0 ",
        "a-",
        "sk-",
        "sk-1",
        "a@",
        "@",
        "a.",
        "://",
        "a://",
        "a:b@",
        "-----BEGIN X-----",
        "-----BEGIN PRIVATE KEY",
        "password=",
        "token: ",
        "DE00 ",
        "1.1.1.",
        "2001:",
        "fe80::",
        "(0",
        "+1 ",
        "eyJ.",
        "=",
        ":",
        "-",
        "tel ",
        "é",
        "中",
        "aA1",
        "/",
        "4111 ",
    ] {
        let text = part.repeat(BYTES / part.len());
        let clean = redacted(&text);
        assert!(clean.is_none_or(|clean| clean.len() <= 3 * BYTES), "{part}");
    }
}
