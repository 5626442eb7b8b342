//! `providers`: what each cloud supports, from the tables that requests and replies are made by.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

mod compare;
mod tables;

use super::shared::capability::{COLUMNS, Capability, all};
use super::shared::context::Context;
use super::shared::flag::switch;
use super::shared::target::provider_names;
use crate::error::{Error, exit};
use crate::print::output::Rows;
use crate::provider::{PROVIDERS, Registration, registration};
use compare::compare;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let ids: Vec<&'static str> = PROVIDERS.iter().map(|provider| provider.id).collect();
    command
        .arg(Arg::new("provider").value_name("PROVIDER").num_args(0..).value_parser(ids).help("Clouds [default: all]"))
        .arg(switch("compare", "Compare the default operations, and show the suites that all clouds accept").long_help(
            "Compare the default operations, and show the suites that all clouds accept.\n\
                 Weak algorithms are listed apart. SM3 and SM4, which only gateways in one country have, are in no suite.",
        ))
        .after_help("Example:\n  tunnelctl providers huawei\n  tunnelctl providers alibaba tencent --compare")
}

/// Runs the command.
///
/// # Errors
/// When there is only one cloud to compare.
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
            return Err(Error::usage(format!("--compare needs at least two of {}", provider_names())));
        }
        let comparison = compare(&providers);
        context.output.rows(Rows { member: "fields", columns: Vec::new }, || comparison.tables(), || comparison.to_json());
    } else {
        let all = all(&providers);
        let rows = Rows { member: "fields", columns: || COLUMNS.to_vec() };
        let json = || json!({ "fields": all.iter().copied().map(Capability::to_json).collect::<Vec<_>>() });
        context.output.rows(rows, || tables::tables(&all), json);
    }
    Ok(exit::DONE)
}
