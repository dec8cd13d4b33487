//! The probability that each of several independent Gaussian draws is the largest.

use crate::learner::Prediction;
use crate::math;

/// Steps of the grid in each standard deviation of the narrowest draw.
const FINENESS: f64 = 4.0;
/// How many standard deviations of a draw the grid covers to each side; 10⁻¹⁵ lies outside.
const REACH: f64 = 8.0;
/// The narrowest draw has at least this part of the widest one's standard deviation, so that the grid stays small.
const NARROWEST: f64 = 0.125;

/// P(i is the largest) = ∫ φᵢ ∏_{j≠i} Φⱼ for draws with the predictions' means and their standard deviations times
/// `scale` (Thompson 1933, "On the likelihood that one unknown probability exceeds another"). If nothing varies, shares
/// stay what they are.
///
/// By the trapezoidal rule on one grid for all, whose error falls exponentially with its step for such functions
/// (Trefethen and Weideman 2014, "The exponentially convergent trapezoidal rule"); Φ by the same sums with
/// Euler and Maclaurin's correction, so that a point costs one `exp` for each candidate.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small grid
pub(super) fn draw(shares: &mut [f64], predictions: &[Prediction], scale: f64) {
    let deviation = |prediction: &Prediction| scale * math::sqrt(prediction.variance);
    let widest = predictions.iter().map(deviation).fold(0.0, f64::max);
    // Where next to nothing varies, the step of the grid would come to zero.
    if widest < 1e-100 || !widest.is_finite() {
        return;
    }
    let deviation = |prediction: &Prediction| deviation(prediction).max(widest * NARROWEST);
    // Below this point somebody's draw always lies; who never reaches it is never the largest.
    let floor = predictions.iter().map(|p| p.mean - REACH * deviation(p)).fold(f64::NEG_INFINITY, f64::max);
    let (mut low, mut high, mut narrowest) = (floor, floor, widest);
    let mut drawn = Vec::new();
    for (place, prediction) in predictions.iter().enumerate() {
        let (mean, deviation) = (prediction.mean, deviation(prediction));
        if mean + REACH * deviation >= floor {
            low = low.min(mean - REACH * deviation);
            high = high.max(mean + REACH * deviation);
            narrowest = narrowest.min(deviation);
            drawn.push(Draw { place, mean, deviation, sum: 0.0, density: 0.0, before: 0.0 });
        }
    }
    let step = narrowest / FINENESS;
    shares.fill(0.0);
    for point in 0..=((high - low) / step) as u32 {
        let x = low + f64::from(point) * step;
        // Products of Φ before each, then after each.
        let mut product = 1.0;
        for draw in &mut drawn {
            draw.before = product;
            product *= draw.advance(x, step);
        }
        let mut product = 1.0;
        for draw in drawn.iter().rev() {
            if let Some(share) = shares.get_mut(draw.place) {
                *share += draw.density * draw.before * product;
            }
            product *= draw.cumulated(x, step);
        }
    }
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
}

struct Draw {
    place: usize,
    mean: f64,
    deviation: f64,
    /// Sum of the densities up to this point.
    sum: f64,
    /// exp(−z²/2) / (σ √(2π)) at this point.
    density: f64,
    before: f64,
}

impl Draw {
    fn advance(&mut self, x: f64, step: f64) -> f64 {
        let z = (x - self.mean) / self.deviation;
        self.density = math::exp(-0.5 * z * z) / (self.deviation * ROOT_OF_TWO_PI);
        self.sum += self.density;
        self.cumulated(x, step)
    }

    /// Φ: the trapezoidal sum, less h²/12 f′ − h⁴/720 f‴.
    fn cumulated(&self, x: f64, step: f64) -> f64 {
        let (z, h) = ((x - self.mean) / self.deviation, step / self.deviation);
        let correction = -0.5 + z * h / 12.0 + (3.0 - z * z) * z * h * h * h / 720.0;
        step * (self.sum + self.density * correction)
    }
}

const ROOT_OF_TWO_PI: f64 = 2.506_628_274_631_000_5;
