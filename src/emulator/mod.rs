//! The three clouds, emulated: inside the process for `--emulated`, on loopback for `tunnelctl emulate`.
//!
//! A request is taken as raw bytes. Signature and time are checked before anything else, from those bytes; errors
//! come in each cloud's own shape.

mod agree;
mod direct;
mod keys;
mod late;
mod server;

pub use direct::{Emulated, InMemory};
pub use keys::{configured_key, key_in_force};
pub use server::Server;

use chrono::{DateTime, TimeDelta, Utc};

use crate::emulated::{Fault, Incoming, Refusal, Store, What};
use crate::provider::{PROVIDERS, Registration};
use crate::wire::Reply;

/// What becomes of a request.
#[derive(Debug)]
pub enum Answer {
    /// A reply, after a delay in milliseconds.
    Reply(Reply, u64),
    /// The connection is cut.
    Cut,
}

/// A store with the things that every fresh emulator holds.
#[must_use]
pub fn seeded() -> Store {
    let mut store = Store::new();
    for registration in PROVIDERS {
        (registration.emulation.seed)(&mut store);
    }
    store
}

/// Adds thousands of generated connections, spread evenly over the clouds. Those that are there already stay.
pub fn scale(store: &mut Store, thousands: u32) {
    let total = usize::try_from(thousands).unwrap_or_default().saturating_mul(1000);
    store.index();
    for (place, registration) in PROVIDERS.iter().enumerate() {
        let extra = usize::from(place < total % PROVIDERS.len());
        (registration.emulation.scale)(store, total / PROVIDERS.len() + extra);
    }
}

/// Lets everything happen that is due by `now`, in the store's own time.
pub(crate) fn run(store: &mut Store, now: DateTime<Utc>) {
    let now_ms = now.timestamp_millis();
    // In the order in which it happens: what comes later meets what came before.
    while let Some(due_ms) = store.next_event(now_ms) {
        // What was due before the store was last looked at happens now.
        store.come_to(DateTime::from_timestamp_millis(due_ms.max(store.now_ms())).unwrap_or(now));
        agree::settle(store);
        agree::proceed(store);
        late::arrive(store);
    }
    store.come_to(now);
    late::announce(store);
}

/// Answers a request at one of the clouds, with the fault that is due, if any.
pub fn answer(registration: &Registration, incoming: &Incoming, store: &mut Store) -> Answer {
    let emulation = registration.emulation;
    run(store, incoming.at - TimeDelta::seconds(store.skew_secs));
    let fault = take_fault(store, registration, incoming);
    let mut delay = 0;
    let reply = match fault.as_ref().map(|fault| fault.what) {
        Some(What::Throttle) => (emulation.refuse)(Refusal::Throttle, incoming),
        Some(What::Busy) => (emulation.refuse)(Refusal::Busy, incoming),
        Some(What::Internal) => (emulation.refuse)(Refusal::Internal, incoming),
        Some(What::Cut) => return Answer::Cut,
        Some(What::Late) => {
            late::hold_up(store, registration, incoming, fault.map_or(0, |fault| fault.ms));
            return Answer::Cut;
        }
        Some(What::Echo) => {
            late::hold_up(store, registration, incoming, fault.map_or(0, |fault| fault.ms));
            (emulation.handle)(incoming, store)
        }
        Some(What::ResetFails) => {
            let due_ms = store.now_ms() + store.settle_ms;
            let reply = (emulation.handle)(incoming, store);
            let named = store.things.iter_mut().filter(|thing| incoming.names(&thing.id)).filter_map(|thing| thing.pending.as_mut());
            named.filter(|pending| pending.due_ms == due_ms).for_each(|pending| pending.fails = true);
            reply
        }
        Some(What::LoseReply) => {
            (emulation.handle)(incoming, store);
            return Answer::Cut;
        }
        Some(What::Garble) => {
            let mut reply = (emulation.handle)(incoming, store);
            reply.body.truncate(reply.body.len() / 2);
            reply
        }
        Some(What::Duplicate) => {
            (emulation.handle)(incoming, store);
            (emulation.handle)(incoming, store)
        }
        Some(What::Ignore) => {
            let before = (store.things.clone(), store.tokens.clone());
            let reply = (emulation.handle)(incoming, store);
            (store.things, store.tokens) = before;
            reply
        }
        Some(What::Delay) => {
            delay = fault.map_or(0, |fault| fault.ms);
            (emulation.handle)(incoming, store)
        }
        None | Some(What::Edit | What::Retry) => (emulation.handle)(incoming, store),
    };
    Answer::Reply(dated(reply, incoming), delay)
}

/// Every server says what time it takes it to be; a client with a wrong clock learns from that.
fn dated(mut reply: Reply, incoming: &Incoming) -> Reply {
    reply.headers.push(("date".to_owned(), incoming.at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
    reply
}

/// The fault that a request meets: of those that were asked for the first that fits, else what chance has.
fn take_fault(store: &mut Store, registration: &Registration, incoming: &Incoming) -> Option<Fault> {
    let (spelled, named) = (incoming.operation(), (registration.emulation.operation)(incoming));
    let fits = |fault: &Fault| {
        let operation = fault.operation.is_empty() || fault.operation == spelled || Some(fault.operation.as_str()) == named;
        let script = matches!(fault.what, What::Edit | What::Retry);
        let reset = fault.what != What::ResetFails || incoming.is_reset();
        operation && !script && reset && (fault.id.is_empty() || incoming.names(&fault.id))
    };
    let due = |fault: &mut Fault| {
        let fits = fits(fault);
        let waits = fits && fault.skip > 0;
        fault.skip -= u32::from(waits);
        fits && !waits
    };
    let Some(place) = store.faults.iter_mut().position(due) else { return store.chance.as_mut()?.draw() };
    let fault = store.faults.get_mut(place)?;
    fault.count = fault.count.saturating_sub(1);
    let taken = fault.clone();
    if taken.count == 0 {
        store.faults.remove(place);
    }
    Some(taken)
}

#[cfg(test)]
mod tests;
