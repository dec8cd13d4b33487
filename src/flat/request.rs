//! The two ends of ranking, read and written without anything in between.

use super::kind;
use super::reader::{Reader, misshapen};
use crate::INSIGHT;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::page::{Decided, Request};
use flywheel_core::rank::Rule;

/// Reads a request.
///
/// # Errors
/// [`Code::Internal`] if the two do not belong together, and as [`decision_id`] for `after`.
pub fn request(text: &str, shape: &[f64]) -> Result<Request> {
    let mut reader = Reader::new(text, shape);
    let surface = reader.string()?;
    let after = reader.string()?;
    let after = if after.is_empty() { None } else { Some(decision_id(after)?) };
    let context = object(&mut reader)?;
    let count = reader.count()?;
    let mut candidates = Vec::new();
    for _ in 0..count {
        let id = reader.string()?.into();
        let text = if reader.count()? == 1 { Some(reader.string()?.into()) } else { None };
        candidates.push(Candidate { id, features: object(&mut reader)?, text });
    }
    // Most requests have no rules, and end here.
    let mut rules = Vec::new();
    while let Some(number) = reader.another() {
        rules.push(Rule::from_number(number)?);
    }
    reader.end()?;
    Ok(Request { surface: surface.into(), context, candidates, rules, after })
}

/// A decision's id as the app gives it.
///
/// # Errors
/// [`Code::UnknownDecision`]: what is no id names no decision.
pub fn decision_id(text: &str) -> Result<Id> {
    Id::parse(text).map_err(|_| Error::new(Code::UnknownDecision, "this is not the id of a decision"))
}

/// The 36 characters of an id.
pub const ID: usize = 36;

/// An id as the codes of its characters, at the front of `room`.
pub fn put_id(room: &mut [f64], id: &Id) {
    let mut codes = id.text().into_bytes().into_iter().map(f64::from);
    room.iter_mut().zip(&mut codes).for_each(|(place, code)| *place = code);
}

/// The id that stands so.
///
/// # Errors
/// [`Code::UnknownDecision`]: what is no id names no decision.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
pub fn take_id(room: &[f64]) -> Result<Id> {
    let codes: Vec<u8> = room.iter().take(ID).take_while(|code| **code > 0.0).map(|code| *code as u8).collect();
    decision_id(core::str::from_utf8(&codes).unwrap_or_default())
}

/// A decision about candidates that the caller has at hand: the id, propensity, explored, version, attempt, 1 for
/// unready or 2 for worth asking, the age of what is known; then the places of the candidates, best first, their scores,
/// and the numbers under which they are `known`.
#[allow(clippy::cast_precision_loss)] // versions and places are far below 2⁵³
pub fn put_decision(room: &mut [f64], decided: &Decided, known: &[u32], age: u32) {
    put_id(room, &decided.id);
    let mut rest = room.iter_mut().skip(ID);
    let mut put = |number: f64| {
        if let Some(place) = rest.next() {
            *place = number;
        }
    };
    put(decided.propensity);
    put(f64::from(u8::from(decided.explored)));
    put(decided.version as f64);
    put(f64::from(decided.attempt));
    put(f64::from(u8::from(decided.unready) + 2 * u8::from(INSIGHT && decided.worth_asking)));
    put(f64::from(age));
    decided.places.iter().for_each(|place| put(*place as f64));
    decided.scores.iter().for_each(|score| put(*score));
    known.iter().for_each(|number| put(f64::from(*number)));
}

fn object(reader: &mut Reader<'_>) -> Result<Object> {
    let count = reader.count()?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        pairs.push((reader.string()?.into(), value(reader)?));
    }
    Ok(Object(pairs))
}

fn value(reader: &mut Reader<'_>) -> Result<Value> {
    Ok(match reader.kind()? {
        kind::NOTHING => Value::Nothing,
        kind::TEXT => Value::Text(reader.string()?.into()),
        kind::NUMBER => Value::Number(reader.number()?),
        kind::YES => Value::Flag(true),
        kind::NO => Value::Flag(false),
        kind::LIST => {
            let count = reader.count()?;
            let mut items = Vec::new();
            for _ in 0..count {
                items.push(value(reader)?);
            }
            Value::List(items)
        }
        kind::NESTED => Value::Nested,
        _ => return Err(misshapen()),
    })
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
        assert_eq!(read.rules, []);
        for (number, rule) in [(1.0, Ok(Rule::Pinned)), (-1.0, Ok(Rule::Forbidden)), (2.0, Err(Code::OutOfRange))] {
            let ruled = request(text, &[&shape[..], &[number]].concat());
            assert_eq!(ruled.map(|request| request.rules).map_err(|error| error.code), rule.map(|rule| vec![rule]));
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused_wherever_it_is_cut() {
        for (text, ascii) in [("sid", 1.0), ("süd", 0.0)] {
            let shape = [ascii, 1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0];
            assert!(request(text, &shape).is_ok());
            for cut in 0..shape.len() {
                assert!(request(text, &shape[..cut]).is_err(), "{cut} numbers");
            }
            let ruled = [&shape[..], &[0.25, 0.5]].concat();
            assert_eq!(request(text, &ruled).map(|request| request.rules.len()), Ok(2), "the page refuses that");
            for text in ["", "s", "sidx"] {
                assert!(request(text, &shape).is_err(), "{text}");
            }
            let mut huge = shape;
            huge[4] = f64::MAX;
            assert!(request(text, &huge).is_err());
        }
    }
}
