//! Replies of both APIs, read into the model.

mod item;
mod progress;
pub mod v2;
pub mod v3;

pub use progress::progress_of;
