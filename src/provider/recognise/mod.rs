//! What a saved text turns out to be: shared by the clouds' `recognise.rs`, which say whose it is.

mod check;
mod document;
mod recognised;
mod written;

pub use check::{Check, Finding};
pub use document::{Document, Syntax};
pub use recognised::{Recognised, Role};
pub use written::{operation_named, read_written, target};
