//! `show`: the current configuration of connections.

use std::io::IsTerminal;
use std::rc::Rc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value as Json, json};

use super::{Context, resolve};
use crate::call::client::Intent;
use crate::call::session::connect;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Settings, Value};
use crate::print::describe;
use crate::print::gate::escape;
use crate::print::output::Rows;
use crate::print::shape::Format;
use crate::provider::{Registration, Target};
use crate::system::runtime::needed;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg_required_else_help(true)
        .arg(
            Arg::new("ref")
                .value_name("REF")
                .required(true)
                .num_args(1..)
                .help("Connections: <provider>[@<region>]/[<kind>/]<id>, or names from the configuration"),
        )
        .arg(Arg::new("api").long("api").value_name("API").help("API of the cloud: v3, v2 (Tencent)"))
        .arg(
            Arg::new("reveal-psk")
                .long("reveal-psk")
                .action(ArgAction::SetTrue)
                .help("Show pre-shared keys, on a terminal or into a file only"),
        )
        .after_help(
            "Example:\n  tunnelctl show alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i tencent@ap-shanghai/vpnx-partneral01 --emulated",
        )
}

/// Runs the command: all refs at once, results in their order. One that fails is reported beside the others.
///
/// # Errors
/// What is wrong with the refs, or the first failure.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let reveal = matches.get_flag("reveal-psk");
    if reveal && !may_reveal() {
        return Err(Error::usage("--reveal-psk shows keys on a terminal or into a file only, not into a pipe")
            .next("redirect the output into a file: umask 077; tunnelctl show ... --reveal-psk > FILE"));
    }
    let api = matches.get_one::<String>("api").map(String::as_str);
    let (connections, failed) = read_all(matches.get_many::<String>("ref").into_iter().flatten(), api, context).await?;
    if !connections.is_empty() {
        let mut json: Vec<Json> = connections.iter().map(Connection::to_json).collect();
        if reveal {
            context.output.warn("pre-shared keys are shown below");
            if matches!(context.output.shape.format, Format::Table | Format::Wide) {
                context.output.raw(&revealed(&connections));
            } else {
                json.iter_mut().zip(&connections).for_each(|(json, connection)| reveal_in(json, connection));
            }
        }
        context.output.rows(
            Rows { member: "connections", columns: describe::paths },
            || describe::tables(&connections),
            || json!({ "connections": json }),
        );
    }
    failed.map_or(Ok(exit::DONE), Err)
}

/// Reads these refs at once, in their order; and the last failure, beside what the others returned.
///
/// # Errors
/// What is wrong with the refs.
pub(super) async fn read_all(
    refs: impl Iterator<Item = &String>,
    api: Option<&str>,
    context: &Context,
) -> Result<(Vec<Connection>, Option<Error>), Error> {
    let mut reads = Vec::new();
    for text in refs {
        let reference = context.options.config.reference(text)?;
        let (registration, target) = resolve(&reference, api)?;
        reads.push((registration, target, reference.region));
    }
    needed().await;
    let tasks: Vec<_> = reads
        .into_iter()
        .map(|(registration, target, region)| {
            tokio::task::spawn_local(read(registration, target, region, context.options.clone(), Rc::clone(&context.output)))
        })
        .collect();
    let (mut connections, mut failed) = (Vec::new(), None);
    for task in tasks {
        match task.await {
            Ok(Ok(connection)) => connections.push(connection),
            Ok(Err(error)) => {
                if let Some(earlier) = failed.replace(error) {
                    context.output.error(&earlier);
                }
            }
            Err(cause) => return Err(Error::new(exit::FAILED, format!("a read did not end: {cause}"))),
        }
    }
    Ok((connections, failed))
}

pub(super) async fn read(
    registration: &'static Registration,
    target: Target,
    region: Option<String>,
    options: crate::config::Options,
    output: Rc<crate::print::output::Output>,
) -> Result<Connection, Error> {
    let mut client = connect(registration, region.as_deref(), &options, &output).await?;
    client.locate().await?;
    let call = client.provider.show(&target);
    client
        .call(&call, Intent::Read)
        .await
        .map_err(|error| error.of_read(&client, &format!("to read {}@{}/{}", registration.id, client.region, target.id)))
}

/// Whether standard output is a terminal or a file.
pub(super) fn may_reveal() -> bool {
    use std::os::fd::AsFd;
    let stdout = std::io::stdout();
    stdout.is_terminal() || rustix::fs::fstat(stdout.as_fd()).is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file())
}

/// Puts each key beside its fingerprint, as `psk.value`.
fn reveal_in(json: &mut Json, connection: &Connection) {
    let put = |json: &mut Json, settings: &Settings| {
        if let (Some(Value::Secret(key)), Some(psk)) = (settings.get(Key::Psk), json.get_mut("psk").and_then(Json::as_object_mut)) {
            psk.insert("value".to_owned(), json!(key.expose()));
        }
    };
    put(json, &connection.settings);
    for (place, tunnel) in connection.tunnels.iter().enumerate() {
        if let Some(json) = json.get_mut("tunnels").and_then(|tunnels| tunnels.get_mut(place)) {
            put(json, &tunnel.settings);
        }
    }
}

/// The keys, a line each, before the connections themselves.
fn revealed(connections: &[Connection]) -> String {
    // A file gets the key as it is; a terminal nothing that acts on it.
    let text = |key: &str| if std::io::stdout().is_terminal() { escape(key).replace('\n', "\\n") } else { key.to_owned() };
    let line = |place: String, settings: &Settings| match settings.get(Key::Psk) {
        Some(Value::Secret(key)) => format!("{place} psk {}\n", text(key.expose())),
        _ => format!("{place} psk is not returned by the cloud\n"),
    };
    let mut text = String::new();
    for connection in connections {
        if connection.tunnels.is_empty() {
            text.push_str(&line(connection.reference.to_string(), &connection.settings));
        }
        for tunnel in &connection.tunnels {
            text.push_str(&line(format!("{} {}", connection.reference, tunnel.id), &tunnel.settings));
        }
    }
    text
}
