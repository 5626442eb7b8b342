//! `schema`: the JSON Schema of the JSON that commands print.

mod change;
mod columns;
mod document;
mod model;
mod read;
mod shape;

use clap::{Arg, ArgMatches, Command};

use super::shared::context::Context;
use crate::error::{Error, exit};
use document::{commands, schema};

pub(super) use columns::check_columns;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let names: Vec<&'static str> = commands().collect();
    command
        .arg(Arg::new("command").value_name("COMMAND").value_parser(names).help("Command [default: all that print JSON]"))
        .after_help("Example:\n  tunnelctl schema list > list.schema.json")
}

/// Runs the command. A schema is printed as JSON unless `-o yaml` is given; `--query` applies.
///
/// # Errors
/// When there is no such command.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let schema = schema(matches.get_one::<String>("command").map(String::as_str))?;
    context.output.document(&schema);
    Ok(exit::DONE)
}
