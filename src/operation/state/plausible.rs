//! How far times on record are believed.

use chrono::{DateTime, Utc};

use crate::model::time::after_secs;

/// Seconds beyond a request's validity: clocks differ, and a request may wait before the cloud checks it.
pub const MARGIN: i64 = 60;
/// Seconds in a day: further off than this, no clock is believed, and no cloud accepts a request for longer.
const DAY: i64 = 86_400;

/// Whether a time can have been written by now, by a clock that is not a day ahead.
pub(super) fn is_plausible(time: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    time <= after_secs(now, DAY)
}

/// The validity of requests, at most a day. That of a file takes back the margin: nothing is executed late there.
pub(super) fn plausible_validity(secs: i64) -> i64 {
    secs.clamp(-MARGIN, DAY)
}
