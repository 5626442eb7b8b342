//! The state of one end.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::event::{Event, Evidence, Planned, Record, Which};
use super::plausible::{MARGIN, is_plausible, plausible_validity};
use crate::model::time::after_secs;

/// How far the last write to an end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// The end holds this value: no write of the other one has begun, or the last write was read back or believed.
    Holds(Which),
    /// A request with this value was announced; whether it was sent or executed is not known.
    Doubt(Which),
    /// The cloud accepted a request with this value; it may not be in effect yet.
    Taken(Which),
}

/// A request that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The value that it writes.
    pub key: Which,
    /// The client token.
    pub token: String,
    /// Fingerprint of the request.
    pub request: String,
    /// The signing time.
    pub at: DateTime<Utc>,
    /// Until when a copy of it may still be executed.
    pub until: DateTime<Utc>,
    /// Whether the cloud acknowledged it.
    pub acked: bool,
}

/// The state of one end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The end as planned.
    pub plan: Planned,
    /// How far the last write has come.
    pub position: Position,
    /// The position before the attempt that is open now.
    pub(in super::super) before: Position,
    /// How it is known what the end holds; none before the first write.
    pub evidence: Option<Evidence>,
    /// The attempts that were not refused, the oldest first.
    pub attempts: Vec<Attempt>,
    /// The cloud's id of the last request that it accepted.
    pub request_id: Option<String>,
    /// What was found there that this operation never wrote.
    pub conflict: Option<String>,
    /// What was found there and the user allowed to overwrite, until it is overwritten.
    pub allowed: Option<String>,
    /// When the position last changed.
    pub since: DateTime<Utc>,
}

impl End {
    /// An end that nothing was sent to.
    pub(super) fn planned(plan: &Planned, time: DateTime<Utc>) -> Self {
        Self {
            plan: plan.clone(),
            position: Position::Holds(Which::Old),
            before: Position::Holds(Which::Old),
            evidence: None,
            attempts: Vec::new(),
            request_id: None,
            conflict: None,
            allowed: None,
            since: time,
        }
    }

    /// Until when an unacknowledged request that writes this value may still be executed; none where that time has passed.
    #[must_use]
    pub fn zombies_of(&self, key: Which, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.open(now).filter(|attempt| attempt.key == key).map(|attempt| attempt.until).max()
    }

    /// Until when a request of an earlier operation may still be executed; none where that time has passed.
    #[must_use]
    pub fn barred_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.plan.not_before.filter(|until| *until > now && is_plausible(*until, now))
    }

    /// Whether a request may have been executed here: a refused attempt does not count.
    #[must_use]
    pub const fn is_touched(&self) -> bool {
        !self.attempts.is_empty()
    }

    /// The values that the end may hold at this time or get later, by what the journal says.
    #[must_use]
    pub fn possible(&self, now: DateTime<Utc>) -> BTreeSet<Which> {
        let mut possible = BTreeSet::new();
        match self.position {
            Position::Holds(key) => drop(possible.insert(key)),
            Position::Doubt(_) | Position::Taken(_) => possible.extend([Which::Old, Which::New]),
        }
        possible.extend(self.open(now).map(|attempt| attempt.key));
        possible
    }

    /// Until when an unacknowledged request may still be executed; none where that time has passed for all.
    #[must_use]
    pub fn open_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.open(now).map(|attempt| attempt.until).max()
    }

    fn open(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Attempt> {
        // A cloud refuses a request that is dated far ahead: nothing has to be waited for.
        self.attempts.iter().filter(move |attempt| !attempt.acked && attempt.until > now && is_plausible(attempt.at, now))
    }

    /// Counts a write of either value among what may have happened here until this time: the record was lost.
    pub(super) fn lose(&mut self, time: DateTime<Utc>) {
        for key in Which::BOTH {
            self.attempts.push(self.attempt(key, "", "", time));
        }
        self.position = Position::Doubt(Which::New);
        self.before = self.position;
        self.since = time;
    }

    pub(super) fn attempt(&self, key: Which, token: &str, request: &str, at: DateTime<Utc>) -> Attempt {
        let until = after_secs(at, plausible_validity(self.plan.validity) + MARGIN);
        Attempt { key, token: token.to_owned(), request: request.to_owned(), at, until, acked: false }
    }

    pub(super) fn take(&mut self, record: &Record) {
        self.since = record.time;
        match &record.event {
            Event::Attempt { key, token, request, at, .. } => {
                self.attempts.push(self.attempt(*key, token, request, *at));
                self.before = self.position;
                self.position = Position::Doubt(*key);
            }
            Event::Acked { request_id, .. } => {
                if let Some(last) = self.attempts.last_mut() {
                    last.acked = true;
                    self.position = Position::Taken(last.key);
                }
                self.request_id.clone_from(request_id);
            }
            // A refusal is about its own attempt only: an earlier one may have been executed.
            Event::Refused { .. } => {
                self.attempts.pop();
                self.position = self.before;
            }
            Event::Holds { key, by, .. } => {
                self.position = Position::Holds(*key);
                self.before = self.position;
                self.evidence = Some(*by);
                // The permission to overwrite is used up: the same value there again would be another change.
                self.allowed = None;
            }
            Event::Conflict { seen, .. } => self.conflict = Some(seen.clone()),
            Event::Resolved { .. } => self.conflict = None,
            Event::TakenOver { .. } => self.allowed = self.conflict.take(),
            _ => {}
        }
    }
}
