//! Whether two ends of a tunnel agree: a pure function from two ends to a verdict and findings.
//!
//! An [`End`] is what one end offers and accepts, wherever it was read. [`check`] plays both attempts, with each end starting
//! in turn, by the measured rules of strongSwan and Libreswan. A cloud's gateway is assumed to be neither: where the two
//! daemons would differ, the verdict is that it depends.

mod address;
mod algorithm;
mod around;
mod attempt;
mod beside;
mod cause;
mod check;
mod combine;
mod common;
mod connection;
mod end;
mod facing;
mod finding;
mod form;
mod identity;
mod judged;
mod keyring;
mod mend;
mod method;
mod mirror;
mod pair;
pub mod parse;
mod proposal;
mod settable;
mod settled;
mod side;
mod strength;
mod suggest;
mod swanctl;
mod verdict;
mod weak;

pub use address::{Address, Peers};
pub use algorithm::{Algorithm, NONE, Transform};
pub use attempt::Daemon;
pub use beside::Start;
pub use cause::Cause;
pub use check::{Agreement, Initiator, Options, check};
pub use connection::{ends, from_settings};
pub use end::{Child, Encapsulation, End, Kind, Psk, Refusal};
pub use facing::face;
pub use finding::{Finding, Severity};
pub use form::Form;
pub use identity::{IdKind, Identity};
pub use judged::{holder, subjects};
pub use keyring::Keyring;
#[cfg(test)]
pub use mend::applied;
pub use mend::{Change, Fix, Mend, Mended, Setting, flags, lines, mended};
pub use method::{Auth, Method};
pub use pair::pair;
pub use proposal::Proposal;
pub use side::Side;
pub use suggest::{Suggestion, suggest};
pub use swanctl::to_swanctl;
pub use verdict::{Exchange, Verdict};

#[cfg(test)]
mod tests;
