//! Errors, their exit codes, and what to do next.

pub mod exit;
mod problem;
mod refusal;
mod violation;

pub use crate::model::one_line;
pub use problem::Error;
pub use refusal::{ApiError, Class};
pub use violation::Violation;
