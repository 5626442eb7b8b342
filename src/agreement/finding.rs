//! A finding of a check, and the changes that resolve it.

use super::verdict::{Exchange, Verdict};
use crate::model::Settings;
pub use crate::model::Severity;

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The first.
    Left,
    /// The second.
    Right,
}

impl Side {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// A change to one end.
#[derive(Debug, Clone, PartialEq)]
pub struct Mend {
    /// The end to change.
    pub side: Side,
    /// The new settings.
    pub settings: Settings,
    /// Whether the end also takes the other end's key, which is not among the settings.
    pub psk: bool,
    /// Whether all changes of the finding are needed together; otherwise each of them is enough.
    pub together: bool,
}

/// A difference between the ends, or something that could not be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The field at the left end, in the model's words.
    pub field: &'static str,
    /// The field at the right end; another one where the ends mirror each other.
    pub right_field: &'static str,
    /// The value at the left end.
    pub left: String,
    /// The value at the right end.
    pub right: String,
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
    /// The smallest changes that resolve it, the best first.
    pub mends: Vec<Mend>,
}

impl Finding {
    /// Whether both findings report the same values of the same field with the same effect.
    #[must_use]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.field == other.field
            && self.right_field == other.right_field
            && self.left == other.left
            && self.right == other.right
            && self.effect.word() == other.effect.word()
    }
}
