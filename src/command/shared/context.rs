//! What every command gets beside its own arguments.

use std::rc::Rc;

use clap::Command;

use crate::config::Options;
use crate::print::output::Output;

/// What every command gets beside its own arguments.
#[derive(Debug)]
pub struct Context {
    /// Where it prints.
    pub output: Rc<Output>,
    /// Where its calls go.
    pub options: Options,
    /// Builds the whole command line, for manuals and completions.
    pub whole: fn() -> Command,
}
