//! Small pieces of argument lists.

use clap::{Arg, ArgAction};

/// The heading of the options that decide how a command goes about a change.
pub(in crate::command) const FLOW: &str = "Flow";

/// A flag without a value.
pub(in crate::command) fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// `--api`, for commands that read a connection.
pub(in crate::command) fn api() -> Arg {
    Arg::new("api").long("api").value_name("API").help("API of the cloud: v3, v2 (Tencent)")
}

/// `--reveal-psk`.
pub(in crate::command) fn reveal_psk(help: &'static str) -> Arg {
    switch("reveal-psk", help)
}
