//! The state of an operation: what its journal says, and nothing else.

mod end;
mod times;
mod whole;

#[cfg(test)]
pub(super) use end::Attempt;
pub(super) use end::MARGIN;
pub use end::{End, Position};
pub use whole::{Negotiation, State, unknown};
