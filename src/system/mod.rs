//! The machine: private files, the user's commands, signals, the async runtime, the environment.

mod environment;
pub mod files;
pub mod interrupt;
pub mod private;
mod replace;
pub mod runtime;
pub mod shell;

pub use environment::{home, variable};
