//! What a person changes again and again: `colour` for `color`, a name, a sign-off.
//!
//! A correction is compared token by token, in one pass that looks a bounded way ahead (a token is a run of letters and
//! digits, or one character of a script that is written without spaces, or of punctuation). What was replaced by
//! something else is a [`Rewrite`], and so is a form that was brought in or taken out. Rewrites are kept with the
//! journal's entries and summed like everything else that is learned; they hold words, so they never leave the device.

use crate::feature::form::form;
use crate::feature::letter::{is_digit, is_letter};
use crate::feature::{Object, Value, is_unspaced, limits};
use crate::map::Map;
use serde::{Deserialize, Serialize};

/// Most tokens of a text that are compared.
const TOKENS: usize = 4 * limits::GRAMS;
/// How far the two texts may run apart, in tokens of both together; beyond it the rest is a new text.
const AHEAD: usize = 16;
/// Longest span that is replaced or deleted, in tokens.
const SPAN: usize = 4;
/// Longest end that is appended, in tokens.
const END: usize = 12;
/// Longest side of a rewrite, in bytes.
const BYTES: usize = 96;
/// Most rewrites of one correction.
const MOST: usize = 16;
/// Most changed spans that are looked at.
const SPANS: usize = 4 * MOST;
/// Between the two sides in a key of [`Habits`]; it stands in no token.
const BETWEEN: &str = "\u{1F}";

/// Words that a person replaced by others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    /// What was there. Empty for what is appended at the end of a text.
    pub from: String,
    /// What the person made of it: empty where it was deleted, the same as `from` where it was known to be changed
    /// otherwise and was left as it is.
    pub to: String,
    /// 1, or −1 where a later word about the same decision takes it back, or where a form that was known to be brought
    /// in or taken out was left as it is.
    pub times: i64,
}

/// A change that may be offered for a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What stands in the text; empty for what is appended.
    pub from: String,
    /// What this person makes of it.
    pub to: String,
    /// In how many corrections, less those that left it or did the opposite.
    pub count: i64,
    /// Where `from` begins, in UTF-16 units.
    pub at: usize,
}

/// What a person is known to change: the sum of the entries' rewrites.
#[derive(Clone, Debug, Default)]
pub struct Habits(Map<String, i64>);

/// Before the name of a form, which a correction brought in or took out.
const FORM: &str = "\u{1E}";
/// A text is shorter, or longer, where it has less than this share of the other's characters.
const SHORTER: f64 = 0.8;

type Token = (usize, usize);

fn tokens(text: &str) -> Vec<Token> {
    let (mut all, mut inside) = (Vec::<Token>::new(), false);
    for (at, c) in text.char_indices() {
        let word = (is_letter(c) || is_digit(c) || c == '\'') && !is_unspaced(c);
        let end = at + c.len_utf8();
        if c.is_whitespace() || c.is_ascii_control() {
            inside = false;
            continue;
        }
        if all.len() == TOKENS && !(word && inside) {
            break;
        }
        match all.last_mut() {
            Some(last) if word && inside => last.1 = end,
            _ => all.push((at, end)),
        }
        inside = word;
    }
    all
}

/// What a span of tokens says, with the spaces inside it.
fn span<'a>(text: &'a str, tokens: &[Token]) -> &'a str {
    match (tokens.first(), tokens.last()) {
        (Some((start, _)), Some((_, end))) => text.get(*start..*end).unwrap_or_default(),
        _ => "",
    }
}

/// Whether `words` stand in the text, from one token's beginning to a token's end.
fn holds(text: &str, tokens: &[Token], words: &str) -> bool {
    (0..tokens.len()).any(|place| stands_at(text, tokens, place, words))
}

fn stands_at(text: &str, tokens: &[Token], place: usize, words: &str) -> bool {
    let Some(rest @ [(start, _), ..]) = tokens.get(place..) else { return false };
    let end = start + words.len();
    text.get(*start..end) == Some(words) && rest.iter().take(BYTES).any(|(_, other)| *other == end)
}

/// The words that were replaced, deleted or appended between two texts. What stands in the corrected text as well was
/// left somewhere, so it is none; nor is what has a digit, an @ or a bracket in it (numbers, addresses, keys,
/// and the marks that stand for them).
#[must_use]
pub fn between(shown: &str, corrected: &str) -> Vec<Rewrite> {
    let (a, b) = (tokens(shown), tokens(corrected));
    let whole = a.len() < TOKENS && b.len() < TOKENS;
    let same = |i: usize, j: usize| match (a.get(i), b.get(j)) {
        (Some(x), Some(y)) => span(shown, &[*x]) == span(corrected, &[*y]),
        (None, None) => whole,
        _ => false,
    };
    let mut all = Vec::new();
    let (mut i, mut j, mut spans) = (0, 0, 0);
    // With so many changes it is another text, and nobody's habit.
    while (i < a.len() || j < b.len()) && spans < SPANS {
        if same(i, j) {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let ways = (1..=AHEAD).flat_map(|sum| (0..=sum).map(move |left| (left, sum - left)));
        let Some((x, y)) = ways.into_iter().find(|(x, y)| same(i + x, j + y)) else { break };
        let old = a.get(i..i + x).unwrap_or_default();
        let mut new = b.get(j..j + y).unwrap_or_default();
        let from = span(shown, old);
        let mut to = span(corrected, new);
        let fits = if old.is_empty() {
            // Only at the end it is known where it belongs; the space before it belongs to it.
            let ends = i == a.len() && i > 0;
            new = if ends { new } else { &[] };
            let before = b.get(j.wrapping_sub(1)).map_or(0, |(_, end)| *end);
            to = corrected.get(before..).unwrap_or_default().trim_end();
            (1..=END).contains(&new.len())
        } else {
            old.len() <= SPAN && new.len() <= SPAN && !holds(corrected, &b, from)
        };
        if fits {
            note(&mut all, from, to, 1);
        }
        (i, j, spans) = (i + x, j + y, spans + 1);
    }
    all
}

/// Adds to a list in which every rewrite stands once.
fn note(all: &mut Vec<Rewrite>, from: &str, to: &str, times: i64) {
    let private = |words: &str| words.len() > BYTES || words.chars().any(|c| is_digit(c) || matches!(c, '@' | '['));
    if let Some(known) = all.iter_mut().find(|known| known.from == from && known.to == to) {
        known.times = (known.times + times).clamp(-1, 1);
    } else if all.len() < MOST && !private(from) && !private(to) {
        all.push(Rewrite { from: from.into(), to: to.into(), times });
    }
}

/// Notes what one text's form has and the other's has not.
fn note_forms(all: &mut Vec<Rewrite>, one: &Object, other: &Object, sides: fn(&str) -> [&str; 2]) {
    for (name, value) in &one.0 {
        let there = other.0.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let more = match (value, there) {
            (Value::Flag(true), None) => true,
            (Value::Number(size), Some(Value::Number(less))) => &**name == "size" && *less < size * SHORTER,
            _ => false,
        };
        if more {
            let form = [FORM, &**name].concat();
            let [from, to] = sides(&form);
            note(all, from, to, 1);
        }
    }
}

fn is_form(side: &str) -> bool {
    side.starts_with(FORM)
}

/// What takes all of these back.
pub fn undone<'a>(entries: impl Iterator<Item = &'a Vec<Rewrite>>) -> Vec<Rewrite> {
    let mut sum: Vec<Rewrite> = Vec::new();
    for rewrite in entries.flatten() {
        match sum.iter_mut().find(|known| known.from == rewrite.from && known.to == rewrite.to) {
            Some(known) => known.times -= rewrite.times,
            None => sum.push(Rewrite { times: -rewrite.times, ..rewrite.clone() }),
        }
    }
    sum.retain(|rewrite| rewrite.times != 0);
    sum
}

/// What stands before and after the first `mark`. (The standard search costs the page more.)
#[inline(never)]
pub(crate) fn cut<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let place = text.as_bytes().windows(mark.len()).position(|part| part == mark.as_bytes())?;
    Some((text.get(..place)?, text.get(place + mark.len()..)?))
}

fn key(from: &str, to: &str) -> String {
    [from, BETWEEN, to].concat()
}

impl Habits {
    /// Adds what an entry says.
    pub fn add(&mut self, rewrites: &[Rewrite]) {
        for rewrite in rewrites {
            *self.0.entry(key(&rewrite.from, &rewrite.to)) += rewrite.times;
        }
    }

    fn count(&self, from: &str, to: &str) -> i64 {
        self.0.get(&key(from, to)).copied().unwrap_or(0)
    }

    /// Each change with its evidence, less the evidence against it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        self.0.iter().filter(|(_, times)| **times > 0).filter_map(|(key, times)| {
            let (from, to) = cut(key, BETWEEN)?;
            (from != to).then(|| (from, to, times - self.count(from, from) - self.count(to, from)))
        })
    }

    /// Forms (such as `list`, or `size` for the length) that corrections took out or brought in: how often more than
    /// the opposite, and whether they were brought in.
    pub fn forms(&self) -> impl Iterator<Item = (&str, i64, bool)> {
        self.iter().filter_map(|(from, to, count)| {
            let gone = from.strip_prefix(FORM).map(|form| (form, count, false));
            gone.or_else(|| to.strip_prefix(FORM).map(|form| (form, count, true)))
        })
    }

    /// What a correction says: what it changes, and which known changes it does not make.
    #[must_use]
    pub fn learn(&self, shown: &str, corrected: &str) -> Vec<Rewrite> {
        let mut all = between(shown, corrected);
        let (had, has) = (form(shown), form(corrected));
        note_forms(&mut all, &had, &has, |form| [form, ""]);
        note_forms(&mut all, &has, &had, |form| ["", form]);
        let (before, after) = (tokens(shown), tokens(corrected));
        let ended = all.iter().any(|rewrite| rewrite.from.is_empty() && !is_form(&rewrite.to));
        for (from, to, _) in self.iter() {
            let form = if from.is_empty() { to } else { from };
            if let Some(name) = form.strip_prefix(FORM) {
                // Where it could have been brought in or taken out, and was not.
                let could = name == "size" || had.0.iter().any(|(had, _)| &**had == name) != from.is_empty();
                if could && !all.iter().any(|rewrite| rewrite.from == form || rewrite.to == form) {
                    note(&mut all, from, to, -1);
                }
                continue;
            }
            let left = if from.is_empty() {
                !ended && !corrected.trim_end().ends_with(to.trim_start())
            } else {
                holds(shown, &before, from) && holds(corrected, &after, from)
            };
            if left && !all.iter().any(|rewrite| rewrite.from == from) {
                note(&mut all, from, from, 1);
            }
        }
        all
    }

    /// Where this person would change the text, in its order; at most `most` places. What was changed once only, or as
    /// often left as it is, is no habit.
    #[must_use]
    pub fn suggest(&self, text: &str, most: usize) -> Vec<Suggestion> {
        let is_known = |known: &(&str, &str, i64)| known.2 >= 2 && !is_form(known.0) && !is_form(known.1);
        let known: Vec<_> = self.iter().filter(is_known).collect();
        // The longest, and of those the most frequent.
        let better = |a: &(&str, &str, i64), b: &(&str, &str, i64)| (a.0.len(), a.2) > (b.0.len(), b.2);
        let (all, bytes) = (tokens(text), text.as_bytes());
        let (mut found, mut units, mut from) = (Vec::new(), 0, 0);
        for place in 0..=all.len() {
            let at = all.get(place).map_or(text.len(), |(start, _)| *start);
            // Inside what is to be replaced already.
            if at < from || found.len() >= most {
                continue;
            }
            let mut best = None;
            for change in &known {
                let fits = match all.get(place) {
                    Some(_) => !change.0.is_empty() && stands_at(text, &all, place, change.0),
                    None => change.0.is_empty() && !text.trim_end().ends_with(change.1.trim_start()),
                };
                if fits && best.is_none_or(|other| better(change, other)) {
                    best = Some(change);
                }
            }
            units += text.get(from..at).unwrap_or_default().encode_utf16().count();
            from = at;
            if let Some((old, new, count)) = best {
                from = at + old.len();
                // What is taken out takes the space after it along, so that no two are left; at the beginning any.
                let spaces = if at == 0 { " \n" } else { " " }.as_bytes();
                if new.is_empty() && (at == 0 || bytes.get(at - 1).is_some_and(u8::is_ascii_whitespace)) {
                    while bytes.get(from).is_some_and(|next| spaces.contains(next)) {
                        from += 1;
                    }
                }
                let old = text.get(at..from).unwrap_or_default();
                found.push(Suggestion { from: old.into(), to: (*new).into(), count: *count, at: units });
                units += old.encode_utf16().count();
            }
        }
        found
    }

    /// How much oftener this person writes English as the British do than as the Americans do, and the other way
    /// round.
    #[must_use]
    pub fn spellings(&self) -> (i64, i64) {
        let (mut british, mut american) = (0, 0);
        for (from, to, count) in self.iter().filter(|(_, _, count)| *count > 0) {
            if is_british(from, to) {
                british += count;
            } else if is_british(to, from) {
                american += count;
            }
        }
        (british, american)
    }
}

/// `color` to `colour`, `organize` to `organise`, `center` to `centre`.
fn is_british(from: &str, to: &str) -> bool {
    let (a, b) = (from.as_bytes(), to.as_bytes());
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.split_at_checked(start), b.split_at_checked(start));
    let (Some((before, a)), Some((_, b))) = (a, b) else { return false };
    match (before, a, b) {
        ([_, _, .., b'o'], [b'r', ..], [b'u', rest @ ..]) => rest == a,
        ([_, _, .., b'i' | b'y'], [b'z', x @ ..], [b's', y @ ..]) => x == y,
        ([_, _, ..], [b'e', b'r', x @ ..], [b'r', b'e', y @ ..]) => x == y,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(shown: &str, corrected: &str) -> Vec<String> {
        between(shown, corrected).into_iter().map(|rewrite| [rewrite.from, rewrite.to].join(">")).collect()
    }

    #[test]
    fn replaced_deleted_and_appended_words_are_seen_in_any_script() {
        for (shown, corrected, expected) in [
            ("The color and flavor, ok.", "The colour and flavour, ok.", vec!["color>colour", "flavor>flavour"]),
            ("Dear Sir, hello", "Dear Ms Ito, hello", vec!["Sir>Ms Ito"]),
            ("Sure! Here it is.", "Here it is.", vec!["Sure!>"]),
            ("All is done.", "All is done.\n\nCheers,\nAna \n", vec![">\n\nCheers,\nAna"]),
            ("цвет тёмный", "цвет светлый", vec!["тёмный>светлый"]),
            ("我喜欢顔色。", "我喜欢颜色。", vec!["顔>颜"]),
            ("same here", "same here", vec![]),
            ("", "all of it is new", vec![]),
            ("hello there", "hello my there", vec![]),
        ] {
            assert_eq!(changes(shown, corrected), expected, "{shown} > {corrected}");
        }
    }

    #[test]
    fn what_is_left_somewhere_or_looks_like_a_number_or_an_address_is_no_rewrite() {
        assert!(changes("a cat and a dog", "the cat and a dog").is_empty());
        assert!(changes("call 555", "call 0761 12").is_empty());
        assert!(changes("write to me", "write to ana@example.org").is_empty());
        assert!(changes(&"x ".repeat(9), &"y ".repeat(9)).is_empty(), "another text");
        let long = "w".repeat(200);
        assert!(changes("a b", &format!("{long} b")).is_empty());
    }

    #[test]
    fn a_long_text_is_compared_in_bounded_steps() {
        let (a, b) = ("abc def ".repeat(8_000), "abc xyz ".repeat(8_000));
        assert_eq!(changes(&a, &b), ["def>xyz"]);
        let words = |n: u32| (0..n).map(|n| format!("w{}x ", char::from_u32(0x4E00 + n).unwrap_or('a'))).collect();
        let (a, b): (String, String) = (words(9_000), words(9_000).replace('w', "v"));
        assert!(between(&a, &b).len() <= MOST);
    }

    fn habits(corrections: &[(&str, &str)]) -> Habits {
        let mut habits = Habits::default();
        for (shown, corrected) in corrections {
            let learned = habits.learn(shown, corrected);
            habits.add(&learned);
        }
        habits
    }

    #[test]
    fn a_habit_is_offered_at_each_place_with_its_count() {
        let habits = habits(&[
            ("my color", "my colour"),
            ("one color", "one colour"),
            ("once upon", "once under"),
            ("see you", "see you\nAna"),
            ("go now", "go now\nAna"),
        ]);
        let found = habits.suggest("😀 color, Color and color upon", 9);
        let expected = [("color", "colour", 2, 3), ("color", "colour", 2, 20), ("", "\nAna", 2, 30)];
        let found: Vec<_> = found.iter().map(|s| (s.from.as_str(), s.to.as_str(), s.count, s.at)).collect();
        assert_eq!(found, expected);
        assert!(habits.suggest("discolor colors\nAna", 9).is_empty(), "parts of words, and what is there already");
        assert_eq!(habits.suggest("color color", 1).len(), 1);
    }

    #[test]
    fn what_is_taken_out_takes_the_space_after_it_along() {
        let habits = habits(&[
            ("Sure! It is a very red one", "It is a red one"),
            ("Sure! So it is a very good one", "So it is a good one"),
        ]);
        let made = |text: &str| {
            let (mut made, mut rest) = (String::new(), 0);
            let units: Vec<u16> = text.encode_utf16().collect();
            for found in habits.suggest(text, 9) {
                made += &String::from_utf16_lossy(&units[rest..found.at]);
                made += &found.to;
                rest = found.at + found.from.encode_utf16().count();
            }
            made + &String::from_utf16_lossy(&units[rest..])
        };
        assert_eq!(made("Sure!\n\nAs you 😀 like, very much."), "As you 😀 like, much.");
        assert_eq!(made("It was very\n\nlate, (very) late, very late"), "It was \n\nlate, () late, late");
    }

    #[test]
    fn a_form_that_is_left_as_it_is_counts_against_it() {
        let long = "one two three four five six seven eight";
        let forms = |corrections: &[(&str, &str)]| habits(corrections).forms().map(|(_, count, _)| count).sum::<i64>();
        let shorter = [(long, "one two"), (long, "one three")];
        assert_eq!(forms(&shorter), 2);
        assert_eq!(forms(&[&shorter[..], &[(long, "one two three four five six seven nine")]].concat()), 1);
        let list = [("* one", "one"), ("* a two", "a two")];
        assert_eq!(forms(&list), 2);
        assert_eq!(forms(&[&list[..], &[("* a red b", "* a blue b")]].concat()), 1, "left");
        assert_eq!(forms(&[&list[..], &[("a red b", "a blue b")]].concat()), 2, "there was none");
        let brought = [("one", "* one"), ("a two", "* a two")];
        assert_eq!(forms(&[&brought[..], &[("a red b", "a blue b")]].concat()), forms(&brought) - 1);
    }

    #[test]
    fn evidence_against_a_habit_weighs_as_much_as_evidence_for_it() {
        let twice = [("my color", "my colour"), ("one color", "one colour")];
        let offered = |more: &[(&str, &str)]| !habits(&[&twice, more].concat()).suggest("color", 9).is_empty();
        assert!(offered(&[]));
        assert!(!offered(&[("a colour", "a color")]), "changed back");
        assert!(!offered(&[("color it red", "color it blue")]), "left as it is");
        assert!(offered(&[("paint it red", "paint it blue")]), "about something else");
        assert!(offered(&[("color it red", "color it blue"), ("no color", "no colour")]));
    }

    #[test]
    fn an_end_that_is_left_out_counts_against_it() {
        let twice = [("so long", "so long\nAna"), ("be well", "be well\nAna")];
        let offered = |more: &[(&str, &str)]| !habits(&[&twice, more].concat()).suggest("hello", 9).is_empty();
        assert!(offered(&[]) && offered(&[("see this\nAna", "see that\nAna")]));
        assert!(!offered(&[("see this", "see that")]));
    }

    #[test]
    fn what_was_said_before_is_taken_back_to_nothing() {
        let mut entries = vec![between("a color b", "a colour b")];
        for (shown, corrected) in [("a color b", "a hue b"), ("a color b", "a color b")] {
            let mut next = undone(entries.iter());
            next.extend(between(shown, corrected));
            entries.push(next);
        }
        let mut habits = Habits::default();
        entries.iter().for_each(|entry| habits.add(entry));
        assert_eq!(habits.iter().count(), 0, "{entries:?}");
        assert!(undone(entries.iter()).is_empty());
    }

    #[test]
    fn british_and_american_spellings_are_told_apart() {
        for (from, to) in
            [("color", "colour"), ("organize", "organise"), ("center", "centre"), ("analyzed", "analysed")]
        {
            assert!(is_british(from, to) && !is_british(to, from), "{from} {to}");
        }
        for (from, to) in [("for", "four"), ("zoo", "soo"), ("er", "re"), ("car", "cart"), ("size", "sise")] {
            assert!(!is_british(to, from));
            assert!(!is_british(from, to), "{from} {to}");
        }
        assert_eq!(habits(&[("a color", "a colour"), ("to realize it", "to realise it")]).spellings(), (2, 0));
    }
}
