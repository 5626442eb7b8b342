//! Errors of an operation: the state that it is left in, and the commands to type next.

use chrono::{DateTime, Utc};

use super::super::id::OperationId;
use super::super::state::{End, State};
use super::next::commands;
use super::words::{holds, phase, traffic};
use crate::error::{Error, exit};

/// Adds the state of the operation and the next commands to an error.
fn standing(id: &OperationId, state: &State, now: DateTime<Utc>, mut error: Error) -> Error {
    let ends: Vec<String> = state.ends.iter().map(|end| format!("{}: {}", end.plan.end, holds(state, end, now))).collect();
    error.state = format!("operation {id} is {}; {}; traffic: {}", phase(state), ends.join("; "), traffic(state, now));
    for command in commands(id, state, now) {
        // An error can pass here twice.
        if !error.next.contains(&command) {
            error.next.push(command);
        }
    }
    error
}

/// The warning about a record that lost its end.
#[must_use]
pub fn lost(id: &OperationId) -> String {
    format!(
        "the end of the record of operation {id} is missing: what it did last is not known, so every end is looked at, and any of them may still get either value"
    )
}

/// The warning about times on record that cannot be right; none where all can.
#[must_use]
pub fn odd(id: &OperationId, state: &State, now: DateTime<Utc>) -> Option<String> {
    let odd = state.odd_times(now);
    (!odd.is_empty())
        .then(|| format!("the record of operation {id} has times that cannot be right, and nothing waits for them: {}", odd.join("; ")))
}

/// Partly done, for the reason in the error. The exit code of an interruption stays.
pub fn halfway(id: &OperationId, state: &State, now: DateTime<Utc>, mut error: Error) -> Error {
    let in_doubt = state.ends.iter().any(|end| end.possible(now).len() > 1);
    error.exit = match error.exit {
        code @ (exit::INTERRUPTED | exit::TERMINATED) => code,
        _ if in_doubt => exit::UNKNOWN,
        _ => exit::HALF_WAY,
    };
    standing(id, state, now, error)
}

/// The outcome of a request cannot be found out.
pub fn unknown(id: &OperationId, state: &State, now: DateTime<Utc>, place: usize, cause: &str) -> Error {
    let name = state.ends.get(place).map_or("", |end| end.plan.end.as_str());
    standing(id, state, now, Error::new(exit::UNKNOWN, format!("{name} gave no usable reply, several times: {cause}")))
}

/// A cloud accepts a write, several times, without effect.
pub fn ignored(id: &OperationId, state: &State, now: DateTime<Utc>, place: usize) -> Error {
    let name = state.ends.get(place).map_or("", |end| end.plan.end.as_str());
    standing(id, state, now, Error::new(exit::HALF_WAY, format!("{name} accepted the key several times but still shows another")))
}

/// Somebody else has changed an end.
pub fn conflict(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    let name = state.conflict().map_or("", |end| end.plan.end.as_str());
    let message = format!("{name} holds a key that this operation never wrote: somebody else changed it, and it is left alone");
    standing(id, state, now, Error::new(exit::HALF_WAY, message))
}

/// The tunnel does not come up.
pub fn down(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    let error = Error::new(exit::HALF_WAY, "both ends hold the new key, but the tunnel does not come up");
    let error = error.next("initiate on the peer: some daemons do not retry after a failed authentication (strongSwan: swanctl --terminate --ike NAME --force; swanctl --initiate --child NAME)");
    standing(id, state, now, error)
}

/// The ends have the previous key again, and the tunnel is down with it.
pub fn down_again(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    let error = Error::new(exit::HALF_WAY, "every end has its previous key again, but the tunnel is down");
    let error = error.next(format!("tunnelctl operation resume {id} --renegotiate"));
    standing(id, state, now, error.next("or initiate on the peer, and see whether the ends agree: tunnelctl check"))
}

/// The new key was not kept, since the tunnel did not come up with it.
pub fn undone(id: &OperationId, state: &State) -> Error {
    let reason = state.turned.as_deref().unwrap_or_default();
    as_before(id, state, Error::new(exit::FAILED, format!("the rotation was rolled back: {reason}")))
}

/// Both ends hold the new key, and none could be told to renegotiate.
pub fn not_renegotiated(id: &OperationId, state: &State, now: DateTime<Utc>, why: &str) -> Error {
    let message = format!("the ends hold the new key, but could not be made to renegotiate: {why}");
    standing(id, state, now, Error::new(exit::HALF_WAY, message))
}

/// The previous key is not known.
pub fn no_way_back(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    standing(id, state, now, Error::new(exit::HALF_WAY, "the previous key is not known, so there is no way back"))
}

/// The journal cannot be written, and nothing is done without it.
pub fn broken(id: &OperationId, state: &State, now: DateTime<Utc>, cause: Error) -> Error {
    let touched = state.ends.iter().any(End::is_touched);
    let mut error = standing(id, state, now, cause);
    error.exit = if touched { exit::HALF_WAY } else { exit::FAILED };
    error
}

/// The change was refused, and everything is as before.
pub fn as_before(id: &OperationId, state: &State, mut refusal: Error) -> Error {
    let touched = state.ends.iter().any(End::is_touched);
    refusal.next.retain(|next| !next.contains("tunnelctl operation"));
    refusal.state = if touched {
        format!("every end has its previous key again (operation {id}: {})", phase(state))
    } else {
        format!("nothing was changed (operation {id}: {})", phase(state))
    };
    if refusal.exit == exit::HALF_WAY || refusal.exit == exit::UNKNOWN {
        refusal.exit = exit::FAILED;
    }
    unused(state).into_iter().fold(refusal, Error::next)
}

/// What to do with a key that was given to the user and that no end uses.
#[must_use]
pub fn unused(state: &State) -> Option<String> {
    let [_, new] = state.sealed.as_ref()?;
    let (new, flags) = (new.as_ref()?, state.unused());
    (!flags.is_empty()).then(|| format!("the new key (fp {new}) of {} is used by no end: delete it there", flags.join(" and ")))
}
