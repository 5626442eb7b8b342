//! Fields of replies that hold a key or token, by their names.

use serde_json::{Map, Value as Json};

/// Whether a field's name says that it holds a key or token. Dots and case do not matter.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["psk", "presharekey", "presharedkey", "authkey", "password", "secret", "token"].iter().any(|word| name.ends_with(word))
        && !["clienttoken", "nexttoken"].iter().any(|word| name.ends_with(word))
}

/// Hides the value of every field whose name says that it holds a key, at any depth.
pub fn hide_secrets(root: &mut Map<String, Json>) {
    for (name, value) in root.iter_mut() {
        match value {
            Json::String(text) if text.is_empty() => {}
            Json::Null | Json::Bool(_) => {}
            // A key in a shape that nobody expects is still a key.
            _ if is_secret_name(name) => *value = Json::String(crate::model::HIDDEN.to_owned()),
            Json::Object(inner) => hide_secrets(inner),
            Json::Array(items) => items.iter_mut().filter_map(Json::as_object_mut).for_each(hide_secrets),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_in_unknown_fields_are_hidden_at_any_depth() {
        let mut root = json!({ "a": { "AuthKey": "x", "b": [{ "PreShareKey": "y" }] }, "Psk": "" });
        hide_secrets(root.as_object_mut().unwrap());
        assert_eq!(root, json!({ "a": { "AuthKey": "(hidden)", "b": [{ "PreShareKey": "(hidden)" }] }, "Psk": "" }));
        let mut root = json!({ "Psk": { "a": "x" }, "b": { "psk": ["x"], "PskEnabled": true, "OldPsk": 7 } });
        hide_secrets(root.as_object_mut().unwrap());
        assert_eq!(root, json!({ "Psk": "(hidden)", "b": { "psk": "(hidden)", "PskEnabled": true, "OldPsk": "(hidden)" } }));
    }
}
