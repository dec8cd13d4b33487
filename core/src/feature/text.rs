//! Which words a text uses.
//!
//! They may not leave the device without consent to share text, hashed or not: a dictionary undoes a hash.

use super::hash::{self, Kind};
use super::letter::{is_capital, is_digit, is_letter, lower};
use super::limits;
use super::summed;
use super::value::is_unspaced;
use crate::math;

/// How much a word, a mark of punctuation, two of them in a row or their shapes count, and the most that any of these
/// counts.
pub const TOKEN: f64 = 0.7;
/// How much three letters in a row count: they carry spelling and endings from word to word.
const TRIGRAM: f64 = 0.35;
/// The sum of squares up to which words count in full: about forty of them.
const ROOM: f64 = 20.0;

/// By how much words count less where the sum of their squares is `size`: all of them together grow with the square
/// root of it. Without that a long text's words drown its form; if they did not grow at all, a long text would say no
/// more than a short one.
#[must_use]
pub fn share(size: f64) -> f64 {
    math::sqrt(math::sqrt(ROOM / size.max(ROOM)))
}

/// Hands hashes and weights to `add`: of each token, of each two tokens in a row, of the shapes of each two tokens in
/// a row, and of each three letters in a row; at most [`limits::GRAMS`] for tokens and as many for letters.
///
/// A token is a run of letters and digits of any script, as it is spelled, or a single other character that is not a
/// space; in scripts without spaces each letter. Its shape is whether it begins with a capital, a small letter or a
/// digit and goes on with a capital, or which mark it is; beginning and end of the text are shapes too. So a habit such
/// as a capital after a full stop is learned once for all words. Letters are taken in lower case, with a space before
/// and after the text. `prefix` names the field that the text is in.
pub fn words(prefix: &str, text: &str, mut add: impl FnMut(u32, f64)) {
    tokens(prefix, text, &mut |hash| add(hash, TOKEN));
    trigrams(prefix, text, &mut |hash| add(hash, TRIGRAM));
}

/// Whether a character is part of a longer word. In scripts without spaces each stands alone.
pub(super) const fn in_word(c: char) -> bool {
    (is_letter(c) || is_digit(c) || c == '\'') && !is_unspaced(c)
}

fn tokens(prefix: &str, text: &str, add: &mut dyn FnMut(u32)) {
    let states = [Kind::Pair, Kind::Shape].map(|kind| hash::name(kind, prefix));
    let word_state = hash::name(Kind::Word, prefix);
    let pairs = |before: &[u32; 2], after: &[u32; 2], add: &mut dyn FnMut(u32)| {
        for ((state, before), after) in states.iter().zip(before).zip(after) {
            add(hash::finish(hash::fnv(hash::fnv(*state, &before.to_le_bytes()), &after.to_le_bytes())));
        }
    };
    const EDGE: [u32; 2] = [0, 0];
    let (mut rest, mut before) = (text.trim_start(), EDGE);
    for _ in 0..limits::GRAMS / 3 - 1 {
        let Some(first) = rest.chars().next() else { break };
        let length = if in_word(first) { rest.find(|c| !in_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = tail.trim_start();
        let spelled = hash::fnv(hash::START, token.as_bytes());
        add(hash::finish(hash::fnv(word_state, &spelled.to_le_bytes())));
        let now = [spelled, shape(token)];
        pairs(&before, &now, add);
        before = now;
    }
    if before != EDGE {
        pairs(&before, &EDGE, add);
    }
}

/// What a token looks like, as a number: letters and digits by kind, everything else as it is.
fn shape(token: &str) -> u32 {
    let mut letters = token.chars();
    let kind = |c: char| match c {
        c if is_capital(c) => 1,
        c if is_letter(c) => 2,
        c if is_digit(c) => 3,
        c => u32::from(c),
    };
    let first = letters.next().map_or(0, kind);
    first + if letters.next().is_some_and(is_capital) { 4 } else { 0 }
}

fn trigrams(prefix: &str, text: &str, add: &mut dyn FnMut(u32)) {
    let state = hash::name(Kind::Trigram, prefix);
    let letters = text.chars().map(lower);
    let (mut first, mut second) = ('\0', ' ');
    for third in letters.chain(core::iter::once(' ')).take(limits::GRAMS) {
        if first != '\0' {
            let hash = [first, second, third].iter().fold(state, |h, c| hash::fnv(h, &u32::from(*c).to_le_bytes()));
            add(hash::finish(hash));
        }
        (first, second) = (second, third);
    }
}

/// The share of words that were deleted or inserted between two texts, in [0, 1]: 0 for the same words, 1 for none in
/// common. Word order is not looked at, so it is linear in the length of both but for a sort of hashes.
#[must_use]
pub fn share_edited(shown: &str, corrected: &str) -> f64 {
    let mut words = Vec::new();
    for (text, sign) in [(shown, 1.0), (corrected, -1.0)] {
        let mut begun = None;
        for c in text.chars().chain([' ']) {
            if !c.is_whitespace() {
                begun = Some(hash::fnv(begun.unwrap_or(hash::START), &u32::from(c).to_le_bytes()));
            } else if let Some(word) = begun.take() {
                words.push((word, sign));
            }
        }
    }
    #[allow(clippy::cast_precision_loss)] // counts of words, far below 2⁵³
    let total = words.len().max(1) as f64;
    summed(words).iter().map(|(_, more)| f64::abs(*more)).sum::<f64>() / total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<u32> {
        let mut all = Vec::new();
        words("text", text, |hash, _| all.push(hash));
        all
    }

    #[test]
    fn words_are_seen_in_any_script_and_spaces_do_not_matter() {
        let tokens_of = |text: &str| {
            let mut all = Vec::new();
            tokens("text", text, &mut |hash| all.push(hash));
            all
        };
        // Words, marks, and with both edges of the text five pairs of them and of their shapes.
        assert_eq!(tokens_of("Hello, world!").len(), 4 + 5 + 5);
        assert_eq!(tokens_of("  Hello ,world !  "), tokens_of("Hello, world!"));
        assert_eq!(tokens_of("Привет мир").len(), 2 + 3 + 3);
        assert_eq!(tokens_of("it's").len(), 1 + 2 + 2);
        // Where no spaces are written each letter is a word.
        assert_eq!(tokens_of("東京都").len(), 3 + 4 + 4);
        assert_ne!(tokens_of("us"), tokens_of("US"));
        assert!(tokens_of(" \n ").is_empty());
    }

    #[test]
    fn misspelled_words_share_most_of_their_letters() {
        let letters = |text: &str| {
            let mut all = Vec::new();
            trigrams("text", text, &mut |hash| all.push(hash));
            all
        };
        let (right, wrong) = (letters("developed"), letters("developped"));
        assert!(wrong.iter().filter(|hash| right.contains(hash)).count() * 2 > wrong.len());
        assert_eq!(letters("ÄB"), letters("äb"));
    }

    #[test]
    fn a_habit_of_writing_is_the_same_for_all_words() {
        let shapes = |text: &str| -> Vec<u32> {
            let mut all = Vec::new();
            tokens("text", text, &mut |hash| all.push(hash));
            // Word, then pair and shape of it with the one before; at the end pair and shape.
            let at = |place: usize| all.get(place).copied();
            (0..all.len()).filter(|place| place % 3 == 2).chain([all.len() - 1]).filter_map(at).collect()
        };
        assert_eq!(shapes("It rains. We stay."), shapes("He knows. So what."));
        assert_ne!(shapes("It rains. We stay."), shapes("It rains. we stay."));
        assert_ne!(shapes("it rains"), shapes("It rains"));
        assert_ne!(shapes("it rains"), shapes("it rains."));
        assert_ne!(shapes("STOP it"), shapes("Stop it"));
        assert_eq!(shapes("Это так"), shapes("Das da"));
    }

    #[test]
    fn a_long_text_gives_a_bounded_number_of_features() {
        assert!(hashes(&"a b c d ".repeat(100_000)).len() <= 2 * limits::GRAMS);
    }

    #[test]
    fn share_edited_is_zero_for_the_same_and_one_for_nothing_in_common() {
        assert_eq!(share_edited("a b", "b a"), 0.0);
        assert_eq!(share_edited("a b", "c d"), 1.0);
        assert_eq!(share_edited("", ""), 0.0);
        assert!((share_edited("a b c d", "a b c e") - 0.25).abs() < 1e-12);
    }
}
