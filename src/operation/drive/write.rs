//! Writing a key to one end: announce, send, record the answer.

use std::time::Duration;

use uuid::Uuid;

use super::super::end::{Sent, Write};
use super::super::event::{Event, Which};
use super::super::journal::Sync;
use super::super::report;
use super::super::state::{self, Position};
use super::super::transition::Sight;
use super::base::Drive;
use crate::call::client::STALE;
use crate::call::retry;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::wire::Stamp;

/// How often a write is sent that the cloud accepts without effect.
const FRUITLESS: u32 = 3;

impl Drive {
    /// Announces a write to an end, sends it, and records the answer.
    pub(super) async fn send(&mut self, place: usize) -> Result<(), Error> {
        let Some(key) = self.keys.get(self.state.aim) else {
            return Err(report::no_way_back(&self.id, &self.state, self.now()));
        };
        let Some((write, token)) = self.prepare(place, key)? else { return Ok(()) };
        let Some(stamp) = self.announce(place, &write, token)? else { return Ok(()) };
        let Some(end) = self.ends.get_mut(place) else { return Ok(()) };
        let sent = if end.now() - stamp.time > STALE {
            Sent::Again(Duration::ZERO, "announced too long ago".to_owned())
        } else {
            end.send(&write, &stamp).await
        };
        self.answered(place, sent).await
    }

    /// Builds the write and its token. The last token is reused for the same request until the cloud has accepted it; after
    /// that, the cloud would only repeat its stored answer.
    fn prepare(&self, place: usize, key: &Secret) -> Result<Option<(Write, String)>, Error> {
        let (Some(end), Some(state)) = (self.ends.get(place), self.state.ends.get(place)) else { return Ok(None) };
        let aim = self.state.aim;
        let last = state.attempts.last().filter(|last| last.key == aim && !last.acked && !last.request.is_empty());
        if let Some(last) = last {
            let write = end.prepare(key, &last.token)?;
            if write.sum == last.request {
                return Ok(Some((write, last.token.clone())));
            }
        }
        let token = Uuid::new_v4().to_string();
        Ok(Some((end.prepare(key, &token)?, token)))
    }

    /// Puts the write on record, with the time and nonce that it is then signed with.
    fn announce(&mut self, place: usize, write: &Write, token: String) -> Result<Option<Stamp>, Error> {
        let Some(end) = self.ends.get(place) else { return Ok(None) };
        let stamp = end.stamp();
        let (nonce, request) = (stamp.nonce.to_string(), write.sum.clone());
        self.record(Event::Attempt { end: place, key: self.state.aim, token, request, nonce, at: stamp.time }, Sync::Now)?;
        self.run.seen.note(place, Sight::Unseen);
        Ok(Some(stamp))
    }

    /// Records the answer, and waits before the next attempt where that is of use.
    async fn answered(&mut self, place: usize, sent: Sent) -> Result<(), Error> {
        let mut tries = self.run.tries.get(&place).copied().unwrap_or_default();
        match &sent {
            Sent::Acked(_) => tries.accepted += 1,
            Sent::Lost(_) => tries.lost += 1,
            Sent::Again(..) => tries.again += 1,
            Sent::Busy(_) => tries.busy += 1,
            Sent::Refused(..) => {}
        }
        self.run.tries.insert(place, tries);
        match sent {
            Sent::Acked(accepted) => {
                self.record(Event::Acked { end: place, request_id: accepted.request_id, task: accepted.task }, Sync::Now)?;
                if tries.accepted > FRUITLESS {
                    return Err(report::ignored(&self.id, &self.state, self.now(), place));
                }
                Ok(())
            }
            Sent::Lost(cause) => {
                self.output.note(&format!("{} gave no usable reply ({cause}); finding out what it holds", self.name(place)));
                if tries.lost > retry::RECONCILE_CYCLES {
                    return Err(report::unknown(&self.id, &self.state, self.now(), place, &cause));
                }
                Ok(())
            }
            Sent::Busy(code) => {
                self.output.note(&format!("{} is busy with another change; waiting until it has settled", self.name(place)));
                self.record(Event::Refused { end: place, code }, Sync::WithNext)?;
                self.bounded(place, retry::poll(tries.busy - 1, retry::random())).await
            }
            Sent::Again(wait, cause) => {
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
        }
    }

    /// Rolls back after a refusal where that is possible; otherwise the operation stays partly done.
    fn refused(&mut self, place: usize, error: Error) -> Result<(), Error> {
        let doubtful = self.state.ends.get(place).is_some_and(|end| matches!(end.position, Position::Doubt(_) | Position::Taken(_)));
        let touched = self.state.ends.iter().any(state::End::is_touched);
        if self.state.aim == Which::Old || doubtful || (touched && !self.state.way_back) {
            return Err(report::halfway(&self.id, &self.state, self.now(), error));
        }
        if touched {
            self.output.warn(&format!("{}: rolling the other end back to the previous key", error.message));
        }
        self.turn_back(error.message.clone())?;
        self.run.refusal = Some(error);
        Ok(())
    }
}
