//! Verdicts: whether a tunnel comes up, and where it fails.

use serde_json::{Value as Json, json};

/// The exchange at which a tunnel fails, in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exchange {
    /// The daemon does not load this configuration.
    Load,
    /// The negotiation is never started.
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
    /// The word in output.
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

/// Whether a tunnel comes up and stays up, from good to bad.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It comes up and stays up.
    Up,
    /// It comes up, but does not carry everything.
    UpNarrowed {
        /// Pairs of networks that are cut off, left to right.
        cut: Vec<String>,
    },
    /// It comes up, but the first rekey of a Child SA fails.
    UpFailsAtRekey,
    /// It is up, but fails at the next authentication.
    UpFailsAtReauth,
    /// It comes up, but carries no traffic.
    UpNoTraffic,
    /// It depends on the software of an end, which is not known.
    DependsOnPeer {
        /// The fields that the daemons treat differently.
        on: Vec<&'static str>,
    },
    /// It cannot be determined, because some fields are not known.
    Unknown {
        /// The fields.
        fields: Vec<&'static str>,
    },
    /// It does not come up.
    Down {
        /// The exchange that fails first.
        exchange: Exchange,
    },
}

impl Verdict {
    /// Every word, from good to bad.
    pub const WORDS: &[&str] =
        &["up", "up-narrowed", "up-fails-at-rekey", "up-fails-at-reauth", "up-no-traffic", "depends-on-peer", "unknown", "down"];

    /// The word in output.
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

    /// The worse of two verdicts; two of the same kind are merged.
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
            // Of two failures, the daemons meet the earlier one.
            (Self::Down { exchange }, Self::Down { exchange: other }) => Self::Down { exchange: exchange.min(other) },
            (one, other) if one.rank() >= other.rank() => one,
            (_, other) => other,
        }
    }

    /// Whether it is as good as another one, or better; of two of the same kind, not more may be cut off or open.
    #[must_use]
    pub(super) fn is_no_worse_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::UpNarrowed { cut }, Self::UpNarrowed { cut: before }) => cut.iter().all(|pair| before.contains(pair)),
            (Self::DependsOnPeer { on }, Self::DependsOnPeer { on: before }) => on.iter().all(|field| before.contains(field)),
            (Self::Unknown { fields }, Self::Unknown { fields: before }) => fields.iter().all(|field| before.contains(field)),
            // A later failure means that more works than before.
            (Self::Down { exchange }, Self::Down { exchange: before }) => exchange >= before,
            _ => self.rank() <= other.rank(),
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

    /// Details beside the word: the exchange, the networks, the fields.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::UpNarrowed { cut } => format!("cut off: {}", cut.join(", ")),
            Self::DependsOnPeer { on } => format!("on how it handles {}", on.join(", ")),
            Self::Unknown { fields } => format!("not known: {}", fields.join(", ")),
            Self::Down { exchange } => format!("fails at {}", exchange.word()),
            _ => String::new(),
        }
    }

    /// The verdict as JSON: its word, and `exchange`, `cut_off` or `fields`.
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
