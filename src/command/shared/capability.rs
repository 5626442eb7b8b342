//! What the clouds support: every field of every operation, from the tables that requests and replies are made by.

use serde_json::{Map, Value as Json, json};

use crate::model::Key;
use crate::provider::field::{Field, Shape, field};
use crate::provider::{Kind, Operation, PROVIDERS, Registration};

/// One setting of one operation.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct Capability {
    /// Cloud.
    pub provider: &'static Registration,
    /// Kind.
    pub kind: &'static Kind,
    /// Operation.
    pub operation: &'static Operation,
    /// The row of its table.
    pub field: &'static Field,
}

/// Every field of some clouds, operation by operation, each in the model's order.
#[must_use]
pub(in crate::command) fn all(providers: &[&'static Registration]) -> Vec<Capability> {
    let mut found = Vec::new();
    for provider in providers {
        for kind in provider.kinds {
            for operation in kind.operations {
                let fields = Key::ALL.iter().filter_map(|key| field(operation.fields, *key));
                found.extend(fields.map(|field| Capability { provider, kind, operation, field }));
            }
        }
    }
    found
}

/// The fields of a setting at every cloud.
pub(in crate::command) fn fields_of(key: Key) -> impl Iterator<Item = &'static Field> {
    let operations = PROVIDERS.iter().flat_map(|provider| provider.kinds).flat_map(|kind| kind.operations);
    operations.filter_map(move |operation| field(operation.fields, key))
}

/// The columns of CSV.
pub(in crate::command) const COLUMNS: &[&str] = &[
    "provider",
    "kind",
    "api",
    "operation",
    "setting",
    "flag",
    "wire",
    "type",
    "min",
    "max",
    "unit",
    "most",
    "words",
    "rule",
    "default",
    "writable",
];

impl Capability {
    /// The flag that sets it, without its dashes.
    #[must_use]
    pub(in crate::command) fn flag(&self) -> Option<&'static str> {
        let flag = if self.field.key == Key::Psk { "psk-file" } else { self.field.key.flag() };
        (!self.field.write.is_empty()).then_some(flag)
    }

    /// Its name on the wire: where it is set, or where it is read when it cannot be.
    #[must_use]
    pub(in crate::command) fn wire(&self) -> &'static str {
        if self.field.write.is_empty() { self.field.read.first().copied().unwrap_or_default() } else { self.field.write }
    }

    /// The field as JSON.
    #[must_use]
    pub(in crate::command) fn to_json(self) -> Json {
        let mut row = Map::new();
        let mut put = |name: &str, value: Json| {
            if !value.is_null() {
                row.insert(name.to_owned(), value);
            }
        };
        put("provider", json!(self.provider.id));
        put("kind", json!(self.kind.name));
        put("api", json!(Some(self.operation.api).filter(|api| !api.is_empty())));
        put("operation", json!(self.operation.name));
        put("setting", json!(self.field.key.path()));
        put("flag", json!(self.flag()));
        put("wire", json!(self.wire()));
        put("read", json!(self.field.read));
        put("writable", json!(!self.field.write.is_empty()));
        put("type", json!(kind_of(&self.field.shape)));
        put("default", json!(Some(self.field.default).filter(|default| !default.is_empty())));
        self.put_shape(&mut put);
        Json::Object(row)
    }

    /// What is allowed: words, bounds, or a rule.
    fn put_shape(&self, put: &mut impl FnMut(&str, Json)) {
        let bounded = |most: usize| json!(Some(most).filter(|most| *most != usize::MAX));
        match &self.field.shape {
            Shape::Words(words) => {
                let spellings = |term| words.0.iter().filter(|(row, _)| *row == term).map(|(_, wire)| *wire).collect::<Vec<_>>();
                put("words", words.terms().map(|term| json!(term.word())).collect());
                put("wire_words", Json::Object(words.terms().map(|term| (term.word().to_owned(), json!(spellings(term)))).collect()));
            }
            Shape::Number { min, max, .. } => {
                put("min", json!(min));
                put("max", json!(max));
            }
            Shape::Duration { min, max, unit_ms, .. } => {
                put("min", json!(min));
                put("max", json!(max));
                put("unit", json!(unit(*unit_ms)));
            }
            Shape::Asn(_) => {
                put("min", json!(1));
                put("max", json!(u32::MAX));
            }
            Shape::Text(rule) | Shape::Secret(rule) => put("rule", json!(rule.text)),
            Shape::List { max, each, .. } => {
                put("most", bounded(*max));
                put("rule", json!(format!("each {}", each.text)));
            }
            Shape::Rules { max, max_destinations, network, .. } => {
                put("most", bounded(*max));
                put("most_destinations", bounded(*max_destinations));
                put("rule", json!(format!("each network {}", network.text)));
            }
            Shape::Switch(_) | Shape::Certificate => {}
        }
    }
}

const fn unit(unit_ms: u64) -> &'static str {
    if unit_ms == 1 { "ms" } else { "s" }
}

/// The type of a field, in a word.
#[must_use]
pub(in crate::command) const fn kind_of(shape: &Shape) -> &'static str {
    match shape {
        Shape::Words(_) => "word",
        Shape::Number { .. } => "number",
        Shape::Duration { .. } => "time",
        Shape::Switch(_) => "switch",
        Shape::Text(_) => "text",
        Shape::List { .. } => "list",
        Shape::Rules { .. } => "rules",
        Shape::Asn(_) => "asn",
        Shape::Secret(_) => "secret",
        Shape::Certificate => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_is_listed() {
        let rows: usize = PROVIDERS
            .iter()
            .flat_map(|provider| provider.kinds)
            .flat_map(|kind| kind.operations)
            .map(|operation| operation.fields.len())
            .sum();
        let all = all(PROVIDERS);
        assert_eq!(all.len(), rows);
        for row in all {
            let json = row.to_json();
            assert_eq!(json["writable"], json.get("flag").is_some(), "{json}");
        }
    }

    #[test]
    fn every_key_is_a_field_of_some_cloud() {
        for key in Key::ALL {
            assert!(fields_of(*key).next().is_some(), "{}", key.path());
        }
    }
}
