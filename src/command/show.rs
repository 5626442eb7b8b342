//! `show`: the current configuration of connections.

use std::io::IsTerminal;

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value as Json, json};

use super::shared::context::Context;
use super::shared::flag::{api, reveal_psk};
use super::shared::read::read_all;
use super::shared::reveal::may_reveal;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Settings, Value};
use crate::print::describe;
use crate::print::gate::escape;
use crate::print::output::Rows;
use crate::print::shape::Format;

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
        .arg(api())
        .arg(reveal_psk("Show pre-shared keys; only on a terminal or into a file"))
        .after_help(
            "Example:\n  tunnelctl show alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i tencent@ap-shanghai/vpnx-partneral01 --emulated",
        )
}

/// Runs the command: all refs at once, results in their order. A failure of one is reported beside the others.
///
/// # Errors
/// What is wrong with the refs, or the last failure.
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

/// Adds each key to its fingerprint, as `psk.value`.
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

/// The keys, a line each, to be printed before the connections.
fn revealed(connections: &[Connection]) -> String {
    // A file gets the key as it is; a terminal must not act on control characters.
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
