//! From what an app hands in to what the learner sees.

pub mod form;
pub mod hash;
mod labels;
pub(crate) mod letter;
pub mod limits;
mod number;
pub mod text;
mod value;

pub use crate::str::Str;
pub use labels::Labels;
pub use value::{Object, Value, check_name, check_text, is_text};
pub(crate) use value::{count, is_unspaced};

use crate::error::Result;
use crate::math;
use hash::Kind;
use serde::{Deserialize, Serialize};

/// One thing that could be shown: an id, what is known about it and, if it is a text, the text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// The app's name for it, unique within the decision; 1 to 64 characters.
    pub id: Str,
    /// What is known about it.
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub features: Object,
    /// The text itself, at most [`limits::TEXT_BYTES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Str>,
}

impl Candidate {
    /// Checks the id, the features and the text.
    ///
    /// # Errors
    /// As [`Object::check`], [`check_name`] and [`check_text`].
    pub fn check(&self) -> Result<()> {
        check_name("a candidate's id", &self.id)?;
        self.features.check()?;
        self.text.as_deref().map_or(Ok(()), |text| check_text("a candidate's text", text))
    }
}

/// The hashed features of one object, before crossing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Features that context and candidates are crossed by: categories, numbers, flags, the form of a text.
    pub crossing: Vec<(u32, f64)>,
    /// What a text is made of: words, pairs of them, letters in a row ([`text::words`]), as often as they stand there.
    pub words: Vec<(u32, f64)>,
}

impl Features {
    /// The features of an object.
    #[must_use]
    pub fn of(object: &Object) -> Self {
        let mut features = Self::default();
        features.push_object("", object);
        features
    }

    /// The features of a candidate: of its object and of its text under the name `text`.
    #[must_use]
    pub fn of_candidate(candidate: &Candidate) -> Self {
        let mut features = Self::of(&candidate.features);
        if let Some(text) = &candidate.text {
            features.push_text("text", text);
        }
        features
    }

    /// The features of a text alone.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let mut features = Self::default();
        features.push_text("text", text);
        features
    }

    fn push_object(&mut self, prefix: &str, object: &Object) {
        for (name, value) in &object.0 {
            if prefix.is_empty() {
                self.push(name, value);
            } else {
                self.push(&[prefix, ".", name].concat(), value);
            }
        }
    }

    /// Adds the features of a value under its name.
    pub fn push(&mut self, name: &str, value: &Value) {
        match value {
            Value::Text(text) if is_text(text) => self.push_text(name, text),
            Value::Text(text) => self.crossing.push((named(Kind::Category, name, text), 1.0)),
            Value::Number(number) => {
                number::features(named(Kind::Number, name, ""), *number, &mut |hash, x, _| {
                    self.crossing.push((hash, x))
                });
            }
            Value::Flag(true) => self.crossing.push((named(Kind::Flag, name, ""), 1.0)),
            Value::List(items) => {
                items.iter().for_each(|item| self.push(name, item));
                // What stands in a list twice counts as one feature of twice the size.
                self.crossing = merge(core::mem::take(&mut self.crossing));
            }
            Value::Flag(false) | Value::Nothing | Value::Nested => {}
        }
    }

    fn push_text(&mut self, name: &str, text: &str) {
        self.push_object(name, &form::form(text));
        let words = &mut self.words;
        // The bound is for the whole object: many texts may not teach more than one long text.
        text::words(name, text, |hash, x| {
            if words.len() < 2 * limits::GRAMS {
                words.push((hash, x));
            }
        });
        self.words = merge(core::mem::take(&mut self.words));
    }
}

/// The bit of a hash that says: this is the form of a text. Slots never reach it.
const FORM: u32 = 1 << 31;

/// The hash of a named feature. Form is known by its name, so that page and server agree on it whether the text was
/// there or only its form was sent.
fn named(kind: Kind, name: &str, value: &str) -> u32 {
    let hash = hash::feature(kind, name, value);
    if form::is_form(name) { hash | FORM } else { hash & !FORM }
}

/// Whether two features are crossed: all are but the form of one text with the form of another. Those crosses are many
/// and were noise wherever they were measured (docs/learning.md).
pub(crate) const fn crossed(context: u32, candidate: u32) -> bool {
    context & candidate & FORM == 0
}

/// How strong a cross is beside the features that it is made of: its prior variance is a quarter of theirs, as what two
/// things mean together matters less than what each means alone, and there are many more crosses
/// (docs/decisions/0181).
const CROSS: f64 = 0.5;

/// The strength of the cross of two features of the strengths `x` and `y`.
#[inline(always)] // in the innermost step of ranking
pub(crate) fn cross_strength(x: f64, y: f64) -> f64 {
    math::within(x * y * CROSS, limits::VALUE)
}

/// What the learner sees: slots with their values. Two features that share a slot stand there both.
pub type Vector = Vec<(u32, f64)>;

/// How strong the feature of the day is: its s² and prior variance are a quarter of the constant's, since one person
/// differs less from day to day than people do from each other.
pub const DAY: f64 = 0.5;

/// How feature hashes become slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// log₂ of the number of slots, 10 to 24.
    pub bits: u8,
}

impl Default for Space {
    fn default() -> Self {
        Self { bits: 18 }
    }
}

impl Space {
    /// The number of slots.
    #[must_use]
    pub const fn slots(self) -> u32 {
        1 << self.bits
    }

    #[inline(always)] // two instructions
    pub(crate) const fn slot(self, hash: u32) -> u32 {
        hash & (self.slots() - 1)
    }

    /// The slot of a surface's constant feature.
    #[must_use]
    pub fn constant(self, surface: &str) -> u32 {
        self.slot(hash::feature(Kind::Constant, surface, ""))
    }

    /// The slot of a surface's day, in UTC: people judge things otherwise on one day than on another, and so do crowds
    /// (docs/decisions/0007). `at` is when the decision was made, in milliseconds since 1970.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // days
    pub const fn day(self, constant: u32, at: u64) -> u32 {
        self.slot(hash::cross(constant, (at / 86_400_000) as u32))
    }

    /// Hands the features that all candidates of a decision share to `add`: the surface's constant and the context's.
    pub fn shared(self, constant: u32, context: &Features, add: &mut dyn FnMut(u32, f64)) {
        add(constant, 1.0);
        for &(hash, x) in &context.crossing {
            add(self.slot(hash), x);
        }
        self.words(context, add);
    }

    /// Words of one text, each once however often it stands there, and weaker where there are many.
    fn words(self, features: &Features, add: &mut dyn FnMut(u32, f64)) {
        let size: f64 = features.words.iter().map(|(_, x)| square(x.min(text::TOKEN))).sum();
        let share = text::share(size);
        for &(hash, x) in &features.words {
            add(self.slot(hash), x.min(text::TOKEN) * share);
        }
    }

    /// Hands a candidate's own features and their crosses with the context to `add`.
    pub fn own(self, context: &Features, candidate: &Features, add: &mut dyn FnMut(u32, f64)) {
        self.named(context, candidate, add);
        if !candidate.words.is_empty() {
            self.words(candidate, add);
        }
    }

    /// Hands a candidate's named features and their crosses with the context to `add`.
    fn named(self, context: &Features, candidate: &Features, add: &mut dyn FnMut(u32, f64)) {
        for &(hash, x) in &candidate.crossing {
            add(self.slot(hash), x);
        }
        let mut left = limits::CROSSES;
        for &(c, x) in &context.crossing {
            let cross = hash::Cross::with(c);
            for &(d, y) in candidate.crossing.get(..left.min(candidate.crossing.len())).unwrap_or_default() {
                if crossed(c, d) {
                    add(self.slot(cross.and(d)), cross_strength(x, y));
                }
            }
            left = left.saturating_sub(candidate.crossing.len());
        }
    }

    /// The vector of a candidate in its context: the surface's constant, both sides' features and their crosses.
    #[must_use]
    pub fn vector(self, surface: &str, context: &Features, candidate: &Features) -> Vector {
        let crosses = (context.crossing.len() * candidate.crossing.len()).min(limits::CROSSES);
        let single =
            1 + context.crossing.len() + context.words.len() + candidate.crossing.len() + candidate.words.len();
        let mut vector = Vector::with_capacity(single + crosses);
        self.shared(self.constant(surface), context, &mut |slot, x| vector.push((slot, x)));
        self.own(context, candidate, &mut |slot, x| vector.push((slot, x)));
        vector
    }

    /// What a preference of one candidate over another in the same context is about: the difference of their features.
    ///
    /// Words that one has more often than the other count once. Where two texts differ in many words, each says less,
    /// and what that takes from the words goes to the two texts themselves, in a slot each: a judgement on quite
    /// different texts is mostly about something that words do not say, and several people's judgements on the same
    /// texts are no independent evidence about the words.
    #[must_use]
    pub fn difference(self, context: &Features, preferred: &Features, other: &Features) -> Vector {
        let (mut vector, mut words) = (Vector::new(), Vector::new());
        for (features, sign) in [(preferred, 1.0), (other, -1.0)] {
            self.named(context, features, &mut |slot, x| vector.push((slot, sign * x)));
            words.extend(features.words.iter().map(|&(hash, x)| (self.slot(hash), sign * x)));
        }
        let mut words = merge(words);
        let mut size = 0.0;
        for (_, x) in &mut words {
            *x = x.clamp(-text::TOKEN, text::TOKEN);
            size += square(*x);
        }
        let share = text::share(size);
        let rest = math::sqrt(size * (1.0 - square(share)) / 2.0);
        vector.push((self.whole(context, preferred), rest));
        vector.push((self.whole(context, other), -rest));
        vector.extend(words.iter().map(|&(slot, x)| (slot, x * share)));
        merge(vector)
    }

    /// The slot of a text as a whole, in its context.
    fn whole(self, context: &Features, candidate: &Features) -> u32 {
        let words = context.words.iter().chain(&candidate.words);
        self.slot(hash::finish(words.fold(0, |sum, (hash, _)| sum.wrapping_add(*hash))))
    }
}

const fn square(x: f64) -> f64 {
    x * x
}

/// Sorts by slot, adds what shares one, keeps values within ±[`limits::VALUE`] and drops zeros.
fn merge(vector: Vector) -> Vector {
    let mut vector = summed(vector);
    for (_, x) in &mut vector {
        *x = x.clamp(-limits::VALUE, limits::VALUE);
    }
    vector.retain(|(_, x)| *x != 0.0);
    vector
}

/// Sorts by slot and adds what shares one.
fn summed(mut vector: Vector) -> Vector {
    crate::sort::sort_by_key(&mut vector, |(slot, _)| *slot);
    vector.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    vector
}
#[cfg(test)]
mod tests;
