//! The state of an operation in words, for an operator at night: where it stands, what each end holds, and what that means for
//! traffic.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::event::{Evidence, Proof, Verb, Which};
use super::super::state::{End, Negotiation, Position, State};

/// Every word of [`phase`].
pub const PHASES: &[&str] = &[
    "planned",
    "sealed",
    "writing",
    "written",
    "renegotiating",
    "unproven",
    "rolling-back",
    "conflict",
    "committed",
    "rolled-back",
    "closed",
];

/// The state of an operation in one word.
#[must_use]
pub fn phase(state: &State) -> &'static str {
    if let Some(outcome) = state.outcome {
        return outcome.word();
    }
    if state.conflict().is_some() {
        return "conflict";
    }
    let there = state.ends.iter().all(|end| end.position == Position::Holds(state.aim));
    match (&state.negotiation, state.aim) {
        _ if state.sealed.is_none() => "planned",
        (Negotiation::Proved(..), Which::New) => "unproven",
        (Negotiation::Told(_), Which::New) if there => "renegotiating",
        (_, Which::Old) => "rolling-back",
        _ if there => "written",
        _ if state.ends.iter().any(End::is_touched) => "writing",
        _ => "sealed",
    }
}

/// How long ago something happened, in at most two units.
#[must_use]
pub fn age(span: chrono::TimeDelta) -> String {
    let secs = span.num_seconds().max(0);
    match (secs / 86_400, secs / 3600 % 24, secs / 60 % 60, secs % 60) {
        (0, 0, 0, secs) => format!("{secs} s ago"),
        (0, 0, minutes, secs) => format!("{minutes} min {secs} s ago"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min ago"),
        (days, hours, ..) => format!("{days} d {hours} h ago"),
    }
}

/// What an end holds or may hold, in words.
#[must_use]
pub fn holds(state: &State, end: &End, now: DateTime<Utc>) -> String {
    let what = |which: Which| match (state.verb, which) {
        (Verb::Rotate, Which::Old) => "the previous key",
        (Verb::Rotate, Which::New) => "the new key",
        (Verb::Modify, Which::Old) => "the previous settings",
        (Verb::Modify, Which::New) => "the requested settings",
    };
    if let Some(seen) = &end.conflict {
        return format!("something that this operation never wrote: {seen}");
    }
    let possible = end.possible(now);
    match (end.position, end.evidence) {
        (Position::Holds(key), evidence) if possible.len() < 2 => match evidence {
            _ if !end.is_touched() => format!("{}; nothing was sent to it", what(key)),
            Some(Evidence::Acknowledged) => format!("{}: accepted, cannot be read back", what(key)),
            _ => format!("{}, read back", what(key)),
        },
        (Position::Holds(key), _) => {
            format!("{}; an earlier request without a reply may still write {}{}", what(key), what(key.other()), until(end, now))
        }
        (Position::Taken(key), _) => format!("it accepted {}; that was not read back and may not be in effect yet", what(key)),
        (Position::Doubt(key), _) => {
            format!("{} or {}: a request with {} got no reply{}", what(Which::Old), what(Which::New), what(key), until(end, now))
        }
    }
}

fn until(end: &End, now: DateTime<Utc>) -> String {
    end.open_until(now).map_or_else(String::new, |until| format!(", and may be executed until {}", until.format("%H:%M:%S UTC")))
}

/// What the state of an operation means for traffic.
#[must_use]
pub fn traffic(state: &State, now: DateTime<Utc>) -> String {
    if state.verb == Verb::Modify {
        return "see: tunnelctl show, and tunnelctl check against the other end".to_owned();
    }
    let possible: BTreeSet<Which> = state.ends.iter().flat_map(|end| end.possible(now)).collect();
    let different = || {
        "the ends may hold different keys: the running tunnel keeps working until the ends next authenticate, and then fails (IKEv1: at the end of the IKE lifetime; IKEv2: at a reset or reauthentication)".to_owned()
    };
    match (&state.negotiation, possible.len()) {
        _ if !state.ends.iter().any(End::is_touched) => "not affected".to_owned(),
        _ if state.conflict().is_some() => different(),
        (Negotiation::Proved(Proof::Verified, _), 1) => "the tunnel came up with this key".to_owned(),
        (Negotiation::Proved(Proof::Weak, _), 1) => {
            "the tunnel is up but was not seen to go down: it may still run on SAs negotiated before the change".to_owned()
        }
        (Negotiation::Proved(Proof::Down, detail), _) => format!("the tunnel is down: {detail}"),
        (Negotiation::Proved(Proof::Unknown, _), _) => "whether the tunnel is up is not known: no end reports it".to_owned(),
        (_, 1) if state.ends.len() < 2 => {
            "the running tunnel keeps working; the peer needs the same key before the ends next authenticate".to_owned()
        }
        (_, 1) => "both ends hold the same key; the tunnel may still run on SAs negotiated before the change".to_owned(),
        _ => different(),
    }
}
