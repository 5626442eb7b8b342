//! A finding of a check.

use super::cause::Cause;
use super::side::Side;
use super::verdict::{Exchange, Verdict};
pub use crate::model::Severity;

/// Stands for the right end's value where both ends have the same one, and that is the cause.
const SAME: &str = "the same";

/// A difference between the ends, or something that could not be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Why it is found.
    pub cause: Cause,
    /// The field at the left end, in the model's words.
    pub field: &'static str,
    /// The field at the right end; another one where the ends mirror each other.
    pub right_field: &'static str,
    /// The value at the left end.
    pub left: String,
    /// The value at the right end.
    pub right: String,
    /// The child that it concerns, where the ends have several that differ; else empty.
    pub child: String,
    /// How serious it is.
    pub severity: Severity,
    /// What it does to the tunnel.
    pub effect: Verdict,
    /// The end that must start for it to matter; `None`: either.
    pub initiator: Option<Side>,
    /// The exchange at which it shows.
    pub exchange: Option<Exchange>,
    /// What the starter sees: `NO_PROPOSAL_CHOSEN`, `timeout`; empty where it sees nothing.
    pub log: String,
    /// What it means, in a sentence.
    pub explanation: String,
    /// The policy rule that objects to a value that both ends agree on; `None` where they differ.
    pub rule: Option<&'static str>,
}

impl Finding {
    /// A finding without consequences, until they are added.
    #[must_use]
    pub(super) fn new(cause: Cause, fields: (&'static str, &'static str), values: (String, String), explanation: String) -> Self {
        let (left, right) = values;
        let right = if left == right && cause.is_shared() { SAME.to_owned() } else { right };
        Self {
            cause,
            field: fields.0,
            right_field: fields.1,
            left,
            right,
            child: String::new(),
            severity: Severity::Info,
            effect: Verdict::Up,
            initiator: None,
            exchange: None,
            log: String::new(),
            explanation,
            rule: None,
        }
    }

    /// Whether both findings report the same values of the same field with the same effect.
    #[must_use]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_about(other) && self.left == other.left && self.right == other.right && self.effect.word() == other.effect.word()
    }

    /// Whether both findings report the same trouble, whatever the values.
    #[must_use]
    pub fn is_about(&self, other: &Self) -> bool {
        self.cause == other.cause && self.field == other.field && self.right_field == other.right_field && self.child == other.child
    }
}
