//! The parameters and the body of a call.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::secret::secrets;
use crate::error::Error;
use crate::model::{Secret, is_mask};
use crate::print::gate::watch;
use crate::provider::Calls;
use crate::provider::field::{insert_at, is_secret_name};
use crate::system::files::{read_limited, read_small};

/// What is wrong with a mask.
const MASKED: &str = "holds a mask in place of a key, such as *** or (hidden); give the key itself, or leave it out";
/// Bytes of a parameter or body that is read from a file.
const LIMIT: u64 = 8 << 20;

/// Reads the parameters of a call.
///
/// # Errors
/// A parameter that is malformed, given twice, a secret, or set by the program.
pub(super) fn parameters<'a>(calls: &Calls, pairs: impl Iterator<Item = &'a String>) -> Result<Map<String, Json>, Error> {
    let mut parameters = Map::new();
    for pair in pairs {
        let (key, value) = parameter(pair)?;
        if calls.ours.contains(&key.as_str()) {
            let rule = format!("parameter {key:?}: the program sets it, from the operation, --region and the credentials");
            return Err(Error::usage(rule).state("nothing was sent"));
        }
        add(&mut parameters, &key, value, calls.nested)?;
    }
    Ok(parameters.into_iter().map(|(key, value)| (key, listed(value))).collect())
}

/// Adds a parameter, `nested` at its dots. A parameter that would replace another is refused.
fn add(parameters: &mut Map<String, Json>, key: &str, value: Json, nested: bool) -> Result<(), Error> {
    let twice = |what: &str| {
        Err(Error::usage(format!("parameter {key:?}: {what} is given already; several values are KEY=[\"a\",\"b\"]"))
            .state("nothing was sent"))
    };
    if !nested {
        return if parameters.insert(key.to_owned(), value).is_some() { twice(key) } else { Ok(()) };
    }
    for (place, _) in key.match_indices('.').chain([(key.len(), "")]) {
        let (above, whole) = (key.get(..place).unwrap_or(key), place == key.len());
        let taken = above.split_once('.').map_or_else(
            || parameters.get(above),
            |(first, rest)| parameters.get(first).and_then(|found| rest.split('.').try_fold(found, |found, name| found.get(name))),
        );
        if taken.is_some_and(|taken| whole || !taken.is_object()) {
            return twice(above);
        }
    }
    insert_at(parameters, key, value);
    Ok(())
}

/// Reads `key=value`. A secret on the command line is refused: every user of the machine could read it there.
fn parameter(pair: &str) -> Result<(String, Json), Error> {
    let bad =
        |rule: &str| Error::usage(format!("parameter {:?}: {rule}", pair.split('=').next().unwrap_or_default())).state("nothing was sent");
    let (key, value) = pair.split_once('=').ok_or_else(|| bad("expected KEY=VALUE"))?;
    if key.is_empty() || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("expected KEY=VALUE with a key without blanks"));
    }
    if let Some(source) = value.strip_prefix('@') {
        let json = Json::String(read(source)?);
        guard(secrets(key, &json)).map_err(|rule| bad(&rule))?;
        return Ok((key.to_owned(), json));
    }
    let json = guess(value);
    if is_secret_name(key) || !secrets(key, &json).is_empty() {
        return Err(bad("a key must not stand on the command line; use KEY=@FILE or KEY=@-"));
    }
    Ok((key.to_owned(), json))
}

/// Hides secrets in everything that is printed.
///
/// # Errors
/// That one is a mask: a reply in which keys were hidden, sent back, would replace the real key.
fn guard(secrets: Vec<String>) -> Result<(), String> {
    for secret in secrets.into_iter().map(Secret::new) {
        if is_mask(secret.expose()) {
            return Err(MASKED.to_owned());
        }
        watch(&secret);
    }
    Ok(())
}

/// Reads the body. A secret on the command line is refused here as well.
///
/// # Errors
/// A secret; a file that cannot be read; text that is not JSON.
pub(super) fn body(text: &str) -> Result<String, Error> {
    let bad = |rule: &str| Error::usage(format!("--body {rule}")).state("nothing was sent");
    let source = text.strip_prefix('@');
    let body = source.map_or_else(|| Ok(text.to_owned()), read)?;
    let found = secrets("", &Json::String(body.clone()));
    if source.is_none() && !found.is_empty() {
        return Err(bad("holds a key, which must not stand on the command line; use --body @FILE or --body @-"));
    }
    guard(found).map_err(|rule| bad(&rule))?;
    serde_json::from_str::<Json>(&body).map_err(|fault| bad(&format!("is not JSON: {fault}")))?;
    Ok(body)
}

/// Whole numbers, `true`, `false`, lists, objects and quoted texts are JSON; anything else is text.
fn guess(value: &str) -> Json {
    let json = || serde_json::from_str::<Json>(value).ok();
    match value.chars().next() {
        Some('[' | '{' | '"') => json().unwrap_or_else(|| Json::String(value.to_owned())),
        _ => json().filter(|json| json.is_u64() || json.is_boolean()).unwrap_or_else(|| Json::String(value.to_owned())),
    }
}

/// Objects whose names are 0, 1, 2, ... become lists: that is how dots nest them.
fn listed(value: Json) -> Json {
    match value {
        Json::Object(object) => {
            let object: Map<String, Json> = object.into_iter().map(|(key, value)| (key, listed(value))).collect();
            let mut items: Vec<(usize, Json)> = object.iter().filter_map(|(key, value)| Some((key.parse().ok()?, value.clone()))).collect();
            items.sort_by_key(|(place, _)| *place);
            let whole =
                !items.is_empty() && items.len() == object.len() && items.iter().enumerate().all(|(place, (number, _))| place == *number);
            if whole { Json::Array(items.into_iter().map(|(_, item)| item).collect()) } else { Json::Object(object) }
        }
        other => other,
    }
}

/// The content of a file, or of standard input for `-`, without the line end at its end.
fn read(source: &str) -> Result<String, Error> {
    let text = if source == "-" {
        read_limited(std::io::stdin().lock(), LIMIT)
    } else {
        read_small(Path::new(source), LIMIT).map(|file| file.text)
    };
    let text = text.map_err(|cause| Error::usage(format!("@{source}: {cause}")).state("nothing was sent"))?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_json_where_they_look_like_it_and_text_elsewhere() {
        for (text, value) in [
            ("20", json!(20)),
            ("true", json!(true)),
            ("[\"a\"]", json!(["a"])),
            ("\"20\"", json!("20")),
            ("10.0.0.0/24", json!("10.0.0.0/24")),
            ("-1", json!("-1")),
            ("{broken", json!("{broken")),
            ("", json!("")),
        ] {
            assert_eq!(guess(text), value, "{text}");
        }
    }

    #[test]
    fn a_key_on_the_command_line_is_refused() {
        for pair in [
            "Psk=abc",
            "PreShareKey=abc",
            "vpn_connection.psk=x",
            "IkeConfig={\"Psk\":\"abc\"}",
            "Tunnels=[{\"Psk\":\"abc\"}]",
            "Tunnels=[[{\"a\":{\"Psk\":12}}]]",
            "IkeConfig=\"{\\\"Psk\\\":\\\"abc\\\"}\"",
            "IkeConfig={\"Psk\":\"abc\"",
        ] {
            let error = parameter(pair).unwrap_err();
            assert!(error.message.contains("@FILE") && !error.message.contains("abc"), "{}", error.message);
        }
        let error = body(r#"{"vpn_connection":{"psk":"abc"}}"#).unwrap_err();
        assert!(error.message.contains("@FILE") && !error.message.contains("abc"), "{}", error.message);
        assert!(body(r#"{"vpn_connection":{"name":"abc"}}"#).is_ok());
        assert!(parameter("VpnConnectionId=vco-1").is_ok());
        assert!(parameter("no-equals-sign").is_err());
    }

    #[test]
    fn a_mask_is_never_sent() {
        for mask in ["(hidden)", "pgw6****n7x5", "***", "<redacted>"] {
            assert_eq!(guard(secrets("", &json!({ "IkeConfig": format!("{{\"Psk\":\"{mask}\"}}") }))).unwrap_err(), MASKED);
            assert_eq!(guard(secrets("PreShareKey", &json!(mask))).unwrap_err(), MASKED);
        }
        assert!(guard(secrets("", &json!({ "Name": "***", "Psk": "real-key-7" }))).is_ok());
    }

    #[test]
    fn no_parameter_takes_the_place_of_another() {
        for (nested, first, second) in [(false, "a", "a"), (true, "a", "a"), (true, "a", "a.b"), (true, "a.b", "a"), (true, "a.b.c", "a.b")]
        {
            let mut parameters = Map::new();
            assert!(add(&mut parameters, first, json!(1), nested).is_ok());
            assert!(add(&mut parameters, second, json!(2), nested).is_err(), "{first} {second}");
        }
        let mut parameters = Map::new();
        for key in ["a.b.c", "a.b.d", "a.e", "f"] {
            assert!(add(&mut parameters, key, json!(1), true).is_ok(), "{key}");
        }
        assert_eq!(json!(parameters), json!({ "a": { "b": { "c": 1, "d": 1 }, "e": 1 }, "f": 1 }));
    }

    #[test]
    fn numbered_names_become_a_list() {
        assert_eq!(listed(json!({ "0": { "Name": "a" }, "1": "b" })), json!([{ "Name": "a" }, "b"]));
        assert_eq!(listed(json!({ "0": "a", "2": "b" })), json!({ "0": "a", "2": "b" }));
    }
}
