//! Numbers of any scale.

use super::{FORM, hash, text};
use crate::math;

/// Hands the features of a number to `add`, each with its hash, its strength and its knot.
///
/// A number lies between two knots, which stand at the whole numbers of `asinh`: 0, 1.2, 3.6, 10, 27, 74, 202, 548, … and
/// the same below zero. The knots around it share a strength of 1, the nearer one has more of it, and that at 0 stands
/// for nothing. So the effect of a number is a line with a bend at each knot, whatever the scale, and no number is louder
/// than a category (linear splines; docs/decisions/0140). The form of a text is on a known scale and stays one feature,
/// the knot 0.
pub(super) fn features(name: u32, number: f64, mut add: impl FnMut(u32, f64, i32)) {
    if !number.is_finite() || number == 0.0 {
        return;
    }
    if name & FORM != 0 {
        return add(name, text::squash(number), 0);
    }
    let size = math::asinh(number).abs();
    #[allow(clippy::cast_possible_truncation)] // at most 710
    let below = size as i32;
    let above = size - f64::from(below);
    for (knot, share) in [(below, 1.0 - above), (below + 1, above)] {
        if knot != 0 && share != 0.0 {
            let knot = if number < 0.0 { -knot } else { knot };
            add(hash::cross(name, knot.cast_unsigned()) & !FORM, share, knot);
        }
    }
}
