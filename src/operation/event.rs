//! What happens in an operation, as the journal keeps it. No secret is ever part of an event: keys are named by their
//! fingerprints and lie sealed beside the journal.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One record of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it was written, by the clock that requests are stamped with.
    pub time: DateTime<Utc>,
    /// What happened, or is about to.
    #[serde(flatten)]
    pub event: Event,
}

/// Which of its two values an end has or gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// What it had before the operation.
    Old,
    /// What the operation gives it.
    New,
}

impl Which {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Old, Self::New];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }

    /// Its word, in JSON and in tables.
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
    /// A new key on one end or both.
    Rotate,
    /// A change of settings of one connection.
    Modify,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Rotate, Self::Modify];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rotate => "rotate",
            Self::Modify => "modify",
        }
    }
}

/// How it was learned what an end holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// It was read back.
    ReadBack,
    /// The cloud never returns it; it acknowledged the write and has settled.
    Acknowledged,
}

/// What is known of the tunnel with the new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// It was seen down and then up again, or a new SA was seen.
    Verified,
    /// It is up, and was never seen down: it may still run on what was negotiated before.
    Weak,
    /// It is not up.
    Down,
    /// It was not negotiated anew, because that was left for later, or nothing here can do it.
    Left,
    /// Nothing that can be read says whether it is up.
    Unknown,
}

impl Proof {
    /// The words of the field `verified`; `no` while nothing is known.
    pub const WORDS: [&str; 6] = ["no", "verified", "weak", "down", "left", "unknown"];

    /// Its word, as the field `verified` of JSON.
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
    /// Every end has its old value again.
    RolledBack,
    /// Nothing was ever changed.
    Closed,
}

impl Outcome {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled-back",
            Self::Closed => "closed",
        }
    }
}

/// Where calls for an end go, beside what its name says: what the next command needs as options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// `--profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// `--project-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// `--endpoint`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// `--ca-file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<std::path::PathBuf>,
    /// `--signature`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// `--emulated`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub emulated: bool,
}

/// One end of an operation, as it was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its ref, or `file:` and its path.
    pub end: String,
    /// The tunnel of a connection with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<String>,
    /// API of the cloud, where it has several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub api: String,
    /// Where its calls go.
    #[serde(default)]
    pub site: Site,
    /// The service that its calls go to; empty for a file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The gateway that it belongs to, where writers of one gateway exclude each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// Whether what it holds can be read back.
    pub readable: bool,
    /// Seconds after its signing time for which the cloud still takes a request.
    pub validity: i64,
    /// Until when a request of an earlier operation could still be executed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    /// The command that makes the program that reads a local file take it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reload: Option<String>,
}

/// What happened, or is about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The plan: nothing is sealed yet, nothing sent.
    Planned {
        /// What it is for.
        verb: Verb,
        /// The ends, in the order in which they are written.
        ends: Vec<Planned>,
        /// The end that is told to negotiate anew after all are written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renegotiate: Option<usize>,
        /// The command that makes the ends negotiate anew, where no cloud is told to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renegotiate_with: Option<String>,
        /// For a modify: the settings before, keys left out; the model's JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<serde_json::Value>,
        /// For a modify: the settings asked for, keys left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<serde_json::Value>,
        /// Whether there is a way back.
        way_back: bool,
    },
    /// Everything secret is sealed, written, and was opened again.
    Sealed {
        /// Fingerprint of the new key; none for a modify without one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new: Option<String>,
        /// Fingerprint of the old key, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<String>,
    },
    /// A request is about to be sent.
    Attempt {
        /// Place of the end.
        end: usize,
        /// What it writes.
        key: Which,
        /// The change's token, for clouds that take one.
        token: String,
        /// Fingerprint of the request without its signature: a token is used again for the same request only.
        request: String,
        /// The nonce that it is signed with.
        nonce: String,
        /// The time that it is signed with: it bounds every copy of it.
        at: DateTime<Utc>,
    },
    /// The cloud took the last attempt.
    Acked {
        /// Place of the end.
        end: usize,
        /// The cloud's id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
        /// The cloud's task.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<String>,
    },
    /// The last attempt was certainly not executed: refused, or never sent.
    Refused {
        /// Place of the end.
        end: usize,
        /// The cloud's code, or why nothing was sent.
        code: String,
    },
    /// What an end holds, once it has settled.
    Holds {
        /// Place of the end.
        end: usize,
        /// What.
        key: Which,
        /// How that is known.
        by: Evidence,
    },
    /// An end holds something that this operation never gave it, or is gone.
    Conflict {
        /// Place of the end.
        end: usize,
        /// What is seen there, in words.
        seen: String,
    },
    /// Somebody decided that what an end holds may be overwritten all the same.
    TakenOver {
        /// Place of the end.
        end: usize,
    },
    /// The operation goes the other way from here on.
    Turned {
        /// What the ends are to get now.
        to: Which,
        /// Why.
        reason: String,
    },
    /// The ends are about to be told to negotiate anew.
    Renegotiate {
        /// Place of the end that is told; none when a command does it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<usize>,
        /// The tunnel's state just before, in the model's word.
        tunnel: String,
        /// The change's token, for clouds that take one.
        token: String,
        /// The time that the request is signed with.
        at: DateTime<Utc>,
    },
    /// What the end answered when it was told; no answer is no record.
    Told {
        /// Place of the end; none for a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<usize>,
        /// The cloud's code, or what else is wrong, where it was refused; none where it was taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// What is known of the tunnel now.
    Proved {
        /// How well.
        proof: Proof,
        /// The cloud's own words.
        detail: String,
    },
    /// The end of it.
    Finished {
        /// How.
        outcome: Outcome,
    },
    /// A finished operation goes on: the ends are to negotiate anew after all.
    Reopened {
        /// Place of the end that is told to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renegotiate: Option<usize>,
    },
    /// The keys that were sealed are gone.
    Shredded,
}
