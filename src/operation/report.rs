//! What is true, or may be, of an operation, in words for an operator at night: where each end stands, what that means
//! for traffic, and what to type.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

use super::event::{Evidence, Outcome, Proof, Verb, Which};
use super::id::OperationId;
use super::state::{End, Negotiation, Position, State};
use crate::config::Options;
use crate::error::{Error, exit};
use crate::print::output::Table;

/// Where an operation stands, in one word.
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

/// How long ago something was, in two units at most.
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

/// What an end holds or may hold, in words.
#[must_use]
pub fn holds(state: &State, end: &End, now: DateTime<Utc>) -> String {
    let what = |which: Which| match (state.verb, which) {
        (Verb::Rotate, Which::Old) => "the former key",
        (Verb::Rotate, Which::New) => "the new key",
        (Verb::Modify, Which::Old) => "what it had before",
        (Verb::Modify, Which::New) => "what was asked for",
    };
    if let Some(seen) = &end.conflict {
        return format!("something that this operation never wrote: {seen}");
    }
    let possible = end.possible(now);
    match (end.position, end.evidence) {
        (Position::Holds(key), evidence) if possible.len() < 2 => match evidence {
            _ if !end.is_touched() => format!("{}; nothing was sent to it", what(key)),
            Some(Evidence::Acknowledged) => format!("{}, as it acknowledged; it never returns a key", what(key)),
            _ => format!("{}, read back", what(key)),
        },
        (Position::Holds(key), _) => {
            format!("{}; an earlier request without a reply could still write {}{}", what(key), what(key.other()), until(end, now))
        }
        (Position::Taken(key), _) => format!("it took {}; whether that is in force was not read back", what(key)),
        (Position::Doubt(key), _) => {
            format!("{} or {}: a request with {} has no reply{}", what(Which::Old), what(Which::New), what(key), until(end, now))
        }
    }
}

fn until(end: &End, now: DateTime<Utc>) -> String {
    let open = end.attempts.iter().filter(|attempt| !attempt.acked && attempt.until > now).map(|attempt| attempt.until).max();
    open.map_or_else(String::new, |until| format!(", and may be executed until {}", until.format("%H:%M:%S UTC")))
}

/// What it means for traffic.
#[must_use]
pub fn traffic(state: &State, now: DateTime<Utc>) -> String {
    if state.verb == Verb::Modify {
        return "see: tunnelctl show, and tunnelctl check against the other end".to_owned();
    }
    let mut all = std::collections::BTreeSet::new();
    state.ends.iter().for_each(|end| all.extend(end.possible(now)));
    let touched = state.ends.iter().any(End::is_touched);
    let one = state.ends.len() < 2;
    let until_then = "what is negotiated goes on; it fails when the ends next authenticate (IKEv1: at the end of the IKE lifetime; IKEv2: at a reset or reauthentication)";
    match (&state.negotiation, all.len()) {
        _ if !touched => "not affected".to_owned(),
        _ if state.conflict().is_some() => format!("the ends may hold different keys: {until_then}"),
        (Negotiation::Proved(Proof::Verified, _), 1) => "the tunnel was seen to come up with this key".to_owned(),
        (Negotiation::Proved(Proof::Weak, _), 1) => {
            "the tunnel is up, and was not seen to go down: it may still run on what was negotiated before".to_owned()
        }
        (Negotiation::Proved(Proof::Down, detail), _) => format!("the tunnel is down: {detail}"),
        (Negotiation::Proved(Proof::Unknown, _), _) => "nothing that can be read says whether the tunnel is up".to_owned(),
        (_, 1) if one => "what is negotiated goes on; the peer needs the same key before the ends next authenticate".to_owned(),
        (_, 1) => "both ends hold one key; the tunnel may still run on what was negotiated before".to_owned(),
        _ => format!("the ends may hold different keys: {until_then}"),
    }
}

/// The command that leads back; it names what cannot be undone, since what that was before is not known.
#[must_use]
pub fn undo(id: &OperationId, state: &State) -> String {
    let unknown = state.before.as_ref().filter(|_| state.verb == Verb::Modify).map(crate::change::former::unknown).unwrap_or_default();
    let without = if unknown.is_empty() { String::new() } else { format!(" --without {}", unknown.join(",")) };
    format!("tunnelctl operation rollback {id}{without}")
}

/// What to type.
#[must_use]
pub fn commands(id: &OperationId, state: &State, now: DateTime<Utc>) -> Vec<String> {
    let resume = format!("tunnelctl operation resume {id}");
    let rollback = undo(id, state);
    let back = |mut commands: Vec<String>| {
        if state.way_back && state.aim == Which::New {
            commands.push(rollback.clone());
        }
        commands
    };
    match state.outcome {
        Some(Outcome::Committed) => match &state.negotiation {
            Negotiation::Proved(Proof::Left, _) if state.verb == Verb::Rotate && !state.shredded => {
                back(vec![format!("tunnelctl operation resume {id} --renegotiate")])
            }
            // What a modify found stands in its journal; only keys are ever shredded.
            _ if !state.shredded || state.verb == Verb::Modify => back(Vec::new()),
            _ => Vec::new(),
        },
        Some(_) => Vec::new(),
        None if state.conflict().is_some() => {
            let mut commands: Vec<String> = state
                .ends
                .iter()
                .filter(|end| end.conflict.is_some() && !end.plan.end.starts_with("file:"))
                .map(|end| format!("tunnelctl show {}{}", end.plan.end, end.plan.site.options(&Options::default()).again()))
                .collect();
            commands.push(format!("{resume} --take-over"));
            if state.zombie_until().is_some_and(|until| until > now) {
                commands.push("# a request of this operation without a reply could still be executed".to_owned());
            }
            // Without the flag it would meet the same conflict and stop.
            if state.way_back && state.aim == Which::New {
                commands.push(format!("{rollback} --take-over"));
            }
            commands
        }
        None => back(vec![resume]),
    }
}

/// An operation as a table.
#[must_use]
pub fn tables(id: &OperationId, state: &State, now: DateTime<Utc>) -> Vec<Table> {
    let time = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let mut rows = vec![
        vec!["operation".to_owned(), id.to_string()],
        vec!["verb".to_owned(), state.verb.word().to_owned()],
        vec!["state".to_owned(), phase(state).to_owned()],
        vec!["started".to_owned(), time(state.started)],
        vec!["last change".to_owned(), time(state.changed)],
    ];
    if let Some([old, new]) = &state.sealed {
        for (name, fp) in [("former key", old), ("new key", new)] {
            if let Some(fp) = fp {
                rows.push(vec![name.to_owned(), format!("fp {fp}{}", if state.shredded { ", shredded" } else { ", sealed" })]);
            }
        }
    }
    if let Some(reason) = &state.turned {
        rows.push(vec!["turned round".to_owned(), reason.clone()]);
    }
    if state.verb == Verb::Rotate {
        let verified = if let Negotiation::Proved(proof, detail) = &state.negotiation {
            format!("{}: {detail}", proof.word())
        } else {
            "no".to_owned()
        };
        rows.push(vec!["verified".to_owned(), verified]);
    }
    rows.push(vec!["traffic".to_owned(), traffic(state, now)]);
    let way_back = if matches!(state.outcome, Some(Outcome::RolledBack | Outcome::Closed)) {
        "not needed"
    } else if state.verb == Verb::Modify && state.way_back {
        "yes"
    } else if state.verb == Verb::Modify {
        "no: what it had before is not known"
    } else if state.shredded {
        "no: the keys are shredded"
    } else if state.way_back {
        "yes"
    } else {
        "no: the former key is not known"
    };
    rows.push(vec!["way back".to_owned(), way_back.to_owned()]);
    let mut tables = vec![Table { head: Vec::new(), rows, ..Table::default() }];
    tables.extend(settings(state));
    let ends = state.ends.iter().map(|end| {
        let tunnel = end.plan.tunnel.as_ref().map(|tunnel| format!("\n{tunnel}")).unwrap_or_default();
        vec![format!("{}{tunnel}", end.plan.end), holds(state, end, now), time(end.since)]
    });
    tables.push(Table { head: ["END", "HOLDS", "SINCE"].map(str::to_owned).to_vec(), rows: ends.collect(), ..Table::default() });
    let commands = commands(id, state, now);
    if !commands.is_empty() {
        tables.push(Table {
            head: vec!["NEXT".to_owned()],
            rows: commands.into_iter().map(|command| vec![command]).collect(),
            ..Table::default()
        });
    }
    tables
}

/// What a modify found and what it sets; of a key, its fingerprint.
fn settings(state: &State) -> Option<Table> {
    let (before, change) = (state.before.as_ref()?, state.change.as_ref()?.as_object()?);
    let text = |value: Option<&Json>| match value {
        None | Some(Json::Null) => "(not known)".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Bool(on)) => if *on { "on" } else { "off" }.to_owned(),
        Some(Json::Array(items)) => {
            let item = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(item).collect::<Vec<_>>().join("\n")
        }
        Some(value) => match value.get("fingerprint").and_then(Json::as_str) {
            Some(fp) => format!("set, fp {fp}"),
            None => value.to_string(),
        },
    };
    Some(Table {
        head: ["FIELD", "BEFORE", "ASKED FOR"].map(str::to_owned).to_vec(),
        rows: change.iter().map(|(path, asked)| vec![path.clone(), text(before.get(path)), text(Some(asked))]).collect(),
        ..Table::default()
    })
}

/// An operation as JSON, documented in the README.
#[must_use]
pub fn to_json(id: &OperationId, state: &State, now: DateTime<Utc>) -> Json {
    let mut object = Map::new();
    object.insert("operation".to_owned(), json!(id.to_string()));
    object.insert("verb".to_owned(), json!(state.verb.word()));
    object.insert("state".to_owned(), json!(phase(state)));
    object.insert("aim".to_owned(), json!(state.aim.word()));
    object.insert("started".to_owned(), json!(state.started));
    object.insert("changed".to_owned(), json!(state.changed));
    let [old, new] = state.sealed.clone().unwrap_or_default();
    object.insert("keys".to_owned(), json!({ "old": old, "new": new, "sealed": state.sealed.is_some() && !state.shredded }));
    let (verified, detail) = match &state.negotiation {
        Negotiation::Proved(proof, detail) => (proof.word(), Some(detail)),
        _ => ("no", None),
    };
    object.insert("verified".to_owned(), json!(verified));
    object.insert("tunnel".to_owned(), json!(detail));
    object.insert("traffic".to_owned(), json!(traffic(state, now)));
    object.insert(
        "way_back".to_owned(),
        json!(
            state.way_back
                && (!state.shredded || state.verb == Verb::Modify)
                && !matches!(state.outcome, Some(Outcome::RolledBack | Outcome::Closed))
        ),
    );
    object.insert("turned".to_owned(), json!(state.turned));
    let ends = state.ends.iter().map(|end| {
        json!({
            "end": end.plan.end,
            "tunnel": end.plan.tunnel,
            "may_hold": end.possible(now).into_iter().map(Which::word).collect::<Vec<_>>(),
            "holds": holds(state, end, now),
            "since": end.since,
            "zombie_until": end.attempts.iter().filter(|attempt| !attempt.acked && attempt.until > now).map(|attempt| attempt.until).max(),
            "request_id": end.request_id,
            "conflict": end.conflict,
        })
    });
    object.insert("ends".to_owned(), Json::Array(ends.collect()));
    object.insert("next".to_owned(), json!(commands(id, state, now)));
    if let (Some(before), Some(change)) = (&state.before, &state.change) {
        object.insert("before".to_owned(), before.clone());
        object.insert("change".to_owned(), change.clone());
    }
    Json::Object(object)
}

/// Puts where the operation stands, and what to type, under an error.
fn standing(id: &OperationId, state: &State, now: DateTime<Utc>, mut error: Error) -> Error {
    let ends: Vec<String> = state.ends.iter().map(|end| format!("{}: {}", end.plan.end, holds(state, end, now))).collect();
    error.state = format!("operation {id} is {}; {}; traffic: {}", phase(state), ends.join("; "), traffic(state, now));
    for command in commands(id, state, now) {
        // It may stand there already: an error can pass here twice.
        if !error.next.contains(&command) {
            error.next.push(command);
        }
    }
    error
}

/// Stopped half-way, for a reason that stands in the error. A code that says how it was interrupted stays.
pub(super) fn halfway(id: &OperationId, state: &State, now: DateTime<Utc>, mut error: Error) -> Error {
    let in_doubt = state.ends.iter().any(|end| end.possible(now).len() > 1);
    error.exit = match error.exit {
        code @ (exit::INTERRUPTED | exit::TERMINATED) => code,
        _ if in_doubt => exit::UNKNOWN,
        _ => exit::HALF_WAY,
    };
    standing(id, state, now, error)
}

/// A request whose outcome cannot be found out.
pub(super) fn unknown(id: &OperationId, state: &State, now: DateTime<Utc>, place: usize, cause: &str) -> Error {
    let name = state.ends.get(place).map_or("", |end| end.plan.end.as_str());
    standing(id, state, now, Error::new(exit::UNKNOWN, format!("{name} gave no usable reply, several times: {cause}")))
}

/// A cloud that takes a write and does not make it.
pub(super) fn ignored(id: &OperationId, state: &State, now: DateTime<Utc>, place: usize) -> Error {
    let name = state.ends.get(place).map_or("", |end| end.plan.end.as_str());
    standing(id, state, now, Error::new(exit::HALF_WAY, format!("{name} took the key several times, and still shows another")))
}

/// Somebody else changed an end.
pub(super) fn conflict(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    let name = state.conflict().map_or("", |end| end.plan.end.as_str());
    let message = format!("{name} holds a key that this operation never wrote: somebody else changed it, and it is left alone");
    standing(id, state, now, Error::new(exit::HALF_WAY, message))
}

/// The tunnel does not come up.
pub(super) fn down(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    let error = Error::new(exit::HALF_WAY, "both ends hold the new key, and the tunnel does not come up");
    let error = error.next("initiate on the peer: some daemons never try again after a refused authentication (strongSwan: swanctl --terminate --ike NAME --force; swanctl --initiate --child NAME)");
    standing(id, state, now, error)
}

/// The former key is not known.
pub(super) fn no_way_back(id: &OperationId, state: &State, now: DateTime<Utc>) -> Error {
    standing(id, state, now, Error::new(exit::HALF_WAY, "the former key is not known, so there is no way back"))
}

/// The journal cannot be written: nothing is done without it.
pub(super) fn broken(id: &OperationId, state: &State, now: DateTime<Utc>, cause: Error) -> Error {
    let touched = state.ends.iter().any(End::is_touched);
    let mut error = standing(id, state, now, cause);
    error.exit = if touched { exit::HALF_WAY } else { exit::FAILED };
    error
}

/// Refused, and everything is as it was before.
pub(super) fn as_before(id: &OperationId, state: &State, mut refusal: Error) -> Error {
    let touched = state.ends.iter().any(End::is_touched);
    refusal.next.retain(|next| !next.contains("tunnelctl operation"));
    refusal.state = if touched {
        format!("every end has its former key again (operation {id}: {})", phase(state))
    } else {
        format!("nothing was changed (operation {id}: {})", phase(state))
    };
    if refusal.exit == exit::HALF_WAY || refusal.exit == exit::UNKNOWN {
        refusal.exit = exit::FAILED;
    }
    refusal
}
