//! What the model asks of a state.

use super::super::event::{Outcome, Which};
use super::super::state::{End, Negotiation, Position, State};
use super::clock::{age, now};

/// What the model asks of a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) aim: Which,
    pub(super) outcome: Option<Outcome>,
    pub(super) told: bool,
    pub(super) renegotiated: bool,
    pub(super) touched: bool,
    pub(super) ends: [EndFacts; 2],
}

/// What the model asks of the state of one end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EndFacts {
    /// Whether it may hold the previous value, the new value; as `operation show` says.
    pub(super) old: bool,
    pub(super) new: bool,
    /// The age of the latest open request that writes the previous value, the new value.
    pub(super) open: [Option<u8>; 2],
    /// The age of the last attempt.
    pub(super) last: u8,
    pub(super) doubtful: bool,
    /// It was read back or believed, and nothing was begun since.
    pub(super) there: bool,
    pub(super) conflict: bool,
    pub(super) allowed: bool,
}

impl Facts {
    /// Whether somebody else's value was found at an end.
    pub(super) fn conflict(&self) -> bool {
        self.ends.iter().any(|end| end.conflict)
    }
}

/// The facts of a state.
pub(super) fn facts(state: &State) -> Facts {
    let mut ends = [EndFacts::default(); 2];
    for (facts, end) in ends.iter_mut().zip(&state.ends) {
        let possible = end.possible(now());
        let open = |key: Which| end.attempts.iter().filter(|one| !one.acked && one.key == key && one.until > now()).map(age).min();
        *facts = EndFacts {
            old: possible.contains(&Which::Old),
            new: possible.contains(&Which::New),
            open: [open(Which::Old), open(Which::New)],
            last: end.attempts.last().map_or(0, age),
            there: end.position == Position::Holds(state.aim) && end.allowed.is_none(),
            doubtful: !matches!(end.position, Position::Holds(_)),
            conflict: end.conflict.is_some(),
            allowed: end.allowed.is_some(),
        };
    }
    Facts {
        aim: state.aim,
        outcome: state.outcome,
        told: matches!(state.negotiation, Negotiation::Told(_)),
        renegotiated: state.renegotiated,
        touched: state.ends.iter().any(End::is_touched),
        ends,
    }
}
