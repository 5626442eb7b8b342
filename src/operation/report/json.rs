//! An operation as JSON.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::super::event::{Outcome, Verb, Which};
use super::super::id::OperationId;
use super::super::state::{End, Negotiation, State};
use super::failure;
use super::next::commands;
use super::words::{holds, phase, traffic};

/// An operation as JSON; `command/schema` documents its members. `achieved`: whether this run did what it was asked for; none
/// where it was asked for nothing.
#[must_use]
pub fn to_json(id: &OperationId, state: &State, now: DateTime<Utc>, achieved: Option<bool>) -> Json {
    let [old, new] = state.sealed.clone().unwrap_or_default();
    let (verified, detail) = match &state.negotiation {
        Negotiation::Proved(proof, detail) => (proof.word(), Some(detail)),
        _ => ("no", None),
    };
    let kept = !state.shredded || state.verb == Verb::Modify;
    let back = matches!(state.outcome, Some(Outcome::RolledBack | Outcome::Closed));
    let mut json = json!({
        "operation": id.as_str(),
        "verb": state.verb.word(),
        "state": phase(state),
        "aim": state.aim.word(),
        "started": state.started,
        "changed": state.changed,
        "keys": { "old": old, "new": new, "sealed": state.sealed.is_some() && !state.shredded },
        "verified": verified,
        "tunnel": detail,
        "traffic": traffic(state, now),
        "way_back": state.way_back && kept && !back,
        "turned": state.turned,
        "achieved": achieved,
        "unused_key": failure::unused(state),
        "odd_times": state.odd_times(now),
        "ends": state.ends.iter().map(|one| end(state, one, now)).collect::<Vec<_>>(),
        "next": commands(id, state, now),
    });
    if let (Some(before), Some(change), Json::Object(object)) = (&state.before, &state.change, &mut json) {
        object.insert("before".to_owned(), before.clone());
        object.insert("change".to_owned(), change.clone());
    }
    json
}

fn end(state: &State, end: &End, now: DateTime<Utc>) -> Json {
    json!({
        "end": end.plan.end,
        "tunnel": end.plan.tunnel,
        "may_hold": end.possible(now).into_iter().map(Which::word).collect::<Vec<_>>(),
        "holds": holds(state, end, now),
        "since": end.since,
        "zombie_until": end.open_until(now),
        "request_id": end.request_id,
        "conflict": end.conflict,
    })
}
