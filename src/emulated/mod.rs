//! What an emulated cloud holds: its things and their time, requests as they arrive, refusals, faults, tunnels between ends.

mod chance;
mod coming;
mod fault;
mod incoming;
mod link;
mod nonces;
mod places;
mod store;
mod thing;

pub use chance::Chance;
pub(crate) use coming::{Coming, Event};
pub use fault::{Fault, Refusal, What, form};
pub use incoming::Incoming;
pub(crate) use link::{Link, Spot, State as LinkState, next_renewal};
pub use store::{Remembered, Store, Task};
pub(crate) use thing::Settled;
pub use thing::Thing;
