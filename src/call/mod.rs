//! From a profile to a reply: session, client, transport, retry, and waiting until a change has settled.

pub mod client;
pub mod obtain;
pub mod retry;
pub mod session;
pub mod settle;
pub mod transport;
