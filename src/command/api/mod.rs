//! `api`: one signed call of any operation; retries, and hides keys, as every other command.

mod parameters;
mod secret;

use clap::{Arg, ArgMatches, Command};

use super::shared::context::Context;
use super::shared::flag::reveal_psk;
use super::shared::reveal::may_reveal;
use super::shared::target::provider;
use crate::call::client::{CallError, Intent};
use crate::call::session::connect;
use crate::error::{Error, exit};
use crate::provider::field::hide;
use crate::provider::{Calls, Raw};
use crate::wire::{Call, Method, ReadError, Reply};
use parameters::{body, parameters};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg_required_else_help(true)
        .arg(Arg::new("provider").value_name("PROVIDER").required(true).help("alibaba, huawei or tencent"))
        .arg(Arg::new("operation").value_name("OPERATION").required(true).help("Vendor's name of the operation; for Huawei also a path"))
        .arg(
            Arg::new("parameter")
                .value_name("KEY=VALUE")
                .num_args(0..)
                .help("Parameters; @FILE and @- read the value; dots nest; numbers, true, false, [..] and {..} are JSON, \"..\" is text"),
        )
        .arg(Arg::new("method").long("method").value_name("METHOD").value_parser(["GET", "POST", "PUT", "DELETE"]).ignore_case(true).help("HTTP method"))
        .arg(Arg::new("body").long("body").value_name("TEXT|@FILE").help("The whole body, as JSON"))
        .arg(Arg::new("api").long("api").value_name("API").value_parser(["v3", "v2"]).help("API of the cloud (Tencent) [default: v3]"))
        .arg(reveal_psk("Show keys in the reply; only on a terminal or into a file"))
        .after_help(
            "Examples:\n  tunnelctl api alibaba DescribeVpnGateway VpnGatewayId=vpn-bp1q8bgx4xnkm2ogj0fiu --region cn-shanghai --emulated\n  \
             tunnelctl api tencent DescribeVpnConnections Limit=1 --region ap-guangzhou --emulated\n  \
             tunnelctl api huawei ListVgws --region cn-north-4 --emulated",
        )
}

/// Runs the command: prints the reply as the cloud sent it, keys hidden.
///
/// # Errors
/// Bad parameters, or what the cloud refused.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let reveal = matches.get_flag("reveal-psk");
    if reveal && !may_reveal() {
        return Err(Error::usage("--reveal-psk shows keys on a terminal or into a file only, not into a pipe"));
    }
    let (name, region) = text("provider")
        .unwrap_or_default()
        .split_once('@')
        .map_or((text("provider").unwrap_or_default(), None), |(name, region)| (name, Some(region)));
    let registration = provider(name)?;
    let operation = text("operation").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '{' | '}' | '.');
    if operation.is_empty() || !operation.chars().all(plain) {
        return Err(Error::usage(format!("operation {operation:?}: must be a name such as {}, or a path", registration.calls.example))
            .state("nothing was sent"));
    }
    let pairs = matches.get_many::<String>("parameter").into_iter().flatten();
    let parameters = parameters(&registration.calls, pairs)?;
    let body = text("body").map(body).transpose()?;
    let raw = Raw {
        // Lives as long as the process, which makes this one call.
        operation: Box::leak(operation.to_owned().into_boxed_str()),
        api: text("api").map(str::to_owned),
        method: text("method").and_then(|method| Method::parse(&method.to_ascii_uppercase())),
        parameters,
        body,
    };
    let mut client = connect(registration, region, &context.options, &context.output).await?;
    client.locate().await?;
    let request = client.provider.raw(&raw).map_err(|rule| Error::usage(rule).state("nothing was sent"))?;
    let reads = reads(&registration.calls, operation, request.method);
    let call = Call { request, read: Box::new(whole) };
    let doing = format!("{operation} in {}", client.region);
    let reply = client.call(&call, if reads { Intent::Read } else { Intent::Set }).await.map_err(|error| match error {
        CallError::Lost(cause) if !reads => Error::new(exit::UNKNOWN, format!("{name} gave no usable reply to {doing}: {cause}"))
            .state("whether it was executed is not known")
            .next("read back what it should have changed before sending it again"),
        error if reads => error.of_read(&client, &doing),
        error => error.harmless(&client, &doing),
    })?;
    print(&reply, reveal, context);
    Ok(exit::DONE)
}

/// Takes a reply that is JSON or empty. Any other was cut on the way: whether the call succeeded is not known, and the rest may
/// contain a key that cannot be found and hidden.
fn whole(reply: &Reply) -> Result<Reply, ReadError> {
    let blank = reply.body.iter().all(u8::is_ascii_whitespace);
    if blank || reply.json().is_some() {
        Ok(reply.clone())
    } else {
        Err(ReadError::Shape("the operation", "it is not JSON, or was cut short".to_owned()))
    }
}

/// Whether a call only reads, so that it may be repeated when its reply was lost.
fn reads(calls: &Calls, operation: &str, method: Method) -> bool {
    if calls.read_by_get {
        return method == Method::Get;
    }
    ["Describe", "List", "Show", "Get", "Download", "Check"].iter().any(|verb| operation.starts_with(verb))
}

/// Prints the reply as it came; values whose names are those of keys are hidden.
fn print(reply: &Reply, reveal: bool, context: &Context) {
    let output = &context.output;
    match reply.json() {
        Some(json) if reveal && !output.shape.is_made_from_json() => output.raw(&format!("{json:#}\n")),
        Some(json) if reveal => output.document(&json),
        Some(mut json) => {
            hide(&mut json);
            output.document(&json);
        }
        None => output.text(&format!("{}\n", String::from_utf8_lossy(&reply.body).trim_end())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::registration;

    #[test]
    fn what_may_change_something_is_never_repeated_blindly() {
        let reads = |provider: &str, operation: &str, method| reads(&registration(provider).unwrap().calls, operation, method);
        assert!(!reads("alibaba", "ModifyVpnConnectionAttribute", Method::Get));
        assert!(!reads("tencent", "ModifyVpnConnectionAttribute", Method::Get));
        assert!(!reads("huawei", "ShowVpnConnection", Method::Put));
        assert!(!reads("alibaba", "DiagnoseVpnConnections", Method::Post));
        assert!(reads("alibaba", "DescribeVpnConnections", Method::Post));
        assert!(reads("huawei", "/v5/{project_id}/vpn-gateways", Method::Get));
    }

    #[test]
    fn a_reply_that_was_cut_is_lost_and_never_shown() {
        let reply = |body: &str| Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        assert!(whole(&reply(r#"{"IkeConfig":{"Psk":"canary"#)).is_err());
        assert!(whole(&reply(r#"{"a":1}"#)).is_ok() && whole(&reply("")).is_ok());
    }
}
