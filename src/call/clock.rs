//! What is known of a cloud's clock: from the `Date` of its replies, and from refusals of requests that were dated wrongly.

use std::cell::Cell;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::time::after_ms;

/// A clock that is further off than this is not believed: a request dated so far off would be refused for ever.
const FAR: TimeDelta = TimeDelta::days(1);

/// What is known of a cloud's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// How far it is ahead of this machine's, as learned from a refusal: requests are dated with it.
    offset: Cell<TimeDelta>,
    /// What it showed last, and when that was by a clock that nobody sets.
    shown: Cell<Option<(DateTime<Utc>, Duration)>>,
}

/// What a time from a reply is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is taken. Holds the offset where that is news: seconds by which the cloud is ahead.
    Offset(Option<i64>),
    /// It is too far off to be believed.
    Far,
}

impl Clock {
    /// The time that requests are dated with; `base` is this machine's.
    pub(super) fn now(&self, base: DateTime<Utc>) -> DateTime<Utc> {
        after_ms(base, self.offset.get().num_milliseconds())
    }

    /// How far the cloud's clock is ahead, as learned from a refusal.
    pub(super) const fn offset(&self) -> TimeDelta {
        self.offset.get()
    }

    /// Notes the time of any reply; `steady` is the time by a clock that nobody sets.
    pub(super) fn note(&self, theirs: DateTime<Utc>, base: DateTime<Utc>, steady: Duration) {
        if (theirs - base).abs() <= FAR {
            self.shown.set(Some((theirs, steady)));
        }
    }

    /// Whether the cloud's time was shown by a reply.
    pub(super) fn is_shown(&self) -> bool {
        self.shown.get().is_some()
    }

    /// The cloud's time by its replies, whatever becomes of this machine's clock; none before the first reply.
    pub(super) fn shown(&self, steady: Duration) -> Option<DateTime<Utc>> {
        let (theirs, then) = self.shown.get()?;
        Some(after_ms(theirs, i64::try_from(steady.saturating_sub(then).as_millis()).unwrap_or(i64::MAX)))
    }

    /// Takes the time of a reply that refused a request for its date.
    pub(super) fn take(&self, theirs: DateTime<Utc>, base: DateTime<Utc>) -> Taken {
        let offset = theirs - base;
        if offset.abs() > FAR {
            return Taken::Far;
        }
        // The header has whole seconds.
        let news = self.offset.get().is_zero() && offset.abs() > TimeDelta::seconds(2);
        self.offset.set(offset);
        Taken::Offset(news.then(|| offset.num_seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_more_than_a_day_off_is_not_believed() {
        let clock = Clock::default();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for far in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC, now + TimeDelta::hours(25), DateTime::UNIX_EPOCH] {
            assert_eq!(clock.take(far, now), Taken::Far);
            clock.note(far, now, Duration::ZERO);
            assert_eq!((clock.now(now), clock.shown(Duration::ZERO)), (now, None));
        }
        assert_eq!(clock.take(now + TimeDelta::hours(23), now), Taken::Offset(Some(23 * 3600)));
        assert_eq!(clock.now(now), now + TimeDelta::hours(23));
    }

    #[test]
    fn the_time_of_a_reply_goes_on_whatever_becomes_of_this_machines_clock() {
        let clock = Clock::default();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        clock.note(now + TimeDelta::minutes(5), now, Duration::from_secs(10));
        assert_eq!(clock.shown(Duration::from_secs(70)), Some(now + TimeDelta::minutes(6)));
    }
}
