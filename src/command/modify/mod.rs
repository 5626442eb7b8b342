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
use crate::change::{Guard, Ledger, check_input, run as make};
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

fn print(done: &Done, output: &Output) {
    if done.report.is_plan() {
        for warning in &done.report.plan.warnings {
            output.warn(warning);
        }
    }
    let rows = Rows { member: "", columns: || COLUMNS.to_vec() };
    output.rows(rows, || done.report.tables(), || done.report.to_json());
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
