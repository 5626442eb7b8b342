//! The machine: private files, the user's commands, signals, the async runtime, the environment.

mod environment;
pub mod files;
pub mod interrupt;
pub mod private;
pub mod runtime;
pub mod shell;
mod write;

pub use environment::{home, variable};
