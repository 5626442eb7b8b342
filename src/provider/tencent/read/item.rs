//! What the two APIs' connections have in common: how their fields are taken out of a reply.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use crate::model::{HIDDEN, PolicyRule, Term, Value, Word};
use crate::provider::field::{hide_secrets, insert_at};
use crate::provider::vocabulary::Vocabulary;

/// The local and the remote networks of policy rules, each network once.
#[must_use]
pub fn selectors(rules: &[PolicyRule]) -> (Value, Value) {
    let once = |items: Vec<&String>| {
        let mut list: Vec<String> = Vec::new();
        for item in items {
            if !list.contains(item) {
                list.push(item.clone());
            }
        }
        Value::List(list)
    };
    let sources = rules.iter().map(|rule| &rule.source).collect();
    (once(sources), once(rules.iter().flat_map(|rule| &rule.destinations).collect()))
}

/// Replaces a number by its text, in a field that should hold a text.
pub fn number_to_text(item: &mut Map<String, Json>, name: &str) {
    if let Some(value) = item.get_mut(name).filter(|value| value.is_number()) {
        *value = json!(value.to_string());
    }
}

/// Takes out the first of some fields that holds a text or a number.
pub fn take_text(item: &mut Map<String, Json>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let text = match item.get(*name)? {
            Json::String(text) if !text.is_empty() => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        item.remove(*name);
        Some(text)
    })
}

/// Takes out a status, and adds it to `reported` as the cloud spelled it.
pub fn take_status(
    item: &mut Map<String, Json>,
    names: &[&str],
    reported_as: &'static str,
    words: &Vocabulary,
    reported: &mut Vec<(Cow<'static, str>, String)>,
) -> Term {
    let Some(text) = take_text(item, names) else { return Term::Unknown };
    let term = known(words, &text);
    reported.push((reported_as.into(), text));
    term
}

/// Our term for a cloud's word, `unknown` for one that has no row.
#[must_use]
pub fn known(words: &Vocabulary, text: &str) -> Term {
    match words.read(text) {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    }
}

/// The fields that the model has no place for, without empty ones and with keys hidden.
#[must_use]
pub fn leftover(mut item: Map<String, Json>, aside: Vec<(&'static str, Json)>, key: &str) -> Map<String, Json> {
    for (path, json) in aside {
        insert_at(&mut item, path, json);
    }
    prune(&mut item);
    // The key is hidden even in a shape that nobody expects.
    if let Some(secret) = item.get_mut(key) {
        *secret = json!(HIDDEN);
    }
    hide_secrets(&mut item);
    item
}

fn prune(object: &mut Map<String, Json>) {
    for value in object.values_mut() {
        if let Json::Object(inner) = value {
            prune(inner);
        }
    }
    object.retain(|_, value| !value.is_null() && !value.as_object().is_some_and(Map::is_empty));
}
