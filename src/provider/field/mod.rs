//! A setting as one cloud's operation has it: where it stands on the wire, in what shape, within which bounds.
//!
//! One row serves the flag's help, its validation, the request, the reading of replies and the list of what a
//! cloud can do, so these cannot disagree.

mod number;
mod parse;
mod place;
mod shape;
mod spelling;
mod stored;
mod table;

pub use super::hide::{hide, hide_secrets, is_secret_name, without_secrets};
pub use number::{parse_asn, parse_duration_ms};
pub use place::{at, insert_at, take_at};
pub use shape::{Field, Form, Rule, Shape};
pub use stored::stored;
pub use table::{field, read_all, write_all};

#[cfg(test)]
mod tests;
