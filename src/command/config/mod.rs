//! `config`: every setting and credential, and where it comes from. Uses no network and never shows a secret.

mod check;
mod lines;
mod show;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::shared::context::Context;
use crate::config;
use crate::error::{Error, exit};
use crate::model::hint;
use crate::print::gate::escape;
use crate::print::output::{Format, Output};
use crate::provider::{PROVIDERS, Registration, registration};
use check::check;
use show::show;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let provider = || Arg::new("provider").value_name("PROVIDER").num_args(0..).help("Providers [default: all]");
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Example:\n  tunnelctl config show alibaba")
        .subcommand(Command::new("show").about("Show every value in use, and where it comes from").arg(provider()).after_help(
            "The first source that has a value wins: the ref or flag, TUNNELCTL_<PROVIDER>_ENDPOINT, the profile,\n\
                     the vendor's environment variables, the files of the vendor's CLI and SDKs. Keys are never shown.\n\n\
                     Example:\n  tunnelctl config show alibaba --profile work",
        ))
        .subcommand(
            Command::new("check")
                .about("Check the configuration file and the credentials, without a network")
                .arg(provider())
                .after_help("Example:\n  tunnelctl config check"),
        )
        .subcommand(
            Command::new("path")
                .about("Print the path of the configuration file")
                .after_help("Example:\n  \"$EDITOR\" \"$(tunnelctl config path)\""),
        )
}

/// Runs the command.
///
/// # Errors
/// What is wrong with the configuration.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    match matches.subcommand() {
        Some(("show", matches)) => show(&providers(matches)?, context),
        Some(("check", matches)) => check(&providers(matches)?, context),
        _ => path(&context.output),
    }
}

fn providers(matches: &ArgMatches) -> Result<Vec<&'static Registration>, Error> {
    let named: Vec<&String> = matches.get_many::<String>("provider").into_iter().flatten().collect();
    if named.is_empty() {
        return Ok(PROVIDERS.to_vec());
    }
    let known = PROVIDERS.iter().map(|known| known.id);
    let find =
        |name: &&String| registration(name).ok_or_else(|| Error::usage(format!("{name:?} is no provider: {}", hint(name, known.clone()))));
    named.iter().map(find).collect()
}

fn path(output: &Output) -> Result<u8, Error> {
    let path = config::path()
        .ok_or_else(|| Error::new(exit::CREDENTIALS, "there is no home directory").next("set XDG_CONFIG_HOME to a directory of yours"))?;
    match output.shape.format {
        Format::Table => output.raw(&format!("{}\n", escape(&path.display().to_string()))),
        _ => output.result(Vec::new, || json!({ "path": path.display().to_string(), "exists": path.exists() })),
    }
    Ok(exit::DONE)
}
