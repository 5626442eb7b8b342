//! The machine that this runs on: private files, commands of the user's, signals, the runtime, the environment.

mod environment;
pub mod files;
pub mod interrupt;
pub mod private;
pub mod runtime;
pub mod shell;

pub use environment::{home, variable};
