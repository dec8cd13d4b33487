//! How often somebody may come.

use crate::Rate;
use lru::LruCache;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Clients that are remembered; about 100 bytes each. Who is forgotten starts anew, which only helps somebody with
/// more addresses than this.
const CLIENTS: NonZeroUsize = NonZeroUsize::new(1 << 16).unwrap();

/// A token bucket for each client, of bounded memory: the generic cell rate algorithm (ITU-T I.371), which needs one
/// time for each.
#[derive(Debug)]
pub(crate) struct Rates<C: Hash + Eq>(Option<Buckets<C>>);

#[derive(Debug)]
struct Buckets<C: Hash + Eq> {
    start: Instant,
    /// What one request costs.
    each: Duration,
    /// How far ahead of the time somebody may be.
    ahead: Duration,
    /// When, after `start`, the bucket of each client is full again.
    full_at: Mutex<LruCache<C, Duration>>,
}

impl<C: Hash + Eq> Rates<C> {
    /// Buckets of this size.
    pub(crate) fn new(rate: Rate) -> Self {
        let is_limited = rate.per_second > 0.0 && rate.per_second.is_finite();
        Self(is_limited.then(|| {
            // A request every ten years is as good as none.
            let each = Duration::from_secs_f64((1.0 / rate.per_second).min(3e8));
            let ahead = each.saturating_mul(rate.burst.max(1));
            Buckets { start: Instant::now(), each, ahead, full_at: Mutex::new(LruCache::new(CLIENTS)) }
        }))
    }

    /// Lets a client in.
    ///
    /// # Errors
    /// How long to wait, when the bucket is empty.
    pub(crate) fn take(&self, client: C) -> Result<(), Duration> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        buckets.take(client, buckets.each, buckets.start.elapsed())
    }

    /// Counts a request that was let in as so many more; who had a full bucket before it can pay for anything.
    ///
    /// # Errors
    /// As [`Rates::take`]; nothing more is counted then.
    pub(crate) fn take_more(&self, client: C, times: u32) -> Result<(), Duration> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        buckets.take(client, buckets.more(times), buckets.start.elapsed())
    }
}

impl<C: Hash + Eq> Buckets<C> {
    fn more(&self, times: u32) -> Duration {
        self.each.saturating_mul(times).min(self.ahead.saturating_sub(self.each))
    }

    fn take(&self, client: C, cost: Duration, now: Duration) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full_at.get_or_insert_mut(client, || now);
        let next = (*full).max(now) + cost;
        match next.checked_sub(now + self.ahead) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *full = next;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(per_second: f64, burst: u32) -> Buckets<u32> {
        Rates::new(Rate { per_second, burst }).0.expect("limited")
    }

    #[test]
    fn a_burst_is_taken_then_the_rate_holds_and_the_wait_is_exact() {
        let buckets = buckets(10.0, 5);
        let at = Duration::from_millis;
        for _ in 0..5 {
            assert_eq!(buckets.take(1, buckets.each, at(0)), Ok(()));
        }
        assert_eq!(buckets.take(1, buckets.each, at(0)), Err(at(100)));
        assert_eq!(buckets.take(1, buckets.each, at(60)), Err(at(40)));
        assert_eq!(buckets.take(1, buckets.each, at(100)), Ok(()));
        assert_eq!(buckets.take(1, buckets.each, at(100)), Err(at(100)), "who was refused owes nothing");
        assert_eq!(buckets.take(2, buckets.each, at(100)), Ok(()), "another client has a bucket of its own");
        for second in 1..100 {
            let taken = (0..100).filter(|_| buckets.take(1, buckets.each, at(second * 1_000)).is_ok()).count();
            assert_eq!(taken, 5, "after a pause there is a burst, never more");
        }
    }

    #[test]
    fn however_many_come_the_memory_is_bounded() {
        let buckets = buckets(1.0, 1);
        for client in 0..300_000 {
            assert_eq!(buckets.take(client, buckets.each, Duration::ZERO), Ok(()));
        }
        assert_eq!(buckets.full_at.lock().expect("free").len(), CLIENTS.get());
        assert!(buckets.take(299_999, buckets.each, Duration::ZERO).is_err(), "those who came last are remembered");
    }

    #[test]
    fn zero_is_no_limit() {
        let rates = Rates::new(Rate { per_second: 0.0, burst: 1 });
        assert!((0..1_000).all(|_| rates.take(1).is_ok()));
    }

    #[test]
    fn what_costs_more_counts_more_and_who_had_a_full_bucket_can_pay_for_anything() {
        let buckets = buckets(10.0, 5);
        let at = Duration::from_millis;
        let come = |client, times, now| {
            buckets.take(client, buckets.each, now).and_then(|()| buckets.take(client, buckets.more(times), now))
        };
        assert_eq!(come(1, 2, at(0)), Ok(()));
        assert_eq!(come(1, 2, at(0)), Err(at(100)), "one of the two that are left was for the request itself");
        assert_eq!(buckets.take(1, buckets.each, at(0)), Ok(()), "what was refused is not owed");
        assert_eq!(come(2, u32::MAX, at(0)), Ok(()));
        assert_eq!(buckets.take(2, buckets.each, at(0)), Err(at(100)));
        assert_eq!(come(2, 1_000, at(500)), Ok(()), "full again");
    }
}
