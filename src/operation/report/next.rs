//! The commands to type next.

use chrono::{DateTime, Utc};

use super::super::event::{Outcome, Proof, Verb, Which};
use super::super::id::OperationId;
use super::super::state::{Negotiation, State, unknown};
use crate::config::Options;

/// The commands to type next.
#[must_use]
pub fn commands(id: &OperationId, state: &State, now: DateTime<Utc>) -> Vec<String> {
    match state.outcome {
        Some(Outcome::Committed) => after_commit(id, state),
        Some(_) => Vec::new(),
        None if state.conflict().is_some() => after_conflict(id, state, now),
        None => {
            let mut commands = vec![format!("tunnelctl operation resume {id}")];
            commands.extend(rollback(id, state));
            commands
        }
    }
}

/// The command that rolls back, where that is possible and not under way. Of a modify, it leaves the settings as they are whose
/// previous values are not known.
fn rollback(id: &OperationId, state: &State) -> Option<String> {
    if !state.way_back || state.aim == Which::Old {
        return None;
    }
    let unknown = state.before.as_ref().filter(|_| state.verb == Verb::Modify).map(unknown).unwrap_or_default();
    let without = if unknown.is_empty() { String::new() } else { format!(" --without {}", unknown.join(",")) };
    Some(format!("tunnelctl operation rollback {id}{without}"))
}

fn after_commit(id: &OperationId, state: &State) -> Vec<String> {
    // A modify is rolled back from its journal; only keys are ever destroyed.
    if state.shredded && state.verb != Verb::Modify {
        return Vec::new();
    }
    let left = state.verb == Verb::Rotate && matches!(state.negotiation, Negotiation::Proved(Proof::Left, _));
    let renegotiate = left.then(|| format!("tunnelctl operation resume {id} --renegotiate"));
    // Somebody else owns the peer, and needs the key.
    let alone = state.verb == Verb::Rotate && state.ends.len() < 2 && !state.shredded;
    let key = alone.then(|| format!("tunnelctl operation show {id} --psk-out {id}.key"));
    key.into_iter().chain(renegotiate).chain(rollback(id, state)).collect()
}

fn after_conflict(id: &OperationId, state: &State, now: DateTime<Utc>) -> Vec<String> {
    let clouds = state.ends.iter().filter(|end| end.conflict.is_some() && !end.plan.end.starts_with("file:"));
    let mut commands: Vec<String> =
        clouds.map(|end| format!("tunnelctl show {}{}", end.plan.end, end.plan.site.options(&Options::default()).again())).collect();
    commands.push(format!("tunnelctl operation resume {id} --take-over"));
    if state.zombie_until(now).is_some() {
        commands.push("# a request of this operation without a reply may still be executed".to_owned());
    }
    // Without the flag, the rollback would stop at the same conflict.
    commands.extend(rollback(id, state).map(|command| format!("{command} --take-over")));
    commands
}
