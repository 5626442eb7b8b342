//! The one walker: it hides every key and token in JSON, at any depth, also in texts that hold JSON, XML or a configuration.

use serde_json::{Map, Value as Json};

use super::name::is_secret_name;
use super::text::without_keys;
use crate::model::HIDDEN;

/// Names of the two halves of a pair such as `{"Key": "Psk", "Value": "..."}`: tags, parameters, headers.
const PAIRS: [(&str, &str); 5] =
    [("key", "value"), ("name", "value"), ("tagkey", "tagvalue"), ("field", "value"), ("tag_key", "tag_value")];
/// How many levels of JSON inside texts are opened. What is deeper is hidden.
const TEXTS: usize = 4;

/// Hides the value of every field whose name says that it holds a key, and keys in texts, at any depth.
pub fn hide_secrets(root: &mut Map<String, Json>) {
    object(root, TEXTS);
}

/// Hides the keys in any JSON.
pub fn hide(json: &mut Json) {
    value(json, TEXTS);
}

fn value(json: &mut Json, texts: usize) {
    match json {
        Json::Object(fields) => object(fields, texts),
        Json::Array(items) => items.iter_mut().for_each(|item| value(item, texts)),
        Json::String(held) => {
            if let Some(clean) = text(held, texts) {
                *held = clean;
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn object(fields: &mut Map<String, Json>, texts: usize) {
    let pair = pair(fields);
    for (name, held) in fields.iter_mut() {
        let is_secret = match &pair {
            // Of a pair, the first half names what the second half holds.
            Some((first, _, _)) if name == first => false,
            Some((_, second, secret)) if name == second => *secret,
            _ => is_secret_name(name),
        };
        match held {
            Json::String(text) if text.is_empty() => {}
            Json::Null | Json::Bool(_) => {}
            Json::Array(items) if items.is_empty() => {}
            Json::Object(fields) if fields.is_empty() => {}
            // A key in a shape that nobody expects is still a key.
            _ if is_secret => *held = Json::String(HIDDEN.to_owned()),
            _ => value(held, texts),
        }
    }
}

/// The two names of a pair, and whether the first half names a secret.
fn pair(fields: &Map<String, Json>) -> Option<(String, String, bool)> {
    let named = |wanted: &str| fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    PAIRS.iter().find_map(|(first, second)| {
        let (first, what) = named(first)?;
        let (second, _) = named(second)?;
        Some((first.clone(), second.clone(), what.as_str().is_some_and(is_secret_name)))
    })
}

/// A text without its keys; `None` where it has none.
fn text(held: &str, texts: usize) -> Option<String> {
    let start = held.trim_start();
    if !start.starts_with('{') && !start.starts_with("[{") && !start.starts_with("[\"") && !start.starts_with("[[") {
        return without_keys(held);
    }
    match serde_json::from_str::<Json>(start) {
        Ok(mut inner) if texts > 0 => {
            let before = inner.clone();
            value(&mut inner, texts - 1);
            (inner != before).then(|| inner.to_string())
        }
        // What is broken, cut or buried too deeply may hold a key that cannot be found.
        _ => Some(HIDDEN.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_in_unknown_fields_are_hidden_at_any_depth() {
        let mut root = json!({ "a": { "AuthKey": "x", "b": [{ "PreShareKey": "y" }] }, "Psk": "" });
        hide(&mut root);
        assert_eq!(root, json!({ "a": { "AuthKey": "(hidden)", "b": [{ "PreShareKey": "(hidden)" }] }, "Psk": "" }));
        let mut root = json!({ "Psk": { "a": "x" }, "b": { "psk": ["x"], "PskEnabled": true, "OldPsk": 7 } });
        hide(&mut root);
        assert_eq!(root, json!({ "Psk": "(hidden)", "b": { "psk": "(hidden)", "PskEnabled": true, "OldPsk": "(hidden)" } }));
    }

    #[test]
    fn no_shape_shows_a_key() {
        for mut json in [
            json!([[[{ "Passwd": "CANARY" }]]]),
            json!({ "a": [["x", [{ "pwd": "CANARY" }]]] }),
            json!({ "Other": "{\"Psk\":\"CANARY\"}" }),
            json!({ "Other": "[{\"x\":\"{\\\"Psk\\\":\\\"CANARY\\\"}\"}]" }),
            json!({ "IkeConfig": "{\"IkeEncAlg\":\"aes\",\"Psk\":\"CANARY" }),
            json!({ "IkeConfig": "{'Psk': 'CANARY'}" }),
            json!({ "Other": " {\"x\" \"CANARY\"" }),
            json!({ "Tags": [{ "Key": "PreSharedKey", "Value": "CANARY" }] }),
            json!({ "headers": [{ "name": "Authorization", "value": "CANARY" }, "Authorization: CANARY"] }),
            json!({ "Config": "crypto isakmp key CANARY address 0.0.0.0" }),
            json!("psk: CANARY"),
        ] {
            hide(&mut json);
            assert!(!json.to_string().contains("CANARY") && json.to_string().contains(HIDDEN), "{json}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for json in [
            json!({ "Tags": [{ "Key": "env", "Value": "prod" }], "Other": "{\"Name\": \"x\"}", "List": "[\"10.0.0.0/24\"]" }),
            json!({ "Message": "The name is not valid", "ClientToken": "t-1", "Key": null, "auth": [], "PskEnabled": true }),
        ] {
            let mut walked = json.clone();
            hide(&mut walked);
            assert_eq!(walked, json);
        }
    }
}
