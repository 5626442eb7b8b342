//! `emulate`: the three clouds on loopback.

mod inside;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::shared::context::Context;
use crate::emulated::{Chance, Fault, form};
use crate::emulator::Server;
use crate::error::{Error, exit};
use crate::provider::{PROVIDERS, Registration};
use crate::system::files::{Pending, put_in_place};

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
        .arg(option("env-file").value_name("FILE").value_parser(value_parser!(PathBuf)).conflicts_with("command").help("Write the variables to this file, when everything listens, instead of printing them"))
        .arg(Arg::new("command").value_name("COMMAND").num_args(1..).last(true).value_parser(value_parser!(OsString)).help("Run this command with the variables, serve while it runs, and exit with its code"))
        .after_help("Without a command: prints addresses and made-up credentials, one NAME=value per line; then serves until it is interrupted.\n\nExample:\n  tunnelctl emulate --fault lose-reply@ModifyVpnConnectionAttribute -- ./change-tunnels.sh")
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
    let mut variables = Vec::new();
    for registration in PROVIDERS {
        let port = matches.get_one::<u16>(&format!("{}-port", registration.id)).copied().unwrap_or(0);
        let address = server.listen(registration, port).await?;
        variables.extend(names(registration, &format!("http://{address}")));
    }
    // A state that cannot be saved, or addresses that cannot be told, should fail now and not at the end.
    server.save()?;
    if let Some(words) = matches.get_many::<OsString>("command") {
        let words: Vec<OsString> = words.cloned().collect();
        let code = inside::run(&words, &variables).await?;
        server.save()?;
        return Ok(code);
    }
    let lines: String = variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    match matches.get_one::<PathBuf>("env-file") {
        Some(path) => write(path, &lines)?,
        None => context.output.raw(&lines),
    }
    if let Some(failure) = context.output.failure() {
        return Err(failure);
    }
    context.output.note("serving; stop with Ctrl-C");
    server.serve().await?;
    Ok(exit::DONE)
}

/// The variables that lead a client to an emulated cloud, with their values. A project is not among them: each region has its
/// own, and clients ask the identity service for it.
fn names(registration: &Registration, endpoint: &str) -> Vec<(&'static str, String)> {
    let environment = &registration.environment;
    let (id, secret) = registration.emulation.credentials;
    let values = [
        (environment.endpoint, endpoint),
        (environment.id.first().copied().unwrap_or_default(), id),
        (environment.secret.first().copied().unwrap_or_default(), secret),
        (environment.identity_endpoint.first().copied().unwrap_or_default(), endpoint),
    ];
    values.into_iter().filter(|(name, _)| !name.is_empty()).map(|(name, value)| (name, value.to_owned())).collect()
}

/// Writes the variables, whole: who finds the file finds all of them, and everything listens.
fn write(path: &Path, lines: &str) -> Result<(), Error> {
    let file = Pending { path: path.to_owned(), bytes: lines.as_bytes() };
    put_in_place(&[file], true).map_err(|unplaced| Error::new(exit::FAILED, format!("--env-file {}: {}", path.display(), unplaced.cause)))
}
