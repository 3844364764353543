//! The circuit breaker of one request: after a final failure the same request
//! waits before it is tried again, longer each time, so that a caller who
//! retries at once and for ever costs a process asleep and no storm.
//!
//! Closed: no failures, no delay. Open: requests wait. Half-open: the delay is
//! over and one is tried; it closes the breaker or opens it for longer. That
//! only one is tried at a time is the queue's doing.

use std::time::Duration;

/// The delay after the first failure.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// Failures older than this no longer count.
pub const MEMORY: Duration = Duration::from_secs(3600);

/// What is remembered of a request's failures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Final failures in a row.
    pub failures: u32,
    /// When the last one was, since 1970.
    pub last: Duration,
}

/// The state of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Requests run at once.
    Closed,
    /// Requests wait that long.
    Open(Duration),
    /// The next request is a trial.
    HalfOpen,
}

impl Breaker {
    /// The state at `now` (since 1970), where delays are at most `max`.
    pub fn state(self, now: Duration, max: Duration) -> State {
        // A clock that was set back must not open the breaker for years.
        let age = now.saturating_sub(self.last);
        if self.failures == 0 || max.is_zero() || age > MEMORY.max(max) {
            return State::Closed;
        }
        match self.delay(max).saturating_sub(age) {
            Duration::ZERO => State::HalfOpen,
            left => State::Open(left),
        }
    }

    fn delay(self, max: Duration) -> Duration {
        FIRST_DELAY.saturating_mul(1 << self.failures.saturating_sub(1).min(20)).min(max)
    }

    /// The breaker after another final failure at `now`.
    #[must_use]
    pub fn failed(self, now: Duration, max: Duration) -> Self {
        let before = if self.state(now, max) == State::Closed { 0 } else { self.failures };
        Self { failures: before.saturating_add(1), last: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_secs(300);

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000_000 + seconds)
    }

    #[test]
    fn delays_grow_to_a_bound_and_are_over_some_time() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.state(at(0), MAX), State::Closed);
        let mut delays = Vec::new();
        for _ in 0..12 {
            breaker = breaker.failed(at(0), MAX);
            match breaker.state(at(0), MAX) {
                State::Open(left) => delays.push(left.as_secs()),
                other => panic!("{other:?} after a failure"),
            }
        }
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(breaker.state(at(299), MAX), State::Open(Duration::from_secs(1)));
        assert_eq!(breaker.state(at(300), MAX), State::HalfOpen);
        assert_eq!(breaker.state(at(3601), MAX), State::Closed);
        assert_eq!(breaker.failed(at(4000), MAX).failures, 1);
    }

    #[test]
    fn no_number_of_failures_and_no_clock_overflows() {
        let breaker = Breaker { failures: u32::MAX, last: at(0) };
        assert_eq!(breaker.state(at(0), MAX), State::Open(MAX));
        assert_eq!(breaker.failed(at(0), MAX).failures, u32::MAX);
        // Set back by a day: no longer than the bound.
        assert_eq!(breaker.state(Duration::from_secs(1), MAX), State::Open(MAX));
        assert_eq!(breaker.state(at(0), Duration::ZERO), State::Closed);
    }
}
