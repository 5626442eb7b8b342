//! Errors, their exit codes, and what to do next.

pub mod exit;
mod problem;
mod refusal;
mod text;
mod violation;

pub use problem::Error;
pub use refusal::{ApiError, Class};
pub use text::one_line;
pub use violation::Violation;
