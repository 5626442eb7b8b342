//! Time in the model: the clock stands still, and requests get older in two halves of their validity.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::state::Attempt;
use super::world::EXPIRED;

/// Seconds for which a cloud accepts a request; 900 with the margin of the state.
pub(super) const VALIDITY: i64 = 840;
/// Seconds in half the time after which a request cannot be executed any more.
const HALF: i64 = 450;

/// The time of the model's clock.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// The age of an attempt, in halves.
pub(super) fn age(attempt: &Attempt) -> u8 {
    u8::try_from((now() - attempt.at).num_seconds() / HALF).unwrap_or(EXPIRED).min(EXPIRED)
}

/// Gives an attempt an age, in halves.
pub(super) fn set_age(attempt: &mut Attempt, age: u8) {
    let passed = TimeDelta::seconds(HALF * i64::from(age)) - (now() - attempt.at);
    attempt.at -= passed;
    attempt.until -= passed;
}
