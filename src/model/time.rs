//! Arithmetic on times that come from files and replies: out of range, it ends at the first or the last time that there is.

use chrono::{DateTime, TimeDelta, Utc};

/// The time this many milliseconds later.
#[must_use]
pub fn after_ms(at: DateTime<Utc>, ms: i64) -> DateTime<Utc> {
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let then = TimeDelta::try_milliseconds(ms).and_then(|span| at.checked_add_signed(span));
    then.unwrap_or(if ms < 0 { first } else { last })
}

/// The time this many seconds later.
#[must_use]
pub fn after_secs(at: DateTime<Utc>, secs: i64) -> DateTime<Utc> {
    after_ms(at, secs.saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_and_no_span_is_out_of_range() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        for secs in [i64::MIN, -1, 0, 1, i64::MAX] {
            for at in [first, DateTime::UNIX_EPOCH, last] {
                let then = after_secs(at, secs);
                assert!((first..=last).contains(&then) && (then >= at) == (secs >= 0 || at == first), "{at} {secs}");
            }
        }
        assert_eq!(after_secs(DateTime::UNIX_EPOCH, 61).timestamp_millis(), 61_000);
    }
}
