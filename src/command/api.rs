//! `api`: one signed call of any operation, with retries and hiding as everywhere else.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value as Json};

use super::Context;
use super::show::may_reveal;
use crate::call::client::{CallError, Intent};
use crate::call::session::connect;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::print::gate::watch;
use crate::provider::field::{hide_secrets, insert_at, is_secret_name};
use crate::provider::{Raw, registration};
use crate::system::files::{read_limited, read_small};
use crate::wire::{Call, ReadError};
use crate::wire::{Method, Reply};

const LIMIT: u64 = 8 << 20;
/// What Alibaba and Tencent are told which call it is by, and who makes it: never a parameter, or another operation would be
/// made than the one that was judged.
const OURS: [&str; 14] = [
    "Action",
    "RegionId",
    "Version",
    "Format",
    "AccessKeyId",
    "SecretId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "SignatureType",
    "Timestamp",
    "Nonce",
];

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg_required_else_help(true)
        .arg(Arg::new("provider").value_name("PROVIDER").required(true).help("alibaba, huawei or tencent"))
        .arg(Arg::new("operation").value_name("OPERATION").required(true).help("The vendor's name of the operation; for Huawei also a path"))
        .arg(
            Arg::new("parameter")
                .value_name("KEY=VALUE")
                .num_args(0..)
                .help("Parameters; @FILE and @- read the value; dots nest; numbers, true, false, [..] and {..} are JSON, \"..\" is text"),
        )
        .arg(Arg::new("method").long("method").value_name("METHOD").value_parser(["GET", "POST", "PUT", "DELETE"]).ignore_case(true).help("HTTP method"))
        .arg(Arg::new("body").long("body").value_name("TEXT|@FILE").help("The whole body, as JSON"))
        .arg(Arg::new("api").long("api").value_name("API").value_parser(["v3", "v2"]).help("API of the cloud (Tencent) [default: v3]"))
        .arg(Arg::new("reveal-psk").long("reveal-psk").action(ArgAction::SetTrue).help("Show keys in the reply, on a terminal or into a file only"))
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
    let registration = registration(name)
        .ok_or_else(|| Error::usage(format!("{name:?} is no provider: there are {}", crate::command::line::provider_names())))?;
    let operation = text("operation").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '{' | '}' | '.');
    if operation.is_empty() || !operation.chars().all(plain) {
        return Err(
            Error::usage(format!("operation {operation:?}: must be a name such as {}, or a path", example(name))).state("nothing was sent")
        );
    }
    let mut parameters = Map::new();
    for pair in matches.get_many::<String>("parameter").into_iter().flatten() {
        let (key, value) = parameter(pair)?;
        if name != "huawei" && OURS.contains(&key.as_str()) {
            let rule = format!("parameter {key:?}: the program sets it, from the operation in front, --region and the credentials");
            return Err(Error::usage(rule).state("nothing was sent"));
        }
        add(&mut parameters, &key, value, name == "tencent")?;
    }
    let parameters = parameters.into_iter().map(|(key, value)| (key, listed(value))).collect();
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
    let reads = reads(name, operation, request.method);
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

/// A reply that is not JSON was cut on the way: whether the rest told of success is not known, and what is left may hold a
/// key that nothing finds.
fn whole(reply: &Reply) -> Result<Reply, ReadError> {
    let blank = reply.body.iter().all(u8::is_ascii_whitespace);
    if blank || reply.json().is_some() {
        Ok(reply.clone())
    } else {
        Err(ReadError::Shape("the operation", "it is no JSON, or was cut short".to_owned()))
    }
}

/// Whether a call only reads, so that it may be repeated when its reply was lost. At Huawei the method tells; at the others
/// any operation goes by GET as well, and its name tells.
fn reads(provider: &str, operation: &str, method: Method) -> bool {
    match provider {
        "huawei" => method == Method::Get,
        _ => ["Describe", "List", "Show", "Get", "Download", "Check"].iter().any(|verb| operation.starts_with(verb)),
    }
}

fn example(provider: &str) -> &'static str {
    match provider {
        "huawei" => "ShowVpnConnection",
        "tencent" => "DescribeVpnConnections",
        _ => "DescribeVpnConnection",
    }
}

/// Adds a parameter, `nested` at its dots. None takes the place of another, or is left out, without a word.
fn add(parameters: &mut Map<String, Json>, key: &str, value: Json, nested: bool) -> Result<(), Error> {
    let twice = |what: &str| {
        Err(Error::usage(format!("parameter {key:?}: {what} is given already; several values are KEY=[\"a\",\"b\"]"))
            .state("nothing was sent"))
    };
    if !nested {
        return if parameters.insert(key.to_owned(), value).is_some() { twice(key) } else { Ok(()) };
    }
    for (place, _) in key.match_indices('.').chain([(key.len(), "")]) {
        let (above, whole) = (key.get(..place).unwrap_or(key), place == key.len());
        let taken = above.split_once('.').map_or_else(
            || parameters.get(above),
            |(first, rest)| parameters.get(first).and_then(|found| rest.split('.').try_fold(found, |found, name| found.get(name))),
        );
        if taken.is_some_and(|taken| whole || !taken.is_object()) {
            return twice(above);
        }
    }
    insert_at(parameters, key, value);
    Ok(())
}

/// Reads `key=value`. A secret must not stand on the command line: every user of the machine could read it there.
fn parameter(pair: &str) -> Result<(String, Json), Error> {
    let bad =
        |rule: &str| Error::usage(format!("parameter {:?}: {rule}", pair.split('=').next().unwrap_or_default())).state("nothing was sent");
    let (key, value) = pair.split_once('=').ok_or_else(|| bad("expected KEY=VALUE"))?;
    if key.is_empty() || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("expected KEY=VALUE with a key without blanks"));
    }
    if let Some(source) = value.strip_prefix('@') {
        let json = Json::String(read(source)?);
        secrets(key, &json).into_iter().for_each(|secret| watch(&Secret::new(secret)));
        return Ok((key.to_owned(), json));
    }
    let json = guess(value);
    if is_secret_name(key) || !secrets(key, &json).is_empty() {
        return Err(bad("a key must not stand on the command line; use KEY=@FILE or KEY=@-"));
    }
    Ok((key.to_owned(), json))
}

/// Reads the body. The rule of [`parameter`] holds for it as well.
fn body(text: &str) -> Result<String, Error> {
    let bad = |rule: &str| Error::usage(format!("--body {rule}")).state("nothing was sent");
    let source = text.strip_prefix('@');
    let body = source.map_or_else(|| Ok(text.to_owned()), read)?;
    let found = secrets("", &Json::String(body.clone()));
    if source.is_none() && !found.is_empty() {
        return Err(bad("holds a key, which must not stand on the command line; use --body @FILE or --body @-"));
    }
    found.into_iter().for_each(|secret| watch(&Secret::new(secret)));
    serde_json::from_str::<Json>(&body).map_err(|fault| bad(&format!("is not JSON: {fault}")))?;
    Ok(body)
}

/// The texts that stand under the name of a key, at any depth, also in JSON that is the text of a value.
fn secrets(name: &str, json: &Json) -> Vec<String> {
    match json {
        Json::Object(object) => object.iter().flat_map(|(name, value)| secrets(name, value)).collect(),
        Json::Array(items) => items.iter().flat_map(|item| secrets(name, item)).collect(),
        Json::String(text) if is_secret_name(name) => vec![text.clone()],
        Json::String(text) if text.trim_start().starts_with(['{', '[']) => match serde_json::from_str::<Json>(text) {
            Ok(inner) => secrets(name, &inner),
            // What was to be JSON and is not may hold a key all the same.
            Err(_) if text.split('"').any(is_secret_name) => vec![text.clone()],
            Err(_) => Vec::new(),
        },
        Json::Null | Json::Bool(_) | Json::String(_) => Vec::new(),
        Json::Number(_) if is_secret_name(name) => vec![json.to_string()],
        Json::Number(_) => Vec::new(),
    }
}

/// A whole number, `true`, `false`, a list, an object and a quoted text are JSON; anything else is text as it stands.
fn guess(value: &str) -> Json {
    let json = || serde_json::from_str::<Json>(value).ok();
    match value.chars().next() {
        Some('[' | '{' | '"') => json().unwrap_or_else(|| Json::String(value.to_owned())),
        _ => json().filter(|json| json.is_u64() || json.is_boolean()).unwrap_or_else(|| Json::String(value.to_owned())),
    }
}

/// Objects whose names are 0, 1, 2, ... are lists: that is how dots nest them.
fn listed(value: Json) -> Json {
    match value {
        Json::Object(object) => {
            let object: Map<String, Json> = object.into_iter().map(|(key, value)| (key, listed(value))).collect();
            let mut items: Vec<(usize, Json)> = object.iter().filter_map(|(key, value)| Some((key.parse().ok()?, value.clone()))).collect();
            items.sort_by_key(|(place, _)| *place);
            let whole =
                !items.is_empty() && items.len() == object.len() && items.iter().enumerate().all(|(place, (number, _))| place == *number);
            if whole { Json::Array(items.into_iter().map(|(_, item)| item).collect()) } else { Json::Object(object) }
        }
        other => other,
    }
}

/// The content of a file, or of standard input for `-`, without the line end at its end.
fn read(source: &str) -> Result<String, Error> {
    let text = if source == "-" {
        read_limited(std::io::stdin().lock(), LIMIT)
    } else {
        read_small(Path::new(source), LIMIT).map(|file| file.text)
    };
    let text = text.map_err(|cause| Error::usage(format!("@{source}: {cause}")).state("nothing was sent"))?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

/// Prints the reply as it came; what tells by its name that it holds a key is hidden.
fn print(reply: &Reply, reveal: bool, context: &Context) {
    let output = &context.output;
    match reply.json() {
        Some(json) if reveal && !output.shape.is_made_from_json() => output.raw(&format!("{json:#}\n")),
        Some(json) if reveal => output.document(&json),
        Some(mut json) => {
            match &mut json {
                Json::Object(object) => hide_secrets(object),
                Json::Array(items) => items.iter_mut().filter_map(Json::as_object_mut).for_each(hide_secrets),
                _ => {}
            }
            output.document(&json);
        }
        None => output.text(&format!("{}\n", String::from_utf8_lossy(&reply.body).trim_end())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_json_where_they_look_like_it_and_text_elsewhere() {
        for (text, value) in [
            ("20", json!(20)),
            ("true", json!(true)),
            ("[\"a\"]", json!(["a"])),
            ("\"20\"", json!("20")),
            ("10.0.0.0/24", json!("10.0.0.0/24")),
            ("-1", json!("-1")),
            ("{broken", json!("{broken")),
            ("", json!("")),
        ] {
            assert_eq!(guess(text), value, "{text}");
        }
    }

    #[test]
    fn a_key_on_the_command_line_is_refused() {
        for pair in [
            "Psk=abc",
            "PreShareKey=abc",
            "vpn_connection.psk=x",
            "IkeConfig={\"Psk\":\"abc\"}",
            "Tunnels=[{\"Psk\":\"abc\"}]",
            "Tunnels=[[{\"a\":{\"Psk\":12}}]]",
            "IkeConfig=\"{\\\"Psk\\\":\\\"abc\\\"}\"",
            "IkeConfig={\"Psk\":\"abc\"",
        ] {
            let error = parameter(pair).unwrap_err();
            assert!(error.message.contains("@FILE") && !error.message.contains("abc"), "{}", error.message);
        }
        let error = body(r#"{"vpn_connection":{"psk":"abc"}}"#).unwrap_err();
        assert!(error.message.contains("@FILE") && !error.message.contains("abc"), "{}", error.message);
        assert!(body(r#"{"vpn_connection":{"name":"abc"}}"#).is_ok());
        assert!(parameter("VpnConnectionId=vco-1").is_ok());
        assert!(parameter("no-equals-sign").is_err());
    }

    #[test]
    fn what_may_change_something_is_never_repeated_blindly() {
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

    #[test]
    fn no_parameter_takes_the_place_of_another() {
        for (nested, first, second) in [(false, "a", "a"), (true, "a", "a"), (true, "a", "a.b"), (true, "a.b", "a"), (true, "a.b.c", "a.b")]
        {
            let mut parameters = Map::new();
            assert!(add(&mut parameters, first, json!(1), nested).is_ok());
            assert!(add(&mut parameters, second, json!(2), nested).is_err(), "{first} {second}");
        }
        let mut parameters = Map::new();
        for key in ["a.b.c", "a.b.d", "a.e", "f"] {
            assert!(add(&mut parameters, key, json!(1), true).is_ok(), "{key}");
        }
        assert_eq!(json!(parameters), json!({ "a": { "b": { "c": 1, "d": 1 }, "e": 1 }, "f": 1 }));
    }

    #[test]
    fn numbered_names_become_a_list() {
        assert_eq!(listed(json!({ "0": { "Name": "a" }, "1": "b" })), json!([{ "Name": "a" }, "b"]));
        assert_eq!(listed(json!({ "0": "a", "2": "b" })), json!({ "0": "a", "2": "b" }));
    }
}
