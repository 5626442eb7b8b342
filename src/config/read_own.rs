//! The credentials of a profile, as the configuration file has them.

use toml::Spanned;

use super::read::{Reader, Value};
use super::{Given, Hidden, Own};
use crate::model::Secret;

const SOURCES: &str = "environment, vendor, file, command, inline";

impl Reader<'_> {
    /// Where a profile takes credentials from: what `source` says, or else the keys that are there.
    pub(super) fn credentials(&mut self, value: &Value<'_>, place: &str) -> Option<Given<Own>> {
        let table = self.table(value, place)?;
        let own = ["access_key_id", "secret", "secret_file", "secret_command", "token_file", "token_command"];
        let mut keys = vec!["source", "profile"];
        keys.extend(own);
        self.known(table, place, &keys);
        let span = value.span();
        let source = table.get("source").and_then(|value| self.text(value, "source"));
        let has = |key: &str| table.contains_key(key);
        let source = match source.as_ref().map(|source| source.value.as_str()) {
            None if has("secret_command") => "command",
            None if has("secret_file") => "file",
            None if has("secret") => "inline",
            None if has("profile") => "vendor",
            None => {
                self.fault(&span, format!("{place}: no source is given: there are {SOURCES}"));
                return None;
            }
            Some(source) => source,
        };
        let allowed: &[&str] = match source {
            "environment" => &["source"],
            "vendor" => &["source", "profile"],
            "file" => &["source", "access_key_id", "secret_file", "token_file", "token_command"],
            "command" => &["source", "access_key_id", "secret_command", "token_file", "token_command"],
            "inline" => &["source", "access_key_id", "secret", "token_file", "token_command"],
            _ => {
                let at = table.get("source").map_or_else(|| span.clone(), Spanned::span);
                self.fault(&at, format!("source must be one of {SOURCES}"));
                return None;
            }
        };
        for key in table.keys().filter(|key| keys.contains(&key.get_ref().as_ref()) && !allowed.contains(&key.get_ref().as_ref())) {
            self.fault(&key.span(), format!("{:?} does not go with source {source:?}", key.get_ref()));
        }
        let own = match source {
            "environment" => Own::Environment,
            "vendor" => Own::Vendor(table.get("profile").and_then(|value| self.text(value, "profile")).map(|name| name.value)),
            _ => {
                let mut wanted = |key: &str| {
                    let value = table.get(key);
                    if value.is_none() {
                        self.fault(&span, format!("{place}: source {source:?} needs {key:?}"));
                    }
                    value
                };
                let id = wanted("access_key_id");
                let key = if source == "inline" { "secret".to_owned() } else { format!("secret_{source}") };
                let secret = wanted(&key);
                let token = ["token_file", "token_command"].into_iter().find_map(|key| Some((key, table.get(key)?)));
                let token = token.and_then(|(key, value)| self.hidden(key, value));
                Own::Keys { id: self.text(id?, "access_key_id")?.value, secret: self.hidden(&key, secret?)?, token }
            }
        };
        Some(self.given(&span, own))
    }

    fn hidden(&mut self, key: &str, value: &Value<'_>) -> Option<Hidden> {
        if key.ends_with("_command") {
            let words: Vec<String> = self.texts(value, key).into_iter().map(|word| word.value).collect();
            let program = words.first()?;
            if program.contains('/') && !program.starts_with('/') {
                self.fault(&value.span(), format!("{key}: the program must be a name on the path, or a path from the root"));
            }
            return Some(Hidden::Command(words));
        }
        let text = self.text(value, key)?.value;
        Some(if key.ends_with("_file") { Hidden::File(self.file(&text)) } else { Hidden::Inline(Secret::new(text)) })
    }
}
