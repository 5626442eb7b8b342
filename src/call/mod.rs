//! From a profile to a reply: session, client, transport, retry, and waiting until a change has settled.

mod budget;
pub mod client;
mod clock;
mod explain;
mod failure;
pub mod obtain;
pub mod retry;
pub mod session;
pub mod settle;
mod time;
pub mod transport;
mod witness;

#[cfg(test)]
mod tests;
