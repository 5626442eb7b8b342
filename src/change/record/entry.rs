//! The journal of one operation, as a ledger writes it.

use std::rc::Rc;

use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::operation::event::{Event, Evidence, Outcome, Record, Which};
use crate::operation::id::OperationId;
use crate::operation::journal::Sync;
use crate::operation::records::Opened;
use crate::operation::state::{End, State};
use crate::print::output::Output;

/// The journal of one operation, once there is one.
pub(super) struct Entry {
    pub(super) opened: Option<Opened>,
    /// Whether a record could not be written after something was sent.
    pub(super) failed: bool,
    output: Rc<Output>,
}

impl Entry {
    pub(super) const fn new(output: Rc<Output>) -> Self {
        Self { opened: None, failed: false, output }
    }

    pub(super) fn id(&self) -> Option<&OperationId> {
        self.opened.as_ref().map(|opened| &opened.id)
    }

    pub(super) fn state(&self) -> Option<&State> {
        self.opened.as_ref().map(|opened| &opened.state)
    }

    /// The end that the operation changes: a modify has one.
    pub(super) fn end(&self) -> Option<&End> {
        self.state()?.ends.first()
    }

    /// Whether a request may have been executed.
    pub(super) fn is_touched(&self) -> bool {
        self.state().is_some_and(|state| state.ends.iter().any(End::is_touched))
    }

    /// Whether the operation is not finished.
    pub(super) fn is_open(&self) -> bool {
        self.state().is_some_and(|state| state.outcome.is_none())
    }

    /// Appends an event, which has to be on record before what follows.
    pub(super) fn append(&mut self, time: DateTime<Utc>, event: Event, sync: Sync) -> Result<(), Error> {
        let Some(opened) = &mut self.opened else { return Ok(()) };
        let record = Record { time, event }.scrubbed();
        opened.journal.append(&record, sync)?;
        opened.state.take(&record);
        Ok(())
    }

    /// Appends an event that already happened. Where that fails, the record still names it among what may have happened.
    pub(super) fn note(&mut self, time: DateTime<Utc>, event: Event, sync: Sync) {
        if let Err(error) = self.append(time, event, sync)
            && !std::mem::replace(&mut self.failed, true)
        {
            self.output.warn(&format!("the record of the change could not be finished: {}", error.message));
        }
    }

    /// Finishes an operation of which nothing was executed.
    pub(super) fn close(&mut self, time: DateTime<Utc>, reason: &str) {
        self.note(time, Event::Turned { to: Which::Old, reason: reason.to_owned() }, Sync::WithNext);
        self.finish(time, Outcome::Closed);
    }

    /// Finishes an operation whose connection has the values that it was to get.
    pub(super) fn reached(&mut self, time: DateTime<Utc>, aim: Which, by: Evidence) {
        let touched = self.is_touched();
        self.note(time, Event::Holds { end: 0, key: aim, by }, Sync::WithNext);
        let outcome = match aim {
            Which::New => Outcome::Committed,
            Which::Old if touched => Outcome::RolledBack,
            Which::Old => Outcome::Closed,
        };
        self.finish(time, outcome);
    }

    /// Finishes an operation that the cloud accepted and did not make: nothing is left to roll back.
    pub(super) fn not_made(&mut self, time: DateTime<Utc>) {
        let reason = "the cloud accepted it and did not make it".to_owned();
        self.note(time, Event::Turned { to: Which::Old, reason }, Sync::WithNext);
        self.note(time, Event::Holds { end: 0, key: Which::Old, by: Evidence::ReadBack }, Sync::WithNext);
        self.finish(time, Outcome::Closed);
    }

    fn finish(&mut self, time: DateTime<Utc>, outcome: Outcome) {
        self.note(time, Event::Finished { outcome }, Sync::Now);
        if let Some(opened) = &mut self.opened {
            // Only reserved disk space depends on it.
            let _ = opened.journal.finish();
        }
    }
}
