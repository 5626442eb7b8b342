//! The documents of commands that change something.

use serde_json::{Value as Json, json};

use super::shape::{document, list, object, one_of, open, reference, text};
use crate::change::report::OUTCOMES;
use crate::model::Key;
use crate::operation::event::{Proof, Verb, Which};
use crate::operation::report;

/// `modify`.
pub(super) fn modify() -> Json {
    let any = || json!(true);
    let row =
        object(vec![("field", one_of(&Key::ALL.iter().map(|key| key.path()).collect::<Vec<_>>())), ("current", any()), ("new", any())]);
    let request =
        object(vec![("operation", text()), ("method", text()), ("url", text()), ("query?", open()), ("form?", open()), ("body?", open())]);
    let paths = || list(text());
    let verification = object(vec![("in_effect", paths()), ("unreadable", paths()), ("different", paths()), ("changed_besides", paths())]);
    document(vec![
        ("ref", text()),
        ("operation", text()),
        ("operation_id?", text()),
        ("outcome", one_of(OUTCOMES)),
        ("plan", list(row)),
        ("warnings", list(text())),
        ("endpoint?", text()),
        ("tunnel?", text()),
        ("request_id?", text()),
        ("task?", text()),
        ("cloud_dry_run?", one_of(&["passed"])),
        ("request?", request),
        ("achieved", json!({ "type": ["boolean", "null"] })),
        ("tunnel_before?", text()),
        ("tunnel_after?", text()),
        ("verification?", verification),
        ("connection?", reference("connection")),
    ])
}

/// `rotate`: the operation, or with `--dry-run` the plan.
pub(super) fn rotate() -> Json {
    let maybe = || json!({ "type": ["string", "null"] });
    let end = object(vec![("end", text()), ("tunnel", maybe()), ("sent", text())]);
    let facts = object(vec![("check?", text()), ("interruption", text()), ("renewal", text()), ("way_back", text())]);
    let planned = document(vec![
        ("outcome", one_of(&["planned"])),
        ("ends", list(end)),
        ("renegotiate", maybe()),
        ("way_back", json!({ "type": "boolean" })),
        ("facts", facts),
        ("keys", object(vec![("old", maybe()), ("new", text())])),
        ("warnings", list(text())),
    ]);
    json!({ "anyOf": [document(of_record()), planned] })
}

/// `operation show`, `resume` and `rollback`, `list`, and `prune`.
pub(super) fn operation() -> Json {
    let number = || json!({ "type": "integer", "minimum": 0 });
    let pruned = document(vec![("shredded", number()), ("forgotten", number())]);
    json!({ "anyOf": [document(of_record()), document(vec![("operations", list(reference("record")))]), pruned] })
}

/// An operation on record.
pub(super) fn record() -> Json {
    object(of_record())
}

/// The members of an operation on record.
fn of_record() -> Vec<(&'static str, Json)> {
    let maybe = || json!({ "type": ["string", "null"] });
    let which = || one_of(&Which::BOTH.map(Which::word));
    let end = object(vec![
        ("end", text()),
        ("tunnel", maybe()),
        ("may_hold", list(which())),
        ("holds", text()),
        ("since", text()),
        ("zombie_until", maybe()),
        ("request_id", maybe()),
        ("conflict", maybe()),
    ]);
    vec![
        ("operation", text()),
        ("verb", one_of(&Verb::ALL.map(Verb::word))),
        ("state", one_of(report::PHASES)),
        ("aim", which()),
        ("started", text()),
        ("changed", text()),
        ("keys", object(vec![("old", maybe()), ("new", maybe()), ("sealed", json!({ "type": "boolean" }))])),
        ("verified", one_of(&Proof::WORDS)),
        ("tunnel", maybe()),
        ("traffic", text()),
        ("way_back", json!({ "type": "boolean" })),
        ("turned", maybe()),
        ("achieved", json!({ "type": ["boolean", "null"] })),
        ("unused_key", maybe()),
        ("odd_times", list(text())),
        ("ends", list(end)),
        ("next", list(text())),
        ("before?", open()),
        ("change?", open()),
    ]
}
