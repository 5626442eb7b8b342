//! The options of every command.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Styles;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::config::{Lazy, Options};
use crate::error::Error;
use crate::print::output::{Color, Format};
use crate::print::shape::Shape;
use crate::provider::field::parse_duration_ms;
use crate::system::{is_name, pass};

/// The heading of the options of every command.
pub const HEADING: &str = "Global options";

/// The program with its root options, without its commands; for these words, with or without colour.
#[must_use]
pub fn root(args: &[OsString], color: bool) -> Command {
    // clap copies a global option to every subcommand; the help of the root needs no copies.
    let global = !args.get(1).is_some_and(|first| ["--help", "-h", "--version", "-V"].iter().any(|word| first == word));
    let option = |name: &'static str| Arg::new(name).long(name).global(global).help_heading(HEADING);
    // Not `SetTrue`: its default counts as present, and clap copies what is present to each level of subcommands.
    let flag = |name: &'static str| option(name).action(ArgAction::Set).num_args(0).default_missing_value("true");
    Command::new("tunnelctl")
        // The caller decides on the program's file name; help shows ours.
        .bin_name("tunnelctl")
        .version(env!("CARGO_PKG_VERSION"))
        .styles(if color { Styles::styled() } else { Styles::plain() })
        .about("Change, inspect, check and re-key IPsec-VPN connections on Alibaba Cloud, Tencent Cloud and Huawei Cloud")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Example:\n  tunnelctl modify alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --name hq --emulated --yes\n\n\
             Credentials come from a profile, or from the vendors' own variables and files. --emulated needs none.",
        )
        .arg(option("profile").value_name("NAME").help("Profile of the configuration file"))
        .arg(option("region").value_name("REGION").help("Region of the connection, where the ref has none"))
        .arg(
            option("project-id")
                .hide_short_help(true)
                .value_name("ID")
                .help("Project id (Huawei) [default: looked up by the region's name]"),
        )
        .arg(flag("emulated").help("Use the built-in emulator, which keeps its state"))
        .arg(option("endpoint").hide_short_help(true).value_name("URL").help("Send requests to this service instead of the cloud's own"))
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
            option("pass-env")
                .hide_short_help(true)
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Let the commands that you name see this environment variable; can be repeated"),
        )
        .arg(
            option("timeout")
                .hide_short_help(true)
                .value_name("TIME")
                .value_parser(duration)
                .help("Wait this long in all, such as 90s or 15m [default: 15m]"),
        )
        .arg(option("output").short('o').value_name("FORMAT").value_parser(Format::WORDS).help("Format of the result [default: table]"))
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
                .help("Colour messages: auto, always or never [default: auto]"),
        )
        .arg(flag("quiet").short('q').help("Print only results, warnings and errors"))
        .arg(option("verbose").short('v').action(ArgAction::Count).help("Log each call; twice: retries and waits too"))
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration_ms(text)
        .map(Duration::from_millis)
        .ok_or_else(|| "expected a number of seconds, or numbers with units from ms to d, such as 8h30m".to_owned())
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
/// What is wrong with `--query` or `--columns`.
pub fn shape(matches: &ArgMatches) -> Result<Shape, Error> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let columns = matches.get_many::<String>("columns").into_iter().flatten().cloned().collect();
    Shape::new(text("output").map(Format::from_word).unwrap_or_default(), text("query"), columns)
}

/// Passes the variables of `--pass-env` on to the user's commands.
///
/// # Errors
/// A name that is none, or of a variable that is not set. A value in its place is not repeated.
pub fn pass_env(matches: &ArgMatches) -> Result<(), Error> {
    let names: Vec<String> = matches.get_many("pass-env").into_iter().flatten().cloned().collect();
    let refused = |rule: String| Err(Error::usage(format!("--pass-env: {rule}")).state("nothing was sent"));
    if names.iter().any(|name| !is_name(name)) {
        return refused("expected the NAME of a variable: letters, digits and _; its value comes from the environment".to_owned());
    }
    if let Some(name) = names.iter().find(|name| std::env::var_os(name).is_none()) {
        return refused(format!("the variable {name} is not set"));
    }
    pass(&names);
    Ok(())
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
        pass_env: matches.get_many("pass-env").into_iter().flatten().cloned().collect(),
        emulated: matches.contains_id("emulated"),
        timeout: matches.get_one::<Duration>("timeout").copied(),
        config,
    }
}
