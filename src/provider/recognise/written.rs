//! What a saved request says: its operation and its settings.

use serde_json::{Map, Value as Json};

use super::super::call::Target;
use super::super::field::{Field, insert_at, take_at};
use super::super::kind::{Kind, Operation};
use crate::model::Settings;

/// Reads the settings of a request out of the places where an operation writes them, and takes them from there. What
/// cannot be read as its setting stays.
#[must_use]
pub fn read_written(fields: &'static [Field], root: &mut Map<String, Json>) -> Settings {
    let mut settings = Settings::new();
    for field in fields.iter().filter(|field| !field.write.is_empty()) {
        let Some(json) = take_at(root, field.write) else { continue };
        match field.decode(&json) {
            Some(value) => settings.set(field.key, value),
            None => insert_at(root, field.write, json),
        }
    }
    settings
}

/// The kind and operation of this name.
#[must_use]
pub fn operation_named(kinds: &'static [Kind], name: &str) -> Option<(&'static Kind, &'static Operation)> {
    kinds
        .iter()
        .flat_map(|kind| kind.operations.iter().map(move |operation| (kind, operation)))
        .find(|(_, operation)| operation.name == name)
}

/// The target that rules are asked about.
#[must_use]
pub fn target(kind: &'static Kind, operation: &'static Operation, id: &str) -> Target {
    Target { kind, operation, id: id.to_owned() }
}
