//! Numbers of any scale.

use super::hash::{self, Kind};
use super::{FORM, form, limits};
use crate::math;

/// How many new words a text has: on a known scale as the form is, but crossed with everything.
const NOVEL: u32 = hash::feature(Kind::Number, form::NOVEL, "") & !FORM;

/// Hands the features of a number to `add`, each with its hash, its strength and its knot.
///
/// A number lies between two knots, which stand at the whole numbers of `asinh`: 0, 1.2, 3.6, 10, 27, 74, 202, 548, … and
/// the same below zero. The knots around it share a strength of 1, the nearer one has more of it, and that at 0 stands
/// for nothing. So the effect of a number is a line with a bend at each knot, whatever the scale, and no number is louder
/// than a category (linear splines; docs/decisions/0140). What is counted in a text is on a known scale and stays one
/// feature, the knot 0.
pub(super) fn features(name: u32, number: f64, add: &mut dyn FnMut(u32, f64, i32)) {
    let at = math::asinh(number);
    if name & FORM != 0 || name == NOVEL {
        let strength = math::within(at, limits::VALUE);
        if strength.abs() > 0.0 {
            add(name, strength, 0);
        }
        return;
    }
    let below = at.floor();
    for knot in [below, below + 1.0] {
        let share = 1.0 - (at - knot).abs();
        #[allow(clippy::cast_possible_truncation)] // at most 711
        let place = knot as i32;
        if place != 0 && share > 0.0 {
            add(hash::cross(name, place.cast_unsigned()) & !FORM, share, place);
        }
    }
}
