//! The loop of an operation: the next step by the table, until it is finished or cannot continue.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::end::End;
use super::super::event::{Event, Evidence, Outcome, Proof, Which};
use super::super::journal::Sync;
use super::super::report;
use super::super::state::{Negotiation, Position};
use super::super::transition::{Rules, Step, next};
use super::base::{Drive, OnFail};
use super::{negotiate, watch};
use crate::error::{Error, exit};

/// A wait that is announced even to somebody who wants to read errors only.
const LONG: Duration = Duration::from_mins(1);

impl Drive {
    /// Runs the operation until it is finished or cannot continue.
    ///
    /// # Errors
    /// Why it did not finish, the state that it leaves, and the commands to type next. A refusal after which everything is as
    /// before is an error as well.
    pub async fn run(&mut self) -> Result<(), Error> {
        match self.steps().await {
            // By the record of another process, nothing was announced; the ends could not be asked.
            Err(error) if self.is_unbegun() && !self.journal.is_own() => {
                let _ = self.journal.flush();
                Err(report::halfway(&self.id, &self.state, self.now(), error))
            }
            // Nothing was announced, so nothing is left to resume: the operation is closed.
            Err(error) if self.is_unbegun() => {
                self.turn(Which::Old, error.message.clone())?;
                self.record(Event::Finished { outcome: Outcome::Closed }, Sync::Now)?;
                self.journal.finish()?;
                Err(report::as_before(&self.id, &self.state, error))
            }
            done => {
                // Records that wait for a next one: there is none. If writing fails, they can be found out again.
                let _ = self.journal.flush();
                done
            }
        }
    }

    async fn steps(&mut self) -> Result<(), Error> {
        self.admit_loss()?;
        let asked = self.state.aim;
        loop {
            if self.interrupt.is_set() {
                return Err(self.interrupted());
            }
            let step = next(&self.state, &self.run.seen, self.cloud_now(), &Rules::ALL);
            if step == Step::Nothing {
                break;
            }
            self.step(step).await?;
        }
        if self.state.conflict().is_some() {
            return Err(report::conflict(&self.id, &self.state, self.now()));
        }
        self.journal.finish()?;
        self.set_back().await;
        self.judge(asked)
    }

    /// Whether what was asked for came true.
    fn judge(&mut self, asked: Which) -> Result<(), Error> {
        let back = self.state.aim == Which::Old;
        match (self.run.refusal.take(), self.run.unheeded.take()) {
            _ if back && self.state.is_down() => Err(report::down_again(&self.id, &self.state, self.now())),
            (Some(refusal), _) => Err(report::as_before(&self.id, &self.state, refusal)),
            _ if back && asked == Which::New => Err(report::undone(&self.id, &self.state)),
            (_, Some(why)) if matches!(self.state.negotiation, Negotiation::Proved(Proof::Left, _)) => {
                Err(report::not_renegotiated(&self.id, &self.state, self.now(), &why))
            }
            _ => Ok(()),
        }
    }

    async fn step(&mut self, step: Step) -> Result<(), Error> {
        match step {
            // Nothing is sent before everything is sealed, and what was not sealed is lost: nothing is left to resume.
            Step::Seal => self.record(Event::Finished { outcome: Outcome::Closed }, Sync::Now),
            Step::Wait(end, until) => self.wait_for_late_requests(end, until).await,
            Step::Look(end) => self.look(end).await,
            Step::Confirm(end) => self.confirm(end).await,
            Step::Believe(end) => self.holds(end, Evidence::Acknowledged),
            Step::Send(end) => self.send(end).await,
            Step::Conflict(end) => {
                let seen = self.ends.get(end).map(End::seen).unwrap_or_default();
                self.record(Event::Conflict { end, seen }, Sync::Now)
            }
            Step::Resolve(end) => self.record(Event::Resolved { end }, Sync::Now),
            Step::Renegotiate => negotiate::begin(self).await,
            Step::Prove => self.prove().await,
            Step::Finish(outcome) => self.record(Event::Finished { outcome }, Sync::Now),
            Step::Hold if self.on_fail == OnFail::Rollback && self.state.way_back => {
                self.turn_back("the tunnel did not come up with the new key")
            }
            Step::Hold => Err(report::down(&self.id, &self.state, self.now())),
            Step::Nothing => Ok(()),
        }
    }

    /// Waits by the cloud's clock, as its replies show it: this machine's may be set meanwhile.
    async fn wait_for_late_requests(&mut self, place: usize, until: DateTime<Utc>) -> Result<(), Error> {
        let name = self.name(place);
        if let Some(end) = self.ends.get_mut(place) {
            end.ask_time().await;
        }
        let left = |drive: &Self| (until - drive.cloud_now()).to_std().unwrap_or_default();
        let (whole, patience) = (left(self), self.ends.get(place).map_or(Duration::MAX, End::patience));
        if whole > patience {
            let what =
                format!("a request to {name} got no reply and may still be executed for {} s: longer than --timeout", whole.as_secs());
            return Err(report::halfway(&self.id, &self.state, self.now(), Error::new(exit::NETWORK, what)));
        }
        if !whole.is_zero() {
            let time = until.format("%H:%M:%S UTC");
            let text = format!(
                "a request to {name} got no reply and may still be executed until {time}; waiting until then before writing another key"
            );
            let long = whole >= LONG && self.ends.get(place).is_some_and(End::takes_time);
            if long { self.output.say(&text) } else { self.output.note(&text) }
        }
        loop {
            let left = left(self);
            if left.is_zero() {
                return Ok(());
            }
            self.output.progress(&format!("waiting until no earlier request to {name} can be executed: {} s", left.as_secs() + 1));
            self.pause(place, left.min(Duration::from_secs(1).max(left / 20))).await?;
        }
    }

    async fn look(&mut self, place: usize) -> Result<(), Error> {
        let (Some(state), Some(end)) = (self.state.ends.get(place), self.ends.get_mut(place)) else { return Ok(()) };
        let expected = if let Position::Taken(key) = state.position { Some(key) } else { None };
        match end.look(&self.keys, expected, state.allowed.as_deref(), self.state.aim).await {
            Ok(sight) => {
                self.run.seen.note(place, sight);
                Ok(())
            }
            Err(error) => Err(self.halted(error)),
        }
    }

    async fn confirm(&mut self, place: usize) -> Result<(), Error> {
        if let Some(end) = self.ends.get(place)
            && let Err(error) = end.take_up(self.id.as_str()).await
        {
            return Err(self.halted(error));
        }
        self.holds(place, Evidence::ReadBack)
    }

    fn holds(&mut self, end: usize, by: Evidence) -> Result<(), Error> {
        self.record(Event::Holds { end, key: self.state.aim, by }, Sync::Now)
    }

    async fn prove(&mut self) -> Result<(), Error> {
        match watch::watch(self).await? {
            Some((proof, detail)) => self.prove_as(proof, detail),
            None => Ok(()),
        }
    }
}
