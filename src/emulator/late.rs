//! Requests that arrive late, and changes that somebody else makes to a connection.

use chrono::{DateTime, Utc};

use crate::emulated::{Coming, Event, Incoming, Store, What};
use crate::model::time::after_secs;
use crate::provider::{Registration, registration};

/// Delivers a copy of a request later. Its time stamp and nonce decide whether the cloud still accepts it.
pub(super) fn delay(store: &mut Store, registration: &Registration, incoming: &Incoming, ms: u64) {
    let due_ms = store.now_ms().saturating_add(i64::try_from(ms).unwrap_or(i64::MAX));
    let event = Event::Request { provider: registration.id.to_owned(), incoming: incoming.clone() };
    store.coming.push(Coming { due_ms, event });
}

/// Turns faults that are changes of somebody else into events to come. Their time counts from now.
pub(super) fn announce(store: &mut Store) {
    let (edits, faults) = std::mem::take(&mut store.faults).into_iter().partition(|fault| fault.what == What::Edit);
    store.faults = faults;
    for fault in edits {
        for time in 1..=u64::from(fault.count) {
            let ms = i64::try_from(fault.ms.saturating_mul(time)).unwrap_or(i64::MAX);
            let due_ms = store.now_ms().saturating_add(ms);
            store.coming.push(Coming { due_ms, event: Event::Edit { id: fault.id.clone() } });
        }
    }
}

/// Lets the events happen that are due.
pub(super) fn arrive(store: &mut Store) {
    let now_ms = store.now_ms();
    let (mut due, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut store.coming).into_iter().partition(|coming| coming.due_ms <= now_ms);
    store.coming = rest;
    due.sort_by_key(|coming| coming.due_ms);
    for coming in due {
        match coming.event {
            Event::Request { provider, mut incoming } => {
                let Some(registration) = registration(&provider) else { continue };
                incoming.at = after_secs(DateTime::<Utc>::from_timestamp_millis(now_ms).unwrap_or_default(), store.skew_secs);
                (registration.emulation.handle)(&incoming, store);
            }
            Event::Edit { id } => edit(store, id),
        }
    }
}

/// Somebody else sets another key on a connection.
fn edit(store: &mut Store, id: String) {
    let Some(thing) = store.things.iter().find(|thing| thing.id == id && matches!(thing.class.as_str(), "connection" | "ipsec-server"))
    else {
        return;
    };
    if let Some(pending) = &thing.pending {
        // The cloud refuses a second change meanwhile, so somebody else tries again afterwards.
        let due_ms = pending.due_ms.max(store.now_ms() + 1);
        store.coming.push(Coming { due_ms, event: Event::Edit { id } });
        return;
    }
    let (mut data, provider, class) = (thing.data.clone(), thing.provider.clone(), thing.class.clone());
    let key = format!("Third-Party-Key-{:04}", store.next());
    if let Some(registration) = registration(&provider) {
        (registration.emulation.set_key)(&mut data, 0, &key);
        store.change(&provider, &class, &id, data);
    }
}
