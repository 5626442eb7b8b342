//! `schema`: the JSON Schema of the JSON that commands print.

use clap::{Arg, ArgMatches, Command};

use super::Context;
use crate::error::{Error, exit};

mod columns;
mod document;

pub use columns::check_columns;
pub use document::{commands, schema};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let names: Vec<&'static str> = commands().collect();
    command
        .arg(Arg::new("command").value_name("COMMAND").value_parser(names).help("Command; all that print JSON when none is given"))
        .after_help("Example:\n  tunnelctl schema list > list.schema.json")
}

/// Runs the command. A schema is JSON whatever format tables have; `-o yaml` and `--query` apply.
///
/// # Errors
/// When there is no such command.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let schema = schema(matches.get_one::<String>("command").map(String::as_str))?;
    context.output.document(&schema);
    Ok(exit::DONE)
}
