//! Why something is not done: rules that the input breaks, and errors that a cloud returns.

use std::fmt;

use super::{Target, field};
use crate::model::{Key, Settings};

/// A rule that the input breaks. The value of a secret is never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Flag or setting.
    pub setting: String,
    /// The value as given.
    pub value: Option<String>,
    /// What is wrong, and what is allowed.
    pub rule: String,
}

impl Violation {
    /// A violation of a setting whose value need not be repeated.
    pub fn of(key: Key, rule: impl Into<String>) -> Self {
        Self { setting: key.named(), value: None, rule: rule.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.setting)?;
        match &self.value {
            Some(value) => write!(out, " {value}: {}", self.rule),
            None => write!(out, ": {}", self.rule),
        }
    }
}

/// What the cloud's rules say about a change.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Each forbids the change.
    pub violations: Vec<Violation>,
    /// Each is shown in the plan.
    pub warnings: Vec<String>,
}

/// What kind of refusal an error is: decides on retry, on the exit code and on the advice
/// (by vendor code first, HTTP status only when there is no code).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Refused for going too fast; not executed.
    Rate,
    /// Another change is being made; not executed.
    Busy,
    /// The time stamp is too far off; not executed.
    Clock,
    /// Key, token or signature refused.
    Auth,
    /// There is no such thing.
    NotFound,
    /// Any other refusal of this attempt; nothing was changed by it.
    Final,
    /// The request may or may not have been executed.
    Ambiguous,
}

/// An error that a cloud returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// What kind of refusal it is.
    pub class: Class,
    /// The cloud's code; the HTTP status as text when it gave none.
    pub code: String,
    /// The cloud's message, without what it may repeat of our request.
    pub message: String,
    /// What the code means, in a sentence; empty for codes we do not know.
    pub meaning: &'static str,
    /// What to do next; empty for codes we do not know.
    pub advice: &'static str,
    /// Id of the request.
    pub request_id: Option<String>,
}

/// A row of a cloud's table of error codes. A code that ends in `.*` stands for all below it.
pub type ErrorRow = (&'static str, Class, &'static str, &'static str);

/// The row of a code: the exact one before the longest prefix.
#[must_use]
pub fn error_row(rows: &'static [ErrorRow], code: &str) -> Option<&'static ErrorRow> {
    let prefix = |row: &&ErrorRow| {
        row.0.strip_suffix(".*").is_some_and(|head| code == head || code.strip_prefix(head).is_some_and(|rest| rest.starts_with('.')))
    };
    rows.iter().find(|row| row.0 == code).or_else(|| rows.iter().filter(prefix).max_by_key(|row| row.0.len()))
}

/// The settings of a change that an operation cannot set, as violations.
#[must_use]
pub fn unsupported(target: &Target, change: &Settings) -> Vec<Violation> {
    let missing = |key: &Key| field::field(target.operation.fields, *key).is_none_or(|field| field.write.is_empty());
    let rule = format!("is not a setting of {}", target.operation.name);
    change.iter().map(|(key, _)| key).filter(missing).map(|key| Violation::of(key, rule.clone())).collect()
}
