//! Checks a connection that was read against the rules of the cloud's pages.

use serde_json::{Map, Value as Json};

use super::super::field::{self, Field, Shape, at};
use crate::error::Violation;
use crate::model::{Connection, Key, Settings, Value, Word, is_mask};

/// A value that contradicts a rule of the cloud's pages. The value of a secret is never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The connection, as a ref; with its tunnel where it is about one.
    pub connection: String,
    /// Place in the model.
    pub field: String,
    /// The value.
    pub value: Option<String>,
    /// The rule.
    pub rule: String,
}

/// How a connection is checked.
pub struct Check {
    /// The table of its settings.
    pub fields: &'static [Field],
    /// The table of its tunnels' settings, where it can have some.
    pub tunnel_fields: &'static [Field],
    /// Checks the rules beyond the tables, for the settings of the connection or of one tunnel.
    pub rules: fn(&Connection, &Settings) -> Vec<Violation>,
    /// Words of older pages, with a remark on each.
    pub retired: &'static [(&'static str, &'static str)],
}

impl Check {
    pub(super) fn run(&self, connection: &Connection, findings: &mut Vec<Finding>) {
        let place = connection.reference.to_string();
        self.part(connection, &place, self.fields, &connection.settings, Some(&connection.extra), findings);
        let rest = connection.extra.get("TunnelOptionsSpecification").and_then(Json::as_array);
        for (number, tunnel) in connection.tunnels.iter().enumerate() {
            let place = format!("{place} {}", tunnel.role.as_deref().unwrap_or(&tunnel.id));
            let extra = rest.and_then(|rest| rest.get(number)?.as_object());
            self.part(connection, &place, self.tunnel_fields, &tunnel.settings, extra, findings);
        }
    }

    fn part(
        &self,
        connection: &Connection,
        place: &str,
        fields: &'static [Field],
        settings: &Settings,
        extra: Option<&Map<String, Json>>,
        findings: &mut Vec<Finding>,
    ) {
        let first = findings.len();
        let mut push = |field: &str, value: Option<String>, rule: String| {
            let known = |finding: &Finding| finding.field == field;
            if !findings.get(first..).unwrap_or_default().iter().any(known) {
                findings.push(Finding { connection: place.to_owned(), field: field.to_owned(), value, rule });
            }
        };
        let mut clear = Settings::new();
        for (key, value) in settings.iter().filter(|(_, value)| !is_masked(value)) {
            clear.set(key, value.clone());
            let Some(field) = field::field(fields, key) else { continue };
            if let Err(rule) = field.holds(value) {
                // Words only: the text of a key is its fingerprint, which is not made before the installation's key is there.
                let foreign = if let Value::Word(Word::Foreign(word)) = value { word.as_str() } else { "" };
                let retired = self.retired.iter().find(|(word, _)| foreign.eq_ignore_ascii_case(word));
                let rule = retired.map_or_else(|| rule.clone(), |(_, text)| format!("{text}; it {rule}"));
                push(key.path(), shown(value), rule);
            }
        }
        // What could not be read as its setting is left where it stood.
        for field in fields.iter().filter(|field| !settings.has(field.key)) {
            let left = |path: &&str| {
                extra.and_then(|extra| path.split_once('.').map_or_else(|| extra.get(*path), |(head, rest)| at(extra.get(head)?, rest)))
            };
            let paths = || field.read.iter().copied().chain([field.write]).filter(|path| !path.is_empty());
            if let Some(json) = paths().find_map(|path| left(&path)).filter(|json| is_said(json) && field.decode(json).is_none()) {
                let value = if field.key == Key::Psk { None } else { Some(text_of(json)) };
                push(field.key.path(), value, format!("cannot be read: must be {}", field.allowed()));
            }
        }
        for violation in (self.rules)(connection, &clear) {
            let key = violation
                .setting
                .strip_prefix("--")
                .and_then(|flag| if flag == "psk-file" { Some(Key::Psk) } else { Key::from_flag(flag) });
            let value = violation.value.clone().or_else(|| shown(settings.get(key?)?));
            match key {
                Some(key) => push(key.path(), value, violation.rule),
                None => push(&violation.setting, value, violation.rule),
            }
        }
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Check")
    }
}

fn is_said(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::String(text) => !text.trim().is_empty() && !is_mask(text),
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

fn text_of(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Secret(_) => None,
        other => Some(other.to_string().replace('\n', ", ")),
    }
}

/// Whether a value is hidden in part, as in the vendors' own samples (`1234***`, `47.XX.XX.1`): rules do not apply to it.
fn is_masked(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_mask(text),
        Value::Secret(secret) => is_mask(secret.expose()),
        Value::List(items) => items.iter().any(|item| is_mask(item)),
        _ => false,
    }
}

impl Field {
    /// Checks a value that was read against the cloud's pages.
    ///
    /// # Errors
    /// What is allowed. Never the value of a secret.
    pub fn holds(&self, value: &Value) -> Result<(), String> {
        let texts = match (&self.shape, value) {
            (Shape::Words(words), Value::Word(Word::Foreign(_))) => return Err(format!("is not one of {}", words.list())),
            // Replies have certificates in more forms than a flag takes.
            (Shape::Certificate | Shape::Switch(_) | Shape::Words(_) | Shape::Asn(_), _) => return Ok(()),
            (Shape::Duration { .. }, Value::Number(number)) => {
                vec![format!("{}ms", number.saturating_mul(self.key_unit_ms()))]
            }
            (_, Value::Number(number)) => vec![number.to_string()],
            (_, Value::Text(text)) => vec![text.clone()],
            (_, Value::List(items)) => items.clone(),
            (_, Value::Rules(rules)) => rules.iter().map(ToString::to_string).collect(),
            (_, Value::Secret(secret)) => vec![secret.expose().to_owned()],
            _ => return Ok(()),
        };
        self.parse(&texts).map(|_| ()).map_err(|violation| violation.rule)
    }
}
