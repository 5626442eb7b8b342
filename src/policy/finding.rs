//! A finding of an audit.

use super::place::Place;
use super::rule::Rule;
use crate::model::{Key, Severity};

/// A proposal that holds a value: one of several, or one with several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Its position in the list, from 1.
    pub number: usize,
    /// The number of proposals.
    pub of: usize,
    /// The whole proposal.
    pub text: String,
}

impl std::fmt::Display for Within {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.of {
            1 => write!(out, "in {}", self.text),
            of => write!(out, "in proposal {} of {of}: {}", self.number, self.text),
        }
    }
}

/// A fault that a policy finds.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Where it is.
    pub place: Place,
    /// The rule.
    pub rule: &'static Rule,
    /// The field.
    pub key: Key,
    /// The value; a placeholder for a secret.
    pub value: String,
    /// What is wrong.
    pub what: String,
    /// The word or number to use instead, which this cloud accepts.
    pub replacement: Option<String>,
    /// The command that fixes it, without the program's name.
    pub command: Option<String>,
    /// The proposals that hold the value, where the end has several values.
    pub within: Vec<Within>,
}

impl Finding {
    /// How serious it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.rule.severity
    }
}
