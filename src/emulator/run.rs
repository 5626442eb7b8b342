//! Brings a store to the present.

use chrono::{DateTime, Utc};

use super::{agree, late};
use crate::emulated::Store;

/// Lets everything happen that is due by `now`, in the store's time, one event after the other: a later event finds the
/// effects of an earlier one.
pub(super) fn run(store: &mut Store, now: DateTime<Utc>) {
    let now_ms = now.timestamp_millis();
    while let Some(due_ms) = store.next_event(now_ms) {
        // Time never goes back: an overdue event happens now.
        store.come_to(DateTime::from_timestamp_millis(due_ms.max(store.now_ms())).unwrap_or(now));
        agree::settle(store);
        agree::proceed(store);
        late::arrive(store);
    }
    store.come_to(now);
    late::announce(store);
}
