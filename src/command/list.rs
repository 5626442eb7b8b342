//! `list`: the connections of accounts, over providers and regions at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::Context;
use crate::call::client::{Client, Intent};
use crate::call::session::connect;
use crate::config::Options;
use crate::error::one_line;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Ref, Term};
use crate::print::describe;
use crate::print::output::{Format, Output, Rows, Table};
use crate::provider::{Kind, PROVIDERS, Registration, registration};

/// A listing that never ends is an error of the cloud's.
const MOST_PAGES: usize = 10_000;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let filter = |name: &'static str| Arg::new(name).long(name).help_heading("Filters");
    command
        .arg(
            Arg::new("provider")
                .value_name("PROVIDER[@REGION]")
                .num_args(0..)
                .help("Providers; all that have credentials when none is given"),
        )
        .arg(filter("gateway").value_name("ID").help("Only connections of this gateway"))
        .arg(filter("name").value_name("TEXT").help("Only connections whose name holds this text"))
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
        .after_help("Example:\n  tunnelctl list alibaba@cn-shanghai tencent@ap-guangzhou --status down --emulated")
}

/// What is listed: a provider in a region.
struct Place {
    registration: &'static Registration,
    region: Option<String>,
}

/// What a place returned, and what went wrong there.
struct Found {
    connections: Vec<Connection>,
    error: Option<Error>,
}

/// Runs the command: all places at once, results in the order of the places. What fails in one is reported beside the
/// results of the others, and in the exit code.
///
/// # Errors
/// The first failure, after the results were printed.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let kinds: Vec<String> = matches.get_many::<String>("kind").into_iter().flatten().cloned().collect();
    let places = places(matches.get_many::<String>("provider").into_iter().flatten(), context)?;
    if let Some(kind) = kinds
        .iter()
        .find(|kind| !PROVIDERS.iter().flat_map(|registration| registration.kinds).any(|known| known.listed && known.name == kind.as_str()))
    {
        return Err(Error::usage(format!("--kind {kind:?}: there are connection, attachment, ipsec-server")));
    }
    let (mut connections, failed) = gather(places, &kinds, context).await?;
    connections.retain(|connection| fits(connection, matches));
    if connections.is_empty()
        && !context.output.shape.is_made_from_json()
        && let Some(error) = failed
    {
        // A heading above nothing would look like an empty account.
        return Err(error);
    }
    let wide = context.output.shape.format == Format::Wide;
    // Whichever shape is made takes the connections with it: a large account is not held twice.
    let connections = RefCell::new(connections);
    context.output.rows(
        Rows { member: "connections", columns: describe::paths },
        || {
            let connections = connections.take();
            vec![if wide { wide_table(&connections) } else { table(&connections.iter().collect::<Vec<_>>()) }]
        },
        || json!({ "connections": connections.take().into_iter().map(|connection| connection.to_json()).collect::<Vec<_>>() }),
    );
    failed.map_or(Ok(exit::DONE), Err)
}

/// All connections of these providers (`<provider>[@<region>]`), or of all that have credentials; and the last failure,
/// beside what the others returned.
///
/// # Errors
/// A name that is no provider's.
pub(super) async fn all(names: impl Iterator<Item = &String>, context: &Context) -> Result<(Vec<Connection>, Option<Error>), Error> {
    gather(places(names, context)?, &[], context).await
}

async fn gather(places: Vec<Place>, kinds: &[String], context: &Context) -> Result<(Vec<Connection>, Option<Error>), Error> {
    crate::system::runtime::needed().await;
    let tasks: Vec<_> = places
        .into_iter()
        .map(|place| tokio::task::spawn_local(read(place, kinds.to_vec(), context.options.clone(), Rc::clone(&context.output))))
        .collect();
    let (mut connections, mut failed, mut seen) = (Vec::new(), None, BTreeSet::new());
    for task in tasks {
        let found = task.await.map_err(|cause| Error::new(exit::FAILED, format!("a listing did not end: {cause}")))?;
        // A region may be named, and implied by another word.
        connections.extend(found.connections.into_iter().filter(|connection| seen.insert(connection.reference.clone())));
        if let Some(error) = found.error
            && let Some(earlier) = failed.replace(error)
        {
            context.output.error(&earlier);
        }
    }
    Ok((connections, failed))
}

fn in_regions(registration: &'static Registration, options: &Options) -> Vec<Place> {
    crate::call::session::regions(registration, options).into_iter().map(|region| Place { registration, region }).collect()
}

fn places<'a>(names: impl Iterator<Item = &'a String>, context: &Context) -> Result<Vec<Place>, Error> {
    // With a configuration that is not right, nothing else is.
    context.options.config.file()?;
    let mut places = Vec::new();
    for text in names {
        let (name, region) = text.split_once('@').map_or((text.as_str(), None), |(name, region)| (name, Some(region.to_owned())));
        let registration = registration(name)
            .ok_or_else(|| Error::usage(format!("{name:?} is no provider: there are {}", crate::command::line::provider_names())))?;
        match region {
            Some(region) => places.push(Place { registration, region: Some(region) }),
            None => places.extend(in_regions(registration, &context.options)),
        }
    }
    // Who names a place twice wants it once.
    let mut seen = BTreeSet::new();
    places.retain(|place: &Place| seen.insert((place.registration.id, place.region.clone())));
    if places.is_empty() {
        let usable = |registration: &&&'static Registration| {
            context.options.emulated || crate::call::session::has_credentials(registration, &context.options)
        };
        places.extend(PROVIDERS.iter().filter(usable).flat_map(|registration| in_regions(registration, &context.options)));
    }
    if places.is_empty() {
        return Err(Error::new(exit::CREDENTIALS, "no provider is given, and there are credentials for none")
            .next("tunnelctl list alibaba@cn-shanghai --emulated"));
    }
    Ok(places)
}

async fn read(place: Place, kinds: Vec<String>, options: Options, output: Rc<Output>) -> Found {
    let mut found = Found { connections: Vec::new(), error: None };
    let client = match connect(place.registration, place.region.as_deref(), &options, &output).await {
        Ok(mut client) => client.locate().await.map(|()| client),
        Err(error) => Err(error),
    };
    let client = match client {
        Ok(client) => client,
        Err(error) => return Found { error: Some(error), ..found },
    };
    let mut seen = BTreeSet::new();
    for kind in place
        .registration
        .kinds
        .iter()
        .filter(|kind| kind.listed)
        .filter(|kind| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind.name))
    {
        if let Err(error) = pages(&client, kind, &mut seen, &mut found.connections).await {
            // An account that may not list one kind may list the others; without a network there are none.
            let refused = error.exit == exit::FAILED;
            if let Some(earlier) = found.error.replace(error) {
                output.error(&earlier);
            }
            if !refused {
                break;
            }
        }
    }
    if !kinds.is_empty() {
        found.connections.retain(|connection| kinds.contains(&connection.reference.kind));
    }
    found
}

/// All pages of a kind. A connection that two pages or two kinds hold is taken once.
async fn pages(client: &Client, kind: &'static Kind, seen: &mut BTreeSet<String>, connections: &mut Vec<Connection>) -> Result<(), Error> {
    let doing = || format!("to list the {}s in {}", kind.name, client.region);
    let (mut after, mut cursors) = (None::<String>, BTreeSet::new());
    for _ in 0..MOST_PAGES {
        let call = client.provider.list(kind, after.as_deref());
        let page = client.call(&call, Intent::Read).await.map_err(|error| error.of_read(client, &doing()))?;
        connections.extend(page.connections.into_iter().filter(|connection| seen.insert(connection.reference.id.clone())));
        client.output.progress(&format!("{} {}: {} connections", client.id(), client.region, connections.len()));
        let Some(next) = page.next else { return Ok(()) };
        if !cursors.insert(next.clone()) {
            return Err(Error::new(exit::FAILED, format!("{} points at the same page again {}", client.id(), doing()))
                .state("the list is not complete"));
        }
        after = Some(next);
    }
    Err(Error::new(exit::FAILED, format!("{} has more than {MOST_PAGES} pages {}", client.id(), doing())).state("the list is not complete"))
}

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

/// Two lines a connection, so that it reads at 80 columns.
pub(super) fn table(connections: &[&Connection]) -> Table {
    let row = |connection: &&Connection| {
        let text = |key| connection.settings.get(key).map(ToString::to_string).unwrap_or_default();
        let words = |keys: &[Key]| keys.iter().map(|key| text(*key)).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        let (reference, status) = (&connection.reference, &connection.status);
        let kind = if reference.kind == Ref::DEFAULT_KIND { String::new() } else { format!("/{}", reference.kind) };
        let change = if status.change == Term::Settled { String::new() } else { format!("\n{}", status.change) };
        let peer = [text(Key::RemoteId), text(Key::CustomerGateway)].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        let region = reference.region.as_ref().map(|region| format!("@{region}")).unwrap_or_default();
        let place = format!("{}{region}", reference.provider);
        vec![
            format!("{place}{kind}\n{}", reference.id),
            format!("{}\n{}", one_line(&text(Key::Name)), one_line(&peer)),
            format!("{}{change}", status.tunnel),
            format!("{}\n{}", words(&[Key::IkeVersion, Key::IkeDhGroup]), words(&[Key::IkeEncryption, Key::IkeIntegrity])),
            format!("{}\n{}", text(Key::IpsecPfs), words(&[Key::IpsecEncryption, Key::IpsecIntegrity])),
        ]
    };
    let head = ["PLACE\nID", "NAME\nPEER", "TUNNEL\nCHANGE", "IKE, DH\nALGORITHMS", "PFS\nALGORITHMS"];
    Table { head: head.map(str::to_owned).to_vec(), rows: connections.iter().map(row).collect(), ..Table::default() }
}

/// The same with what remains: still two lines a connection, for a terminal of 160 columns.
fn wide_table(connections: &[Connection]) -> Table {
    let Table { mut head, mut rows, .. } = table(&connections.iter().collect::<Vec<_>>());
    for (connection, row) in connections.iter().zip(&mut rows) {
        let text = |key| connection.settings.get(key).map(ToString::to_string).unwrap_or_default();
        let unit = |key, unit| connection.settings.number(key).map(|number| format!("{number} {unit}")).unwrap_or_default();
        let dpd = [text(Key::DpdEnabled), unit(Key::DpdTimeout, "s")].join(" ");
        let line = |texts: [String; 2]| texts.join("\n").trim_end().to_owned();
        row.extend([
            line([connection.gateway.clone().unwrap_or_default(), connection.gateway_address.clone().unwrap_or_default()]),
            text(Key::LocalSubnets),
            text(Key::RemoteSubnets),
            line([unit(Key::IkeLifetime, "s"), unit(Key::IpsecLifetime, "s")]),
            line([dpd.trim().to_owned(), text(Key::DpdAction)]),
            // There is no record yet of when a key was set.
            line([connection.created.clone().unwrap_or_default(), "unknown".to_owned()]),
        ]);
    }
    head.extend(["GATEWAY\nADDRESS", "LOCAL", "REMOTE", "IKE LIFE\nIPSEC LIFE", "DPD\nACTION", "CREATED\nKEY AGE"].map(str::to_owned));
    Table { head, rows, ..Table::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    #[test]
    fn a_name_with_a_line_break_does_not_take_the_place_of_the_peer() {
        let mut connection = Connection::new(Ref::parse("alibaba/vco-1").unwrap());
        connection.settings.set(Key::Name, Value::Text("hq\n203.0.113.9".into()));
        assert_eq!(table(&[&connection]).rows[0][1], "hq 203.0.113.9\n");
    }
}
