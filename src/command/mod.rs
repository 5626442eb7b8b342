//! The commands, a file or folder each. A new one is its file and its lines here.

use std::ffi::OsString;
use std::rc::Rc;

use clap::{ArgMatches, Command};

use crate::config::Options;
use crate::error::Error;
use crate::print::output::Output;
use crate::print::shape::Shape;
use crate::provider::registration;

mod api;
mod audit;
mod check;
mod completions;
mod config;
mod emulate;
mod export;
mod inspect;
pub mod line;
mod list;
mod man;
mod modify;
mod operation;
mod providers;
mod rotate;
mod schema;
mod shared;
mod show;
mod wait;

pub use shared::context::Context;
pub use shared::target::known_kind;

/// A command: its name, its line in the list, and its arguments, which are added when it is used.
type Verb = (&'static str, &'static str, fn(Command) -> Command);

/// Every command, in the order of the help.
const VERBS: &[Verb] = &[
    ("modify", "Change settings of a connection, attachment, tunnel or IPsec server", modify::arguments),
    ("show", "Show the current configuration, one column per connection", show::arguments),
    ("wait", "Wait until the cloud has finished a change", wait::arguments),
    ("check", "Check whether two ends of a tunnel agree, and name the fields that differ", check::arguments),
    ("rotate", "Set a new pre-shared key on one end of a tunnel, or on both", rotate::arguments),
    ("operation", "Show changes on record; resume them or roll them back", operation::arguments),
    ("list", "List the connections of an account", list::arguments),
    ("audit", "Find weak or deprecated cryptography, by published policy", audit::arguments),
    ("export", "Write the configuration of a connection's peer", export::arguments),
    ("api", "Make one signed API call of any operation", api::arguments),
    ("config", "Show and check settings and credentials, and where they come from", config::arguments),
    ("inspect", "Read a saved reply or request of any cloud, offline", inspect::arguments),
    ("emulate", "Serve the three clouds on loopback", emulate::arguments),
    ("providers", "Show what each cloud supports: settings, algorithms, bounds", providers::arguments),
    ("schema", "Print the JSON Schema of a command's JSON", schema::arguments),
    ("completions", "Print the completion script for a shell", completions::arguments),
    ("man", "Print or write the manual pages", man::arguments),
];

/// Another name of `modify`.
const UPDATE: &str = "update";

/// The whole command line, for these words, with or without colour. The arguments of a command are built when it is used.
#[must_use]
pub fn cli(args: &[OsString], color: bool) -> Command {
    register(line::root(args, color), args, named_kind(args))
}

/// The command line with every command.
fn whole() -> Command {
    cli(&[], false)
}

/// Adds the commands to the root: those that the words name, since clap copies every global option to each; all of them
/// where no word names one, for the help and for the error. `kind` is the one that the words name, if they name one.
fn register(root: Command, words: &[OsString], kind: Option<&'static str>) -> Command {
    let is_named = |verb: &&Verb| words.iter().any(|word| word == verb.0 || verb.0 == "modify" && word == UPDATE);
    let mut verbs: Vec<&Verb> = VERBS.iter().filter(is_named).collect();
    if verbs.is_empty() {
        verbs = VERBS.iter().collect();
    }
    verbs.into_iter().fold(root, |root, (name, about, arguments)| {
        let mut verb = Command::new(*name).about(*about);
        if *name == "modify" {
            verb = modify::name_kind(verb.visible_alias(UPDATE), kind);
        }
        root.subcommand(verb.defer(*arguments))
    })
}

/// The kind that stands after its provider.
fn named_kind(args: &[OsString]) -> Option<&'static str> {
    args.iter().zip(args.iter().skip(1)).find_map(|(provider, kind)| {
        let kinds = registration(provider.to_str()?)?.kinds;
        kinds.iter().map(|known| known.name).find(|name| kind == name)
    })
}

/// The shape of the result.
///
/// # Errors
/// What is wrong with `--query` or `--columns`, before anything is done.
pub fn shape(matches: &ArgMatches) -> Result<Shape, Error> {
    let shape = line::shape(matches)?;
    if let Some(command) = matches.subcommand_name() {
        schema::check_columns(command, shape.model_columns())?;
    }
    Ok(shape)
}

/// What a command gets beside its own arguments.
#[must_use]
pub fn context(output: Output, options: Options) -> Context {
    Context { output: Rc::new(output), options, whole }
}

/// Runs the command that the words name.
///
/// # Errors
/// Whatever it reports.
pub async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    match matches.subcommand() {
        Some(("modify", matches)) => modify::run(matches, context).await,
        Some(("show", matches)) => show::run(matches, context).await,
        Some(("check", matches)) => check::run(matches, context).await,
        Some(("rotate", matches)) => rotate::run(matches, context).await,
        Some(("operation", matches)) => operation::run(matches, context).await,
        Some(("list", matches)) => list::run(matches, context).await,
        Some(("wait", matches)) => wait::run(matches, context).await,
        Some(("audit", matches)) => audit::run(matches, context).await,
        Some(("export", matches)) => export::run(matches, context).await,
        Some(("api", matches)) => api::run(matches, context).await,
        Some(("config", matches)) => config::run(matches, context),
        Some(("inspect", matches)) => inspect::run(matches, context).await,
        Some(("emulate", matches)) => emulate::run(matches, context).await,
        Some(("providers", matches)) => providers::run(matches, context),
        Some(("schema", matches)) => schema::run(matches, context),
        Some(("completions", matches)) => completions::run(matches, context),
        Some(("man", matches)) => man::run(matches, context),
        _ => Err(Error::usage("no command is given").next("tunnelctl --help")),
    }
}
