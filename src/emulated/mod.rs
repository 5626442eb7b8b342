//! What an emulated cloud holds: its things and its time, requests as they arrive, refusals, faults, links between ends.

mod chance;
mod coming;
mod fault;
mod incoming;
mod link;
mod store;

pub use chance::Chance;
pub(crate) use coming::{Coming, Event};
pub use fault::{Fault, Refusal, What, form};
pub use incoming::Incoming;
pub(crate) use link::{Link, Spot, State as LinkState, next_renewal};
pub(crate) use store::Settled;
pub use store::{Remembered, Store, Task, Thing};
