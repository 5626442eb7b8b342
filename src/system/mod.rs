//! The machine: private files, the user's commands, signals, the async runtime, the environment.

pub mod capture;
mod environment;
pub mod files;
pub mod interrupt;
pub mod private;
pub mod runtime;
pub mod shell;
mod write;

pub use environment::{home, is_name, pass, variable};
