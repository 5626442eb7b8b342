//! What comes next in an operation: one table, used by the program and explored by the model check.
//!
//! The rules are those of the zombie: a request without a reply may still be executed until its time stamp is too old.

use chrono::{DateTime, Utc};

use super::event::{Outcome, Proof, Which};
use super::state::{End, Negotiation, Position, State};

/// What was seen at an end since something last happened there. Forgotten when the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Nobody has looked.
    Unseen,
    /// It has settled and holds this value.
    Holds(Which),
    /// It has settled, and does not say what it holds.
    Hidden,
    /// It has settled and holds something else, or is gone.
    Foreign,
}

/// What is known beside the journal, for as long as the program runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    /// By place of the end; missing is [`Sight::Unseen`].
    pub ends: Vec<Sight>,
    /// Whether this run has told the ends to negotiate anew.
    pub negotiated: bool,
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

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Seal the keys.
    Seal,
    /// Let the time pass until which a request of ours that writes the other value may still be executed there.
    Wait(usize, DateTime<Utc>),
    /// Wait until the end has settled, and read it.
    Look(usize),
    /// Record that the end holds what it is meant to; it was read back.
    Confirm(usize),
    /// Record the same of an end that never says; it acknowledged the write and has settled.
    Believe(usize),
    /// Announce a request with the value that is meant, then send it.
    Send(usize),
    /// Record that somebody else has changed the end.
    Conflict(usize),
    /// Tell the ends to negotiate anew.
    Renegotiate,
    /// Watch the tunnel.
    Prove,
    /// Record how it ended.
    Finish(Outcome),
    /// The tunnel stays down with the new value: what to do now is for somebody to say.
    Hold,
    /// There is nothing more to do.
    Nothing,
}

/// The safety rules. All of them hold in the program; the model check switches each off in turn, and must find what
/// goes wrong then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Rules {
    /// A change of direction waits until no request of the other direction can be executed any more.
    pub zombies: bool,
    /// Nothing is sent to an end that was not looked at just before.
    pub look: bool,
    /// An end is written only after all before it hold the value.
    pub order: bool,
    /// What somebody else wrote is not overwritten.
    pub conflict: bool,
    /// An end that never says what it holds is believed only after it acknowledged the last write.
    pub proof: bool,
    /// Nothing is sent before everything is sealed.
    pub seal: bool,
}

impl Rules {
    /// All of them.
    pub const ALL: Self = Self { zombies: true, look: true, order: true, conflict: true, proof: true, seal: true };
}

/// How far an end is, seen from what it is meant to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Any,
    /// It holds the value.
    There,
    /// It acknowledged the value.
    Taken,
}

/// What was seen, seen from what it is meant to get.
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

/// The steps of one end; the first row that fits is taken. `zombies`: requests that write the other value may still be
/// executed there.
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

/// What comes next, by the journal, by what was seen since, and by the clock.
#[must_use]
pub fn next(state: &State, seen: &Seen, now: DateTime<Utc>, rules: &Rules) -> Step {
    if state.outcome.is_some() {
        return Step::Nothing;
    }
    // Nothing was ever changed here: there is nothing to undo, and what somebody else changed is theirs.
    if state.aim == Which::Old && !state.ends.iter().any(End::is_touched) {
        return Step::Finish(Outcome::Closed);
    }
    if rules.conflict && state.conflict().is_some() {
        return Step::Nothing;
    }
    if rules.seal && state.sealed.is_none() {
        return Step::Seal;
    }
    let mut places: Vec<usize> = (0..state.ends.len()).collect();
    // The way back is the way forward, from its end.
    if (state.aim == Which::Old) == rules.order {
        places.reverse();
    }
    places.into_iter().find_map(|place| of_end(state, seen, now, rules, place)).unwrap_or_else(|| afterwards(state, seen))
}

fn of_end(state: &State, seen: &Seen, now: DateTime<Utc>, rules: &Rules, place: usize) -> Option<Step> {
    let end = state.ends.get(place)?;
    let until = end.zombies_of(state.aim.other()).max(end.plan.not_before).filter(|until| rules.zombies && *until > now);
    let at = match end.position {
        // Somebody else's value is there, whatever it held before.
        _ if end.allowed.is_some() => At::Any,
        // What somebody else set since, and may be overwritten, is there instead.
        Position::Holds(key) if key == state.aim && end.allowed.is_none() => At::There,
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

/// Once every end holds what it is meant to.
fn afterwards(state: &State, seen: &Seen) -> Step {
    let outcome = if state.aim == Which::New { Outcome::Committed } else { Outcome::RolledBack };
    if state.verb == super::event::Verb::Modify {
        return Step::Finish(outcome);
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
        Negotiation::Proved(..) => Step::Finish(outcome),
    }
}
