//! The three clouds, emulated: inside the process for `--emulated`, on loopback for `tunnelctl emulate`.
//!
//! A request arrives as raw bytes. The emulator checks signature and time first, from those bytes, and reports errors in
//! each cloud's own shape.

mod agree;
mod answer;
mod direct;
mod fault;
mod keys;
mod late;
mod read;
mod run;
mod server;

pub use answer::{Answer, answer};
pub use direct::{Emulated, InMemory};
pub use keys::{configured_key, key_in_effect};
#[cfg(test)]
pub(crate) use read::{is_up, read_connection};
pub use server::Server;
