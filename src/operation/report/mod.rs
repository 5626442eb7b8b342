//! What the operator reads of an operation: its state, its ends, what that means for traffic, and the commands to type next.

mod failure;
mod json;
mod next;
mod tables;
mod words;

pub(super) use failure::{as_before, broken, conflict, down, down_again, halfway, ignored, no_way_back, not_renegotiated, undone, unknown};
pub use failure::{lost, odd, unused};
pub use json::to_json;
pub use next::commands;
pub use tables::tables;
pub use words::{PHASES, age, holds, phase};
