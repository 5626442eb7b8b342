//! Operations on record, in the state directory.

mod search;
mod store;
mod tidy;

pub use store::{Opened, Records};
