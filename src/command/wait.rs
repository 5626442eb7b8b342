//! `wait`: waits until the cloud has finished a change, or until the tunnel is up.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::shared::context::Context;
use super::shared::flag::{api, switch};
use super::shared::target::resolve;
use crate::call::client::Intent;
use crate::call::session::connect;
use crate::call::settle::{settle, until_up};
use crate::error::{Error, exit};
use crate::print::describe;
use crate::provider::Accepted;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg_required_else_help(true)
        .arg(
            Arg::new("ref")
                .value_name("REF")
                .required(true)
                .help("Connection: <provider>[@<region>]/[<kind>/]<id>, or a name from the configuration"),
        )
        .arg(switch("up", "Wait until the cloud reports that the tunnel is up"))
        .arg(api())
        .arg(
            Arg::new("task")
                .long("task")
                .value_name("ID")
                .requires("api")
                .conflicts_with("up")
                .help("Task to wait for, as modify --api v2 --no-wait prints it"),
        )
        .after_help("Example:\n  tunnelctl wait alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --timeout 5m --emulated")
}

/// Runs the command.
///
/// # Errors
/// When it has not settled in time, or the cloud reports a failure.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let text = matches.get_one::<String>("ref").map(String::as_str).unwrap_or_default();
    let mut reference = context.options.config.reference(text)?;
    let (registration, target) = resolve(&reference, matches.get_one::<String>("api").map(String::as_str))?;
    let task = matches.get_one::<String>("task").cloned();
    if task.as_ref().is_some_and(|task| task.is_empty() || !task.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Error::usage(format!("--task {:?}: must be digits", task.unwrap_or_default())));
    }
    if task.is_some() && target.operation.api != "v2" {
        return Err(Error::usage("--task: only API v2 of Tencent Cloud has tasks").next("leave --task out, or give --api v2"));
    }
    let mut client = connect(registration, reference.region.as_deref(), &context.options, &context.output).await?;
    reference.region = Some(client.region.clone());
    client.locate().await?;
    let show = client.provider.show(&target);
    let before = client.call(&show, Intent::Read).await.map_err(|error| error.of_read(&client, &format!("to read {reference}")))?;
    let accepted = task.map(|task| Accepted { request_id: None, task: Some(task) });
    settle(&client, &target, before.gateway.as_deref(), accepted.as_ref())
        .await
        .map_err(|stop| stop.error(&client, &reference, &target))?;
    let after = if matches.get_flag("up") {
        until_up(&client, &target).await.map_err(|stop| stop.error(&client, &reference, &target))?
    } else {
        client.call(&show, Intent::Read).await.map_err(|error| error.of_read(&client, &format!("to read {reference}")))?
    };
    context.output.note(&format!("{reference} has settled; {1} reports that the tunnel is {0}", after.status.tunnel, client.id()));
    context.output.result(|| describe::tables(std::slice::from_ref(&after)), || json!({ "connection": after.to_json() }));
    Ok(exit::DONE)
}
