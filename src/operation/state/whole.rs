//! The state of an operation as a whole.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::super::event::{Event, Outcome, Proof, Record, Verb, Which};
use super::end::End;

/// How far the renegotiation has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Negotiation {
    /// It has not begun.
    Due,
    /// The ends were told, or were about to be; with the tunnel's state before that.
    Told(String),
    /// Its result is known.
    Proved(Proof, String),
}

/// The state of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The kind of operation.
    pub verb: Verb,
    /// The value that the ends are to get.
    pub aim: Which,
    /// Why the aim last changed; none while it never did.
    pub turned: Option<String>,
    /// The ends, in writing order.
    pub ends: Vec<End>,
    /// The end that is told to renegotiate.
    pub renegotiate: Option<usize>,
    /// The user's command that makes the ends renegotiate.
    pub renegotiate_with: Option<String>,
    /// The settings before a modify.
    pub before: Option<Json>,
    /// The settings that a modify asked for.
    pub change: Option<Json>,
    /// Whether the operation can be rolled back.
    pub way_back: bool,
    /// Fingerprints of the previous and the new key, once the keys are sealed.
    pub sealed: Option<[Option<String>; 2]>,
    /// Whether the previous key is set again where the tunnel does not come up.
    pub roll_back: bool,
    /// The file with the key under which the keys are sealed.
    pub seal_key_file: Option<PathBuf>,
    /// `effect_immediately` of each end as it was found.
    pub effect_immediately: Vec<Option<bool>>,
    /// The flags by which the new key was given to the user.
    pub handed_out: Vec<String>,
    /// The renegotiation.
    pub negotiation: Negotiation,
    /// Whether a renegotiation was begun or judged since the plan, with either value.
    pub renegotiated: bool,
    /// The outcome; none while the operation is open.
    pub outcome: Option<Outcome>,
    /// Whether the sealed keys were destroyed.
    pub shredded: bool,
    /// When the operation was planned.
    pub started: DateTime<Utc>,
    /// When the last record was written.
    pub changed: DateTime<Utc>,
}

impl State {
    /// The state after these records; none where they do not begin with a plan: nothing was ever done then.
    #[must_use]
    pub fn of(records: &[Record]) -> Option<Self> {
        let (first, rest) = records.split_first()?;
        let mut state = Self::begin(first)?;
        rest.iter().for_each(|record| state.take(record));
        Some(state)
    }

    fn begin(record: &Record) -> Option<Self> {
        let Event::Planned { verb, ends, renegotiate, renegotiate_with, before, change, way_back } = &record.event else { return None };
        Some(Self {
            verb: *verb,
            aim: Which::New,
            turned: None,
            ends: ends.iter().map(|plan| End::planned(plan, record.time)).collect(),
            renegotiate: *renegotiate,
            renegotiate_with: renegotiate_with.clone(),
            before: before.clone(),
            change: change.clone(),
            way_back: *way_back,
            sealed: None,
            roll_back: false,
            seal_key_file: None,
            effect_immediately: Vec::new(),
            handed_out: Vec::new(),
            negotiation: Negotiation::Due,
            renegotiated: false,
            outcome: None,
            shredded: false,
            started: record.time,
            changed: record.time,
        })
    }

    /// Applies one more record.
    pub fn take(&mut self, record: &Record) {
        self.changed = record.time;
        match &record.event {
            Event::Planned { .. } => {}
            Event::Sealed { old, new } => self.sealed = Some([old.clone(), new.clone()]),
            Event::Begun { roll_back, seal_key_file, effect_immediately } => {
                self.roll_back = *roll_back;
                self.seal_key_file.clone_from(seal_key_file);
                self.effect_immediately.clone_from(effect_immediately);
            }
            Event::HandedOut { to } => self.handed_out.push(to.clone()),
            Event::Reopened { renegotiate } => {
                self.outcome = None;
                self.renegotiate = *renegotiate;
                self.negotiation = Negotiation::Due;
            }
            Event::Turned { to, reason } => {
                self.outcome = None;
                self.aim = *to;
                self.turned = Some(reason.clone());
                self.renegotiated |= self.negotiation != Negotiation::Due;
                self.negotiation = Negotiation::Due;
            }
            Event::Renegotiate { end, tunnel, token, at, writes } => {
                self.renegotiated = true;
                self.negotiation = Negotiation::Told(tunnel.clone());
                // The call may write the key again, as at Alibaba. Late, a reset interrupts traffic once more, and that is all.
                let aim = self.aim;
                if let Some(end) = end.filter(|_| *writes).and_then(|end| self.ends.get_mut(end)) {
                    end.attempts.push(end.attempt(aim, token, "", *at));
                }
            }
            Event::Told { end, refused, writes } => {
                if let Some(end) = end.filter(|_| *writes).and_then(|end| self.ends.get_mut(end)) {
                    match (refused, end.attempts.last_mut()) {
                        (None, Some(last)) => last.acked = true,
                        _ => drop(end.attempts.pop()),
                    }
                }
            }
            Event::Proved { proof, detail } => self.negotiation = Negotiation::Proved(*proof, detail.clone()),
            Event::Finished { outcome } => self.outcome = Some(*outcome),
            Event::Shredded => self.shredded = true,
            Event::Cut => {
                self.outcome = None;
                self.renegotiated = true;
                self.negotiation = Negotiation::Due;
                self.ends.iter_mut().for_each(|end| end.lose(record.time));
            }
            Event::Conflict { end, .. } => {
                // An earlier negotiation proves nothing of an end that now holds something else.
                self.renegotiated |= self.negotiation != Negotiation::Due;
                self.negotiation = Negotiation::Due;
                if let Some(end) = self.ends.get_mut(*end) {
                    end.take(record);
                }
            }
            Event::Attempt { end, .. }
            | Event::Acked { end, .. }
            | Event::Refused { end, .. }
            | Event::Holds { end, .. }
            | Event::Resolved { end }
            | Event::TakenOver { end } => {
                if let Some(end) = self.ends.get_mut(*end) {
                    end.take(record);
                }
            }
        }
    }

    /// The first end in conflict: somebody else has changed it.
    #[must_use]
    pub fn conflict(&self) -> Option<&End> {
        self.ends.iter().find(|end| end.conflict.is_some())
    }

    /// The flags by which a key was given to the user that no end uses.
    #[must_use]
    pub fn unused(&self) -> &[String] {
        if matches!(self.outcome, Some(Outcome::RolledBack | Outcome::Closed)) { &self.handed_out } else { &[] }
    }

    /// Whether the tunnel stayed down after the last renegotiation.
    #[must_use]
    pub const fn is_down(&self) -> bool {
        matches!(self.negotiation, Negotiation::Proved(Proof::Down, _))
    }

    /// Until when an unacknowledged request of this operation may still be executed; none where that time has passed.
    #[must_use]
    pub fn zombie_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.ends.iter().filter_map(|end| end.open_until(now)).max()
    }
}

/// The paths of the settings that a modify sets and whose previous values are not on record.
#[must_use]
pub fn unknown(before: &Json) -> Vec<String> {
    let rows = before.as_object().into_iter().flatten();
    rows.filter(|(_, value)| value.is_null()).map(|(path, _)| path.clone()).collect()
}
