//! What a saved text turns out to be: shared by the clouds' `recognise.rs`, which say whose it is.

use serde_json::{Map, Value as Json};

use super::field::{Field, Shape, at, insert_at, take_at};
use super::{Kind, Operation, Target};
use crate::error::{ApiError, Violation};
use crate::model::{Connection, HIDDEN, Key, Settings, Value, Word};
use crate::wire::Reply;

/// How a document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Syntax {
    /// A JSON object.
    Json,
    /// An XML document, with the name of its root.
    Xml(String),
    /// A query or form; names are nested at their dots.
    Form,
}

/// One document of a saved text, with the text before it: a log often names the operation, the host and the status.
#[derive(Debug)]
pub struct Document<'a> {
    /// Its fields. A recogniser takes them out once it knows the document.
    pub root: Map<String, Json>,
    /// How it is written.
    pub syntax: Syntax,
    /// The text before it.
    pub before: &'a str,
}

impl Document<'_> {
    /// The last of these names that stands as a word of its own before the document.
    #[must_use]
    pub fn named(&self, names: &[&'static str]) -> Option<&'static str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let places = names.iter().flat_map(|name| self.before.match_indices(name).map(move |(place, _)| (place, *name)));
        let whole = places.filter(|(place, name)| {
            let (head, tail) = (self.before.get(..*place), self.before.get(place + name.len()..));
            !head.is_some_and(|head| head.ends_with(is_word)) && !tail.is_some_and(|tail| tail.starts_with(is_word))
        });
        whole.max_by_key(|(place, _)| *place).map(|(_, name)| name)
    }

    /// The HTTP status in the last status line before the document.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let (_, rest) = self.before.rsplit_once("HTTP/")?;
        let mut words = rest.split_ascii_whitespace();
        words.next()?;
        words.next()?.parse().ok().filter(|status| (100..600).contains(status))
    }

    /// The word of letters, digits and hyphens between two marks before the document, the last there is.
    #[must_use]
    pub fn between(&self, start: &str, end: &str) -> Option<String> {
        let rest = self.before.get(self.before.to_ascii_lowercase().rfind(&start.to_ascii_lowercase())? + start.len()..)?.trim_start();
        let word = rest.get(..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len()))?;
        (!word.is_empty() && rest.get(word.len()..)?.starts_with(end)).then(|| word.to_owned())
    }

    /// The text of a field, unless it is empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.root.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The document as a reply, for a cloud's reader of errors. Errors are small; nothing else is made into one.
    #[must_use]
    pub fn reply(&self, status: u16) -> Reply {
        Reply { status, headers: Vec::new(), body: serde_json::to_vec(&self.root).unwrap_or_default() }
    }
}

/// Which half of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What is sent.
    Request,
    /// What comes back.
    Reply,
}

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

/// What a document is.
#[derive(Debug)]
pub struct Recognised {
    /// Id of the provider.
    pub provider: &'static str,
    /// The operation, in the cloud's spelling.
    pub operation: String,
    /// Request or reply.
    pub role: Role,
    /// What told so.
    pub told_by: String,
    /// The connections in it.
    pub connections: Vec<Connection>,
    /// The error that it is.
    pub error: Option<ApiError>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// What a document without connection or error says, secrets hidden.
    pub facts: Map<String, Json>,
    /// What contradicts the cloud's rules.
    pub findings: Vec<Finding>,
}

impl Recognised {
    /// A document of an operation, with nothing read from it yet.
    pub fn new(provider: &'static str, role: Role, operation: impl Into<String>, told_by: impl Into<String>) -> Self {
        Self {
            provider,
            operation: operation.into(),
            role,
            told_by: told_by.into(),
            connections: Vec::new(),
            error: None,
            request_id: None,
            facts: Map::new(),
            findings: Vec::new(),
        }
    }

    /// Adds a connection, and what its fields say against the rules.
    pub fn add(&mut self, connection: Connection, check: &Check) {
        check.run(&connection, &mut self.findings);
        self.connections.push(connection);
    }
}

/// How a connection is checked.
pub struct Check {
    /// The table of its settings.
    pub fields: &'static [Field],
    /// The table of its tunnels' settings, where it can have some.
    pub tunnel_fields: &'static [Field],
    /// What is broken beyond the tables. The settings are those to look at: of the connection or of one tunnel.
    pub rules: fn(&Connection, &Settings) -> Vec<Violation>,
    /// Words that older pages have, with what is known about them.
    pub retired: &'static [(&'static str, &'static str)],
}

impl Check {
    fn run(&self, connection: &Connection, findings: &mut Vec<Finding>) {
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
            let Some(field) = super::field::field(fields, key) else { continue };
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
        Json::String(text) => !text.trim().is_empty() && text != HIDDEN && !masks(text),
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

/// Whether a value is hidden in part, as in the vendors' own samples (`1234***`, `47.XX.XX.1`): no rule can judge it.
fn is_masked(value: &Value) -> bool {
    match value {
        Value::Text(text) => masks(text),
        Value::Secret(secret) => masks(secret.expose()) || secret.expose().ends_with('*') || secret.expose() == HIDDEN,
        Value::List(items) => items.iter().any(|item| masks(item)),
        _ => false,
    }
}

fn masks(text: &str) -> bool {
    text.contains("**") || text.contains(".XX") || text.contains(".xx")
}

impl Field {
    /// Whether a value that was read is one that the cloud's pages have.
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

/// Reads the settings of a request out of the places where an operation writes them, and takes them from there. What
/// cannot be read as its setting stays.
#[must_use]
pub fn read_written(fields: &'static [Field], root: &mut Map<String, Json>) -> Settings {
    let mut settings = Settings::new();
    for field in fields.iter().filter(|field| !field.write.is_empty()) {
        let Some(json) = take_at(root, field.write) else { continue };
        match field.decode(&json) {
            Some(value) => settings.set(field.key, value),
            None => insert_at(root, field.write, json),
        }
    }
    settings
}

/// The kind and operation of this name.
#[must_use]
pub fn operation_named(kinds: &'static [Kind], name: &str) -> Option<(&'static Kind, &'static Operation)> {
    kinds
        .iter()
        .flat_map(|kind| kind.operations.iter().map(move |operation| (kind, operation)))
        .find(|(_, operation)| operation.name == name)
}

/// The target that rules are asked about.
#[must_use]
pub fn target(kind: &'static Kind, operation: &'static Operation, id: &str) -> Target {
    Target { kind, operation, id: id.to_owned() }
}
