//! `providers`: what each cloud can do, from the tables that the program works by.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::Context;
pub mod capability;
pub mod compare;

use self::capability::Capability;
use self::compare::compare;
use crate::command::line::provider_names;
use crate::error::{Error, exit};
use crate::print::output::Rows;
use crate::provider::{PROVIDERS, Registration, registration};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let ids: Vec<&'static str> = PROVIDERS.iter().map(|provider| provider.id).collect();
    command
        .arg(Arg::new("provider").value_name("PROVIDER").num_args(0..).value_parser(ids).help("Clouds; all when none is given"))
        .arg(
            Arg::new("compare")
                .long("compare")
                .action(ArgAction::SetTrue)
                .help("Set the default operations side by side, with the suites that all accept")
                .long_help(
                    "Set the default operations side by side, with the suites that all accept.\n\
                     Weak algorithms stand apart; SM3 and SM4, which only gateways of one country have, are in no suite.",
                ),
        )
        .after_help("Example:\n  tunnelctl providers huawei\n  tunnelctl providers alibaba tencent --compare")
}

/// Runs the command.
///
/// # Errors
/// When there is nothing to compare with.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let named = matches.get_many::<String>("provider").into_iter().flatten().filter_map(|name| registration(name));
    let mut providers: Vec<&'static Registration> = Vec::new();
    for provider in named {
        if !providers.iter().any(|known| known.id == provider.id) {
            providers.push(provider);
        }
    }
    if providers.is_empty() {
        providers = PROVIDERS.to_vec();
    }
    if matches.get_flag("compare") {
        if providers.len() < 2 {
            return Err(Error::usage(format!("--compare needs two providers at least, of {}", provider_names())));
        }
        let comparison = compare(&providers);
        context.output.rows(Rows { member: "fields", columns: Vec::new }, || comparison.tables(), || comparison.to_json());
    } else {
        let all = capability::all(&providers);
        let rows = Rows { member: "fields", columns: || capability::COLUMNS.to_vec() };
        let json = || json!({ "fields": all.iter().map(Capability::to_json).collect::<Vec<_>>() });
        context.output.rows(rows, || capability::tables(&all), json);
    }
    Ok(exit::DONE)
}
