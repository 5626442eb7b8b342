//! `list`: the connections of accounts, over providers and regions at once.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value as Json};

use super::shared::account::{gather, places};
use super::shared::connections::{LEGEND, table, wide_table};
use super::shared::context::Context;
use crate::error::{Error, exit};
use crate::model::{Connection, Key};
use crate::print::describe;
use crate::print::output::{Format, Rows};
use crate::print::stream::Stream;
use crate::provider::PROVIDERS;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let filter = |name: &'static str| Arg::new(name).long(name).help_heading("Filters");
    command
        .arg(Arg::new("provider").value_name("PROVIDER[@REGION]").num_args(0..).help("Providers; without any, all that have credentials"))
        .arg(filter("gateway").value_name("ID").help("Only connections of this gateway"))
        .arg(filter("name").value_name("TEXT").help("Only connections whose name contains this text"))
        .arg(
            filter("status")
                .value_name("WORD")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .help("Only this status: up, negotiating, down, unknown, settled, changing, failed, or the cloud's own word"),
        )
        .arg(
            filter("kind")
                .value_name("KIND")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .help("Only this kind: connection, attachment, ipsec-server"),
        )
        .after_help(format!("{LEGEND}\n\nExample:\n  tunnelctl list alibaba@cn-shanghai tencent@ap-guangzhou --status down --emulated"))
}

/// Runs the command: all places at once, results in the order of the places. A failure in one is reported beside the results
/// of the others, and in the exit code.
///
/// # Errors
/// The last failure, after the results are printed.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let kinds: Vec<String> = matches.get_many::<String>("kind").into_iter().flatten().cloned().collect();
    let places = places(matches.get_many::<String>("provider").into_iter().flatten(), context)?;
    let is_listed = |name: &str| PROVIDERS.iter().flat_map(|registration| registration.kinds).any(|kind| kind.listed && kind.name == name);
    if let Some(kind) = kinds.iter().find(|kind| !is_listed(kind)) {
        return Err(Error::usage(format!("--kind {kind:?}: expected one of connection, attachment, ipsec-server")));
    }
    let output = &context.output;
    let mut stream = Stream::new(output, Rows { member: "connections", columns: describe::paths });
    let (as_json, mut lines) = (output.shape.is_made_from_json(), Vec::new());
    let failed = gather(places, &kinds, context, |page| {
        let page = page.into_iter().filter(|connection| fits(connection, matches));
        if as_json {
            return stream.push(page.map(|connection| connection.to_json()).collect());
        }
        // Only what the table shows: a large account is not held whole.
        lines.extend(page.map(|connection| Connection { extra: Map::new(), ..connection }));
        true
    })
    .await?;
    if as_json {
        stream.end();
        return failed.map_or(Ok(exit::DONE), Err);
    }
    match failed {
        // A heading without rows would look like an empty account.
        Some(error) if lines.is_empty() => Err(error),
        failed => {
            let all: Vec<&Connection> = lines.iter().collect();
            let wide = output.shape.format == Format::Wide;
            output.result(|| vec![if wide { wide_table(&all) } else { table(&all) }], || Json::Null);
            failed.map_or(Ok(exit::DONE), Err)
        }
    }
}

/// Whether a connection passes the filters.
fn fits(connection: &Connection, matches: &ArgMatches) -> bool {
    let text = |name: &str| matches.get_one::<String>(name);
    let gateway = text("gateway").is_none_or(|wanted| connection.gateway.as_ref() == Some(wanted));
    let name = text("name").is_none_or(|wanted| connection.settings.text(Key::Name).is_some_and(|name| name.contains(wanted.as_str())));
    let words = || {
        let status = &connection.status;
        [status.change.word(), status.tunnel.word()].into_iter().chain(status.reported.iter().map(|(_, word)| word.as_str()))
    };
    let status = matches
        .get_many::<String>("status")
        .is_none_or(|mut wanted| wanted.any(|wanted| words().any(|word| word.eq_ignore_ascii_case(wanted))));
    gateway && name && status
}
