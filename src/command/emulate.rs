//! `emulate`: the three clouds on loopback.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::shared::context::Context;
use crate::emulated::{Chance, Fault, form};
use crate::emulator::Server;
use crate::error::{Error, exit};
use crate::provider::PROVIDERS;

const HEADING: &str = "Emulator";

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let option = |name: &'static str| Arg::new(name).long(name).help_heading(HEADING);
    let port =
        |name: &'static str| option(name).value_name("PORT").value_parser(value_parser!(u16)).default_value("0").hide_default_value(true);
    command
        .arg(port("alibaba-port").help("Port of Alibaba Cloud [default: any free one]"))
        .arg(port("huawei-port").help("Port of Huawei Cloud [default: any free one]"))
        .arg(port("tencent-port").help("Port of Tencent Cloud [default: any free one]"))
        .arg(option("state").value_name("FILE").value_parser(value_parser!(PathBuf)).help("Load the state from this file, and save it there"))
        .arg(option("scale").value_name("N").value_parser(value_parser!(u32).range(..=100)).help("Add N thousand generated connections, spread over the clouds"))
        .arg(option("settle-ms").value_name("MS").value_parser(value_parser!(u32)).help("Milliseconds that a change takes [default: 1500]"))
        .arg(option("clock-skew").value_name("SECONDS").allow_hyphen_values(true).value_parser(value_parser!(i32)).help("Set the clouds' clock ahead by this much (behind, with a minus)"))
        .arg(option("fault").value_name("FAULT").action(ArgAction::Append).value_parser(|text: &str| text.parse::<Fault>()).help(format!("Inject a fault: {}", form())))
        .arg(option("fault-rate").value_name("PERCENT").value_parser(value_parser!(u32).range(0..=100)).help("Inject random faults into this percentage of requests"))
        .arg(option("fault-seed").value_name("N").value_parser(value_parser!(u64)).requires("fault-rate").help("Seed of the random faults [default: 1]"))
        .after_help("Prints endpoints and fake credentials, one NAME=value per line; then serves until it is interrupted.\n\nExample:\n  tunnelctl emulate --fault lose-reply@ModifyVpnConnectionAttribute > emulator.env &\n  set -a; . ./emulator.env; set +a")
}

/// Runs the command: prints where the clouds listen, then serves until a signal arrives.
///
/// # Errors
/// When a port or the state cannot be used.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let mut server = Server::open(matches.get_one::<PathBuf>("state").cloned())?;
    server.configure(|store| {
        if let Some(ms) = matches.get_one::<u32>("settle-ms") {
            store.settle_ms = i64::from(*ms);
        }
        if let Some(secs) = matches.get_one::<i32>("clock-skew") {
            store.skew_secs = i64::from(*secs);
        }
        if let Some(thousands) = matches.get_one::<u32>("scale") {
            crate::provider::scale(store, *thousands);
        }
        if let Some(percent) = matches.get_one::<u32>("fault-rate") {
            store.chance = Some(Chance::new(matches.get_one::<u64>("fault-seed").copied().unwrap_or(1), *percent));
        }
        store.faults.extend(matches.get_many::<Fault>("fault").into_iter().flatten().cloned());
    });
    let mut lines = String::new();
    for registration in PROVIDERS {
        let port = matches.get_one::<u16>(&format!("{}-port", registration.id)).copied().unwrap_or(0);
        let address = server.listen(registration, port).await?;
        let environment = &registration.environment;
        let (id, secret) = registration.emulation.credentials;
        let endpoint = format!("http://{address}");
        let values = [
            (environment.endpoint, endpoint.as_str()),
            (environment.id.first().copied().unwrap_or_default(), id),
            (environment.secret.first().copied().unwrap_or_default(), secret),
            (environment.identity_endpoint.first().copied().unwrap_or_default(), endpoint.as_str()),
            (environment.project.first().copied().unwrap_or_default(), server.first_project(registration.id)),
        ];
        lines.extend(
            values.iter().filter(|(name, value)| !name.is_empty() && !value.is_empty()).map(|(name, value)| format!("{name}={value}\n")),
        );
    }
    // A state that cannot be saved, or addresses that cannot be printed, should fail now and not at the end.
    server.save()?;
    context.output.raw(&lines);
    if let Some(failure) = context.output.failure() {
        return Err(failure);
    }
    context.output.note("serving; stop with Ctrl-C");
    server.serve().await?;
    Ok(exit::DONE)
}
