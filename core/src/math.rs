//! The only door to transcendental functions.
//!
//! The standard library calls the platform's own `exp`, `ln` and so on, whose last bits differ between a browser and
//! a server. The `libm` crate is the same code everywhere, so the same log gives the same bytes on both.
//! `+ - * /` and `sqrt` are exactly rounded by IEEE 754 and need no door.

/// π.
pub const PI: f64 = core::f64::consts::PI;

/// e to the power `x`.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Natural logarithm; `-inf` at 0, NaN below.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Square root.
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// `x`, or ±`bound` if it is outside; NaN stays NaN. (`f64::clamp` can panic with its arguments in words, and the words
/// for numbers cost the page ten kilobytes.)
#[must_use]
pub const fn within(x: f64, bound: f64) -> f64 {
    if x < -bound {
        -bound
    } else if x > bound {
        bound
    } else {
        x
    }
}

/// `x` to a multiple of 2⁻³², for |x| < 2¹⁹; beyond it coarser, with no harm. (Adding and subtracting a number
/// whose last bit is worth 2⁻³² rounds to nearest.)
#[must_use]
pub const fn settle(x: f64) -> f64 {
    const LARGE: f64 = 1_572_864.0; // 1.5 · 2²⁰: its last bit is worth 2⁻³²
    (x + LARGE) - LARGE
}

/// Inverse hyperbolic sine: linear near 0, logarithmic far away, odd. Exact to 2 · 10⁻⁷ of itself; below 10⁻³ it is `x`.
#[must_use]
pub fn asinh(x: f64) -> f64 {
    let size = x.abs();
    if size < 1e-3 {
        return x;
    }
    // Half of what stands in the logarithm. Beyond 10⁸ the root is `size`, and the square would overflow in the end.
    let half = if size < 1e8 { 0.5 * size + 0.5 * sqrt(size * size + 1.0) } else { size };
    (ln(half) + core::f64::consts::LN_2).copysign(x)
}

/// The nearest whole number, halves away from zero.
#[must_use]
pub fn round(x: f64) -> f64 {
    libm::round(x)
}

/// The logistic function, in (0, 1) for every finite `z`; it neither overflows nor rounds to 0 for |z| ≤ 700.
#[must_use]
pub fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + exp(-z))
    } else {
        let e = exp(z);
        e / (1.0 + e)
    }
}

/// Log-loss in nats of predicting `p` when `y` ∈ [0, 1] came; `p` is kept inside [1e-15, 1 − 1e-15].
#[must_use]
pub fn log_loss(p: f64, y: f64) -> f64 {
    let p = p.clamp(1e-15, 1.0 - 1e-15);
    -(y * ln(p) + (1.0 - y) * ln(1.0 - p))
}

/// Log-likelihood in nats, at most 0, of `y` ∈ [0, 1] under the probability σ(z): y z − ln(1 + eᶻ), with |z| held to 34.5,
/// where the probability is 10⁻¹⁵ from certain.
#[must_use]
pub fn log_likelihood(z: f64, y: f64) -> f64 {
    let z = within(z, 34.5);
    let positive = if z > 0.0 { z } else { 0.0 };
    y * z - positive - ln(1.0 + exp(-z.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigmoid_is_symmetric_and_finite_at_the_extremes() {
        for z in [-800.0, -50.0, -1.0, 0.0, 1.0, 50.0, 800.0] {
            let p = sigmoid(z);
            assert!((0.0..=1.0).contains(&p));
            assert!((p + sigmoid(-z) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn the_log_likelihood_is_the_log_loss_of_the_probability() {
        for z in [-800.0, -34.0, -2.5, 0.0, 0.3, 7.0, 34.0, 800.0] {
            for y in [0.0, 0.25, 1.0] {
                let expected = -log_loss(sigmoid(z), y);
                assert!((log_likelihood(z, y) - expected).abs() < 0.05, "{z} {y}");
                assert!(z.abs() > 20.0 || (log_likelihood(z, y) - expected).abs() < 1e-7, "{z} {y}");
            }
        }
    }

    #[test]
    fn settling_takes_off_what_the_order_of_adding_leaves() {
        assert_eq!(settle(0.1 + 0.2 + 0.3), settle(0.3 + 0.2 + 0.1));
        for x in [0.0, 1e-3, -0.7, 12.5, -8_000.0] {
            assert!((settle(x) - x).abs() <= 1.2e-10 && settle(settle(x)) == settle(x));
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods)] // to compare with
    fn asinh_is_that_of_the_standard_library_within_what_is_documented() {
        for x in [0.0, 1e-300, 1e-4, 9.99e-4, 1e-3, 0.5, 3.0, 1e4, 9.9e7, 1e8, 1e200, f64::MAX] {
            for x in [x, -x] {
                assert!((asinh(x) - x.asinh()).abs() <= 2e-7 * x.asinh().abs(), "{x}");
            }
        }
    }

    #[test]
    fn log_loss_of_a_certain_mistake_is_finite() {
        assert!(log_loss(0.0, 1.0).is_finite() && log_loss(1.0, 0.0) > 30.0);
    }
}
