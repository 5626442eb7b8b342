//! The commands, one file each. A new one is its file and its lines here.

use std::ffi::OsString;
use std::rc::Rc;

use clap::{ArgMatches, Command};

use crate::config::Options;
use crate::error::{Error, exit};
use crate::model::Ref;
use crate::print::output::Output;
use crate::provider::{Kind, Operation, Registration, Target, registration};

mod api;
mod audit;
mod check;
mod completions;
mod config;
mod emulate;
mod ends;
mod export;
mod inspect;
pub mod line;
mod list;
mod man;
mod modify;
mod operation;
mod providers;
mod psk;
mod rotate;
mod schema;
mod show;
mod wait;

/// What every command has.
#[derive(Debug)]
pub struct Context {
    /// Where it prints.
    pub output: Rc<Output>,
    /// Where its calls go.
    pub options: Options,
}

/// A command: its name, its line in the list, and its arguments, which are added when it is used.
type Verb = (&'static str, &'static str, fn(Command) -> Command);

/// Every command, in the order of the help.
const VERBS: &[Verb] = &[
    ("modify", "Change settings of a connection, attachment, tunnel or IPsec server", modify::arguments),
    ("show", "Show the current configuration, one column a connection", show::arguments),
    ("wait", "Wait until the cloud has finished a change", wait::arguments),
    ("check", "Say whether two ends of a tunnel will agree, and where they do not", check::arguments),
    ("rotate", "Give one end of a tunnel, or both, a new pre-shared key", rotate::arguments),
    ("operation", "Show changes on record; go on with them, or undo them", operation::arguments),
    ("list", "List the connections of an account", list::arguments),
    ("audit", "Find weak or deprecated cryptography, by published policy", audit::arguments),
    ("export", "Write the peer's configuration for the other side of a connection", export::arguments),
    ("api", "Make one signed call of any operation", api::arguments),
    ("config", "Show and check where every setting and credential comes from", config::arguments),
    ("inspect", "Read a saved reply or request of any of the clouds, offline", inspect::arguments),
    ("emulate", "Serve the three clouds on loopback", emulate::arguments),
    ("providers", "Tell what each cloud can do: settings, algorithms, bounds", providers::arguments),
    ("schema", "Print the JSON Schema of a command's JSON", schema::arguments),
    ("completions", "Print the completions for a shell", completions::arguments),
    ("man", "Print or write the manual pages", man::arguments),
];

/// Another name of `modify`.
const UPDATE: &str = "update";

/// Adds the commands to the root: those that the words name, since clap copies every global option to each; all of them
/// where no word names one, for the help and for the error. `kind` is the one that the words name, if they name one.
#[must_use]
pub fn register(root: Command, words: &[OsString], kind: Option<&'static str>) -> Command {
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

/// What a ref points at, with the operation that `--api` chooses.
fn resolve(reference: &Ref, api: Option<&str>) -> Result<(&'static Registration, Target), Error> {
    let (registration, kind) = known_kind(reference)?;
    Ok((registration, target(kind, &reference.id, api)?))
}

/// The provider and the kind that a ref names.
///
/// # Errors
/// Which there are, when it names none of them.
pub fn known_kind(reference: &Ref) -> Result<(&'static Registration, &'static Kind), Error> {
    let registration = registration(&reference.provider).ok_or_else(|| {
        Error::usage(format!("{:?} is no provider: there are {}", reference.provider, crate::command::line::provider_names()))
    })?;
    let kind = registration.kinds.iter().find(|kind| kind.name == reference.kind).ok_or_else(|| {
        let kinds: Vec<&str> = registration.kinds.iter().map(|kind| kind.name).collect();
        Error::new(exit::UNSUPPORTED, format!("{} has no kind {:?}: there are {}", registration.title, reference.kind, kinds.join(", ")))
    })?;
    Ok((registration, kind))
}

/// A target of a kind, its id checked.
fn target(kind: &'static Kind, id: &str, api: Option<&str>) -> Result<Target, Error> {
    if !(kind.id_rule.check)(id) {
        return Err(
            Error::usage(format!("id {id:?}: must be {}, such as {}", kind.id_rule.text, kind.id_example)).state("nothing was sent")
        );
    }
    let apis = || kind.operations.iter().map(|operation| operation.api).collect::<Vec<_>>().join(", ");
    let wanted = |operation: &&Operation| api.is_none_or(|api| operation.api == api);
    let operation = kind.operations.iter().find(wanted).ok_or_else(|| match apis() {
        list if list.is_empty() => Error::new(exit::UNSUPPORTED, format!("--api: there is one API for {}", kind.name)),
        list => Error::usage(format!("--api {}: there are {list}", api.unwrap_or_default())),
    })?;
    Ok(Target { kind, operation, id: id.to_owned() })
}
