//! Ids and decisions as numbers, read and written where JavaScript has them too.

use crate::INSIGHT;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::id::Id;
use flywheel_core::page::Decided;

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
    room.iter_mut().zip(id.letters()).for_each(|(place, code)| *place = f64::from(code));
}

/// The id that stands so.
///
/// # Errors
/// [`Code::UnknownDecision`]: what is no id names no decision.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
pub fn take_id(room: &[f64]) -> Result<Id> {
    let mut codes = [0; ID];
    codes.iter_mut().zip(room).for_each(|(code, number)| *code = *number as u8);
    let codes = codes.split(|code| *code == 0).next().unwrap_or_default();
    decision_id(core::str::from_utf8(codes).unwrap_or_default())
}

/// A decision about candidates that the caller has at hand, number by number: propensity, explored, version, attempt, 1
/// for unready or the sum of 2 for worth asking and 4 for `held_out`, the age of what is known; then the places of the
/// candidates, best first, their scores, and the numbers under which they are `known`.
#[allow(clippy::cast_precision_loss)] // versions and places are far below 2⁵³
pub fn put_decision(decided: &Decided, known: &[u32], age: u32, held_out: bool, put: &mut dyn FnMut(f64)) {
    put(decided.propensity);
    put(f64::from(u8::from(decided.explored)));
    put(decided.version as f64);
    put(f64::from(decided.attempt));
    let flag = |set: bool, value: u8| u8::from(set) * value;
    put(f64::from(flag(decided.unready, 1) + flag(INSIGHT && decided.worth_asking, 2) + flag(INSIGHT && held_out, 4)));
    put(f64::from(age));
    decided.places.iter().for_each(|place| put(*place as f64));
    decided.scores.iter().for_each(|score| put(*score));
    known.iter().for_each(|number| put(f64::from(*number)));
}
