//! When to try again, and after how long. Pure: the caller waits.

use std::time::Duration;

use super::failure::CallError;
use crate::error::Class;

/// What a call does, which decides what may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It reads: repeated freely.
    Read,
    /// It writes absolute values: repeated only when it was certainly not executed.
    Set,
}

/// The attempts of one call so far, by the reason for which they failed.
#[derive(Debug)]
pub(super) struct Tries {
    /// The time that was left at the first attempt.
    budget: Duration,
    /// Not sent; for reads, also lost.
    passing: u32,
    /// Refused by a rate limit.
    rate: u32,
    /// Refused because another change is being made.
    busy: u32,
    /// Read, and not in the reply.
    missing: u32,
    /// Whether the cloud's time was learned from a refusal.
    clock: bool,
}

impl Tries {
    /// No attempt yet. `remaining` is the time that is left.
    pub(super) const fn new(remaining: Duration) -> Self {
        Self { budget: remaining, passing: 0, rate: 0, busy: 0, missing: 0, clock: false }
    }

    /// How long to wait before the next attempt; `None` when there is to be none. `hint` is the server's, `random` gives
    /// numbers from 0 up to 1.
    pub(super) fn wait(
        &mut self,
        error: &CallError,
        intent: Intent,
        hint: Option<Duration>,
        remaining: Duration,
        random: impl Fn() -> f64,
    ) -> Option<Duration> {
        let wait = match error {
            CallError::Refused(refused) if refused.class == Class::Clock && !self.clock => {
                self.clock = true;
                Duration::ZERO
            }
            CallError::Refused(refused) if refused.class == Class::Rate && self.budget.saturating_sub(remaining) < RATE_DEADLINE => {
                self.rate += 1;
                // A hint of zero must not lead to a flood of requests.
                hint.unwrap_or_default().max(backoff(RATE, self.rate - 1, random()))
            }
            CallError::Refused(refused) if refused.class == Class::Busy && intent == Intent::Read => {
                self.busy += 1;
                poll(self.busy - 1, random())
            }
            // A reply may come from a part of the cloud that does not know the thing yet.
            CallError::Missing(_) if intent == Intent::Read && self.missing < MISSING => {
                self.missing += 1;
                backoff(PASSING, self.missing, random())
            }
            CallError::NotSent(_) => self.passing(random()),
            CallError::Lost(_) if intent == Intent::Read => self.passing(random()),
            _ => return None,
        };
        (self.passing < ATTEMPTS && !remaining.is_zero()).then_some(wait)
    }

    /// Counts a failure that may pass.
    fn passing(&mut self, random: f64) -> Duration {
        self.passing += 1;
        backoff(PASSING, self.passing - 1, random)
    }
}

/// Most attempts of a call that was not sent, or of a read whose reply was lost.
pub const ATTEMPTS: u32 = 5;
/// How often a thing is looked for again that a reply does not hold.
const MISSING: u32 = 2;
/// How often a change with an unknown outcome is checked and sent again, at most.
pub const RECONCILE_CYCLES: u32 = 3;
/// How long a command may wait, unless `--timeout` is given.
pub const DEADLINE: Duration = Duration::from_mins(15);
/// How long to keep trying against a rate limit.
const RATE_DEADLINE: Duration = Duration::from_mins(10);

/// The longest wait, before jitter.
const LONGEST: Duration = Duration::from_secs(20);
/// The first wait after a failure that may pass.
pub const PASSING: Duration = Duration::from_millis(50);
/// The first wait after a rate limit.
pub const RATE: Duration = Duration::from_secs(1);

/// Exponential backoff with full jitter: a random part of `base * 2^retry`, capped before the jitter. `random` is 0 up to 1.
#[must_use]
pub fn backoff(base: Duration, retry: u32, random: f64) -> Duration {
    let longest = base.saturating_mul(1 << retry.min(20)).min(LONGEST);
    longest.mul_f64(random.clamp(0.0, 1.0))
}

/// The wait before poll number `look` (from 0) of a change that is being made: 2 s, 5 s, then a third longer each time up to
/// 15 s, each plus or minus a fifth.
#[must_use]
pub fn poll(look: u32, random: f64) -> Duration {
    let secs = match look {
        0 => 2.0,
        _ => (5.0 * 1.3_f64.powi(i32::try_from(look - 1).unwrap_or(30).min(30))).min(15.0),
    };
    Duration::from_secs_f64(secs * (0.8 + 0.4 * random.clamp(0.0, 1.0)))
}

/// Reads a server's hint: one to ten digits, cut to a minute; `None` for anything else.
#[must_use]
pub fn hint(text: &str, unit: Duration) -> Option<Duration> {
    let digits = !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|_| digits)?;
    Some(unit.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX)).min(Duration::from_mins(1)))
}

/// A random number from 0 up to 1, from the system's generator; a half without it.
#[must_use]
pub fn random() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cap_applies_before_jitter() {
        assert_eq!(backoff(RATE, 0, 1.0), Duration::from_secs(1));
        assert_eq!(backoff(RATE, 3, 0.5), Duration::from_secs(4));
        assert_eq!(backoff(RATE, 60, 1.0), LONGEST);
        assert_eq!(backoff(RATE, 60, 0.0), Duration::ZERO);
    }

    #[test]
    fn polls_come_after_2_and_5_seconds_and_then_slower_up_to_15() {
        let middle: Vec<f64> = (0..8).map(|look| poll(look, 0.5).as_secs_f64()).collect();
        assert_eq!(middle[..3], [2.0, 5.0, 6.5]);
        assert!(middle.is_sorted() && middle[7] == 15.0, "{middle:?}");
        assert!((poll(0, 0.0).as_secs_f64(), poll(0, 1.0).as_secs_f64()) == (1.6, 2.4));
    }

    #[test]
    fn hint_has_only_digits_and_is_cut_to_a_minute() {
        let ms = Duration::from_millis(1);
        assert_eq!(hint("1500", ms), Some(Duration::from_millis(1500)));
        assert_eq!(hint("9999999999", ms), Some(Duration::from_mins(1)));
        for text in ["", "-1", "1.5", "+3", "12345678901", "Wed"] {
            assert_eq!(hint(text, ms), None, "{text}");
        }
    }
}
