//! An operation under way, and what every step of it needs: its journal, its clock, pauses, and errors.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::end::{End, Keys};
use super::super::event::{Event, Proof, Record, Which};
use super::super::id::OperationId;
use super::super::journal::{Journal, Sync};
use super::super::state::{self, State};
use super::super::transition::Seen;
use super::super::{prepare, report};
use crate::error::{Error, exit};
use crate::print::output::Output;
use crate::system::interrupt::Interrupt;

/// What to do where the tunnel does not come up with the new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFail {
    /// Leave the new key on both ends and return an error.
    Hold,
    /// Roll both ends back to the previous key.
    Rollback,
}

/// An operation under way. The journal is written before anything is done.
#[derive(Debug)]
pub struct Drive {
    /// The id of the operation.
    pub id: OperationId,
    /// The journal.
    pub(super) journal: Journal,
    /// What the journal says.
    pub state: State,
    /// The ends, in writing order.
    pub ends: Vec<End>,
    /// The previous and the new key.
    pub keys: Keys,
    /// What to do where the tunnel does not come up.
    pub on_fail: OnFail,
    /// Where messages go.
    pub output: Rc<Output>,
    /// Signals to this process.
    pub(super) interrupt: Interrupt,
    /// What only this run knows.
    pub(super) run: Run,
}

/// What only this run knows: none of it is in the journal.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// What was read at the ends.
    pub(super) seen: Seen,
    /// Attempts by end.
    pub(super) tries: BTreeMap<usize, Tries>,
    /// Whether it is on record that the end of the journal was lost.
    pub(super) loss: bool,
    /// The refusal that made the operation roll back.
    pub(super) refusal: Option<Error>,
    /// Why an end did not renegotiate when it was told to.
    pub(super) unheeded: Option<String>,
    /// What was seen of the tunnel.
    pub(super) tunnel: Watch,
}

/// How often writing to one end failed, or had no effect.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tries {
    /// Attempts without a usable reply.
    pub(super) lost: u32,
    /// Attempts that were not executed and may succeed later.
    pub(super) again: u32,
    /// Attempts that found the end busy.
    pub(super) busy: u32,
    /// Attempts that the cloud accepted.
    pub(super) accepted: u32,
}

/// What was seen of the tunnel.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watch {
    /// Whether the tunnel was seen in a state other than up since just before its renegotiation.
    pub(super) down: bool,
    /// Whether the user's command to renegotiate succeeded.
    pub(super) commanded: bool,
    /// How many calls to renegotiate had no reply since the last one that had.
    pub(super) unheard: u32,
}

impl Drive {
    /// Takes an operation over as its journal has it.
    #[must_use]
    pub fn new(
        id: OperationId,
        journal: Journal,
        state: State,
        ends: Vec<End>,
        keys: Keys,
        output: Rc<Output>,
        interrupt: Interrupt,
    ) -> Self {
        let mut drive = Self { id, journal, state, ends, keys, on_fail: OnFail::Hold, output, interrupt, run: Run::default() };
        drive.forget();
        drive
    }

    /// The clouds' time: the earliest where they differ, so that no wait ends too soon.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.ends.iter().map(End::now).min().unwrap_or_else(Utc::now)
    }

    /// The clouds' time by the dates of their replies, which bounds how long a late request is feared.
    pub(super) fn cloud_now(&self) -> DateTime<Utc> {
        self.ends.iter().filter_map(End::cloud_now).min().unwrap_or_else(|| self.now())
    }

    /// Records an event in the journal.
    ///
    /// # Errors
    /// When the journal cannot be written: the event must not be acted upon then.
    pub fn record(&mut self, event: Event, sync: Sync) -> Result<(), Error> {
        self.admit_loss()?;
        let record = Record { time: self.now(), event }.scrubbed();
        self.journal.append(&record, sync).map_err(|error| report::broken(&self.id, &self.state, self.now(), error))?;
        self.state.take(&record);
        Ok(())
    }

    /// Records that the end of the journal was lost, if it was: every end may hold either key, and may still get one.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn admit_loss(&mut self) -> Result<(), Error> {
        if !self.journal.is_cut() || std::mem::replace(&mut self.run.loss, true) {
            return Ok(());
        }
        self.output.warn(&report::lost(&self.id));
        self.record(Event::Cut, Sync::WithNext)
    }

    /// Changes the value that the ends are to get, unless it is that one already.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn turn(&mut self, to: Which, reason: impl Into<String>) -> Result<(), Error> {
        if self.state.aim == to {
            return Ok(());
        }
        self.forget();
        self.run.tries.clear();
        self.record(Event::Turned { to, reason: reason.into() }, Sync::Now)
    }

    /// Forgets what was seen at the ends.
    fn forget(&mut self) {
        self.run.seen = Seen { begun: self.journal.is_own(), ..Seen::default() };
    }

    /// Reopens a finished rotation whose renegotiation was left for later. What an end can be told depends on what it is: it is
    /// read first.
    ///
    /// # Errors
    /// When an end cannot be read, or the journal cannot be written.
    pub async fn reopen(&mut self) -> Result<(), Error> {
        for end in &mut self.ends {
            end.tunnel().await?;
        }
        let renegotiate = prepare::negotiator(&self.ends.iter().collect::<Vec<_>>());
        self.forget();
        self.record(Event::Reopened { renegotiate }, Sync::Now)
    }

    /// Records what is known of the tunnel.
    pub(super) fn prove_as(&mut self, proof: Proof, detail: impl Into<String>) -> Result<(), Error> {
        self.record(Event::Proved { proof, detail: detail.into() }, Sync::WithNext)
    }

    /// Whether nothing was announced yet, so that there is nothing to resume or roll back.
    pub(super) fn is_unbegun(&self) -> bool {
        self.state.outcome.is_none() && self.state.conflict().is_none() && !self.state.ends.iter().any(state::End::is_touched)
    }

    /// Waits by the end's clock, even past the command's deadline.
    ///
    /// # Errors
    /// When a signal arrives.
    pub(super) async fn pause(&self, end: usize, duration: Duration) -> Result<(), Error> {
        let Some(end) = self.ends.get(end) else { return Ok(()) };
        tokio::select! {
            () = end.sleep(duration) => Ok(()),
            () = self.interrupt.received() => Err(self.interrupted()),
        }
    }

    /// Turns back by itself. However long the watch took, the way back gets the time it needs.
    pub(super) fn turn_back(&mut self, reason: impl Into<String>) -> Result<(), Error> {
        self.ends.iter().for_each(End::renew);
        self.turn(Which::Old, reason)
    }

    /// Whether the command's deadline has passed.
    pub(super) fn is_over(&self) -> bool {
        self.ends.iter().any(|end| end.remaining().is_zero())
    }

    /// Waits between two looks at the tunnel, at most until the command's deadline.
    pub(super) async fn rest(&self, duration: Duration) -> Result<(), Error> {
        let clocked = self.ends.iter().find(|end| matches!(end, End::Cloud(_)));
        if let Some(end) = clocked.or_else(|| self.ends.first()) {
            end.wait(duration).await;
        }
        if self.interrupt.is_set() { Err(self.interrupted()) } else { Ok(()) }
    }

    /// Waits by the end's clock, at most until the command's deadline.
    ///
    /// # Errors
    /// When the deadline has passed, or a signal arrives.
    pub(super) async fn bounded(&self, end: usize, duration: Duration) -> Result<(), Error> {
        if self.ends.get(end).is_some_and(|end| end.remaining().is_zero()) {
            let error = Error::new(exit::NETWORK, format!("{} could not be written in time", self.name(end)));
            return Err(report::halfway(&self.id, &self.state, self.now(), error));
        }
        let Some(end) = self.ends.get(end) else { return Ok(()) };
        end.wait(duration).await;
        if self.interrupt.is_set() { Err(self.interrupted()) } else { Ok(()) }
    }

    /// The name of an end, as the plan records it.
    pub(super) fn name(&self, end: usize) -> String {
        self.state.ends.get(end).map(|end| end.plan.end.clone()).unwrap_or_default()
    }

    /// The error of an operation that a signal interrupted.
    pub(super) fn interrupted(&self) -> Error {
        self.halted(Error::new(self.interrupt.exit(), format!("interrupted in operation {}", self.id)))
    }

    /// Adds the state of the operation and the next commands to an error that says nothing of the ends.
    pub(super) fn halted(&self, error: Error) -> Error {
        if self.is_unbegun() {
            return error;
        }
        report::halfway(&self.id, &self.state, self.now(), error)
    }
}
