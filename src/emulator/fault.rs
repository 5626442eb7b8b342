//! Faults on demand: which request meets one, and what happens then.

use super::late;
use crate::emulated::{Fault, Incoming, Refusal, Store, What};
use crate::provider::Registration;
use crate::wire::Reply;

/// The fault that a request meets: the first of the requested faults that matches, or else a random one.
pub(super) fn take(store: &mut Store, registration: &Registration, incoming: &Incoming) -> Option<Fault> {
    let spelled = incoming.operation();
    let operations: Vec<&str> = std::iter::once(spelled.as_str()).chain((registration.emulation.operation)(incoming)).collect();
    let due = |fault: &mut Fault| {
        let matches = matches(fault, incoming, &operations);
        let is_skipped = matches && fault.skip > 0;
        fault.skip -= u32::from(is_skipped);
        matches && !is_skipped
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

/// Whether a fault is meant for a request. `operations` are the names of the request's operation.
fn matches(fault: &Fault, incoming: &Incoming, operations: &[&str]) -> bool {
    let operation = fault.operation.is_empty() || operations.contains(&fault.operation.as_str());
    let id = || fault.id.is_empty() || incoming.names(&fault.id);
    match fault.what {
        What::Edit | What::Retry => false,
        What::ResetFails => operation && incoming.is_reset() && id(),
        _ => operation && id(),
    }
}

/// Lets a request meet a fault: the reply, or `None` when the connection is cut.
pub(super) fn meet(fault: &Fault, registration: &Registration, incoming: &Incoming, store: &mut Store) -> Option<Reply> {
    let emulation = registration.emulation;
    let handle = |store: &mut Store| (emulation.handle)(incoming, store);
    Some(match fault.what {
        What::Throttle => (emulation.refuse)(Refusal::Throttle, incoming),
        What::Busy => (emulation.refuse)(Refusal::Busy, incoming),
        What::Internal => (emulation.refuse)(Refusal::Internal, incoming),
        What::Cut => return None,
        What::LoseReply => {
            handle(store);
            return None;
        }
        What::Late => {
            late::delay(store, registration, incoming, fault.ms);
            return None;
        }
        What::Echo => {
            late::delay(store, registration, incoming, fault.ms);
            handle(store)
        }
        What::Garble => {
            let mut reply = handle(store);
            reply.body.truncate(reply.body.len() / 2);
            reply
        }
        What::Duplicate => {
            handle(store);
            handle(store)
        }
        What::Ignore => {
            let before = (store.things.clone(), store.tokens.clone());
            let reply = handle(store);
            (store.things, store.tokens) = before;
            reply
        }
        What::ResetFails => {
            let reply = handle(store);
            fail_reset(incoming, store);
            reply
        }
        What::Delay | What::Edit | What::Retry => handle(store),
    })
}

/// Makes the negotiation fail that a request has just asked for.
fn fail_reset(incoming: &Incoming, store: &mut Store) {
    let due_ms = store.now_ms() + store.settle_ms;
    let named = store.things.iter_mut().filter(|thing| incoming.names(&thing.id)).filter_map(|thing| thing.pending.as_mut());
    named.filter(|pending| pending.due_ms == due_ms).for_each(|pending| pending.fails = true);
}
