//! The words of an operation: which value, what for, how it is known, how it ended. Journals, JSON and tables share them.

use serde::{Deserialize, Serialize};

/// One of the two values of an end: before the operation, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The value before the operation.
    Old,
    /// The value that the operation sets.
    New,
}

impl Which {
    /// Both values.
    pub const BOTH: [Self; 2] = [Self::Old, Self::New];

    /// The other value.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }

    /// The word in JSON and in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// What an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Sets a new key on one end or both.
    Rotate,
    /// Changes settings of one connection.
    Modify,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 2] = [Self::Rotate, Self::Modify];

    /// The word in JSON and in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rotate => "rotate",
            Self::Modify => "modify",
        }
    }
}

/// How it is known what an end holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The value was read back.
    ReadBack,
    /// The cloud never returns the value; it acknowledged the write and has settled.
    Acknowledged,
}

/// What is known of the tunnel with the new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The tunnel was seen down and then up again.
    Verified,
    /// The tunnel is up but was never seen down: it may still use SAs negotiated before the change.
    Weak,
    /// The tunnel is not up.
    Down,
    /// The tunnel was not renegotiated: that was left for later, or no end can be told to.
    Left,
    /// No end reports whether the tunnel is up.
    Unknown,
}

impl Proof {
    /// The words of the field `verified`; `no` while nothing is known.
    pub const WORDS: [&str; 6] = ["no", "verified", "weak", "down", "left", "unknown"];

    /// The word in the JSON field `verified`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Weak => "weak",
            Self::Down => "down",
            Self::Left => "left",
            Self::Unknown => "unknown",
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every end has the new value.
    Committed,
    /// Every end has its previous value again.
    RolledBack,
    /// No end was ever changed.
    Closed,
}

impl Outcome {
    /// The word in JSON and in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled-back",
            Self::Closed => "closed",
        }
    }
}
