//! What was learned about a person in sentences that an app can put into a prompt.

use super::Page;
use super::report::strongest;
use crate::feature::form::NOVEL;
use crate::math;
use crate::rewrite::cut;
use serde::Serialize;

/// Most hints that are given.
const MOST: usize = 5;
/// Least distance from what holds for everybody, in standard deviations: nine to one that the direction is right.
const SURE: f64 = 1.28;
/// Most learned weights that are looked at.
const TRAITS: usize = 20;
/// Least number of statements that a hint rests on.
const STATEMENTS: usize = 2;
/// What makes the logistic function out of the normal distribution's (Bowling et al. 2009, "A logistic approximation to
/// the cumulative normal distribution"): within 0.01.
const LOGISTIC: f64 = 1.702;

/// Something that is well known about a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hint {
    /// A plain English sentence without a subject: "prefers style: short".
    pub text: String,
    /// What it is about, in the words of [`Page::profile`], or `spelling=british`, `spelling=american`.
    pub feature: String,
    /// Whether the person wants more of it, or less.
    pub wanted: bool,
    /// The probability that the direction is right, in (½, 1).
    pub confidence: f64,
    /// How many statements it rests on.
    pub signals: usize,
}

impl Page {
    /// What is well known about how this person differs from everybody, strongest first, at most five; what is weakly
    /// supported is left out.
    #[must_use]
    pub fn hints(&self) -> Vec<Hint> {
        let (british, american) = self.habits.spellings();
        let mut hints: Vec<Hint> = Vec::new();
        note(&mut hints, "spelling=british", true, british, american);
        note(&mut hints, "spelling=american", true, american, british);
        for (form, count, wanted) in self.habits.forms() {
            note(&mut hints, &["text.", form].concat(), wanted, count, 0);
        }
        let learned = self.traits(false, TRAITS);
        for learned in learned.iter().take_while(|learned| learned.weight.abs() >= SURE * learned.uncertainty) {
            let feature = learned.feature.strip_prefix(MORE).unwrap_or(&learned.feature);
            let wanted = learned.weight > 0.0;
            let Some(text) = sentence(&learned.feature, wanted) else { continue };
            let signals = self.signals_about(learned.slot);
            if signals >= STATEMENTS && hints.iter().all(|hint| hint.feature != feature) {
                let confidence = math::sigmoid(LOGISTIC * learned.weight.abs() / learned.uncertainty);
                hints.push(Hint { text, feature: feature.into(), wanted, confidence, signals });
            }
        }
        let confidences: Vec<f64> = hints.iter().map(|hint| hint.confidence).collect();
        strongest(&confidences, MOST).into_iter().filter_map(|place| hints.get(place).cloned()).collect()
    }
}

/// Notes what was done `more` times and the opposite `fewer` times, if that is a habit.
fn note(hints: &mut Vec<Hint>, feature: &str, wanted: bool, more: i64, fewer: i64) {
    let text = match feature {
        "spelling=british" => Some("prefers British spelling".into()),
        "spelling=american" => Some("prefers American spelling".into()),
        "text.size" => sentence("more text.size", wanted),
        _ => sentence(feature, wanted),
    };
    let (Some(text), Ok(signals)) = (text, usize::try_from(more + fewer)) else { return };
    if signals >= STATEMENTS && more >= 2 * fewer {
        #[allow(clippy::cast_precision_loss)] // counts
        let confidence = (more + 1) as f64 / (more + fewer + 2) as f64; // Laplace's rule of succession
        hints.push(Hint { text, feature: feature.into(), wanted, confidence, signals });
    }
}

/// Before the name of a number, where it is to be told from a flag.
pub(super) const MORE: &str = "more ";

/// A sentence about a feature; none about those that no writer can follow.
fn sentence(feature: &str, wanted: bool) -> Option<String> {
    if let Some((context, candidate)) = cut(feature, " × ") {
        let candidate = sentence(candidate, wanted)?;
        let (name, value) = cut(context, "=")?;
        return cut(name, ".").is_none().then(|| ["with ", name, " ", value, ": ", &candidate].concat());
    }
    let name = feature.strip_prefix(MORE).unwrap_or(feature);
    let (mut verb, mut after) = (if wanted { "prefers " } else { "avoids " }, "");
    let mut what = [name].concat();
    if let Some((name, value)) = cut(name, "=") {
        what = [name, ": ", value].concat();
    }
    // What a text looks like: counts in steps say nothing to a writer, length does.
    if let Some((_, form)) = cut(name, ".") {
        if cut(form, "=").is_some() {
            return None;
        }
        what = [form].concat();
        after = if form == "code" { "" } else { "s" };
        if form == "size" {
            (verb, after) = ("prefers ", " answers");
            what = [if wanted { "longer" } else { "shorter" }].concat();
        }
        if name == NOVEL {
            (verb, after) = ("prefers answers that ", " the question");
            what = [if wanted { "say more than" } else { "stay close to" }].concat();
        }
    }
    Some([verb, &what, after].concat())
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn sentences_are_plain() {
        for (feature, wanted, expected) in [
            ("style=short", true, Some("prefers style: short")),
            ("style=short", false, Some("avoids style: short")),
            ("topic=code × style=list", true, Some("with topic code: prefers style: list")),
            ("topic=café × text.list", false, Some("with topic café: avoids lists")),
            ("text.code", true, Some("prefers code")),
            ("more text.size", true, Some("prefers longer answers")),
            ("more text.size", false, Some("prefers shorter answers")),
            ("more text.novel", true, Some("prefers answers that say more than the question")),
            ("more text.novel", false, Some("prefers answers that stay close to the question")),
            (
                "topic=code × more text.novel",
                true,
                Some("with topic code: prefers answers that say more than the question"),
            ),
            ("price about 548", false, Some("avoids price about 548")),
            ("vegan", true, Some("prefers vegan")),
            ("text.length=64", true, None),
            ("prompt.length=8 × style=list", true, None),
        ] {
            assert_eq!(sentence(feature, wanted).as_deref(), expected, "{feature}");
        }
    }
}
