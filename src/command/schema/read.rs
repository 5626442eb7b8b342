//! The documents of commands that change nothing.

use serde_json::{Value as Json, json};

use super::shape::{document, list, object, one_of, open, reference, text};
use crate::agreement::Verdict;
use crate::command::shared::judged::Values;
use crate::command::shared::key::Source;
use crate::export::Format;
use crate::policy::{Policy, Severity};
use crate::provider::{PROVIDERS, Registration};

/// `list` and `show`.
pub(super) fn connections() -> Json {
    document(vec![("connections", list(reference("connection")))])
}

/// `wait`.
pub(super) fn wait() -> Json {
    document(vec![("connection", reference("connection"))])
}

/// Whose values are judged.
fn judged(more: Vec<(&'static str, Json)>) -> Json {
    let members = vec![
        ("values", one_of(Values::WORDS)),
        ("change", json!({ "type": ["string", "null"] })),
        ("reported", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
        ("operations", list(text())),
    ];
    object(members.into_iter().chain(more).collect())
}

/// `check`: the verdict, and for each pair of tunnels its reasons.
pub(super) fn check() -> Json {
    let verdict = || {
        let words = one_of(Verdict::WORDS);
        vec![("verdict", words), ("exchange?", text()), ("cut_off?", list(text())), ("fields?", list(text()))]
    };
    let with = |more: Vec<(&'static str, Json)>| verdict().into_iter().chain(more).collect::<Vec<_>>();
    let maybe = || json!({ "type": ["string", "null"] });
    let end = || one_of(&["left", "right"]);
    let lines = json!({ "anyOf": [list(text()), { "type": "null" }] });
    let change = || object(vec![("end", end()), ("settings", open()), ("command", maybe()), ("lines", lines.clone())]);
    let mend = object(vec![("changes", list(change()))]);
    let fix = object(vec![("field", text()), ("changes", list(change()))]);
    let finding = object(vec![
        ("field", text()),
        ("right_field", text()),
        ("left", text()),
        ("right", text()),
        ("severity", one_of(&["info", "warn", "error"])),
        ("effect", one_of(Verdict::WORDS)),
        ("initiator", one_of(&["left", "right", "either"])),
        ("exchange", maybe()),
        ("log", maybe()),
        ("explanation", text()),
        ("rule", maybe()),
        ("mends", list(mend)),
    ]);
    let origin = || {
        let seconds = json!({ "type": "integer", "minimum": 0 });
        let key = vec![
            ("from", one_of(Source::WORDS)),
            ("flag?", text()),
            ("operation?", text()),
            ("set?", text()),
            ("age_secs?", seconds),
            ("changed?", text()),
        ];
        judged(vec![("key", object(key))])
    };
    let suggestion = json!({ "anyOf": [object(vec![("suite", open()), ("changes", list(change()))]), { "type": "null" }] });
    let checked = object(with(vec![
        ("left", text()),
        ("right", text()),
        ("left_initiates", object(verdict())),
        ("right_initiates", object(verdict())),
        ("negotiated", open()),
        ("findings", list(finding)),
        ("judged", object(vec![("left", origin()), ("right", origin())])),
        ("rests_on?", list(object(vec![("end", end()), ("on", text())]))),
        ("fixes", list(fix)),
        ("suggestion?", suggestion),
    ]));
    document(with(vec![("checks", list(checked)), ("without_partner", list(text()))]))
}

/// `config path`, `config check` and `config show`.
pub(super) fn config() -> Json {
    let place = || vec![("path", json!({ "type": ["string", "null"] })), ("exists", json!({ "type": "boolean" }))];
    let with = |more: Vec<(&'static str, Json)>| document(place().into_iter().chain(more).collect());
    let check = with(vec![("usable", list(text())), ("faults", list(text()))]);
    let show = with(vec![("profile", json!(true)), ("providers", open()), ("tunnels", open()), ("pairs", open())]);
    json!({ "anyOf": [show, check, with(Vec::new())] })
}

/// `inspect`: one document, or several.
pub(super) fn inspect() -> Json {
    let maybe = || json!({ "type": ["string", "null"] });
    let recognised = object(vec![
        ("provider", text()),
        ("operation", maybe()),
        ("role", text()),
        ("syntax", text()),
        ("line", json!({ "type": "integer" })),
        ("cut", maybe()),
        ("told_by", text()),
        ("request_id", maybe()),
    ]);
    let error = object(vec![
        ("code", text()),
        ("class", text()),
        ("meaning", maybe()),
        ("message", maybe()),
        ("next", maybe()),
        ("retry", json!(true)),
    ]);
    let finding = object(vec![("connection", maybe()), ("field", text()), ("value", maybe()), ("rule", text())]);
    let members = || {
        vec![
            ("recognised", recognised.clone()),
            ("connections", list(reference("connection"))),
            ("error", json!({ "anyOf": [error, { "type": "null" }] })),
            ("findings", list(finding.clone())),
            ("facts", open()),
        ]
    };
    json!({ "anyOf": [document(members()), document(vec![("documents", list(object(members())))])] })
}

/// `audit`: the findings of a policy.
pub(super) fn audit() -> Json {
    let finding = object(vec![
        ("ref", text()),
        ("tunnel?", text()),
        ("field", text()),
        ("value", text()),
        ("severity", one_of(&Severity::WORDS)),
        ("rule", text()),
        ("standard", text()),
        ("finding", text()),
        ("replacement?", text()),
        ("command?", text()),
        (
            "proposals?",
            list(object(vec![("number", json!({ "type": "integer" })), ("of", json!({ "type": "integer" })), ("text", text())])),
        ),
    ]);
    let judged = list(judged(vec![("end", text()), ("tunnel?", text())]));
    document(vec![("policy", one_of(&Policy::WORDS)), ("audited", list(text())), ("judged", judged), ("findings", list(finding))])
}

/// `export`: the text of the configuration, or the files that it was written to.
pub(super) fn export() -> Json {
    let file = object(vec![("path?", text()), ("suffix?", text()), ("text?", text())]);
    let judged = list(judged(vec![("end", text()), ("tunnel?", text())]));
    let format = one_of(&Format::words());
    document(vec![("ref", text()), ("format", format), ("judged", judged), ("files", list(file)), ("warnings", list(text()))])
}

/// One field of one operation.
pub(super) fn field() -> Json {
    let types: Vec<&str> = ["word", "number", "time", "switch", "text", "list", "rules", "asn", "secret", "file"].into_iter().collect();
    let number = || json!({ "type": "integer", "minimum": 0 });
    object(vec![
        ("provider", text()),
        ("kind", text()),
        ("api?", text()),
        ("operation", text()),
        ("setting", text()),
        ("flag?", text()),
        ("wire", text()),
        ("read", list(text())),
        ("writable", json!({ "type": "boolean" })),
        ("type", one_of(&types)),
        ("default?", text()),
        ("words?", list(text())),
        ("wire_words?", json!({ "type": "object", "additionalProperties": list(text()) })),
        ("min?", number()),
        ("max?", number()),
        ("unit?", one_of(&["s", "ms"])),
        ("most?", number()),
        ("most_destinations?", number()),
        ("rule?", text()),
    ])
}

/// `providers`: all fields, or the comparison.
pub(super) fn providers() -> Json {
    let one = |provider: &&Registration| (provider.id.to_owned() + "?", json!({ "anyOf": [reference("field"), { "type": "null" }] }));
    let sides: Vec<(String, Json)> = PROVIDERS.iter().map(one).collect();
    let mut members = vec![("setting", text())];
    members.extend(sides.iter().map(|(name, shape)| (name.as_str(), shape.clone())));
    let number = || json!({ "type": "integer", "minimum": 0 });
    let common = object(vec![
        ("setting", text()),
        ("words?", list(text())),
        ("weak?", list(text())),
        ("min?", number()),
        ("max?", number()),
        ("unit?", one_of(&["s"])),
    ]);
    let all = document(vec![("fields", list(reference("field")))]);
    let compared =
        document(vec![("fields", list(object(members))), ("common", list(common)), ("suite", json!({ "type": ["string", "null"] }))]);
    json!({ "anyOf": [all, compared] })
}
