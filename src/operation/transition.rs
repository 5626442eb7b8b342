//! The next step of an operation: one table, used by the program and explored by the model check.
//!
//! The rules deal with zombies: a request without a reply may still be executed until its time stamp is too old.

use chrono::{DateTime, Utc};

use super::event::{Outcome, Proof, Verb, Which};
use super::state::{End, Negotiation, Position, State};

/// What was seen at an end since something last happened there. The journal does not keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Nobody has looked.
    Unseen,
    /// It has settled and holds this value.
    Holds(Which),
    /// It has settled, and never returns what it holds.
    Hidden,
    /// It has settled and holds something else, or is gone.
    Foreign,
}

/// What this run knows beside the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    /// By index of the end; [`Sight::Unseen`] where missing.
    pub ends: Vec<Sight>,
    /// Whether this run has told the ends to renegotiate.
    pub negotiated: bool,
    /// Whether this run began the operation and has announced nothing yet: its record cannot be wrong.
    pub begun: bool,
}

impl Seen {
    /// What was seen at an end.
    #[must_use]
    pub fn at(&self, end: usize) -> Sight {
        self.ends.get(end).copied().unwrap_or(Sight::Unseen)
    }

    /// Notes what was seen at an end.
    pub fn note(&mut self, end: usize, sight: Sight) {
        if self.ends.len() <= end {
            self.ends.resize(end + 1, Sight::Unseen);
        }
        if let Some(slot) = self.ends.get_mut(end) {
            *slot = sight;
        }
    }
}

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Seal the keys.
    Seal,
    /// Wait until no earlier request that writes the other value can be executed there any more.
    Wait(usize, DateTime<Utc>),
    /// Wait until the end has settled, and read it.
    Look(usize),
    /// Record that the end holds the right value; it was read back.
    Confirm(usize),
    /// Record the same of an end that never returns its value; it acknowledged the write and has settled.
    Believe(usize),
    /// Announce a request with the right value, then send it.
    Send(usize),
    /// Record that somebody else has changed the end.
    Conflict(usize),
    /// Record that it holds again what it may hold.
    Resolve(usize),
    /// Tell the ends to renegotiate.
    Renegotiate,
    /// Watch the tunnel.
    Prove,
    /// Record the outcome.
    Finish(Outcome),
    /// Nothing without a decision: the tunnel stays down with the new value.
    Hold,
    /// Nothing: the operation is finished or in conflict.
    Nothing,
}

/// The safety rules. All hold in the program; the model check switches each off in turn and must find what goes wrong then.
/// The model's record is always right: what `verify` is for is shown by `tests/schedules/damage.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Rules {
    /// An end is written only when no request that writes the other value can be executed there any more.
    pub zombies: bool,
    /// An end is written only after a look at it.
    pub look: bool,
    /// An end is written only once all ends before it hold the value.
    pub order: bool,
    /// What somebody else wrote is not overwritten.
    pub conflict: bool,
    /// An end that never returns its value is believed only once it acknowledged the last write.
    pub proof: bool,
    /// Nothing is sent before everything is sealed.
    pub seal: bool,
    /// No outcome is recorded before every end that returns its value was read: the record may be wrong.
    pub verify: bool,
}

impl Rules {
    /// Every rule.
    pub const ALL: Self = Self { zombies: true, look: true, order: true, conflict: true, proof: true, seal: true, verify: true };
}

/// The position of an end, relative to the value that it is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Any,
    /// It holds the value.
    There,
    /// It acknowledged the value.
    Taken,
}

/// What was seen at an end, relative to the value that it is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Any,
    Unseen,
    Meant,
    Other,
    Hidden,
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Do {
    Wait,
    Nothing,
    Look,
    Confirm,
    Believe,
    Send,
    Conflict,
}

/// The steps of one end; the first matching row counts. `zombies`: requests that write the other value may still be executed
/// there.
#[rustfmt::skip]
const TABLE: &[(bool, At, Found, Do)] = &[
    // zombies     position    seen            step
    (true,        At::Any,    Found::Any,     Do::Wait),
    (false,       At::There,  Found::Any,     Do::Nothing),
    (false,       At::Any,    Found::Unseen,  Do::Look),
    (false,       At::Any,    Found::Meant,   Do::Confirm),
    (false,       At::Any,    Found::Other,   Do::Send),
    (false,       At::Any,    Found::Foreign, Do::Conflict),
    (false,       At::Taken,  Found::Hidden,  Do::Believe),
    (false,       At::Any,    Found::Hidden,  Do::Send),
];

/// The next step by the journal, by what was seen since, and by the clock.
#[must_use]
pub fn next(state: &State, seen: &Seen, now: DateTime<Utc>, rules: &Rules) -> Step {
    if state.outcome.is_some() {
        return Step::Nothing;
    }
    // Nothing was ever changed, so nothing is to be rolled back; what somebody else changed stays.
    if state.aim == Which::Old && !state.ends.iter().any(|end| end.is_touched() || end.allowed.is_some()) {
        return verified(state, seen, rules, Outcome::Closed);
    }
    if rules.conflict
        && let Some(place) = state.ends.iter().position(|end| end.conflict.is_some())
    {
        return in_conflict(state, seen, now, place);
    }
    if rules.seal && state.sealed.is_none() {
        return Step::Seal;
    }
    let mut places: Vec<usize> = (0..state.ends.len()).collect();
    // A rollback goes through the ends in reverse.
    if (state.aim == Which::Old) == rules.order {
        places.reverse();
    }
    places.into_iter().find_map(|place| of_end(state, seen, now, rules, place)).unwrap_or_else(|| afterwards(state, seen, rules))
}

fn of_end(state: &State, seen: &Seen, now: DateTime<Utc>, rules: &Rules, place: usize) -> Option<Step> {
    let end = state.ends.get(place)?;
    let until = end.zombies_of(state.aim.other(), now).max(end.barred_until(now)).filter(|_| rules.zombies);
    let at = match end.position {
        // Somebody else's value is there, whatever the end held before.
        _ if end.allowed.is_some() => At::Any,
        Position::Holds(key) if key == state.aim => At::There,
        Position::Taken(key) if key == state.aim => At::Taken,
        Position::Doubt(_) if !rules.proof => At::Taken,
        _ => At::Any,
    };
    let found = match seen.at(place) {
        Sight::Unseen if !rules.look => Found::Other,
        Sight::Unseen => Found::Unseen,
        Sight::Holds(key) if key == state.aim => Found::Meant,
        Sight::Holds(_) => Found::Other,
        Sight::Hidden => Found::Hidden,
        Sight::Foreign if rules.conflict => Found::Foreign,
        Sight::Foreign => Found::Other,
    };
    let fits = |row: &&(bool, At, Found, Do)| {
        row.0 == until.is_some() && (row.1 == At::Any || row.1 == at) && (row.2 == Found::Any || row.2 == found)
    };
    match TABLE.iter().find(fits)?.3 {
        Do::Wait => until.map(|until| Step::Wait(place, until)),
        Do::Nothing => None,
        Do::Look => Some(Step::Look(place)),
        Do::Confirm => Some(Step::Confirm(place)),
        Do::Believe => Some(Step::Believe(place)),
        Do::Send => Some(Step::Send(place)),
        Do::Conflict => Some(Step::Conflict(place)),
    }
}

/// What somebody else did may be undone by now: then the operation goes on.
fn in_conflict(state: &State, seen: &Seen, now: DateTime<Utc>, place: usize) -> Step {
    let allows = |key: Which| state.ends.get(place).is_some_and(|end| end.possible(now).contains(&key));
    match seen.at(place) {
        Sight::Unseen => Step::Look(place),
        Sight::Holds(key) if allows(key) => Step::Resolve(place),
        Sight::Holds(_) | Sight::Hidden | Sight::Foreign => Step::Nothing,
    }
}

/// Records the outcome once every end that returns its value has shown that it holds the right one.
fn verified(state: &State, seen: &Seen, rules: &Rules, outcome: Outcome) -> Step {
    let closed = outcome == Outcome::Closed;
    let differs = |(place, end): (usize, &End)| match seen.at(place) {
        _ if !end.plan.readable => None,
        Sight::Unseen => Some(Step::Look(place)),
        Sight::Holds(key) if key == state.aim => None,
        // What somebody else has set stays, where nothing was ever sent.
        Sight::Foreign if closed => None,
        Sight::Holds(_) | Sight::Foreign if end.conflict.is_some() => Some(Step::Nothing),
        Sight::Holds(_) | Sight::Foreign => Some(Step::Conflict(place)),
        Sight::Hidden => None,
    };
    let certain = !rules.verify || (closed && seen.begun);
    let step = if certain { None } else { state.ends.iter().enumerate().find_map(differs) };
    step.unwrap_or(Step::Finish(outcome))
}

/// The steps once every end holds the right value.
fn afterwards(state: &State, seen: &Seen, rules: &Rules) -> Step {
    let outcome = if state.aim == Which::New { Outcome::Committed } else { Outcome::RolledBack };
    if state.verb == Verb::Modify {
        return verified(state, seen, rules, outcome);
    }
    match &state.negotiation {
        Negotiation::Due => Step::Renegotiate,
        Negotiation::Told(_) if !seen.negotiated => Step::Renegotiate,
        Negotiation::Told(_) => Step::Prove,
        Negotiation::Proved(Proof::Down, _) if state.aim == Which::New => {
            if seen.negotiated {
                Step::Hold
            } else {
                Step::Renegotiate
            }
        }
        Negotiation::Proved(..) => verified(state, seen, rules, outcome),
    }
}
