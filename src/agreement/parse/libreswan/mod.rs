//! Reads Libreswan's `ipsec.conf`, and keys from its `ipsec.secrets`.

mod addresses;
mod algorithms;
mod auth;
mod conn;
mod dialect;
mod file;
mod keys;
mod lines;
mod names;
mod read;
mod secrets;
mod settings;
mod words;
mod write;

pub use read::{Beside, read, read_with};
pub(crate) use secrets::{is_found_in, scan};
pub(crate) use write::{go_together, list};

#[cfg(test)]
mod tests;
