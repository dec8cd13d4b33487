//! Calls that happen often cross into wasm as one string and one list of numbers: a crossing for each name and value
//! would cost more than all the learning (js/encode.ts writes what is read here).
//!
//! The string is all strings of the request, end to end. The numbers are their lengths in UTF-16 units, in between
//! counts, kinds and values, in the order of reading.

use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::page::{Decision, Request};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Reads a request.
///
/// # Errors
/// [`Code::Internal`] if the two do not belong together, and as [`decision_id`] for `after`.
pub fn request(text: &str, shape: &[f64]) -> Result<Request> {
    let ascii = shape.first() == Some(&1.0);
    let mut reader = Reader { text, numbers: shape.get(1..).unwrap_or_default().iter(), ascii };
    let surface = reader.string()?;
    let after = reader.string()?;
    let after = if after.is_empty() { None } else { Some(decision_id(&after)?) };
    let context = reader.object()?;
    let count = reader.count()?;
    let candidates = (0..count).map(|_| reader.candidate()).collect::<Result<_>>()?;
    if reader.text.is_empty() && reader.numbers.next().is_none() {
        Ok(Request { surface, context, candidates, after })
    } else {
        Err(misshapen())
    }
}

/// A decision's id as the app gives it.
///
/// # Errors
/// [`Code::UnknownDecision`]: what is no id names no decision.
pub fn decision_id(text: &str) -> Result<Id> {
    Id::parse(text).map_err(|_| Error::new(Code::UnknownDecision, "this is not the id of a decision"))
}

/// A decision about candidates that the caller has at hand: the id as four numbers of 32 bits, propensity, explored,
/// version, attempt, unready; then the places of the candidates, best first, and their scores.
#[allow(clippy::cast_precision_loss)] // versions and places are far below 2⁵³
pub fn decision(decision: &Decision) -> Vec<f64> {
    let (words, _) = decision.id.as_bytes().as_chunks::<4>();
    let mut numbers: Vec<f64> = words.iter().map(|word| f64::from(u32::from_be_bytes(*word))).collect();
    numbers.extend([
        decision.propensity,
        f64::from(u8::from(decision.explored)),
        decision.version as f64,
        f64::from(decision.attempt),
        f64::from(u8::from(decision.unready)),
    ]);
    numbers.extend(decision.places.iter().map(|place| *place as f64));
    numbers.extend(&decision.scores);
    numbers
}

/// A plain object, as JSON would have it.
pub fn to_value(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}

struct Reader<'a> {
    text: &'a str,
    numbers: core::slice::Iter<'a, f64>,
    ascii: bool,
}

impl Reader<'_> {
    fn number(&mut self) -> Result<f64> {
        self.numbers.next().copied().ok_or_else(misshapen)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is compared with what is there
    fn count(&mut self) -> Result<usize> {
        self.number().map(|number| number as usize)
    }

    fn string(&mut self) -> Result<String> {
        let units = self.count()?;
        let bytes = if self.ascii { units } else { bytes_of(self.text, units) };
        let (string, rest) = self.text.split_at_checked(bytes).ok_or_else(misshapen)?;
        self.text = rest;
        Ok(string.into())
    }

    fn candidate(&mut self) -> Result<Candidate> {
        let id = self.string()?;
        let text = if self.count()? == 1 { Some(self.string()?) } else { None };
        Ok(Candidate { id, features: self.object()?, text })
    }

    fn object(&mut self) -> Result<Object> {
        let count = self.count()?;
        (0..count).map(|_| Ok((self.string()?, self.value()?))).collect::<Result<_>>().map(Object)
    }

    fn value(&mut self) -> Result<Value> {
        Ok(match self.count()? {
            0 => Value::Nothing,
            1 => Value::Text(self.string()?),
            2 => Value::Number(self.number()?),
            3 => Value::Flag(true),
            4 => Value::Flag(false),
            5 => {
                let count = self.count()?;
                Value::List((0..count).map(|_| self.value()).collect::<Result<_>>()?)
            }
            6 => Value::Nested,
            _ => return Err(misshapen()),
        })
    }
}

/// How many bytes this many UTF-16 units at the front take. A lone surrogate arrives as U+FFFD, also one unit.
fn bytes_of(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, letter) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(letter.len_utf16());
    }
    text.len()
}

fn misshapen() -> Error {
    Error::new(Code::Internal, "the request was not written as it is read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_written() {
        // Not ASCII; surface 2 units, no `after`; two features; one candidate with a text and a list.
        let text = "söcxü😀yidhellolz";
        let shape =
            [0.0, 2.0, 0.0, 2.0, 1.0, 1.0, 4.0, 1.0, 2.0, 0.5, 1.0, 2.0, 1.0, 5.0, 1.0, 1.0, 5.0, 2.0, 3.0, 1.0, 1.0];
        let read = request(text, &shape).expect("reads");
        assert_eq!((read.surface.as_str(), read.after), ("sö", None));
        assert_eq!(read.context.0, [("c".into(), Value::Text("xü😀".into())), ("y".into(), Value::Number(0.5))]);
        let list = Value::List(vec![Value::Flag(true), Value::Text("z".into())]);
        let candidate =
            Candidate { id: "id".into(), text: Some("hello".into()), features: Object(vec![("l".into(), list)]) };
        assert_eq!(read.candidates, [candidate]);
    }

    #[test]
    fn what_does_not_fit_together_is_refused_wherever_it_is_cut() {
        let (text, shape) = ("sid", [1.0, 1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0]);
        assert!(request(text, &shape).is_ok());
        for cut in 0..shape.len() {
            assert!(request(text, &shape[..cut]).is_err(), "{cut} numbers");
        }
        for text in ["", "s", "si", "sidx"] {
            assert!(request(text, &shape).is_err(), "{text}");
        }
        let mut huge = shape;
        huge[4] = f64::MAX;
        assert!(request(text, &huge).is_err());
    }
}
