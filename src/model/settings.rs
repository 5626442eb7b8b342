//! A set of settings: of a connection, or of a requested change.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{Key, Term, Value, Word};

/// Settings by key, in the order of [`Key`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(BTreeMap<Key, Value>);

impl Settings {
    /// No settings.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Value> {
        self.0.get(&key)
    }

    /// Whether the key has a value.
    #[must_use]
    pub fn has(&self, key: Key) -> bool {
        self.0.contains_key(&key)
    }

    /// Sets a key.
    pub fn set(&mut self, key: Key, value: Value) {
        self.0.insert(key, value);
    }

    /// Removes a key.
    pub fn remove(&mut self, key: Key) -> Option<Value> {
        self.0.remove(&key)
    }

    /// Whether there is no setting at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys with their values, in the model's order.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Value)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// The word of a key, if it is one of the model's.
    #[must_use]
    pub fn term(&self, key: Key) -> Option<Term> {
        match self.get(key)? {
            Value::Word(Word::Known(term)) => Some(*term),
            _ => None,
        }
    }

    /// The text of a key.
    #[must_use]
    pub fn text(&self, key: Key) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a key.
    #[must_use]
    pub fn number(&self, key: Key) -> Option<u64> {
        match self.get(key)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The switch of a key.
    #[must_use]
    pub fn switch(&self, key: Key) -> Option<bool> {
        match self.get(key)? {
            Value::Switch(on) => Some(*on),
            _ => None,
        }
    }

    /// The list of a key; empty where there is none.
    #[must_use]
    pub fn list(&self, key: Key) -> &[String] {
        match self.get(key) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// These settings, replaced by those in `change` where it has them.
    #[must_use]
    pub fn with(&self, change: &Self) -> Self {
        let mut merged = self.clone();
        merged.0.extend(change.0.iter().map(|(key, value)| (*key, value.clone())));
        merged
    }

    /// The settings with placeholders instead of secrets, for a request that is only shown.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let hide = |value: &Value| match value {
            Value::Secret(secret) if !secret.expose().is_empty() => Value::Secret(Arc::new(secret.stand_in())),
            other => other.clone(),
        };
        Self(self.0.iter().map(|(key, value)| (*key, hide(value))).collect())
    }

    /// The model's JSON: keys nest at their dots.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Json> {
        let mut root = Map::new();
        for (key, value) in self.iter() {
            let mut path = key.path().split('.').peekable();
            let mut object = &mut root;
            while let Some(name) = path.next() {
                if path.peek().is_none() {
                    object.insert(name.to_owned(), value.to_json());
                    break;
                }
                let inner = object.entry(name).or_insert_with(|| Json::Object(Map::new()));
                let Json::Object(inner) = inner else { break };
                object = inner;
            }
        }
        root
    }
}

impl FromIterator<(Key, Value)> for Settings {
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_nests_at_the_dots_of_a_key() {
        let settings: Settings = [
            (Key::IkeVersion, Value::term(Term::Ikev2)),
            (Key::DpdEnabled, Value::Switch(true)),
            (Key::Name, Value::Text("hq".to_owned())),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            Json::Object(settings.to_json()),
            serde_json::json!({ "name": "hq", "ike": { "version": "ikev2", "dpd": { "enabled": true } } })
        );
    }

    #[test]
    fn change_replaces_what_it_names() {
        let current: Settings = [(Key::Name, Value::Text("old".to_owned())), (Key::IkeLifetime, Value::Number(3600))].into_iter().collect();
        let change: Settings = [(Key::Name, Value::Text("new".to_owned()))].into_iter().collect();
        let new = current.with(&change);
        assert_eq!(new.text(Key::Name), Some("new"));
        assert_eq!(new.number(Key::IkeLifetime), Some(3600));
    }
}
