//! `modify`: change settings.

mod arguments;
mod wish;

use clap::ArgMatches;

use super::shared::context::Context;
use super::shared::ends::read_other;
use super::shared::record::ledger;
use super::shared::target::provider_names;
use crate::call::session::connect;
use crate::change::record::unrecordable;
use crate::change::report::{COLUMNS, Done};
use crate::change::{Guard, Ledger, Wish, check_input, run as make};
use crate::error::Error;
use crate::model::Key;
use crate::operation::records::Records;
use crate::operation::report::commands;
use crate::print::output::{Output, Rows};
use crate::provider::{Kind, Profile, Registration, registration};
use wish::wish;

pub(super) use arguments::{arguments, name_kind};

/// Runs the command.
///
/// # Errors
/// What failed, with the state that things are in.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let output = &context.output;
    let (registration, kind, matches) = named(matches)?;
    let mut wish = wish(registration, kind, matches, context)?;
    let nowhere = Profile { region: String::new(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
    check_input(&*(registration.connect)(nowhere), &wish)?;
    let mut client = connect(registration, None, &context.options, output).await?;
    wish.reference.region = Some(client.region.clone());
    if let Some(name) = matches.get_one::<String>("check") {
        let ends = read_other(name, context).await?;
        wish.guard = Some(Guard { name: name.clone(), ends, allow_down: matches.get_flag("allow-down") });
    } else if let Some(name) = peer(&wish, context).filter(|_| !wish.flow.no_read) {
        // A pair of the configuration names the other end: what `check` says of it is a warning. Where it cannot be read, the
        // change goes on without.
        match read_other(&name, context).await {
            Ok(ends) => wish.guard = Some(Guard { name, ends, allow_down: true }),
            Err(error) => output.note(&format!("the other end of the pair, {name}, cannot be checked: {}", error.message)),
        }
    }
    let mut ledger = if wish.flow.dry_run || matches.get_flag("no-record") {
        None
    } else {
        Some(ledger(Records::of_user().map_err(unrecordable)?, matches, &context.options, output))
    };
    let done = make(&mut client, &wish, ledger.as_mut()).await?;
    print(&done, output);
    if let Some(error) = done.error {
        return Err(error);
    }
    output.note(&done.report.sentence());
    if let Some((id, state)) = ledger.as_ref().and_then(Ledger::operation) {
        // An operation that is finished and cannot be rolled back needs no mention.
        if let Some(next) = commands(id, state, client.now()).first() {
            output.note(&format!("operation {id}; {}: {next}", if state.outcome.is_some() { "roll it back" } else { "resume it" }));
        }
    }
    Ok(done.exit)
}

/// The other end of the pair in the configuration of which this connection is one.
fn peer(wish: &Wish, context: &Context) -> Option<String> {
    let config = &context.options.config;
    let is_this = |word: &String| config.reference(word).is_ok_and(|reference| reference == wish.reference);
    let pairs = &config.file().ok()??.pairs;
    let mut others = pairs.values().filter_map(|pair| match &pair.value {
        [one, other] if is_this(one) => Some(other),
        [other, one] if is_this(one) => Some(other),
        _ => None,
    });
    // A file of a rotation is the other end's key, and says nothing of its settings.
    others.find(|other| !other.starts_with("file:")).map(|other| other.split('#').next().unwrap_or(other).to_owned())
}

fn print(done: &Done, output: &Output) {
    if done.report.is_plan() {
        for warning in &done.report.plan.warnings {
            output.warn(warning);
        }
    }
    let rows = Rows { member: "", columns: || COLUMNS.to_vec() };
    output.rows(rows, || done.report.tables(), || done.report.to_json(done.error.is_some()));
}

/// The provider and the kind that the words name, and the arguments behind them.
fn named(matches: &ArgMatches) -> Result<(&'static Registration, &'static Kind, &ArgMatches), Error> {
    let (registration, matches) = matches
        .subcommand()
        .and_then(|(name, matches)| Some((registration(name)?, matches)))
        .ok_or_else(|| Error::usage(format!("no provider is given; expected one of {}", provider_names())))?;
    let (kind, matches) = match matches.subcommand() {
        Some((name, leaf)) => {
            let is_given = |key: &&Key| !key.flag().is_empty() && matches.try_contains_id(key.flag()).unwrap_or(false);
            if let Some(stray) = Key::ALL.iter().find(is_given) {
                return Err(Error::usage(format!("--{} stands before the kind {name}: put settings after the id", stray.flag())));
            }
            (registration.kinds.iter().find(|kind| kind.name == name), leaf)
        }
        None => (registration.kinds.first(), matches),
    };
    Ok((registration, kind.ok_or_else(|| Error::usage("no kind is given"))?, matches))
}
