//! What the app insists on, whatever was learned.

use crate::error::{Code, Error, Result};
use crate::signal::check_share;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The app's rule for one candidate; it holds in every policy, and the recorded propensity includes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Rule {
    /// What was learned decides.
    #[default]
    None,
    /// It stands first. Of several the best does, ties at random; then nothing else is drawn, minimum shares included.
    Pinned,
    /// It never stands first and comes last in the order.
    Forbidden,
    /// It stands first with at least this probability, above 0 and below 1.
    MinimumShare(f64),
}

impl Rule {
    /// As one number, the form in which it is stored and crosses: 0 for none, 1 pinned, −1 forbidden, a share itself.
    #[must_use]
    pub const fn to_number(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Pinned => 1.0,
            Self::Forbidden => -1.0,
            Self::MinimumShare(share) => share,
        }
    }

    /// Reads [`Rule::to_number`].
    ///
    /// # Errors
    /// [`Code::NotFinite`] or [`Code::OutOfRange`] for a number that is none of them.
    pub fn from_number(number: f64) -> Result<Self> {
        if number == -1.0 {
            return Ok(Self::Forbidden);
        }
        check_share("a minimum share", number)?;
        Ok(if number == 0.0 {
            Self::None
        } else if number < 1.0 {
            Self::MinimumShare(number)
        } else {
            Self::Pinned
        })
    }

    const fn minimum(self) -> f64 {
        if let Self::MinimumShare(share) = self { share } else { 0.0 }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_number())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        Self::from_number(f64::deserialize(deserializer)?).map_err(|error| de::Error::custom(&error.detail))
    }
}

/// Checks the rules of one request: one for each of `count` candidates, or none at all.
///
/// # Errors
/// [`Code::InvalidRules`] if there are more or fewer, if all candidates are forbidden, or if the minimum shares exceed
/// 1 together; [`Code::OutOfRange`] or [`Code::NotFinite`] for a minimum share that is not between 0 and 1.
pub fn check_rules(rules: &[Rule], count: usize) -> Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let mut sum = 0.0;
    for rule in rules {
        if let Rule::MinimumShare(share) = rule {
            check_share("a minimum share", *share)?;
        }
        sum += rule.minimum();
    }
    let problem = if rules.len() != count {
        "there must be one rule for each candidate"
    } else if rules.iter().all(|rule| *rule == Rule::Forbidden) {
        "all candidates are forbidden"
    } else if sum > 1.0 + 1e-9 {
        "the minimum shares are more than 1 together"
    } else {
        return Ok(());
    };
    Err(Error::new(Code::InvalidRules, problem))
}

/// Raises every share that is below its minimum, and lowers the others in proportion. Returns the factor by which they
/// were lowered: every share is max(minimum, factor × share), and they sum to 1 as before.
pub(super) fn raise(shares: &mut [f64], minimums: &[Rule]) -> f64 {
    let mut factor = 1.0;
    // Lowering can bring others below their minimum; the factor only falls, so each round fixes one more at least.
    for _ in 0..=shares.len() {
        let (mut fixed, mut free) = (0.0, 0.0);
        for (share, rule) in shares.iter().zip(minimums) {
            if factor * share < rule.minimum() {
                fixed += rule.minimum();
            } else {
                free += share;
            }
        }
        let next = if free > 0.0 { ((1.0 - fixed) / free).max(0.0) } else { 0.0 };
        if next >= factor {
            break;
        }
        factor = next;
    }
    for (share, rule) in shares.iter_mut().zip(minimums) {
        *share = (factor * *share).max(rule.minimum());
    }
    factor
}
