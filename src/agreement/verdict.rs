//! What a check says: verdicts and findings.

use serde_json::{Value as Json, json};

use super::mend::Mend;
pub use crate::model::Severity;

/// An exchange at which a tunnel fails, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exchange {
    /// The daemon does not load this configuration.
    Load,
    /// Nobody starts.
    Start,
    /// IKEv2: proposals and key exchange.
    IkeSaInit,
    /// IKEv1 phase 1 in three round trips.
    MainMode,
    /// IKEv1 phase 1 in three messages.
    AggressiveMode,
    /// IKEv2: identities, key, and the first Child SA.
    IkeAuth,
    /// IKEv1 phase 2.
    QuickMode,
    /// IKEv2: rekeys and further Child SAs.
    CreateChildSa,
}

impl Exchange {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Start => "start",
            Self::IkeSaInit => "ike_sa_init",
            Self::MainMode => "main_mode",
            Self::AggressiveMode => "aggressive_mode",
            Self::IkeAuth => "ike_auth",
            Self::QuickMode => "quick_mode",
            Self::CreateChildSa => "create_child_sa",
        }
    }
}

/// Whether a tunnel comes up and stays up. From good to bad.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It comes up and stays up.
    Up,
    /// It comes up, and does not carry everything.
    UpNarrowed {
        /// Pairs of nets that are cut off, left to right.
        cut: Vec<String>,
    },
    /// It comes up, and the first rekey of a Child SA fails.
    UpFailsAtRekey,
    /// It is up, and fails when the ends authenticate anew.
    UpFailsAtReauth,
    /// It comes up, and carries nothing.
    UpNoTraffic,
    /// What happens depends on the software of an end that is not known.
    DependsOnPeer {
        /// The fields in which the daemons differ.
        on: Vec<&'static str>,
    },
    /// It cannot be said, because these fields could not be read.
    Unknown {
        /// The fields.
        fields: Vec<&'static str>,
    },
    /// It does not come up.
    Down {
        /// Where it fails first.
        exchange: Exchange,
    },
}

impl Verdict {
    /// Every word, from good to bad.
    pub const WORDS: &[&str] =
        &["up", "up-narrowed", "up-fails-at-rekey", "up-fails-at-reauth", "up-no-traffic", "depends-on-peer", "unknown", "down"];

    /// The word of JSON and tables.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::UpNarrowed { .. } => "up-narrowed",
            Self::UpFailsAtRekey => "up-fails-at-rekey",
            Self::UpFailsAtReauth => "up-fails-at-reauth",
            Self::UpNoTraffic => "up-no-traffic",
            Self::DependsOnPeer { .. } => "depends-on-peer",
            Self::Unknown { .. } => "unknown",
            Self::Down { .. } => "down",
        }
    }

    /// The worse of two; of equal ones, both together.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        fn join<T: PartialEq>(mut one: Vec<T>, other: Vec<T>) -> Vec<T> {
            for item in other {
                if !one.contains(&item) {
                    one.push(item);
                }
            }
            one
        }
        match (self, other) {
            (Self::UpNarrowed { cut }, Self::UpNarrowed { cut: more }) => Self::UpNarrowed { cut: join(cut, more) },
            (Self::DependsOnPeer { on }, Self::DependsOnPeer { on: more }) => Self::DependsOnPeer { on: join(on, more) },
            (Self::Unknown { fields }, Self::Unknown { fields: more }) => Self::Unknown { fields: join(fields, more) },
            // Of two failures the daemons meet the one that comes first.
            (Self::Down { exchange }, Self::Down { exchange: other }) => Self::Down { exchange: exchange.min(other) },
            (one, other) if one.rank() >= other.rank() => one,
            (_, other) => other,
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Up => 0,
            Self::UpNarrowed { .. } => 1,
            Self::UpFailsAtRekey => 2,
            Self::UpFailsAtReauth => 3,
            Self::UpNoTraffic => 4,
            Self::DependsOnPeer { .. } => 5,
            Self::Unknown { .. } => 6,
            Self::Down { .. } => 7,
        }
    }

    /// What the word leaves open: the exchange, the nets, the fields.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::UpNarrowed { cut } => format!("cut off: {}", cut.join(", ")),
            Self::DependsOnPeer { on } => format!("on how it treats {}", on.join(", ")),
            Self::Unknown { fields } => format!("not read: {}", fields.join(", ")),
            Self::Down { exchange } => format!("fails at {}", exchange.word()),
            _ => String::new(),
        }
    }

    /// The verdict's JSON beside its word: `{"exchange":...}`, `{"cut_off":[...]}`, `{"fields":[...]}`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::UpNarrowed { cut } => json!({ "verdict": self.word(), "cut_off": cut }),
            Self::DependsOnPeer { on } => json!({ "verdict": self.word(), "fields": on }),
            Self::Unknown { fields } => json!({ "verdict": self.word(), "fields": fields }),
            Self::Down { exchange } => json!({ "verdict": self.word(), "exchange": exchange.word() }),
            _ => json!({ "verdict": self.word() }),
        }
    }
}

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The first.
    Left,
    /// The second.
    Right,
}

impl Side {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// One thing in which the ends differ, or which could not be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The field at the left end, in the model's words.
    pub field: &'static str,
    /// The field at the right end: another one where the ends mirror each other.
    pub right_field: &'static str,
    /// The left end's value.
    pub left: String,
    /// The right end's value.
    pub right: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it does to the tunnel.
    pub effect: Verdict,
    /// Who must start for it to matter; `None`: whoever starts.
    pub initiator: Option<Side>,
    /// Where it shows.
    pub exchange: Option<Exchange>,
    /// What the end that started sees: `NO_PROPOSAL_CHOSEN`, `timeout`; empty where nothing is said.
    pub log: String,
    /// What it means, in a sentence.
    pub explanation: String,
    /// The policy's rule that finds fault with what both ends agree on; `None` where they differ.
    pub rule: Option<&'static str>,
    /// The smallest changes that mend it, the first the best.
    pub mends: Vec<Mend>,
}

impl Finding {
    /// Whether both say the same thing about the same field.
    #[must_use]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.field == other.field
            && self.right_field == other.right_field
            && self.left == other.left
            && self.right == other.right
            && self.effect.word() == other.effect.word()
    }
}
