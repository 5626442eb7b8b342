//! Carries an operation out: asks the table what comes next, writes it down, does it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::end::{Keys, Sent};
use super::ends::End;
use super::event::{Event, Evidence, Outcome, Proof, Record, Which};
use super::id::OperationId;
use super::journal::{Journal, Sync};
use super::negotiate::Watch;
use super::report;
use super::state::{Negotiation, Position, State};
use super::transition::{Rules, Seen, Step, next};
use crate::call::client::STALE;
use crate::call::retry;
use crate::error::{Error, exit};
use crate::print::output::Output;
use crate::system::interrupt::Interrupt;

/// How often a request is sent that a cloud took, and that changed nothing.
const FRUITLESS: u32 = 3;

/// What to do where the tunnel does not come up with the new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFail {
    /// Leave the new key on both ends, and say so.
    Hold,
    /// Give both their old key again.
    Rollback,
}

/// An operation under way. The journal is written before anything is done.
#[derive(Debug)]
pub struct Drive {
    /// Its id.
    pub id: OperationId,
    /// Its journal.
    pub journal: Journal,
    /// What the journal says.
    pub state: State,
    /// Its ends, in the order of the plan.
    pub ends: Vec<End>,
    /// The keys.
    pub keys: Keys,
    /// What to do where the tunnel does not come up.
    pub on_fail: OnFail,
    /// Where it prints.
    pub output: Rc<Output>,
    /// Signals.
    pub interrupt: Interrupt,
    /// The options that the next command needs as well, such as ` --emulated`.
    pub seen: Seen,
    /// What each end has cost so far.
    tries: BTreeMap<usize, Tries>,
    /// The refusal that turned the operation round.
    refusal: Option<Error>,
    watch: Watch,
}

#[derive(Debug, Default, Clone, Copy)]
struct Tries {
    lost: u32,
    again: u32,
    busy: u32,
    taken: u32,
}

impl Drive {
    /// An operation, as its journal has it.
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
        Self {
            id,
            journal,
            state,
            ends,
            keys,
            on_fail: OnFail::Hold,
            output,
            interrupt,
            seen: Seen::default(),
            tries: BTreeMap::new(),
            refusal: None,
            watch: Watch::default(),
        }
    }

    /// The clouds' time: the earliest of them where they differ, so that no wait ends too soon.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.ends.iter().map(End::now).min().unwrap_or_else(Utc::now)
    }

    /// Writes down what happens.
    ///
    /// # Errors
    /// When it cannot be written: nothing is done then.
    pub fn record(&mut self, event: Event, sync: Sync) -> Result<(), Error> {
        let record = Record { time: self.now(), event };
        self.journal.append(&record, sync).map_err(|error| report::broken(&self.id, &self.state, self.now(), error))?;
        self.state.take(&record);
        Ok(())
    }

    /// Turns the operation round, unless it goes that way already.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn turn(&mut self, to: Which, reason: impl Into<String>) -> Result<(), Error> {
        if self.state.aim == to {
            return Ok(());
        }
        self.seen = Seen::default();
        self.tries.clear();
        self.record(Event::Turned { to, reason: reason.into() }, Sync::Now)
    }

    /// Goes on with a finished rotation that left it for later to negotiate anew.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn reopen(&mut self) -> Result<(), Error> {
        let renegotiate = super::prepare::negotiator(&self.ends.iter().collect::<Vec<_>>());
        self.seen = Seen::default();
        self.record(Event::Reopened { renegotiate }, Sync::Now)
    }

    /// Goes on until it is finished, or cannot go on.
    ///
    /// # Errors
    /// Why it stopped, the state that things are in, and what to type. A refusal after which everything is as it was
    /// before is an error as well.
    pub async fn run(&mut self) -> Result<(), Error> {
        match self.steps().await {
            // Nothing was ever announced, so there is nothing to go on with: not even a record of something open.
            Err(error) if self.is_unbegun() => {
                self.turn(Which::Old, error.message.clone())?;
                self.record(Event::Finished { outcome: Outcome::Closed }, Sync::Now)?;
                self.journal.finish()?;
                Err(report::as_before(&self.id, &self.state, error))
            }
            done => {
                // What was to wait for the next record: there is none now. Where it cannot be written it can be found out again.
                let _ = self.journal.flush();
                done
            }
        }
    }

    fn is_unbegun(&self) -> bool {
        self.state.outcome.is_none() && self.state.conflict().is_none() && !self.state.ends.iter().any(super::state::End::is_touched)
    }

    async fn steps(&mut self) -> Result<(), Error> {
        loop {
            if self.interrupt.is_set() {
                return Err(self.stopped());
            }
            match next(&self.state, &self.seen, self.now(), &Rules::ALL) {
                // Nothing was sent before everything was sealed, and what was not sealed is lost: there is nothing to go on with.
                Step::Seal => self.record(Event::Finished { outcome: Outcome::Closed }, Sync::Now)?,
                Step::Wait(end, until) => self.wait_for_zombies(end, until).await?,
                Step::Look(end) => self.look(end).await?,
                Step::Confirm(end) => {
                    if let Some(end) = self.ends.get(end)
                        && let Err(error) = end.take_up(self.id.as_str()).await
                    {
                        return Err(self.halted(error));
                    }
                    self.holds(end, Evidence::ReadBack)?;
                }
                Step::Believe(end) => self.holds(end, Evidence::Acknowledged)?,
                Step::Send(end) => self.send(end).await?,
                Step::Conflict(end) => {
                    let seen = self.ends.get(end).map(End::seen).unwrap_or_default();
                    self.record(Event::Conflict { end, seen }, Sync::Now)?;
                }
                Step::Renegotiate => self.renegotiate().await?,
                Step::Prove => self.prove().await?,
                Step::Finish(outcome) => self.record(Event::Finished { outcome }, Sync::Now)?,
                Step::Hold if self.on_fail == OnFail::Rollback && self.state.way_back => {
                    self.turn(Which::Old, "the tunnel did not come up with the new key")?;
                }
                Step::Hold => return Err(report::down(&self.id, &self.state, self.now())),
                Step::Nothing => break,
            }
        }
        if self.state.conflict().is_some() {
            return Err(report::conflict(&self.id, &self.state, self.now()));
        }
        self.journal.finish()?;
        match self.refusal.take() {
            Some(refusal) => Err(report::as_before(&self.id, &self.state, refusal)),
            None => Ok(()),
        }
    }

    async fn wait_for_zombies(&mut self, end: usize, until: DateTime<Utc>) -> Result<(), Error> {
        let name = self.state.ends.get(end).map(|end| end.plan.end.clone()).unwrap_or_default();
        let mut said = false;
        loop {
            let left = (until - self.now()).to_std().unwrap_or_default();
            if left.is_zero() {
                return Ok(());
            }
            if !std::mem::replace(&mut said, true) {
                self.output.note(&format!(
                    "a request to {name} without a reply could still be executed until {}; waiting for that before it is written otherwise",
                    until.format("%H:%M:%S UTC")
                ));
            }
            self.output.progress(&format!("waiting until no earlier request to {name} can be executed: {} s", left.as_secs() + 1));
            self.pause(end, left.min(Duration::from_secs(1).max(left / 20))).await?;
        }
    }

    async fn look(&mut self, place: usize) -> Result<(), Error> {
        let (Some(state), Some(end)) = (self.state.ends.get(place), self.ends.get_mut(place)) else { return Ok(()) };
        let expected = if let Position::Taken(key) = state.position { Some(key) } else { None };
        match end.look(&self.keys, expected, state.allowed.as_deref(), self.state.aim).await {
            Ok(sight) => {
                self.seen.note(place, sight);
                Ok(())
            }
            Err(error) => Err(self.halted(error)),
        }
    }

    fn holds(&mut self, end: usize, by: Evidence) -> Result<(), Error> {
        self.record(Event::Holds { end, key: self.state.aim, by }, Sync::Now)
    }

    /// Announces a request, sends it, and notes what came of it.
    async fn send(&mut self, place: usize) -> Result<(), Error> {
        let aim = self.state.aim;
        let (Some(end), Some(state)) = (self.ends.get_mut(place), self.state.ends.get(place)) else { return Ok(()) };
        let Some(key) = self.keys.get(aim) else { return Err(report::no_way_back(&self.id, &self.state, end.now())) };
        // The same token for the same request, until the cloud said that it took it: then its answer is a stored one.
        let last = state.attempts.last().filter(|last| last.key == aim && !last.acked && !last.request.is_empty());
        let mut token = last.map_or_else(|| Uuid::new_v4().to_string(), |last| last.token.clone());
        let mut write = end.prepare(key, &token)?;
        if last.is_some_and(|last| last.request != write.sum) {
            token = Uuid::new_v4().to_string();
            write = end.prepare(key, &token)?;
        }
        let stamp = end.stamp();
        let (nonce, request) = (stamp.nonce.to_string(), write.sum.clone());
        self.record(Event::Attempt { end: place, key: aim, token, request, nonce, at: stamp.time }, Sync::Now)?;
        self.seen.note(place, super::transition::Sight::Unseen);
        let Some(end) = self.ends.get_mut(place) else { return Ok(()) };
        let sent = if end.now() - stamp.time > STALE {
            Sent::Again(Duration::ZERO, "announced too long ago".to_owned())
        } else {
            end.send(&write, &stamp).await
        };
        let mut tries = self.tries.get(&place).copied().unwrap_or_default();
        let followed = match sent {
            Sent::Acked(accepted) => {
                tries.taken += 1;
                self.record(Event::Acked { end: place, request_id: accepted.request_id, task: accepted.task }, Sync::Now)?;
                if tries.taken > FRUITLESS {
                    return Err(report::ignored(&self.id, &self.state, self.now(), place));
                }
                Ok(())
            }
            Sent::Lost(cause) => {
                tries.lost += 1;
                self.output.note(&format!("{} gave no usable reply ({cause}); finding out what is true", self.name(place)));
                if tries.lost > retry::RECONCILE_CYCLES {
                    return Err(report::unknown(&self.id, &self.state, self.now(), place, &cause));
                }
                Ok(())
            }
            Sent::Busy(code) => {
                tries.busy += 1;
                self.output.note(&format!("{} is busy with another change; waiting until it has settled", self.name(place)));
                self.record(Event::Refused { end: place, code }, Sync::WithNext)?;
                self.bounded(place, retry::poll(tries.busy - 1, retry::random())).await
            }
            Sent::Again(wait, cause) => {
                tries.again += 1;
                self.record(Event::Refused { end: place, code: cause.clone() }, Sync::WithNext)?;
                if tries.again >= retry::ATTEMPTS * 4 {
                    let error = Error::new(exit::NETWORK, format!("{} cannot be written: {cause}", self.name(place)));
                    return self.refused(place, error);
                }
                self.bounded(place, wait).await
            }
            Sent::Refused(error, code) => {
                self.record(Event::Refused { end: place, code }, Sync::WithNext)?;
                self.refused(place, *error)
            }
        };
        self.tries.insert(place, tries);
        followed
    }

    /// What to do about an end that will not take the value.
    fn refused(&mut self, place: usize, error: Error) -> Result<(), Error> {
        let doubtful = self.state.ends.get(place).is_some_and(|end| matches!(end.position, Position::Doubt(_) | Position::Taken(_)));
        let touched = self.state.ends.iter().any(super::state::End::is_touched);
        if self.state.aim == Which::Old || doubtful || (touched && !self.state.way_back) {
            return Err(report::halfway(&self.id, &self.state, self.now(), error));
        }
        if touched {
            self.output.warn(&format!("{}: giving the other end its former key again", error.message));
        }
        self.turn(Which::Old, error.message.clone())?;
        self.refusal = Some(error);
        Ok(())
    }

    async fn renegotiate(&mut self) -> Result<(), Error> {
        super::negotiate::begin(self).await
    }

    async fn prove(&mut self) -> Result<(), Error> {
        let Some((proof, detail)) = super::negotiate::watch(self).await? else { return Ok(()) };
        self.record(Event::Proved { proof, detail }, Sync::WithNext)
    }

    /// What is known of the way the tunnel went.
    pub(super) const fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// Notes what is known of the tunnel without looking any further.
    pub(super) fn prove_as(&mut self, proof: Proof, detail: impl Into<String>) -> Result<(), Error> {
        self.record(Event::Proved { proof, detail: detail.into() }, Sync::WithNext)
    }

    /// Waits, as the end's time goes; past a deadline, but not past a signal.
    pub(super) async fn pause(&self, end: usize, duration: Duration) -> Result<(), Error> {
        let Some(end) = self.ends.get(end) else { return Ok(()) };
        tokio::select! {
            () = end.sleep(duration) => Ok(()),
            () = self.interrupt.received() => Err(self.stopped()),
        }
    }

    async fn bounded(&self, end: usize, duration: Duration) -> Result<(), Error> {
        if self.ends.get(end).is_some_and(|end| end.remaining().is_zero()) {
            let error = Error::new(exit::NETWORK, format!("{} could not be written in time", self.name(end)));
            return Err(report::halfway(&self.id, &self.state, self.now(), error));
        }
        let Some(end) = self.ends.get(end) else { return Ok(()) };
        end.wait(duration).await;
        if self.interrupt.is_set() { Err(self.stopped()) } else { Ok(()) }
    }

    fn name(&self, end: usize) -> String {
        self.state.ends.get(end).map(|end| end.plan.end.clone()).unwrap_or_default()
    }

    /// The operation was stopped by a signal.
    pub(super) fn stopped(&self) -> Error {
        let error = Error::new(self.interrupt.exit(), format!("interrupted in operation {}", self.id));
        if self.is_unbegun() {
            return error;
        }
        report::halfway(&self.id, &self.state, self.now(), error)
    }

    /// Something failed that says nothing of the ends.
    pub(super) fn halted(&self, error: Error) -> Error {
        if self.is_unbegun() {
            return error;
        }
        report::halfway(&self.id, &self.state, self.now(), error)
    }

    /// What is known of the tunnel.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        if let Negotiation::Proved(proof, _) = &self.state.negotiation { Some(*proof) } else { None }
    }
}
