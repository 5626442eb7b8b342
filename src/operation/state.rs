//! Where an operation stands: what its journal says, and nothing else.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{Event, Evidence, Outcome, Planned, Proof, Record, Verb, Which};

/// Beyond a request's validity: clocks differ, and a request may wait before the cloud looks at it.
pub(super) const MARGIN: i64 = 60;

/// How far the last write of an end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// It holds this value for all that the journal says: no write of another has begun, or the last one was read back.
    Holds(Which),
    /// A request with this value was announced; whether it was sent, or executed, is not known.
    Doubt(Which),
    /// The cloud took a request with this value; it may not be in force yet.
    Taken(Which),
}

/// A request that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it writes.
    pub key: Which,
    /// The change's token.
    pub token: String,
    /// Fingerprint of the request.
    pub request: String,
    /// The time that it is signed with.
    pub at: DateTime<Utc>,
    /// Until when a copy of it may still be taken; in the past of every time once it was refused.
    pub until: DateTime<Utc>,
    /// Whether the cloud acknowledged it.
    pub acked: bool,
}

/// One end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// As it was planned.
    pub plan: Planned,
    /// How far the last write is.
    pub position: Position,
    /// How far it was before the attempt that is open now.
    pub(super) before: Position,
    /// How it is known what it holds; none before it was written.
    pub evidence: Option<Evidence>,
    /// Attempts that were not refused, the oldest first.
    pub attempts: Vec<Attempt>,
    /// The cloud's id of the last request that it took.
    pub request_id: Option<String>,
    /// What is seen there that is neither.
    pub conflict: Option<String>,
    /// What was seen there that is neither, and may be overwritten all the same; until it was.
    pub allowed: Option<String>,
    /// When its position last changed.
    pub since: DateTime<Utc>,
}

impl End {
    /// Until when an unacknowledged request that writes the other value may still be executed here.
    #[must_use]
    pub fn zombies_of(&self, key: Which) -> Option<DateTime<Utc>> {
        self.attempts.iter().filter(|attempt| attempt.key == key && !attempt.acked).map(|attempt| attempt.until).max()
    }

    /// Whether something may have been executed here: a refused attempt does not count.
    #[must_use]
    pub const fn is_touched(&self) -> bool {
        !self.attempts.is_empty()
    }

    /// The values that it may have at this time or get later, by what the journal says.
    #[must_use]
    pub fn possible(&self, now: DateTime<Utc>) -> BTreeSet<Which> {
        let mut possible = BTreeSet::new();
        match self.position {
            Position::Holds(key) => drop(possible.insert(key)),
            Position::Doubt(_) | Position::Taken(_) => possible.extend([Which::Old, Which::New]),
        }
        let open = |attempt: &&Attempt| !attempt.acked && attempt.until > now;
        possible.extend(self.attempts.iter().filter(open).map(|attempt| attempt.key));
        possible
    }
}

/// How far the new negotiation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Negotiation {
    /// Not begun.
    Due,
    /// The ends were told, or were about to be; the tunnel's state before that.
    Told(String),
    /// It is known what came of it.
    Proved(Proof, String),
}

/// Where an operation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// What it is for.
    pub verb: Verb,
    /// What the ends are to get.
    pub aim: Which,
    /// Why the aim is not the new value any more.
    pub turned: Option<String>,
    /// The ends, in the order in which they are written.
    pub ends: Vec<End>,
    /// The end that is told to negotiate anew.
    pub renegotiate: Option<usize>,
    /// The command that makes the ends negotiate anew.
    pub renegotiate_with: Option<String>,
    /// Settings before, of a modify.
    pub before: Option<serde_json::Value>,
    /// Settings asked for, of a modify.
    pub change: Option<serde_json::Value>,
    /// Whether there is a way back.
    pub way_back: bool,
    /// Fingerprints of the old and the new key, once they are sealed.
    pub sealed: Option<[Option<String>; 2]>,
    /// The new negotiation.
    pub negotiation: Negotiation,
    /// Whether the ends were ever told to negotiate while the aim was the other value.
    pub renegotiated: bool,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Whether the sealed keys are gone.
    pub shredded: bool,
    /// When it was planned.
    pub started: DateTime<Utc>,
    /// When something last happened.
    pub changed: DateTime<Utc>,
}

impl State {
    /// What a journal says. `None` when it does not begin with a plan: nothing was ever done then.
    #[must_use]
    pub fn of(records: &[Record]) -> Option<Self> {
        let (first, rest) = records.split_first()?;
        let mut state = Self::begin(first)?;
        rest.iter().for_each(|record| state.take(record));
        Some(state)
    }

    fn begin(record: &Record) -> Option<Self> {
        let Event::Planned { verb, ends, renegotiate, renegotiate_with, before, change, way_back } = &record.event else { return None };
        let end = |plan: &Planned| End {
            plan: plan.clone(),
            position: Position::Holds(Which::Old),
            before: Position::Holds(Which::Old),
            evidence: None,
            attempts: Vec::new(),
            request_id: None,
            conflict: None,
            allowed: None,
            since: record.time,
        };
        Some(Self {
            verb: *verb,
            aim: Which::New,
            turned: None,
            ends: ends.iter().map(end).collect(),
            renegotiate: *renegotiate,
            renegotiate_with: renegotiate_with.clone(),
            before: before.clone(),
            change: change.clone(),
            way_back: *way_back,
            sealed: None,
            negotiation: Negotiation::Due,
            renegotiated: false,
            outcome: None,
            shredded: false,
            started: record.time,
            changed: record.time,
        })
    }

    /// Takes one more record in.
    pub fn take(&mut self, record: &Record) {
        self.changed = record.time;
        match &record.event {
            Event::Planned { .. } => {}
            Event::Sealed { old, new } => self.sealed = Some([old.clone(), new.clone()]),
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
            Event::Renegotiate { end, tunnel, token, at } => {
                self.renegotiated = true;
                self.negotiation = Negotiation::Told(tunnel.clone());
                // It may write the key once more, as at Alibaba: a late one is as much a danger as a late change.
                let aim = self.aim;
                if let Some(end) = end.and_then(|end| self.ends.get_mut(end)) {
                    end.attempts.push(end.attempt(aim, token, "", *at));
                }
            }
            Event::Told { end, refused } => {
                if let Some(end) = end.and_then(|end| self.ends.get_mut(end)) {
                    match (refused, end.attempts.last_mut()) {
                        (None, Some(last)) => last.acked = true,
                        _ => drop(end.attempts.pop()),
                    }
                }
            }
            Event::Proved { proof, detail } => self.negotiation = Negotiation::Proved(*proof, detail.clone()),
            Event::Finished { outcome } => self.outcome = Some(*outcome),
            Event::Shredded => self.shredded = true,
            Event::Conflict { end, .. } => {
                // What was negotiated before says nothing of an end that holds something else.
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
            | Event::TakenOver { end } => {
                if let Some(end) = self.ends.get_mut(*end) {
                    end.take(record);
                }
            }
        }
    }

    /// The first end that somebody else has changed.
    #[must_use]
    pub fn conflict(&self) -> Option<&End> {
        self.ends.iter().find(|end| end.conflict.is_some())
    }

    /// Until when a request of this operation may still be executed at an end that is meant to hold something else.
    #[must_use]
    pub fn zombie_until(&self) -> Option<DateTime<Utc>> {
        self.ends.iter().flat_map(|end| [end.zombies_of(Which::Old), end.zombies_of(Which::New)]).flatten().max()
    }
}

impl End {
    fn attempt(&self, key: Which, token: &str, request: &str, at: DateTime<Utc>) -> Attempt {
        let until = at + TimeDelta::seconds(self.plan.validity + MARGIN);
        Attempt { key, token: token.to_owned(), request: request.to_owned(), at, until, acked: false }
    }

    fn take(&mut self, record: &Record) {
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
            // A refusal speaks of its own attempt only: one before it may have been executed.
            Event::Refused { .. } => {
                self.attempts.pop();
                self.position = self.before;
            }
            Event::Holds { key, by, .. } => {
                self.position = Position::Holds(*key);
                self.before = self.position;
                self.evidence = Some(*by);
                // What was allowed to be overwritten is: the same once more would be another change.
                self.allowed = None;
            }
            Event::Conflict { seen, .. } => self.conflict = Some(seen.clone()),
            Event::TakenOver { .. } => self.allowed = self.conflict.take(),
            _ => {}
        }
    }
}
