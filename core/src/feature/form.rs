//! What a text looks like, without any of its words: its form, which may leave the device without consent to share
//! text.

use super::letter::{is_capital, is_digit, is_letter, lower};
use super::text::in_word;
use super::value::{Object, Value, count, is_text};
use super::{Candidate, hash, limits};

/// The names that form has, after the name of the text and a dot.
const FORM: [&str; 10] =
    ["size", "digits", "symbols", "capitals", "list", "heading", "code", "link", "question", "exclamation"];

/// Whether a feature of this name is the form of a text: `prompt.size`, `text.list`.
#[must_use]
pub fn is_form(name: &str) -> bool {
    // Most names have no dot.
    let dot = name.bytes().rposition(|byte| byte == b'.');
    dot.and_then(|dot| name.get(dot + 1..)).is_some_and(|last| FORM.contains(&last))
}

/// The shape of a text as an object of features: how much it says (different words), digits, symbols and capitals in
/// steps of powers of two, and which of lists, headings, code, links, questions and exclamations are in it. It holds
/// no word of it.
#[must_use]
pub fn form(text: &str) -> Object {
    let mut marks = Marks::default();
    // By a function: the search for one letter brings another way of searching along.
    #[allow(clippy::manual_pattern_char_comparison)]
    for line in text.split(|c| c == '\n') {
        marks.line(line);
    }
    text.chars().for_each(|c| marks.character(c));
    marks.link |= ["http://", "https://", "www."].iter().any(|mark| has(text, mark));
    let mut words = Words::default();
    words.text(text);
    marks.into_object(words.different)
}

/// The name under which a candidate has how many words of its text are new.
pub const NOVEL: &str = "text.novel";

/// Notes with each candidate that has a text, where the context has texts too, how many different words it has that
/// those have not: what an answer says is what the question has not said (docs/decisions/0180). It is a number among the
/// candidate's features, and leaves the device as such.
pub fn note_novel(context: &Object, candidates: &mut [Candidate]) {
    let mut said = Words::default();
    context.0.iter().for_each(|(_, value)| said.value(value));
    if said.different == 0 {
        return;
    }
    for candidate in candidates {
        let features = &mut candidate.features.0;
        if let Some(text) = &candidate.text
            && features.iter().all(|(name, _)| **name != *NOVEL)
            && count(features) < limits::FEATURES
        {
            let mut words = said.clone();
            words.text(text);
            features.push((NOVEL.into(), Value::Number(f64::from(words.different - said.different))));
        }
    }
}

/// Whether `mark` stands in the text. (The standard search is faster on texts larger than any that are taken, and costs
/// the page more.)
fn has(text: &str, mark: &str) -> bool {
    text.as_bytes().windows(mark.len()).any(|part| part == mark.as_bytes())
}

/// Words are told apart by so many bits of their hash: of 1,000 different words about 30 are missed.
const SEEN_BITS: u32 = 14;

/// Which words have been met, and how many different ones.
#[derive(Clone)]
struct Words {
    /// The word that has begun.
    begun: Option<u32>,
    different: u32,
    seen: [u64; 1 << (SEEN_BITS - 6)],
}

impl Default for Words {
    fn default() -> Self {
        Self { begun: None, different: 0, seen: [0; 1 << (SEEN_BITS - 6)] }
    }
}

impl Words {
    /// Reads what is text in a value.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) if is_text(text) => self.text(text),
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        text.chars().for_each(|c| self.character(c));
        self.end();
    }

    fn character(&mut self, c: char) {
        if in_word(c) {
            let begun = self.begun.unwrap_or(hash::START);
            self.begun = Some(hash::fnv(begun, &u32::from(lower(c)).to_le_bytes()));
            return;
        }
        self.end();
        if is_letter(c) {
            // Of a script without spaces.
            self.begun = Some(u32::from(c));
            self.end();
        }
    }

    /// The word has ended, if one had begun.
    fn end(&mut self) {
        let Some(word) = self.begun.take() else { return };
        let place = hash::finish(word) >> (u32::BITS - SEEN_BITS);
        if let Some(bits) = self.seen.get_mut((place >> 6) as usize) {
            let bit = 1 << (place & 63);
            self.different += u32::from(*bits & bit == 0);
            *bits |= bit;
        }
    }
}

#[derive(Default)]
struct Marks {
    letters: u32,
    capitals: u32,
    digits: u32,
    questions: u32,
    exclamations: u32,
    symbols: u32,
    list: bool,
    heading: bool,
    code: bool,
    link: bool,
}

impl Marks {
    fn line(&mut self, line: &str) {
        let line = line.trim();
        self.code |= line.starts_with("```");
        self.heading |= line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
        let bullet = ["- ", "* ", "• ", "– "].iter().any(|mark| line.starts_with(mark));
        let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = after.len() < line.len() && (after.starts_with(". ") || after.starts_with(") "));
        self.list |= bullet || numbered;
    }

    fn character(&mut self, c: char) {
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

    fn into_object(self, size: u32) -> Object {
        let step = |count: u32| Value::Text(power_of_two(count).into());
        let mut form = vec![
            ("size".into(), Value::Number(f64::from(size))),
            ("digits".into(), step(self.digits)),
            ("symbols".into(), step(self.symbols)),
        ];
        if let Some(share) = (self.capitals * 64).checked_div(self.letters) {
            // Eighths, so that "all capitals" and "hardly any" stand apart whatever the length.
            form.push(("capitals".into(), step(share)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::str::Str;

    #[test]
    fn form_is_known_by_its_name() {
        let full = form("# A\n- `b` 1 + 1? see https://example.org!");
        assert_eq!(full.0.len(), FORM.len());
        for (name, _) in &full.0 {
            assert!(is_form(&format!("prompt.{name}")) && is_form(&format!("a.b.{name}")) && !is_form(name), "{name}");
        }
        for name in ["", ".", "user.country", "sizes.", "a.sizes", "list"] {
            assert!(!is_form(name), "{name}");
        }
    }

    #[test]
    fn size_is_how_many_different_words_there_are_in_any_script() {
        let size = |text: &str| match form(text).0.first() {
            Some((_, Value::Number(size))) => *size,
            other => panic!("{other:?}"),
        };
        assert_eq!(size(""), 0.0);
        assert_eq!(size("the cat and the dog"), 4.0);
        assert_eq!(size("The, the; THE!"), 1.0);
        assert_eq!(size("кот и Кот"), 2.0);
        assert_eq!(size("東京の東"), 3.0);
        let many: String = (0..1_000).map(|n| format!("w{n} ")).collect();
        assert!((950.0..=1_000.0).contains(&size(&many)), "{}", size(&many));
        assert!((size(&many.repeat(3)) - size(&many)).abs() < 1e-9);
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
    fn what_is_new_is_counted_beside_the_texts_of_the_context() {
        let texts = ["who was the first to see the moons of Jupiter", "and when was that, please tell me"];
        let context = |texts: &[&str]| {
            let texts = texts.iter().map(|text| Value::Text((*text).into())).collect();
            Object(vec![("user".into(), Value::Text("galileo".into())), ("asked".into(), Value::List(texts))])
        };
        let novel = |context: &Object, text: &str, features: Vec<(Str, Value)>| {
            let mut all = [Candidate { text: Some(text.into()), features: Object(features), ..Candidate::default() }];
            note_novel(context, &mut all);
            all[0].features.0.iter().filter(|(name, _)| **name == *NOVEL).map(|(_, n)| n.clone()).collect::<Vec<_>>()
        };
        let both = context(&texts);
        assert_eq!(novel(&both, "The first to see the moons was Galileo, Galileo!", vec![]), [Value::Number(1.0)]);
        assert_eq!(novel(&both, "tell me when", vec![]), [Value::Number(0.0)]);
        assert_eq!(novel(&context(&texts[..1]), "tell me when", vec![]), [Value::Number(3.0)]);
        assert_eq!(novel(&context(&[]), "tell me when", vec![]), [], "a category is no text");
        let own = (NOVEL.into(), Value::Number(7.0));
        assert_eq!(novel(&both, "tell me when", vec![own]), [Value::Number(7.0)], "the app's own stays");
        let full = vec![("l".into(), Value::List(vec![Value::Flag(true); limits::FEATURES]))];
        assert_eq!(novel(&both, "tell me when", full), [], "no more than may be sent");
    }
}
