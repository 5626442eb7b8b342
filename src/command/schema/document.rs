//! The JSON Schema of every command's JSON (draft 2020-12), made from the tables that the JSON is made from.

use serde_json::{Map, Value as Json, json};

use super::super::providers::capability;
use crate::agreement;
use crate::change::report::OUTCOMES;
use crate::error::Error;
use crate::model::{Key, Term};
use crate::operation::event::{Proof, Verb, Which};
use crate::operation::report;
use crate::print::version::{VERSION, VERSION_MEMBER};
use crate::provider::field::{Shape, insert_at};
use crate::provider::{PROVIDERS, Registration};

/// A command that prints JSON: its name, the shape of its document, and the member that holds the rows.
pub(super) type Document = (&'static str, fn() -> Json, &'static str);

/// The commands that print JSON.
pub(super) const COMMANDS: &[Document] = &[
    ("audit", audit, "findings"),
    ("check", check, "checks"),
    ("config", config, ""),
    ("export", export, "files"),
    ("inspect", inspect, ""),
    ("list", connections, "connections"),
    ("modify", modify, ""),
    ("operation", operation, "operations"),
    ("providers", providers, "fields"),
    ("rotate", rotate, ""),
    ("show", connections, "connections"),
    ("wait", wait, ""),
];

/// The names of the commands that print JSON.
pub fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _, _)| *name)
}

/// The schema of a command's document; of any command's when none is named.
///
/// # Errors
/// The commands there are, when this is none.
pub fn schema(command: Option<&str>) -> Result<Json, Error> {
    let mut definitions = Map::new();
    let mut documents = Vec::new();
    for (name, document, _) in COMMANDS.iter().filter(|(name, _, _)| command.is_none_or(|command| command == *name)) {
        definitions.insert((*name).to_owned(), document());
        documents.push(reference(name));
    }
    if documents.is_empty() {
        let names: Vec<&str> = commands().collect();
        return Err(Error::usage(format!("{:?} prints no JSON of its own: there are {}", command.unwrap_or_default(), names.join(", "))));
    }
    for (name, shape) in
        [("connection", connection as fn() -> Json), ("tunnel", tunnel), ("status", status), ("field", field), ("record", record)]
    {
        definitions.insert(name.to_owned(), shape());
    }
    prune(&mut definitions, &documents);
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".to_owned(), json!(format!("urn:tunnelctl:{}:{VERSION}", command.unwrap_or("any"))));
    root.insert("$defs".to_owned(), Json::Object(definitions));
    match documents.as_slice() {
        [one] => root.extend(one.as_object().cloned().unwrap_or_default()),
        _ => drop(root.insert("anyOf".to_owned(), Json::Array(documents))),
    }
    Ok(Json::Object(root))
}

/// Leaves only what the documents lead to.
fn prune(definitions: &mut Map<String, Json>, documents: &[Json]) {
    fn names(json: &Json, found: &mut Vec<String>) {
        match json {
            Json::Object(object) => {
                if let Some(name) = object.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
                    found.push(name.to_owned());
                }
                object.values().for_each(|value| names(value, found));
            }
            Json::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let (mut kept, mut open) = (Vec::new(), Vec::new());
    documents.iter().for_each(|document| names(document, &mut open));
    while let Some(name) = open.pop() {
        if !kept.contains(&name) {
            definitions.get(&name).into_iter().for_each(|shape| names(shape, &mut open));
            kept.push(name);
        }
    }
    definitions.retain(|name, _| kept.contains(name));
}

fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// An object with these members; a `?` at the end of a name marks one that may be missing.
fn object(members: Vec<(&str, Json)>) -> Json {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let properties: Map<String, Json> =
        members.iter().map(|(name, shape)| (name.trim_end_matches('?').to_owned(), shape.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn document(mut members: Vec<(&str, Json)>) -> Json {
    members.push((VERSION_MEMBER, json!({ "const": VERSION })));
    object(members)
}

fn text() -> Json {
    json!({ "type": "string" })
}

/// One of these words, and no other.
fn one_of(words: &[&str]) -> Json {
    json!({ "enum": words })
}

fn list(items: Json) -> Json {
    json!({ "type": "array", "items": items })
}

/// An object whose members are a cloud's own.
fn open() -> Json {
    json!({ "type": "object", "additionalProperties": true })
}

fn words(terms: &[Term]) -> Json {
    one_of(&terms.iter().map(|term| term.word()).collect::<Vec<_>>())
}

fn connections() -> Json {
    document(vec![("connections", list(reference("connection")))])
}

fn wait() -> Json {
    document(vec![("connection", reference("connection"))])
}

/// The verdict of two ends, and for each pair of tunnels what it comes from.
fn check() -> Json {
    let verdict = || {
        let words = one_of(agreement::Verdict::WORDS);
        vec![("verdict", words), ("exchange?", text()), ("cut_off?", list(text())), ("fields?", list(text()))]
    };
    let with = |more: Vec<(&'static str, Json)>| verdict().into_iter().chain(more).collect::<Vec<_>>();
    let maybe = || json!({ "type": ["string", "null"] });
    let end = || one_of(&["left", "right"]);
    let mend = object(vec![("end", end()), ("settings", open()), ("command", text()), ("together", json!({ "type": "boolean" }))]);
    let finding = object(vec![
        ("field", text()),
        ("right_field", text()),
        ("left", text()),
        ("right", text()),
        ("severity", one_of(&["info", "warn", "error"])),
        ("effect", one_of(agreement::Verdict::WORDS)),
        ("initiator", one_of(&["left", "right", "either"])),
        ("exchange", maybe()),
        ("log", maybe()),
        ("explanation", text()),
        ("rule", maybe()),
        ("mends", list(mend)),
    ]);
    let change = object(vec![("end", end()), ("command", text())]);
    let suggestion = json!({ "anyOf": [object(vec![("suite", open()), ("changes", list(change))]), { "type": "null" }] });
    let checked = object(with(vec![
        ("left", text()),
        ("right", text()),
        ("left_initiates", object(verdict())),
        ("right_initiates", object(verdict())),
        ("negotiated", open()),
        ("findings", list(finding)),
        ("suggestion?", suggestion),
    ]));
    document(with(vec![("checks", list(checked)), ("without_partner", list(text()))]))
}

/// `config path`, `config check` and `config show`.
fn config() -> Json {
    let place = || vec![("path", json!({ "type": ["string", "null"] })), ("exists", json!({ "type": "boolean" }))];
    let with = |more: Vec<(&'static str, Json)>| document(place().into_iter().chain(more).collect());
    let check = with(vec![("usable", list(text())), ("faults", list(text()))]);
    let show = with(vec![("profile", json!(true)), ("providers", open()), ("tunnels", open()), ("pairs", open())]);
    json!({ "anyOf": [show, check, with(Vec::new())] })
}

/// One document that was inspected, or several.
fn inspect() -> Json {
    let maybe = || json!({ "type": ["string", "null"] });
    let recognised = object(vec![
        ("provider", text()),
        ("operation", maybe()),
        ("role", text()),
        ("syntax", text()),
        ("line", json!({ "type": "integer" })),
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

fn modify() -> Json {
    let any = || json!(true);
    let row = object(vec![("field", one_of(&Key::ALL.iter().map(|key| key.path()).collect::<Vec<_>>())), ("now", any()), ("then", any())]);
    let request =
        object(vec![("operation", text()), ("method", text()), ("url", text()), ("query?", open()), ("form?", open()), ("body?", open())]);
    let paths = || list(text());
    let verification = object(vec![("in_force", paths()), ("unreadable", paths()), ("different", paths()), ("changed_besides", paths())]);
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
        ("verification?", verification),
        ("connection?", reference("connection")),
    ])
}

/// A new key: what is planned, with `--dry-run`, or the operation.
fn rotate() -> Json {
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
fn operation() -> Json {
    let number = || json!({ "type": "integer", "minimum": 0 });
    let pruned = document(vec![("shredded", number()), ("forgotten", number())]);
    json!({ "anyOf": [document(of_record()), document(vec![("operations", list(reference("record")))]), pruned] })
}

/// An operation on record.
fn record() -> Json {
    object(of_record())
}

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
        ("ends", list(end)),
        ("next", list(text())),
        ("before?", open()),
        ("change?", open()),
    ]
}

fn status() -> Json {
    object(vec![
        ("change", words(&[Term::Settled, Term::Changing, Term::Failed, Term::Gone, Term::Unknown])),
        ("tunnel", words(&[Term::Up, Term::Negotiating, Term::Down, Term::Unknown])),
        ("reported", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
    ])
}

fn connection() -> Json {
    let ids: Vec<&str> = PROVIDERS.iter().map(|provider| provider.id).collect();
    let kinds: Vec<&str> = PROVIDERS.iter().flat_map(|provider| provider.kinds).map(|kind| kind.name).collect();
    let mut shape = object(vec![
        ("ref", text()),
        ("provider", one_of(&ids)),
        ("region", json!({ "type": ["string", "null"] })),
        ("kind", json!({ "type": "string", "examples": kinds })),
        ("id", text()),
        ("gateway?", text()),
        ("gateway_address?", text()),
        ("created?", text()),
        ("updated?", text()),
        ("status", reference("status")),
        ("tunnels?", list(reference("tunnel"))),
        ("extra?", open()),
    ]);
    settings(&mut shape);
    shape
}

fn tunnel() -> Json {
    let mut shape = object(vec![("id", text()), ("role?", text()), ("gateway_address?", text()), ("status", reference("status"))]);
    settings(&mut shape);
    shape
}

/// Adds every setting of the model at its place.
fn settings(shape: &mut Json) {
    let Some(shape) = shape.as_object_mut() else { return };
    for key in Key::ALL {
        let (mut place, mut names) = (String::new(), key.path().split('.').peekable());
        while let Some(name) = names.next() {
            place = format!("{place}{}properties.{name}", if place.is_empty() { "" } else { "." });
            match names.peek() {
                Some(_) => insert_at(shape, &format!("{place}.type"), json!("object")),
                None => insert_at(shape, &place, setting(*key)),
            }
        }
    }
}

/// The shape of a setting: what the clouds' tables say of it. Words are open, since a cloud may return one that is new.
fn setting(key: Key) -> Json {
    let mut known: Vec<&str> = Vec::new();
    let mut shape = json!({});
    for field in capability::fields_of(key) {
        shape = match &field.shape {
            Shape::Words(words) => {
                known.extend(words.terms().map(Term::word));
                text()
            }
            Shape::Number { .. } | Shape::Duration { .. } | Shape::Asn(_) => json!({ "type": "integer", "minimum": 0 }),
            Shape::Switch(_) => json!({ "type": "boolean" }),
            Shape::Text(_) | Shape::Certificate => text(),
            Shape::List { .. } => list(text()),
            Shape::Rules { .. } => list(object(vec![
                ("source", text()),
                ("destinations", list(text())),
                ("index?", json!({ "type": "integer", "minimum": 0 })),
            ])),
            Shape::Secret(_) => object(vec![("state", one_of(&["set", "unset"])), ("fingerprint?", text())]),
        };
    }
    known.sort_unstable();
    known.dedup();
    if let Some(shape) = shape.as_object_mut() {
        if !known.is_empty() {
            shape.insert("examples".to_owned(), json!(known));
        }
        let title = key.group().title();
        let description = if key.flag().is_empty() { title.to_owned() } else { format!("{title}: --{}", key.flag()) };
        shape.insert("description".to_owned(), json!(description));
    }
    shape
}

/// What a policy finds fault with.
fn audit() -> Json {
    let finding = object(vec![
        ("ref", text()),
        ("tunnel?", text()),
        ("field", text()),
        ("value", text()),
        ("severity", one_of(&crate::policy::Severity::WORDS)),
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
    document(vec![("policy", one_of(&crate::policy::Policy::WORDS)), ("audited", list(text())), ("findings", list(finding))])
}

/// The peer's configuration: its text, or the files that it was written to.
fn export() -> Json {
    let file = object(vec![("path?", text()), ("suffix?", text()), ("text?", text())]);
    document(vec![("ref", text()), ("format", one_of(&crate::export::Format::WORDS)), ("files", list(file)), ("warnings", list(text()))])
}

/// One row of what a cloud can do.
fn field() -> Json {
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

fn providers() -> Json {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_holds_what_it_refers_to_and_no_more() {
        let schema = schema(Some("wait")).unwrap();
        let names: Vec<&String> = schema["$defs"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["connection", "status", "tunnel", "wait"]);
        assert!(super::schema(Some("emulate")).is_err());
    }
}
