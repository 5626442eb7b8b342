//! The shape of a connection.

use serde_json::{Value as Json, json};

use super::shape::{list, object, one_of, open, reference, text, words};
use crate::command::shared::capability::fields_of;
use crate::model::{Key, Term};
use crate::provider::PROVIDERS;
use crate::provider::field::{Shape, insert_at};

/// A connection.
pub(super) fn connection() -> Json {
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

/// A tunnel of a connection.
pub(super) fn tunnel() -> Json {
    let mut shape = object(vec![("id", text()), ("role?", text()), ("gateway_address?", text()), ("status", reference("status"))]);
    settings(&mut shape);
    shape
}

/// The state of a connection or tunnel.
pub(super) fn status() -> Json {
    object(vec![
        ("change", words(&[Term::Settled, Term::Changing, Term::Failed, Term::Gone, Term::Unknown])),
        ("tunnel", words(&[Term::Up, Term::Negotiating, Term::Down, Term::Unknown])),
        ("reported", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
    ])
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

/// The shape of a setting, by the clouds' tables. Words are open, since a cloud may return a new one.
fn setting(key: Key) -> Json {
    let mut known: Vec<&str> = Vec::new();
    let mut shape = json!({});
    for field in fields_of(key) {
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
