//! A finding of an audit.

use super::place::Place;
use super::rule::Rule;
use crate::model::{Key, Ref, Severity};

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

/// What to change at a connection of a cloud. A tunnel has two ends: changed at one alone, it may go down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The connection or tunnel.
    pub at: Changed,
    /// The flag and its value; `None`: a new key.
    pub set: Option<(&'static str, String)>,
}

/// A connection, or one of its tunnels, as commands name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The whole connection.
    pub whole: Ref,
    /// What `modify` changes: a tunnel may be a kind of its own.
    pub reference: Ref,
    /// The tunnel: its role, or its id.
    pub tunnel: Option<String>,
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
    /// The change that fixes it, together with the same one at the other end; `None`: no command makes it.
    pub advice: Option<Advice>,
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
