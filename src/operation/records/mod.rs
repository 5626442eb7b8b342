//! Operations on record, in the state directory.

mod history;
mod search;
mod store;
mod tidy;

pub use history::{History, LastKey};
pub use store::{Opened, Records};
