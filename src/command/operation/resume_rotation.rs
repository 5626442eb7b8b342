//! Resuming a rotation, or rolling it back.

use std::rc::Rc;

use chrono::Utc;
use clap::ArgMatches;

use super::service::check_service;
use crate::change::ask;
use crate::command::shared::context::Context;
use crate::command::shared::record::{keep_locks, present};
use crate::command::shared::seal::{seal_key_of, spelling};
use crate::command::shared::target::resolve;
use crate::error::{Error, exit};
use crate::model::fingerprint::fingerprint;
use crate::model::{Ref, Secret};
use crate::operation::drive::{Drive, OnFail};
use crate::operation::end::{CloudEnd, End, FileEnd};
use crate::operation::event::{Event, Outcome, Planned, Which};
use crate::operation::id::OperationId;
use crate::operation::journal::Sync;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::operation::report;
use crate::operation::seal::SealKey;
use crate::operation::state::State;
use crate::system::interrupt::Interrupt;

/// Resumes a rotation, or rolls it back. The caller holds the operation's lock.
///
/// # Errors
/// Why that is not possible, or how it was interrupted again.
pub(super) async fn resume_rotation(
    matches: &ArgMatches,
    records: &Records,
    id: &OperationId,
    state: State,
    aim: Which,
    context: &Context,
) -> Result<u8, Error> {
    let output = &context.output;
    // The tunnel of a finished rotation is to be renegotiated.
    let later = aim == Which::New && matches.get_flag("renegotiate");
    if let Some(outcome) = state.outcome.filter(|outcome| !(later || can_roll_back(&state, *outcome, aim))) {
        let now = Utc::now();
        let lost = aim == Which::Old && outcome == Outcome::Committed;
        let why = if lost { ": its previous key is no longer kept" } else { "" };
        present(id, &state, now, output, Some(!lost));
        let note = format!("operation {id} is {} already{why}; nothing was sent", outcome.word());
        if lost {
            return Err(Error::new(exit::FAILED, note));
        }
        output.note(&note);
        return Ok(exit::DONE);
    }
    if aim == Which::Old && !state.way_back {
        return Err(Error::new(exit::FAILED, format!("operation {id} cannot be rolled back: the previous key is not known"))
            .state("nothing was sent")
            .next(format!("tunnelctl operation resume {id}")));
    }
    let seal = Rc::new(seal_key_of(matches, Some(&state))?);
    let interrupt = Interrupt::new();
    let ends = open_ends(matches, &state, context, &interrupt).await?;
    let names: Vec<String> = ends.iter().zip(&state.ends).map(|(end, state)| end.lock_name(&state.plan.site)).collect();
    let mut locks = Lock::take_all(
        &records.locks,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
        &Holder::this("operation", Some(id), Utc::now()),
    )?;
    if let Some(first) = state.ends.first() {
        keep_locks(records, &ends, &first.plan.site, &mut locks, output).await?;
    }
    let now = Utc::now();
    state.ends.iter().for_each(|end| output.note(&format!("{}: {}", end.plan.end, report::holds(&state, end, now))));
    // A finished rotation works: to roll it back interrupts traffic once more.
    if aim == Which::Old && state.outcome.is_some() && !matches.get_flag("yes") {
        let question = format!("Set the previous key at {} again?", names.join(" and "));
        ask(&question, output, "nothing was sent", "look with tunnelctl operation show, then pass --yes")?;
    }
    interrupt.listen().await;
    let keys = records.keys(id, &state, &seal)?;
    let opened = records.open(id.clone())?;
    let mut drive = Drive::new(opened.id, opened.journal, opened.state, ends, keys, Rc::clone(output), interrupt);
    drive.admit_loss()?;
    drive.on_fail = if drive.state.roll_back { OnFail::Rollback } else { OnFail::Hold };
    let sealed = records.sealer(id, &seal).open_all()?;
    for (place, end) in drive.ends.iter_mut().enumerate() {
        let original = sealed.iter().find(|(name, _)| *name == spelling(place));
        if let (End::File(end), Some((_, original))) = (end, original) {
            end.restore_as(Secret::new(original.expose()));
        }
    }
    if matches.get_flag("take-over") {
        take_over(&mut drive, records, &seal).await?;
    }
    if later && drive.state.outcome.is_some() {
        drive.reopen().await?;
    }
    // `resume` of an operation that is being rolled back resumes the rollback.
    if aim == Which::Old {
        drive.turn(Which::Old, "asked for: operation rollback")?;
    }
    let done = drive.run().await;
    present(&drive.id, &drive.state, drive.now(), output, Some(done.is_ok()));
    drop(locks);
    done.map(|()| exit::DONE)
}

/// Whether a finished rotation can be rolled back.
fn can_roll_back(state: &State, outcome: Outcome, aim: Which) -> bool {
    aim == Which::Old && outcome == Outcome::Committed && state.way_back && !state.shredded
}

/// Overwrites ends that somebody else has changed, once their keys are sealed.
async fn take_over(drive: &mut Drive, records: &Records, seal: &Rc<SealKey>) -> Result<(), Error> {
    for place in 0..drive.state.ends.len() {
        if drive.state.ends.get(place).is_some_and(|end| end.conflict.is_some()) {
            keep_third(drive, records, seal, place).await?;
            drive.record(Event::TakenOver { end: place }, Sync::Now)?;
        }
    }
    Ok(())
}

/// Seals a key that somebody else has set, before it is overwritten.
async fn keep_third(drive: &mut Drive, records: &Records, seal: &Rc<SealKey>, place: usize) -> Result<(), Error> {
    let Some(end) = drive.ends.get_mut(place) else { return Ok(()) };
    end.look(&drive.keys, None, None, Which::New).await?;
    let Some(key) = end.key() else { return Ok(()) };
    records.sealer(&drive.id, seal).seal(&[(&format!("third-{}", fingerprint(&key)), &key)])
}

async fn open_ends(matches: &ArgMatches, state: &State, context: &Context, interrupt: &Interrupt) -> Result<Vec<End>, Error> {
    let mut ends = Vec::new();
    for end in &state.ends {
        let mut plan = end.plan.clone();
        // The command on record may be wrong, and would fail every time.
        if let Some(command) = matches.get_one::<String>("reload") {
            plan.reload = Some(command.clone());
        }
        ends.push(open_end(&plan, context, interrupt).await?);
    }
    Ok(ends)
}

/// Opens an end of an operation on record.
async fn open_end(plan: &Planned, context: &Context, interrupt: &Interrupt) -> Result<End, Error> {
    if plan.end.starts_with("file:") {
        return Ok(End::File(Box::new(FileEnd::open(&plan.end, plan.reload.clone(), &context.output)?)));
    }
    let reference = Ref::parse(&plan.end).map_err(|wrong| Error::new(exit::FAILED, wrong.to_string()))?;
    let api = Some(plan.api.as_str()).filter(|api| !api.is_empty());
    let (registration, target) = resolve(&reference, api)?;
    let options = plan.site.options(&context.options);
    let mut end = CloudEnd::connect(registration, reference, target, plan.tunnel.as_deref(), &options, &context.output).await?;
    end.client.interrupt = interrupt.clone();
    check_service(plan, &end.service())?;
    Ok(End::Cloud(Box::new(end)))
}
