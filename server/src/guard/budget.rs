//! How much memory all requests together may take.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that one permit stands for.
const UNIT: usize = 1 << 10;

/// Bytes that may be held at once; copies share them.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Semaphore>);

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Budget,
    held: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// A share of nothing yet.
    pub(crate) fn share(&self) -> Share {
        Share { budget: self.clone(), held: None, bytes: 0 }
    }
}

impl Share {
    /// Takes more; false when there is not enough left.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let units = |bytes: usize| u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let more = units(self.bytes.saturating_add(bytes)) - units(self.bytes);
        let Ok(permit) = Arc::clone(&self.budget.0).try_acquire_many_owned(more) else { return false };
        match &mut self.held {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        self.bytes += bytes;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_and_never_more_than_there_is() {
        let budget = Budget::new(10 * UNIT);
        let (mut one, mut other) = (budget.share(), budget.share());
        assert!((0..60).all(|_| one.grow(100)), "6,000 bytes are six units, however they come");
        assert!(other.grow(4 * UNIT) && !other.grow(1));
        drop(one);
        assert!(other.grow(6 * UNIT));
        drop(other);
        assert!(budget.share().grow(10 * UNIT));
    }
}
