//! What a setting looks like at a cloud: place, shape and bounds.

use super::super::vocabulary::Vocabulary;
use crate::model::Key;

/// How a number or switch is spelled in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON number or boolean.
    Native,
    /// A JSON string: digits, `true`/`false`.
    Text,
    /// A switch as 0 or 1.
    ZeroOne,
}

/// A check of a text, and the rule it enforces in words (for help and errors).
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The rule in words, such as `1 to 100 characters`.
    pub text: &'static str,
    /// Whether a text follows it.
    pub check: fn(&str) -> bool,
}

/// What a setting looks like at a cloud.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A word of a vocabulary.
    Words(&'static Vocabulary),
    /// A whole number between bounds.
    Number {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
        /// Spelling.
        form: Form,
    },
    /// A duration between bounds, both in wire units.
    Duration {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
        /// Milliseconds in one unit of the wire.
        unit_ms: u64,
        /// Spelling.
        form: Form,
    },
    /// On or off.
    Switch(Form),
    /// Text under a rule.
    Text(Rule),
    /// Networks or addresses, each under a rule.
    List {
        /// Most entries.
        max: usize,
        /// Rule of one entry.
        each: Rule,
        /// Whether the wire has one text joined with commas rather than an array.
        comma: bool,
    },
    /// Policy rules; the cloud's `wire.rs` spells them.
    Rules {
        /// Most rules.
        max: usize,
        /// Most destinations of one rule.
        max_destinations: usize,
        /// Rule of a network.
        network: Rule,
        /// Names of source, destinations and (where there is one) index on the wire.
        names: (&'static str, &'static str, Option<&'static str>),
    },
    /// An AS number, 1 to 4294967295, also `HIGH.LOW` (RFC 5396).
    Asn(Form),
    /// A pre-shared key under a rule.
    Secret(Rule),
    /// A PEM certificate, given as a file.
    Certificate,
}

/// One row of a cloud's table.
#[derive(Debug)]
pub struct Field {
    /// The setting.
    pub key: Key,
    /// Place in the request, names joined by dots; empty where it cannot be set.
    pub write: &'static str,
    /// Places in replies; the first with a value counts.
    pub read: &'static [&'static str],
    /// Shape and bounds.
    pub shape: Shape,
    /// The cloud's default when a connection is created without it, in our words; empty if none is documented.
    pub default: &'static str,
}

impl Field {
    /// What is allowed, in a few words: for help, errors and the list of what a cloud can do.
    #[must_use]
    pub fn allowed(&self) -> String {
        match &self.shape {
            Shape::Words(words) => words.list(),
            Shape::Number { min, max, .. } => format!("{min} to {max}"),
            Shape::Duration { min, max, unit_ms, .. } => format!("{min} to {max} {}", if *unit_ms == 1 { "ms" } else { "s" }),
            Shape::Switch(_) => "on, off".to_owned(),
            Shape::Text(rule) | Shape::Secret(rule) => rule.text.to_owned(),
            Shape::List { max: usize::MAX, each, .. } => format!("each {}", each.text),
            Shape::List { max, each, .. } => format!("at most {max}, each {}", each.text),
            Shape::Rules { max, max_destinations, .. } if *max == usize::MAX || *max_destinations == usize::MAX => {
                "LOCAL=REMOTE[,REMOTE...]".to_owned()
            }
            Shape::Rules { max, max_destinations, .. } => format!("at most {max}, each with at most {max_destinations} remote networks"),
            Shape::Asn(_) => "1 to 4294967295".to_owned(),
            Shape::Certificate => "PEM".to_owned(),
        }
    }

    pub(in crate::provider) const fn key_unit_ms(&self) -> u64 {
        // The unit stands at the end of the key's path.
        match self.key.path().as_bytes() {
            [.., b'_', b'm', b's'] => 1,
            _ => 1000,
        }
    }
}
