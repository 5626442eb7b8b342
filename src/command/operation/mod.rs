//! `operation`: changes on record: what is true, what may be true, and the commands that resume or roll back.

mod arguments;
mod list;
mod named;
mod prune;
mod resume;
mod resume_modify;
mod resume_rotation;
mod service;
mod show;

use clap::ArgMatches;

use super::shared::context::Context;
use crate::error::Error;
use crate::operation::event::Which;
use crate::operation::records::Records;

pub(super) use arguments::arguments;
use named::named;

/// Runs the command.
///
/// # Errors
/// When the record cannot be read, or the operation was interrupted again.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let records = Records::of_user()?;
    match matches.subcommand() {
        Some(("list", matches)) => list::list(matches, &records, &context.output),
        Some(("show", matches)) => show::show(matches, &named(matches, &records)?, &records, &context.output),
        Some(("resume", matches)) => resume::resume(matches, &named(matches, &records)?, &records, context, Which::New).await,
        Some(("rollback", matches)) => resume::resume(matches, &named(matches, &records)?, &records, context, Which::Old).await,
        Some(("prune", matches)) => prune::prune(matches, &records, &context.output),
        _ => Err(Error::usage("no command is given").next("tunnelctl operation --help")),
    }
}
