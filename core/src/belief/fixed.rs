//! Fixed point: evidence as whole numbers of 2⁻²⁰.

use core::ops::{Add, Neg, Sub};

/// One, in fixed point. The resolution, 10⁻⁶, is far below what one signal teaches; the range, ±8.8 · 10¹², holds the
/// largest contributions (|ρ m| < 14) of 6 · 10¹¹ people.
pub const ONE: f64 = 1_048_576.0;

/// To fixed point, rounded to nearest, halves away from zero; out of range saturates, NaN is 0.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // `as` cuts towards zero and saturates
pub fn to_fixed(value: f64) -> i64 {
    let scaled = value * ONE;
    (scaled + 0.5f64.copysign(scaled)) as i64
}

/// From fixed point; exact up to 2⁵³ units, which is 8.6 · 10⁹.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn from_fixed(fixed: i64) -> f64 {
    fixed as f64 / ONE
}

/// Evidence about one weight in natural parameters: precision λ, and η = precision × mean.
///
/// Additions wrap: with whole numbers `a + b − b` is `a` whatever happens in between, which saturation would break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// λ (or a sum of ρ), in fixed point.
    pub precision: i64,
    /// η (or a sum of ρ m), in fixed point.
    pub shift: i64,
}

impl Evidence {
    /// Whether it says nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.precision == 0 && self.shift == 0
    }
}

impl Add for Evidence {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { precision: self.precision.wrapping_add(other.precision), shift: self.shift.wrapping_add(other.shift) }
    }
}

impl Neg for Evidence {
    type Output = Self;
    fn neg(self) -> Self {
        Self { precision: self.precision.wrapping_neg(), shift: self.shift.wrapping_neg() }
    }
}

impl Sub for Evidence {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}
