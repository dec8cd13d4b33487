//! What has crossed before: names, categories and ids cross once as strings and then as numbers, and whole candidates
//! that come again are not read again (js/lexicon.ts is the other side).

use crate::flat::misshapen;
use flywheel_core::error::Result;
use flywheel_core::feature::{Candidate, Features, Object, Str, Value, check_name, is_text, limits};
use flywheel_core::page::Page;
use flywheel_core::redact::redact;
use flywheel_core::rng::mix64;

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

/// Terms by their numbers, and the numbers under which the page knows what was made of them.
#[derive(Default)]
pub struct Lexicon {
    terms: Vec<Term>,
    contexts: Prints,
    candidates: Prints,
    /// The page's age; what it knew at an earlier one it has forgotten.
    age: u32,
}

/// A request by what the page knows.
pub struct Known {
    pub surface: Str,
    pub context: u32,
    pub candidates: Vec<u32>,
}

impl Lexicon {
    /// The number of a bare name (an id, a surface, the name of a number), a flag, or a category; `None` for what must
    /// cross as a string: texts, and names that will be refused.
    pub fn add(&mut self, of: u8, name: &str, category: &str) -> Option<u32> {
        let mut category = Str::from(category);
        redact(&mut category);
        if check_name("", name).is_err() || is_text(&category) {
            return None;
        }
        let value = match of {
            // A name alone may come to stand before any number.
            kind::NAME => Value::Number(1.0),
            kind::FLAG => Value::Flag(true),
            _ => Value::Text(category),
        };
        let object = Object(vec![(name.into(), value)]);
        let hash = Features::of(&object).crossing.first().map_or(0, |(hash, _)| *hash);
        self.terms.extend(object.0.into_iter().map(|(name, value)| Term { name, value, hash }));
        u32::try_from(self.terms.len() - 1).ok()
    }

    /// Forgets all of it.
    pub fn clear(&mut self) {
        *self = Self { age: self.age, ..Self::default() };
    }

    /// Reads a request: the surface, the context as a counted list, the count of candidates, and for each −1 − the
    /// number under which it is known, or its id and its features as a counted list.
    ///
    /// # Errors
    /// If it is not that.
    pub fn request(&mut self, page: &mut Page, numbers: &[f64]) -> Result<Known> {
        if self.age != page.age() {
            (self.age, self.contexts, self.candidates) = (page.age(), Prints::default(), Prints::default());
        }
        let mut rest = numbers;
        let surface = name(&self.terms, take(&mut rest)?)?;
        let key = list(&mut rest)?;
        let terms = &self.terms;
        let print = fingerprint(key);
        let context = match self.contexts.get(print) {
            Some(known) => known,
            None => {
                let (object, features) = read(terms, key)?;
                let number = page.know_context(object, features)?;
                self.contexts.set(print, number);
                number
            }
        };
        let count = take(&mut rest)? as usize;
        let mut candidates = Vec::with_capacity(count.min(limits::CANDIDATES));
        for _ in 0..count {
            let whole = rest;
            let id = take(&mut rest)?;
            if id < 0.0 {
                candidates.push((-1.0 - id) as u32);
                continue;
            }
            let key = list(&mut rest)?;
            let whole = whole.get(..whole.len() - rest.len()).unwrap_or_default();
            let print = fingerprint(whole);
            candidates.push(match self.candidates.get(print) {
                Some(known) => known,
                None => {
                    let (object, features) = read(terms, key)?;
                    let candidate = Candidate { id: name(terms, id)?, features: object, text: None };
                    let number = page.know_candidate(candidate, features)?;
                    self.candidates.set(print, number);
                    number
                }
            });
        }
        if !rest.is_empty() {
            return Err(misshapen());
        }
        Ok(Known { surface, context, candidates })
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
            let value = Value::Number(size);
            features.push(&term.name, &value);
            object.push((term.name.clone(), value));
        }
    }
    Ok((Object(object), features))
}

/// Numbers by the fingerprints of what they stand for: comparing that itself would fetch as much again from memory.
#[derive(Default)]
struct Prints {
    /// Open addressing with linear probing; the print 0 is of nothing.
    cells: Vec<(u64, u32)>,
    used: usize,
}

impl Prints {
    /// The number of a print.
    fn get(&mut self, print: u64) -> Option<u32> {
        if self.cells.is_empty() {
            return None;
        }
        let (found, number) = *self.cell(print);
        (found == print).then_some(number)
    }

    fn set(&mut self, print: u64, number: u32) {
        if (self.used + 1) * 2 > self.cells.len() {
            let larger = vec![(0, 0); (self.cells.len() * 2).max(64)];
            for cell in core::mem::replace(&mut self.cells, larger) {
                if cell.0 != 0 {
                    *self.cell(cell.0) = cell;
                }
            }
        }
        self.used += 1;
        *self.cell(print) = (print, number);
    }

    /// Where a print stands or would stand.
    #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // masked; half of the cells are free
    fn cell(&mut self, print: u64) -> &mut (u64, u32) {
        let mask = self.cells.len() - 1;
        let mut place = print as usize & mask;
        while self.cells[place].0 != 0 && self.cells[place].0 != print {
            place = (place + 1) & mask;
        }
        &mut self.cells[place]
    }
}

/// 64 bits that are never 0, each step a bijection that spreads every bit: among a few thousand things two different
/// ones share it once in 10¹² times.
fn fingerprint(key: &[f64]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let step = |print: u64, number: &f64| (print.rotate_left(29) ^ number.to_bits()).wrapping_mul(ODD);
    mix64(key.iter().fold(key.len() as u64, step)) | 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flat::Tree;
    use crate::options;
    use flywheel_core::page::Request;

    /// `{ colour: "red", size: 2.5, new: true }` in three terms.
    fn filled() -> Lexicon {
        let mut lexicon = Lexicon::default();
        let added = [("s", 0, ""), ("a", 0, ""), ("colour", 2, "red"), ("size", 0, ""), ("new", 1, "")];
        for (number, (name, of, category)) in (0..).zip(added) {
            assert_eq!(lexicon.add(of, name, category), Some(number));
        }
        lexicon
    }

    fn page() -> Page {
        let given = Tree::Object(vec![("app".into(), Tree::Text("a".into())), ("seed".into(), Tree::Number(1.0))]);
        let mut page = Page::new(options::read(&given, false).expect("options").0);
        page.ready();
        page
    }

    const REQUEST: [f64; 11] = [0.0, 1.0, 2.0, 1.0, 1.0, 4.0, 2.0, -4.0, 2.5, 4.0, 0.0];

    #[test]
    fn what_crosses_as_numbers_is_what_would_cross_as_strings() {
        let (mut lexicon, mut known, mut whole) = (filled(), page(), page());
        let value = |name: &str, value| (name.into(), value);
        let features = vec![
            value("colour", Value::Text("red".into())),
            value("size", Value::Number(2.5)),
            value("new", Value::Flag(true)),
        ];
        let request = Request {
            surface: "s".into(),
            context: Object(features[..1].to_vec()),
            candidates: vec![Candidate { id: "a".into(), features: Object(features), text: None }],
            ..Request::default()
        };
        for now in 1..4 {
            let read = lexicon.request(&mut known, &REQUEST[..10]).expect("reads");
            assert_eq!((&*read.surface, read.context, &*read.candidates), ("s", 0, &[0][..]));
            let decided = known.rank_known(&read.surface, 0, &read.candidates, now).expect("ranks");
            let decision = whole.rank_places(request.clone(), now).expect("ranks");
            assert_eq!(known.decision(decided.id), whole.decision(decision.id));
            known.thumb(decided.id, None, now).expect("learns");
            whole.thumb(decision.id, None, now).expect("learns");
            assert_eq!(decided, decision);
        }
    }

    #[test]
    fn what_is_known_crosses_as_one_number_and_no_other_is_taken() {
        let (mut lexicon, mut page) = (filled(), page());
        lexicon.request(&mut page, &REQUEST[..10]).expect("reads");
        for (number, is_known) in [(-1.0, true), (-2.0, false), (-1e300, false), (f64::NEG_INFINITY, false)] {
            let read = lexicon.request(&mut page, &[0.0, 0.0, 1.0, number]).expect("reads");
            assert_eq!(page.rank_known(&read.surface, read.context, &read.candidates, 1).is_ok(), is_known);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_wherever_it_is_cut() {
        let (mut lexicon, mut page) = (filled(), page());
        assert!(lexicon.request(&mut page, &REQUEST).is_err(), "something is left");
        for cut in 0..10 {
            assert!(lexicon.request(&mut page, &REQUEST[..cut]).is_err(), "{cut} numbers");
        }
        for (place, wrong) in [(0, 9.0), (1, 1e300), (2, f64::NAN), (2, 99.0), (3, 1e9), (7, -100.0)] {
            let mut numbers = REQUEST;
            numbers[place] = wrong;
            // NaN reads as the first term, never as memory that is not its own.
            let _ = lexicon.request(&mut page, &numbers[..10]).map(|read| assert!(read.candidates.len() <= 1));
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
