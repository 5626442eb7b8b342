//! The state of an operation: what its journal says, and nothing else.

mod end;
mod plausible;
mod times;
mod whole;

#[cfg(test)]
pub(super) use end::Attempt;
pub use end::{End, Position};
pub(super) use plausible::MARGIN;
pub use whole::{Negotiation, State, unknown};
