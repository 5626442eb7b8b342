//! Violations of rules by the input.

use std::fmt;

use crate::model::Key;

/// A rule that the input breaks. It never contains the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Flag or setting.
    pub setting: String,
    /// The given value.
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
