//! The credentials of a profile.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::reader::{Reader, Value};
use crate::config::file::{Given, Hidden, Own};
use crate::model::Secret;

/// The words of `source`, for messages.
const SOURCES: &str = "environment, vendor, file, command, inline";
/// All keys of the table.
const KEYS: [&str; 8] = ["source", "profile", "access_key_id", "secret", "secret_file", "secret_command", "token_file", "token_command"];

impl Reader<'_> {
    /// Where a profile takes credentials from: the value of `source`, or what the other keys imply.
    pub(super) fn credentials(&mut self, value: &Value<'_>, place: &str) -> Option<Given<Own>> {
        let table = self.table(value, place)?;
        self.known(table, place, &KEYS);
        let span = value.span();
        let source = self.source(table, place, &span)?;
        let allowed = self.keys_of(&source, table, &span)?;
        for key in table.keys().filter(|key| KEYS.contains(&key.get_ref().as_ref()) && !allowed.contains(&key.get_ref().as_ref())) {
            self.fault(&key.span(), format!("{:?} cannot be used with source {source:?}", key.get_ref()));
        }
        let own = match source.as_str() {
            "environment" => Own::Environment,
            "vendor" => Own::Vendor(table.get("profile").and_then(|value| self.text(value, "profile")).map(|name| name.value)),
            _ => self.keys(&source, table, place, &span)?,
        };
        Some(self.given(&span, own))
    }

    /// The source that is named, or implied by the keys that are there.
    fn source(&mut self, table: &DeTable<'_>, place: &str, span: &Range<usize>) -> Option<String> {
        if let Some(source) = table.get("source").and_then(|value| self.text(value, "source")) {
            return Some(source.value);
        }
        let implied = [("secret_command", "command"), ("secret_file", "file"), ("secret", "inline"), ("profile", "vendor")];
        let source = implied.into_iter().find(|(key, _)| table.contains_key(*key)).map(|(_, source)| source.to_owned());
        if source.is_none() {
            self.fault(span, format!("{place}: no source is given: expected one of {SOURCES}"));
        }
        source
    }

    /// The keys that a source allows.
    fn keys_of(&mut self, source: &str, table: &DeTable<'_>, span: &Range<usize>) -> Option<&'static [&'static str]> {
        Some(match source {
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
        })
    }

    /// A key pair of the profile's own.
    fn keys(&mut self, source: &str, table: &DeTable<'_>, place: &str, span: &Range<usize>) -> Option<Own> {
        let mut wanted = |key: &str| {
            let value = table.get(key);
            if value.is_none() {
                self.fault(span, format!("{place}: source {source:?} needs {key:?}"));
            }
            value
        };
        let id = wanted("access_key_id");
        let key = if source == "inline" { "secret".to_owned() } else { format!("secret_{source}") };
        let secret = wanted(&key);
        let token = ["token_file", "token_command"].into_iter().find_map(|key| Some((key, table.get(key)?)));
        let token = token.and_then(|(key, value)| self.hidden(key, value));
        Some(Own::Keys { id: self.text(id?, "access_key_id")?.value, secret: self.hidden(&key, secret?)?, token })
    }

    /// Where a secret comes from.
    fn hidden(&mut self, key: &str, value: &Value<'_>) -> Option<Hidden> {
        if key.ends_with("_command") {
            let words: Vec<String> = self.texts(value, key).into_iter().map(|word| word.value).collect();
            let program = words.first()?;
            if program.contains('/') && !program.starts_with('/') {
                self.fault(&value.span(), format!("{key}: the program must be a name on the path, or an absolute path"));
            }
            return Some(Hidden::Command(words));
        }
        let text = self.text(value, key)?.value;
        Some(if key.ends_with("_file") { Hidden::File(self.file(&text)) } else { Hidden::Inline(Secret::new(text)) })
    }
}
