//! Resuming a change of settings, or rolling it back.

use std::rc::Rc;

use chrono::Utc;
use clap::ArgMatches;
use uuid::Uuid;

use super::service::check_service;
use crate::call::session::connect;
use crate::change::{Again, run};
use crate::command::shared::context::Context;
use crate::command::shared::record::{ledger, present};
use crate::command::shared::seal::seal_key_of;
use crate::command::shared::target::resolve;
use crate::error::{Error, exit};
use crate::model::{Ref, Secret};
use crate::operation::event::{Outcome, Which};
use crate::operation::id::OperationId;
use crate::operation::records::Records;
use crate::operation::state::State;

/// Resumes a modify, or rolls it back. The caller holds the operation's lock.
///
/// # Errors
/// Why that is not possible, or how it was interrupted again.
pub(super) async fn resume_modify(
    matches: &ArgMatches,
    records: &Records,
    id: &OperationId,
    state: &State,
    aim: Which,
    context: &Context,
) -> Result<u8, Error> {
    let output = &context.output;
    // `resume` of an operation that is being rolled back resumes the rollback.
    let back = aim == Which::Old || state.aim == Which::Old;
    if let Some(outcome) = state.outcome.filter(|outcome| !(back && *outcome == Outcome::Committed)) {
        present(id, state, Utc::now(), output, Some(true));
        output.note(&format!("operation {id} is {} already; nothing was sent", outcome.word()));
        return Ok(exit::DONE);
    }
    let Some(end) = state.ends.first() else { return Err(Error::usage(format!("operation {id} has no end"))) };
    let reference = Ref::parse(&end.plan.end).map_err(|wrong| Error::new(exit::FAILED, wrong.to_string()))?;
    let api = Some(end.plan.api.as_str()).filter(|api| !api.is_empty());
    let (registration, target) = resolve(&reference, api)?;
    let without = without(matches);
    let secrets = secrets(matches, records, id, state)?;
    let again = Again { id, state, target: &target, reference: &reference, secrets: &secrets };
    let token = Uuid::new_v4().to_string();
    let mut wish = if back { again.roll_back(&without, token)? } else { again.resume(token)? };
    // An open operation was confirmed when it was begun; to roll it back is a new decision.
    wish.flow.yes = matches.get_flag("yes") || !back;
    if let Some(previous) = &mut wish.previous {
        previous.take_over = matches.get_flag("take-over");
    }

    let options = end.plan.site.options(&context.options);
    let mut client = connect(registration, reference.region.as_deref(), &options, output).await?;
    client.locate().await?;
    check_service(&end.plan, &client.provider.show(&target).request.endpoint.to_string())?;
    let opened = records.open(id.clone())?;
    let aim = if back { Which::Old } else { Which::New };
    let mut ledger = ledger(records.clone(), matches, &options, output).resume(opened, aim, reason(back, &without));
    let done = run(&mut client, &wish, Some(&mut ledger)).await;
    if let Some((id, state)) = ledger.operation() {
        let achieved = done.as_ref().map_or(Some(false), |done| done.report.achieved(done.error.is_some()));
        present(id, state, client.now(), output, achieved);
    }
    let done = done?;
    if let Some(error) = done.error {
        return Err(error);
    }
    output.note(&done.report.sentence());
    Ok(done.exit)
}

/// The paths that a rollback leaves as they are.
fn without(matches: &ArgMatches) -> Vec<&str> {
    matches.try_get_many::<String>("without").ok().flatten().into_iter().flatten().map(String::as_str).collect()
}

/// Why the operation was resumed or rolled back, for its record.
fn reason(back: bool, without: &[&str]) -> String {
    match (back, without) {
        (false, _) => "asked for: operation resume".to_owned(),
        (true, []) => "asked for: operation rollback".to_owned(),
        (true, paths) => format!("asked for: operation rollback, which leaves {} as it is", paths.join(", ")),
    }
}

/// The secrets of an operation, by the names that they are sealed under.
fn secrets(matches: &ArgMatches, records: &Records, id: &OperationId, state: &State) -> Result<Vec<(String, Secret)>, Error> {
    if state.shredded || !state.sealed.iter().flatten().any(Option::is_some) {
        return Ok(Vec::new());
    }
    records.sealer(id, &Rc::new(seal_key_of(matches, Some(state))?)).open_all()
}
