//! The answer to a request, from the cloud it goes to or from a fault.

use super::fault;
use super::run::run;
use crate::emulated::{Incoming, Store, What};
use crate::model::time::after_secs;
use crate::provider::Registration;
use crate::wire::Reply;

/// The outcome of a request.
#[derive(Debug)]
pub enum Answer {
    /// A reply, after a delay in milliseconds.
    Reply(Reply, u64),
    /// The connection is cut.
    Cut,
}

/// Answers a request at one of the clouds; a fault that is due gets in the way.
pub fn answer(registration: &Registration, incoming: &Incoming, store: &mut Store) -> Answer {
    run(store, after_secs(incoming.at, store.skew_secs.saturating_neg()));
    let Some(fault) = fault::take(store, registration, incoming) else {
        return Answer::Reply(dated((registration.emulation.handle)(incoming, store), incoming), 0);
    };
    let delay = if fault.what == What::Delay { fault.ms } else { 0 };
    let reply = fault::meet(&fault, registration, incoming, store);
    reply.map_or(Answer::Cut, |reply| Answer::Reply(dated(reply, incoming), delay))
}

/// Adds the header `Date`, as every server does: a client whose clock is wrong learns the right time from it.
fn dated(mut reply: Reply, incoming: &Incoming) -> Reply {
    reply.headers.push(("date".to_owned(), incoming.at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
    reply
}
