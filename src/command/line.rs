//! The command line: root options, and the way from words to a command.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Styles;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::schema;
use crate::command;
use crate::config::Lazy;
use crate::config::Options;
use crate::error::Error;
use crate::model::Ref;
use crate::print::output::{Color, Format};
use crate::print::shape::Shape;
use crate::provider::{PROVIDERS, field::parse_duration_ms, registration};

/// The heading of the options of every command.
pub const HEADING: &str = "Global options";

/// The whole command line, for these words, with or without colour. Leaves are built when they are used.
#[must_use]
pub fn cli(args: &[OsString], color: bool) -> Command {
    // A global option is copied to every subcommand: not where none will be looked at.
    let global = !args.get(1).is_some_and(|first| ["--help", "-h", "--version", "-V"].iter().any(|word| first == word));
    let option = |name: &'static str| Arg::new(name).long(name).global(global).help_heading(HEADING);
    // Not `SetTrue`, which is present with its default: clap copies what is present to each level of subcommands.
    let flag = |name: &'static str| option(name).action(ArgAction::Set).num_args(0).default_missing_value("true");
    let command = Command::new("tunnelctl")
        // Not what the caller says that it is: this text is printed.
        .bin_name("tunnelctl")
        .version(env!("CARGO_PKG_VERSION"))
        .styles(if color { Styles::styled() } else { Styles::plain() })
        .about("Change, inspect, check and re-key IPsec-VPN connections on Alibaba Cloud, Tencent Cloud and Huawei Cloud")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Example:\n  tunnelctl modify alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --name hq --emulated --yes\n\n\
             Credentials come from a profile, or the vendors' own variables and files; --emulated needs none.",
        )
        .arg(option("profile").value_name("NAME").help("Profile of the configuration file"))
        .arg(option("region").value_name("REGION").help("Region of the connection, where the ref has none"))
        .arg(
            option("project-id")
                .hide_short_help(true)
                .value_name("ID")
                .help("Project id (Huawei); found by the region's name when not given"),
        )
        .arg(flag("emulated").help("Use the emulator inside the program; its state is kept"))
        .arg(option("endpoint").hide_short_help(true).value_name("URL").help("Send to this service instead of the cloud's own"))
        .arg(
            option("ca-file")
                .hide_short_help(true)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Trust the certificates in this PEM file instead of the built-in ones"),
        )
        .arg(
            option("signature")
                .hide_short_help(true)
                .value_name("SCHEME")
                .help("Signature: rpc, acs3 (Alibaba); tc3, hmac-sha256, hmac-sha1 (Tencent)"),
        )
        .arg(
            option("timeout")
                .hide_short_help(true)
                .value_name("TIME")
                .value_parser(duration)
                .help("How long to wait in all, such as 90s or 15m [default: 15m]"),
        )
        .arg(option("output").short('o').value_name("FORMAT").value_parser(Format::WORDS).help("Shape of the result [default: table]"))
        .arg(
            option("query")
                .hide_short_help(true)
                .value_name("JMESPATH")
                .allow_hyphen_values(true)
                .help("Print this part of the result, such as 'connections[].id'"),
        )
        .arg(
            option("columns")
                .hide_short_help(true)
                .value_name("PATH,...")
                .value_delimiter(',')
                .action(ArgAction::Append)
                .help("Columns of a table or of CSV, such as id,ike.version; tunnelctl schema lists the paths"),
        )
        .arg(
            option("color")
                .hide_short_help(true)
                .value_name("WHEN")
                .value_parser(["auto", "always", "never"])
                .help("When to colour messages [default: auto]"),
        )
        .arg(flag("quiet").short('q').help("Print results, warnings and errors only"))
        .arg(option("verbose").short('v').action(ArgAction::Count).help("Log each call; twice: retries and waits too"));
    command::register(command, args, named_kind(args))
}

/// The kind that stands after its provider.
fn named_kind(args: &[OsString]) -> Option<&'static str> {
    args.iter().zip(args.iter().skip(1)).find_map(|(provider, kind)| {
        let kinds = registration(provider.to_str()?)?.kinds;
        kinds.iter().map(|known| known.name).find(|name| kind == name)
    })
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration_ms(text)
        .map(Duration::from_millis)
        .ok_or_else(|| "expected a number of seconds, or a number with ms, s, m, h or d".to_owned())
}

/// The root options that decide how messages are printed: colour, quiet, verbose.
#[must_use]
pub fn printing(matches: &ArgMatches) -> (Color, bool, u8) {
    let color = match matches.get_one::<String>("color").map(String::as_str) {
        Some("always") => Color::Always,
        Some("never") => Color::Never,
        _ => Color::Auto,
    };
    (color, matches.contains_id("quiet"), matches.get_count("verbose"))
}

/// The root options that decide on the shape of the result.
///
/// # Errors
/// What is wrong with `--query` or `--columns`, before anything is done.
pub fn shape(matches: &ArgMatches) -> Result<Shape, Error> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let columns = matches.get_many::<String>("columns").into_iter().flatten().cloned().collect();
    let shape = Shape::new(text("output").map(Format::from_word).unwrap_or_default(), text("query"), columns)?;
    if let Some(command) = matches.subcommand_name() {
        schema::check_columns(command, shape.model_columns())?;
    }
    Ok(shape)
}

/// The root options that decide where calls go.
#[must_use]
pub fn options(matches: &ArgMatches, config: Lazy) -> Options {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    Options {
        profile: text("profile"),
        region: text("region"),
        project_id: text("project-id"),
        endpoint: text("endpoint"),
        ca_file: matches.get_one::<PathBuf>("ca-file").cloned(),
        signature: text("signature"),
        emulated: matches.contains_id("emulated"),
        timeout: matches.get_one::<Duration>("timeout").copied(),
        config,
    }
}

/// Turns `modify <ref>` into `modify <provider> <kind> <id> --region <region>`, so that a ref, or a name from the
/// configuration, can stand wherever one is shown. Anything else stays as it is.
///
/// # Errors
/// A ref that names no provider or kind, one whose region is not that of `--region`, a setting in front of it; and, when
/// a word can only be a name, a configuration that is not right or has no such name.
pub fn expand(mut args: Vec<OsString>, config: &Lazy) -> Result<Vec<OsString>, Error> {
    if !args.iter().any(|arg| arg == "modify" || arg == "update") {
        return Ok(args);
    }
    let root = cli(&args, false);
    let global = |word: &str| {
        let name = word.split('=').next().unwrap_or_default();
        root.get_arguments().find(|arg| {
            arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long))
                || arg
                    .get_short()
                    .is_some_and(|short| name.strip_prefix('-').is_some_and(|rest| rest.len() == 1 && rest.starts_with(short)))
        })
    };
    let text = |place: usize| args.get(place).and_then(|arg| arg.to_str()).unwrap_or_default();
    let takes_value = |arg: &Arg| arg.get_num_args().map_or_else(|| arg.get_action().takes_values(), |range| range.takes_values());
    let is_value = |place: usize| !text(place - 1).contains('=') && global(text(place - 1)).is_some_and(takes_value);
    let mut words = (1..args.len()).filter(|place| !text(*place).starts_with('-') && !is_value(*place));
    let Some(verb) = words.next().filter(|place| matches!(text(*place), "modify" | "update")) else { return Ok(args) };
    let Some(place) = words.next() else { return Ok(args) };
    if let Some(stray) = (verb + 1..place).map(text).find(|word| word.starts_with("--") && *word != "--help" && global(word).is_none()) {
        return Err(Error::usage(format!("{stray} stands before the connection: put settings after it"))
            .state("nothing was sent")
            .next(format!("tunnelctl {} <ref> {stray} ...", text(verb))));
    }
    let word = text(place);
    let reference = if registration(word).is_some() || word.is_empty() {
        None
    } else if word.contains('/') {
        Ref::parse(word).ok()
    } else {
        config.tunnel(word)?
    };
    let Some(reference) = reference else { return Ok(args) };
    command::known_kind(&reference)?;
    // A region that is given twice must be the same; clap would refuse even that.
    let places = (1..args.len()).filter(|place| text(*place) == "--region" || text(*place).starts_with("--region="));
    let given: Vec<&str> = places.map(|place| text(place).strip_prefix("--region=").unwrap_or_else(|| text(place + 1))).collect();
    if let (Some(region), Some(other)) = (&reference.region, given.iter().find(|given| reference.region.as_deref() != Some(**given))) {
        return Err(Error::usage(format!("the ref says region {region} and --region says {other}")).state("nothing was sent"));
    }
    let region = reference.region.filter(|_| given.is_empty()).map(|region| OsString::from(format!("--region={region}")));
    let parts = [Some(reference.provider.into()), Some(reference.kind.into()), region, Some(reference.id.into())];
    args.splice(place..=place, parts.into_iter().flatten());
    Ok(args)
}

/// The names of the providers, for messages.
#[must_use]
pub fn provider_names() -> String {
    PROVIDERS.iter().map(|registration| registration.id).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(line: &str) -> String {
        let args = line.split(' ').map(OsString::from).collect();
        expand(args, &Lazy::default()).unwrap().iter().map(|arg| arg.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    fn refused(line: &str) -> String {
        expand(line.split(' ').map(OsString::from).collect(), &Lazy::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_ref_after_modify_becomes_provider_kind_and_id() {
        assert_eq!(expanded("t modify alibaba@cn-x/vco-1 --name a/b"), "t modify alibaba connection --region=cn-x vco-1 --name a/b");
        assert_eq!(expanded("t modify --emulated -q huawei/i-1"), "t modify --emulated -q huawei connection i-1");
        assert_eq!(expanded("t -o json update huawei/i-1"), "t -o json update huawei connection i-1");
        assert_eq!(expanded("t modify --region cn-x alibaba/ipsec-server/iss-1"), "t modify --region cn-x alibaba ipsec-server iss-1");
    }

    #[test]
    fn everything_else_stays() {
        for line in
            ["t", "t modify", "t show alibaba@cn-x/vco-1", "t modify alibaba connection vco-1", "t modify oracle", "t modify --emulated"]
        {
            assert_eq!(expanded(line), line);
        }
    }

    #[test]
    fn a_region_that_is_given_twice_must_be_the_same() {
        let same = "t modify alibaba connection vco-1 --region cn-x --name a";
        assert_eq!(expanded("t modify alibaba@cn-x/vco-1 --region cn-x --name a"), same);
        for line in [
            "t modify alibaba@cn-x/vco-1 --region cn-y",
            "t --region=cn-y modify alibaba@cn-x/vco-1",
            "t modify --region cn-y alibaba@cn-x/vco-1",
        ] {
            assert!(refused(line).contains("region cn-x and --region says cn-y"), "{line}");
        }
    }

    #[test]
    fn a_ref_of_no_provider_or_kind_and_a_setting_before_it_are_named() {
        assert!(refused("t modify oracle/x --name a").contains("\"oracle\" is no provider: there are alibaba"));
        assert!(refused("t modify alibaba/server/x").contains("no kind \"server\": there are connection"));
        assert!(refused("t modify --emulated --name a alibaba/vco-1").contains("--name stands before"));
    }
}
