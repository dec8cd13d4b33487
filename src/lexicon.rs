//! What has crossed before: names, categories and ids cross once as strings and then as numbers, and whole candidates
//! that come again are not read again (js/lexicon.ts is the other side).

use crate::flat::misshapen;
use flywheel_core::error::Result;
use flywheel_core::feature::{Candidate, Features, Object, Str, Value, check_name, is_text, limits, text};
use flywheel_core::journal::Shown;
use flywheel_core::page::Prepared;
use flywheel_core::rank::Rule;
use flywheel_core::rng::mix64;
use std::sync::Arc;

/// What a term is; js/lexicon.ts has the same numbers.
mod kind {
    pub const NAME: u8 = 0;
    pub const FLAG: u8 = 1;
}

struct Term {
    name: Str,
    value: Value,
    hash: u32,
}

/// Terms by their numbers, and what was made of them.
#[derive(Default)]
pub struct Lexicon {
    terms: Vec<Term>,
    contexts: Shelf<(Arc<Object>, Arc<Features>)>,
    candidates: Shelf<Arc<Shown>>,
}

impl Lexicon {
    /// The number of a bare name (an id, a surface, the name of a number), a flag, or a category; `None` for what must
    /// cross as a string: texts, and names that will be refused.
    pub fn add(&mut self, of: u8, name: &str, category: &str) -> Option<u32> {
        if check_name("", name).is_err() || is_text(category) {
            return None;
        }
        let value = match of {
            // A name alone may come to stand before any number.
            kind::NAME => Value::Number(1.0),
            kind::FLAG => Value::Flag(true),
            _ => Value::Text(category.into()),
        };
        let object = Object(vec![(name.into(), value)]);
        let hash = Features::of(&object).crossing.first().map_or(0, |(hash, _)| *hash);
        self.terms.extend(object.0.into_iter().map(|(name, value)| Term { name, value, hash }));
        u32::try_from(self.terms.len() - 1).ok()
    }

    /// Forgets all of it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Reads a request: the surface, the context as a counted list, the count of candidates, and for each its id, its
    /// rule, and its features as a counted list.
    ///
    /// # Errors
    /// If it is not that.
    pub fn request(&mut self, numbers: &[f64]) -> Result<Prepared> {
        let mut rest = numbers;
        let surface = name(&self.terms, take(&mut rest)?)?;
        let key = list(&mut rest)?;
        let terms = &self.terms;
        let (context, features) = self.contexts.get(key, || {
            let (object, features) = read(terms, key)?;
            Ok((Arc::new(object), Arc::new(features)))
        })?;
        let count = take(&mut rest)? as usize;
        let mut candidates = Vec::with_capacity(count.min(limits::CANDIDATES));
        for _ in 0..count {
            let whole = rest;
            let (id, rule, key) = (take(&mut rest)?, take(&mut rest)?, list(&mut rest)?);
            let whole = whole.get(..whole.len() - rest.len()).unwrap_or_default();
            candidates.push(self.candidates.get(whole, || {
                let (object, features) = read(terms, key)?;
                let candidate = Candidate { id: name(terms, id)?, features: object, text: None };
                Ok(Arc::new(Shown { candidate, features, rule: Rule::from_number(rule)? }))
            })?);
        }
        if !rest.is_empty() {
            return Err(misshapen());
        }
        Ok(Prepared { surface, context, features, candidates, after: None })
    }
}

fn take(rest: &mut &[f64]) -> Result<f64> {
    let (first, tail) = rest.split_first().ok_or_else(misshapen)?;
    *rest = tail;
    Ok(*first)
}

/// A count and as many numbers.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
fn list<'a>(rest: &mut &'a [f64]) -> Result<&'a [f64]> {
    let count = take(rest)? as usize;
    let (list, tail) = rest.split_at_checked(count).ok_or_else(misshapen)?;
    *rest = tail;
    Ok(list)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
fn term(terms: &[Term], number: f64) -> Result<&Term> {
    terms.get(number as usize).ok_or_else(misshapen)
}

fn name(terms: &[Term], number: f64) -> Result<Str> {
    term(terms, number).map(|term| term.name.clone())
}

/// Features: a term's number, or below zero the name of a number, −1 − the name's number, and then the number itself.
fn read(terms: &[Term], numbers: &[f64]) -> Result<(Object, Features)> {
    let (mut object, mut features) = (Vec::with_capacity(numbers.len()), Features::default());
    features.crossing.reserve(numbers.len());
    let mut rest = numbers;
    while let Ok(number) = take(&mut rest) {
        if number >= 0.0 {
            let term = term(terms, number)?;
            object.push((term.name.clone(), term.value.clone()));
            features.crossing.push((term.hash, 1.0));
        } else {
            let (term, size) = (term(terms, -1.0 - number)?, take(&mut rest)?);
            object.push((term.name.clone(), Value::Number(size)));
            if size != 0.0 {
                features.crossing.push((term.hash, text::squash(size)));
            }
        }
    }
    Ok((Object(object), features))
}

/// Things by a fingerprint of the numbers that they were made of: comparing the numbers themselves would fetch as much
/// again from memory. Each may stand at a few places; what comes new takes the place of what came there first.
struct Shelf<T> {
    places: Vec<Option<(u64, T)>>,
    turn: usize,
}

/// As many candidates as a few hundred decisions have between them; the decisions that are kept hold most of them anyway.
const PLACES: usize = 8_192;
/// At how many places a thing may stand.
const WAYS: usize = 4;

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { places: Vec::new(), turn: 0 }
    }
}

impl<T: Clone> Shelf<T> {
    fn get(&mut self, key: &[f64], make: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
        }
        let print = fingerprint(key);
        #[allow(clippy::cast_possible_truncation)] // some of its bits
        let first = print as usize & (PLACES - WAYS);
        let places = self.places.get_mut(first..first + WAYS).ok_or_else(misshapen)?;
        for (of, thing) in places.iter().flatten() {
            if *of == print {
                return Ok(thing.clone());
            }
        }
        let thing = make()?;
        self.turn = (self.turn + 1) % WAYS;
        if let Some(place) = places.get_mut(self.turn) {
            *place = Some((print, thing.clone()));
        }
        Ok(thing)
    }
}

/// 64 bits, each step a bijection that spreads every bit: among the few thousand things of a shelf two different ones
/// share it once in 10¹⁵ times.
fn fingerprint(key: &[f64]) -> u64 {
    key.iter().fold(key.len() as u64, |print, number| mix64(print.rotate_left(1) ^ number.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{ colour: "red", size: 2.5, new: true }` in three terms.
    fn filled() -> Lexicon {
        let mut lexicon = Lexicon::default();
        let added = [("s", 0, ""), ("a", 0, ""), ("colour", 2, "red"), ("size", 0, ""), ("new", 1, "")];
        for (number, (name, of, category)) in (0..).zip(added) {
            assert_eq!(lexicon.add(of, name, category), Some(number));
        }
        lexicon
    }

    const REQUEST: [f64; 12] = [0.0, 1.0, 2.0, 1.0, 1.0, 0.25, 4.0, 2.0, -4.0, 2.5, 4.0, 0.0];

    #[test]
    fn what_crosses_as_numbers_is_what_would_cross_as_strings() {
        let mut lexicon = filled();
        let read = lexicon.request(&REQUEST[..11]).expect("reads");
        assert_eq!(read.surface, "s");
        let candidate = Candidate {
            id: "a".into(),
            features: Object(vec![
                ("colour".into(), Value::Text("red".into())),
                ("size".into(), Value::Number(2.5)),
                ("new".into(), Value::Flag(true)),
            ]),
            text: None,
        };
        let [shown] = &read.candidates[..] else { panic!("one candidate") };
        assert_eq!(shown.features, Features::of_candidate(&candidate));
        assert_eq!((&shown.candidate, shown.rule), (&candidate, Rule::MinimumShare(0.25)));
        assert_eq!(*read.features, Features::of(&read.context));
        let again = lexicon.request(&REQUEST[..11]).expect("reads");
        assert!(Arc::ptr_eq(shown, &again.candidates[0]) && Arc::ptr_eq(&read.features, &again.features));
    }

    #[test]
    fn what_does_not_fit_is_refused_wherever_it_is_cut() {
        let mut lexicon = filled();
        assert!(lexicon.request(&REQUEST).is_err(), "something is left");
        for cut in 0..11 {
            assert!(lexicon.request(&REQUEST[..cut]).is_err(), "{cut} numbers");
        }
        for (place, wrong) in [(0, 9.0), (1, 1e300), (2, f64::NAN), (2, 99.0), (3, 1e9), (8, -100.0), (5, 7.0)] {
            let mut numbers = REQUEST;
            numbers[place] = wrong;
            // NaN and what lies below zero read as the first term, never as memory that is not theirs.
            let _ = lexicon.request(&numbers[..11]).map(|read| assert!(read.candidates.len() <= 1));
        }
    }

    #[test]
    fn texts_and_bad_names_cross_as_strings() {
        let mut lexicon = Lexicon::default();
        assert_eq!(lexicon.add(2, "prompt", &"word ".repeat(9)), None);
        assert_eq!(lexicon.add(0, "__proto__", ""), None);
        assert_eq!(lexicon.add(0, "", ""), None);
    }
}
