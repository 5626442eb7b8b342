//! When to try again, and how long to wait. Pure: the caller waits.

use std::time::Duration;

/// Most attempts of a call that was not sent, or of a read that failed in passing.
pub const ATTEMPTS: u32 = 5;
/// Most times that a change with an unknown outcome is looked at and sent again.
pub const RECONCILE_CYCLES: u32 = 3;
/// Unless `--timeout` says otherwise, how long a change may take to settle.
pub const DEADLINE: Duration = Duration::from_mins(15);
/// How long an emptied rate limit is waited for.
pub const RATE_DEADLINE: Duration = Duration::from_mins(10);

const LONGEST: Duration = Duration::from_secs(20);
/// The base for what was not sent, and for reads.
pub const PASSING: Duration = Duration::from_millis(50);
/// The base for a rate limit.
pub const RATE: Duration = Duration::from_secs(1);

/// Full jitter: a random part of `base * 2^retry`, which is capped before the jitter, not after.
/// `random` is 0 up to 1.
#[must_use]
pub fn backoff(base: Duration, retry: u32, random: f64) -> Duration {
    let longest = base.saturating_mul(1 << retry.min(20)).min(LONGEST);
    longest.mul_f64(random.clamp(0.0, 1.0))
}

/// The wait before look number `look` (from 0) at a change that is being made: 2 s, 5 s, then a third longer each time
/// up to 15 s, each give or take a fifth.
#[must_use]
pub fn poll(look: u32, random: f64) -> Duration {
    let secs = match look {
        0 => 2.0,
        _ => (5.0 * 1.3_f64.powi(i32::try_from(look - 1).unwrap_or(30).min(30))).min(15.0),
    };
    Duration::from_secs_f64(secs * (0.8 + 0.4 * random.clamp(0.0, 1.0)))
}

/// A server's hint: digits only, at most ten of them, and never more than a minute. Anything else is no hint.
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
    fn the_cap_comes_before_the_jitter() {
        assert_eq!(backoff(RATE, 0, 1.0), Duration::from_secs(1));
        assert_eq!(backoff(RATE, 3, 0.5), Duration::from_secs(4));
        assert_eq!(backoff(RATE, 60, 1.0), LONGEST);
        assert_eq!(backoff(RATE, 60, 0.0), Duration::ZERO);
    }

    #[test]
    fn looks_come_after_2_and_5_seconds_and_then_slower_up_to_15() {
        let middle: Vec<f64> = (0..8).map(|look| poll(look, 0.5).as_secs_f64()).collect();
        assert_eq!(middle[..3], [2.0, 5.0, 6.5]);
        assert!(middle.is_sorted() && middle[7] == 15.0, "{middle:?}");
        assert!((poll(0, 0.0).as_secs_f64(), poll(0, 1.0).as_secs_f64()) == (1.6, 2.4));
    }

    #[test]
    fn only_digits_are_a_hint_and_none_is_longer_than_a_minute() {
        let ms = Duration::from_millis(1);
        assert_eq!(hint("1500", ms), Some(Duration::from_millis(1500)));
        assert_eq!(hint("9999999999", ms), Some(Duration::from_mins(1)));
        for text in ["", "-1", "1.5", "+3", "12345678901", "Wed"] {
            assert_eq!(hint(text, ms), None, "{text}");
        }
    }
}
