//! What commands share that keep a record of a change.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use super::seal::{seal_key, seal_key_file};
use crate::change::Ledger;
use crate::change::record::keep;
use crate::config::Options;
use crate::error::Error;
use crate::operation::end::End;
use crate::operation::event::Site;
use crate::operation::id::OperationId;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::operation::report;
use crate::operation::state::State;
use crate::print::output::Output;

/// The record of a change of settings. Its sealing key is looked for when there is something to seal.
pub(in crate::command) fn ledger(records: Records, matches: &ArgMatches, options: &Options, output: &Rc<Output>) -> Ledger {
    let (matches, file) = (matches.clone(), seal_key_file(matches));
    Ledger::new(records, Site::of(options), Box::new(move || seal_key(&matches, true)), Rc::clone(output)).sealed_with(file)
}

/// Prints where an operation stands, and whether this run did what it was asked for.
pub(in crate::command) fn present(id: &OperationId, state: &State, now: DateTime<Utc>, output: &Output, achieved: Option<bool>) {
    output.result(|| report::tables(id, state, now), || report::to_json(id, state, now, achieved));
}

/// Takes the locks of gateways that take one change at a time, and waits for them: another connection of the gateway is no
/// reason to give up.
///
/// # Errors
/// When another run still holds a lock after the time that there is.
pub(in crate::command) async fn keep_locks(
    records: &Records,
    ends: &[End],
    site: &Site,
    locks: &mut Vec<Lock>,
    output: &Output,
) -> Result<(), Error> {
    let mut names: Vec<String> = ends.iter().filter_map(|end| end.gateway_lock(site)).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let holder = Holder::this("rotate", None, Utc::now());
        locks.push(keep(records, &name, &holder, output, || ends.iter().all(|end| !end.remaining().is_zero())).await?);
    }
    Ok(())
}
