//! Carries a rotation out: asks the table for the next step, records it in the journal, then does it.

mod base;
mod negotiate;
mod run;
mod set_back;
mod watch;
mod write;

pub use base::{Drive, OnFail};
