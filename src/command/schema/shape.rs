//! The shapes that schemas are built from.

use serde_json::{Map, Value as Json, json};

use crate::model::Term;
use crate::print::version::{VERSION, VERSION_MEMBER};

/// A shape under `$defs`.
pub(super) fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// An object with these members; a `?` at the end of a name marks one that may be missing.
pub(super) fn object(members: Vec<(&str, Json)>) -> Json {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let properties: Map<String, Json> =
        members.iter().map(|(name, shape)| (name.trim_end_matches('?').to_owned(), shape.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// The document of a command, with its version.
pub(super) fn document(mut members: Vec<(&str, Json)>) -> Json {
    members.push((VERSION_MEMBER, json!({ "const": VERSION })));
    object(members)
}

/// A text.
pub(super) fn text() -> Json {
    json!({ "type": "string" })
}

/// One of these words, and no other.
pub(super) fn one_of(words: &[&str]) -> Json {
    json!({ "enum": words })
}

/// A list.
pub(super) fn list(items: Json) -> Json {
    json!({ "type": "array", "items": items })
}

/// An object whose members are a cloud's own.
pub(super) fn open() -> Json {
    json!({ "type": "object", "additionalProperties": true })
}

/// One of these terms, and no other.
pub(super) fn words(terms: &[Term]) -> Json {
    one_of(&terms.iter().map(|term| term.word()).collect::<Vec<_>>())
}
