//! Finding keys in parameters and bodies.

use serde_json::Value as Json;

use crate::provider::field::is_secret_name;

/// The values whose name is that of a key, at any depth, also inside a text that is JSON.
pub(super) fn secrets(name: &str, json: &Json) -> Vec<String> {
    match json {
        Json::Object(object) => object.iter().flat_map(|(name, value)| secrets(name, value)).collect(),
        Json::Array(items) => items.iter().flat_map(|item| secrets(name, item)).collect(),
        Json::String(text) if is_secret_name(name) => vec![text.clone()],
        Json::String(text) if text.trim_start().starts_with(['{', '[']) => match serde_json::from_str::<Json>(text) {
            Ok(inner) => secrets(name, &inner),
            // Broken JSON may contain a key as well.
            Err(_) if text.split('"').any(is_secret_name) => vec![text.clone()],
            Err(_) => Vec::new(),
        },
        Json::Null | Json::Bool(_) | Json::String(_) => Vec::new(),
        Json::Number(_) if is_secret_name(name) => vec![json.to_string()],
        Json::Number(_) => Vec::new(),
    }
}
