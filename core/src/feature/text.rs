//! What a text looks like (its form) and which words it uses.
//!
//! The form may leave the device without consent to share text; the words may not, hashed or not: a dictionary undoes
//! a hash.

use super::hash::{self, Kind};
use super::letter::{is_capital, is_digit, is_letter, lower};
use super::limits;
use super::value::{Object, Value};
use crate::math;

/// The shape of a text as an object of features: its length, digits and capitals in steps of powers of two, and which
/// of lists, headings, code, links, questions, exclamations and paragraphs are in it. It holds no word of it.
#[must_use]
pub fn form(text: &str) -> Object {
    let mut marks = Marks::default();
    for line in text.split('\n') {
        marks.line(line);
    }
    for c in text.chars() {
        marks.character(c);
    }
    marks.link |= ["http://", "https://", "www."].iter().any(|mark| has(text, mark));
    marks.into_object(text)
}

/// Whether `mark` stands in the text. (The standard search is faster on texts larger than any that are taken, and costs
/// the page more.)
fn has(text: &str, mark: &str) -> bool {
    text.as_bytes().windows(mark.len()).any(|part| part == mark.as_bytes())
}

#[derive(Default)]
struct Marks {
    chars: u32,
    letters: u32,
    capitals: u32,
    digits: u32,
    questions: u32,
    exclamations: u32,
    symbols: u32,
    lines: u32,
    list: bool,
    heading: bool,
    code: bool,
    link: bool,
}

impl Marks {
    fn line(&mut self, line: &str) {
        let line = line.trim();
        self.lines += u32::from(!line.is_empty());
        self.code |= line.starts_with("```");
        self.heading |= line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
        let bullet = ["- ", "* ", "• ", "– "].iter().any(|mark| line.starts_with(mark));
        let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = after.len() < line.len() && (after.starts_with(". ") || after.starts_with(") "));
        self.list |= bullet || numbered;
    }

    fn character(&mut self, c: char) {
        self.chars += 1;
        if is_letter(c) {
            self.letters += 1;
            self.capitals += u32::from(is_capital(c));
        } else if is_digit(c) {
            self.digits += 1;
        } else {
            match c {
                '?' | '؟' | '？' => self.questions += 1,
                '!' | '！' => self.exclamations += 1,
                '`' => self.code = true,
                '£' | '$' | '€' | '%' | '&' | '/' | '*' | '+' | '=' | '@' | '<' | '>' => self.symbols += 1,
                _ => {}
            }
        }
    }

    fn into_object(self, text: &str) -> Object {
        let words = text.split_whitespace().take(limits::GRAMS * 8).count();
        let step = |count: u32| Value::Text(power_of_two(count).into());
        let mut form = vec![
            ("length".into(), step(self.chars)),
            ("size".into(), Value::Number(f64::from(self.chars))),
            ("digits".into(), step(self.digits)),
            ("symbols".into(), step(self.symbols)),
            ("lines".into(), step(self.lines)),
        ];
        if let Some(share) = (self.capitals * 64).checked_div(self.letters) {
            // Eighths, so that "all capitals" and "hardly any" stand apart whatever the length.
            form.push(("capitals".into(), step(share)));
            let mean = self.letters / u32::try_from(words.max(1)).unwrap_or(u32::MAX);
            form.push(("word".into(), Value::Text(power_of_two(mean).into())));
        }
        let flags = [
            ("list", self.list),
            ("heading", self.heading),
            ("code", self.code),
            ("link", self.link),
            ("question", self.questions > 0),
            ("exclamation", self.exclamations > 0),
        ];
        form.extend(flags.iter().filter(|(_, set)| *set).map(|(name, _)| ((*name).into(), Value::Flag(true))));
        Object(form)
    }
}

/// The name of the power of two that a count reaches: "0", "1", "2", "4", … "65536".
fn power_of_two(count: u32) -> &'static str {
    const STEPS: [&str; 18] = [
        "0", "1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024", "2048", "4096", "8192", "16384",
        "32768", "65536",
    ];
    let step = (u32::BITS - count.leading_zeros()) as usize;
    STEPS.get(step).copied().unwrap_or("65536")
}

/// How much a word, a mark of punctuation or two of them in a row count.
const TOKEN: f64 = 0.7;
/// How much three letters in a row count: they carry spelling and endings from word to word.
const TRIGRAM: f64 = 0.35;

/// Hands the hash and the weight of each token, of each two tokens in a row and of each three letters in a row to
/// `add`, at most [`limits::GRAMS`] of either kind.
///
/// A token is a run of letters and digits of any script, as it is spelled, or a single other character that is not a
/// space. Letters are taken in lower case, with a space before and after the text. `prefix` names the field that the
/// text is in.
pub fn words(prefix: &str, text: &str, mut add: impl FnMut(u32, f64)) {
    tokens(prefix, text, |hash| add(hash, TOKEN));
    trigrams(prefix, text, |hash| add(hash, TRIGRAM));
}

fn tokens(prefix: &str, text: &str, mut add: impl FnMut(u32)) {
    let (word_state, pair_state) = (hash::name(Kind::Word, prefix), hash::name(Kind::Pair, prefix));
    let mut rest = text.trim_start();
    let mut before: Option<u32> = None;
    for _ in 0..limits::GRAMS / 2 {
        let Some(first) = rest.chars().next() else { return };
        let is_word = |c: char| is_letter(c) || is_digit(c) || c == '\'';
        let length = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = tail.trim_start();
        let spelled = hash::fnv(hash::START, token.as_bytes()).to_le_bytes();
        add(hash::finish(hash::fnv(word_state, &spelled)));
        if let Some(earlier) = before.replace(u32::from_le_bytes(spelled)) {
            add(hash::finish(hash::fnv(hash::fnv(pair_state, &earlier.to_le_bytes()), &spelled)));
        }
    }
}

fn trigrams(prefix: &str, text: &str, mut add: impl FnMut(u32)) {
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
/// common. Word order is not looked at, so it is linear in the length of both.
#[must_use]
pub fn share_edited(shown: &str, corrected: &str) -> f64 {
    fn sorted(text: &str) -> Vec<&str> {
        let mut words: Vec<_> = text.split_whitespace().collect();
        crate::sort::sort_by_key(&mut words, |word| *word);
        words
    }
    let (a, b) = (sorted(shown), sorted(corrected));
    let total = a.len() + b.len();
    if total == 0 {
        return 0.0;
    }
    let (mut i, mut j, mut common) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            core::cmp::Ordering::Less => i += 1,
            core::cmp::Ordering::Greater => j += 1,
            core::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    #[allow(clippy::cast_precision_loss)] // counts of words, far below 2⁵³
    let share = (total - 2 * common) as f64 / total as f64;
    share
}

/// The size of a number inside the model: `asinh(value)`, kept within ±[`limits::VALUE`].
#[must_use]
pub fn squash(value: f64) -> f64 {
    math::asinh(value).clamp(-limits::VALUE, limits::VALUE)
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
            tokens("text", text, |hash| all.push(hash));
            all
        };
        // Words, marks, and pairs of them.
        assert_eq!(tokens_of("Hello, world!").len(), 4 + 3);
        assert_eq!(tokens_of("  Hello ,world !  "), tokens_of("Hello, world!"));
        assert_eq!(tokens_of("Привет мир").len(), 3);
        assert_eq!(tokens_of("it's").len(), 1);
        assert_ne!(tokens_of("us"), tokens_of("US"));
        assert!(tokens_of(" \n ").is_empty());
    }

    #[test]
    fn misspelled_words_share_most_of_their_letters() {
        let letters = |text: &str| {
            let mut all = Vec::new();
            trigrams("text", text, |hash| all.push(hash));
            all
        };
        let (right, wrong) = (letters("developed"), letters("developped"));
        assert!(wrong.iter().filter(|hash| right.contains(hash)).count() * 2 > wrong.len());
        assert_eq!(letters("ÄB"), letters("äb"));
    }

    #[test]
    fn a_long_text_gives_a_bounded_number_of_features() {
        assert!(hashes(&"a b c d ".repeat(100_000)).len() <= 2 * limits::GRAMS);
    }

    #[test]
    fn form_sees_lists_code_and_questions_but_no_words() {
        let form = form("# Title\n- one\n2) two\n`code`, why?");
        let has = |name: &str| form.0.iter().any(|(key, _)| key == name);
        assert!(has("list") && has("heading") && has("code") && has("question") && !has("link"));
        let json = serde_json::to_string(&form).unwrap_or_default();
        assert!(!json.contains("Title") && !json.contains("two"));
    }

    #[test]
    fn share_edited_is_zero_for_the_same_and_one_for_nothing_in_common() {
        assert_eq!(share_edited("a b", "b a"), 0.0);
        assert_eq!(share_edited("a b", "c d"), 1.0);
        assert_eq!(share_edited("", ""), 0.0);
        assert!((share_edited("a b c d", "a b c e") - 0.25).abs() < 1e-12);
    }
}
