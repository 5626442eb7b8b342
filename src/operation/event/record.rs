//! The records of a journal.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::planned::Planned;
use super::words::{Evidence, Outcome, Proof, Verb, Which};

/// One record of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When the record was written, by the clock that stamps requests.
    pub time: DateTime<Utc>,
    /// What happened, or is about to happen.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened, or is about to happen.
///
/// No event holds a secret: keys are named by their fingerprints and lie sealed beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The plan: nothing is sealed or sent yet.
    Planned {
        /// The kind of operation.
        verb: Verb,
        /// The ends, in writing order.
        ends: Vec<Planned>,
        /// The end that is told to renegotiate once all are written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renegotiate: Option<usize>,
        /// The command that makes the ends renegotiate, where no cloud is told to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renegotiate_with: Option<String>,
        /// For a modify: the settings before it, without keys, as the model's JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<serde_json::Value>,
        /// For a modify: the requested settings, without keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<serde_json::Value>,
        /// Whether the operation can be rolled back.
        way_back: bool,
    },
    /// All secrets are sealed and written, and were opened again as a check.
    Sealed {
        /// Fingerprint of the new key; none for a modify without one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new: Option<String>,
        /// Fingerprint of the previous key, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<String>,
    },
    /// How the operation was begun: what a resumed run must do alike.
    Begun {
        /// Whether the previous key is set again where the tunnel does not come up: `--on-fail rollback`.
        #[serde(default)]
        roll_back: bool,
        /// The file with the key under which keys are sealed: `--seal-key-file`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seal_key_file: Option<PathBuf>,
        /// `effect_immediately` of each end as it was found, where the end has it.
        #[serde(default)]
        effect_immediately: Vec<Option<bool>>,
    },
    /// The new key was given to the user, or to the user's command, before any end had it.
    HandedOut {
        /// The flag that asked for it.
        to: String,
    },
    /// A request is about to be sent.
    Attempt {
        /// Index of the end.
        end: usize,
        /// The value that the request writes.
        key: Which,
        /// The client token, for clouds that take one.
        token: String,
        /// Fingerprint of the request without its signature: a token is reused for the same request only.
        request: String,
        /// The nonce in the signature.
        nonce: String,
        /// The signing time: it bounds how long any copy of the request is accepted.
        at: DateTime<Utc>,
    },
    /// The cloud accepted the last attempt.
    Acked {
        /// Index of the end.
        end: usize,
        /// The cloud's request id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
        /// The cloud's task id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<String>,
    },
    /// The last attempt was certainly not executed: it was refused or never sent.
    Refused {
        /// Index of the end.
        end: usize,
        /// The cloud's error code, or why nothing was sent.
        code: String,
    },
    /// An end has settled and holds this value.
    Holds {
        /// Index of the end.
        end: usize,
        /// The value.
        key: Which,
        /// How that is known.
        by: Evidence,
    },
    /// An end holds something that this operation never wrote, or is gone.
    Conflict {
        /// Index of the end.
        end: usize,
        /// What was found there, in words.
        seen: String,
    },
    /// An end that was in conflict holds again what this operation found or wrote there.
    Resolved {
        /// Index of the end.
        end: usize,
    },
    /// The user allowed to overwrite what somebody else wrote to an end.
    TakenOver {
        /// Index of the end.
        end: usize,
    },
    /// From here on the ends get the other value.
    Turned {
        /// The value that the ends are to get now.
        to: Which,
        /// The reason.
        reason: String,
    },
    /// An end, or the user's command, is about to be told to renegotiate.
    Renegotiate {
        /// Index of the end that is told; none for a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<usize>,
        /// The tunnel's state just before, as the model's word.
        tunnel: String,
        /// The client token, for clouds that take one.
        token: String,
        /// The signing time.
        at: DateTime<Utc>,
        /// Whether the call writes the key again: executed late, it is as dangerous as a late change.
        #[serde(default = "yes")]
        writes: bool,
    },
    /// What the end answered. Without an answer there is no record.
    Told {
        /// Index of the end; none for a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<usize>,
        /// The cloud's error code or another reason for a refusal; none where the call was accepted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
        /// Whether the call writes the key again.
        #[serde(default = "yes")]
        writes: bool,
    },
    /// What is now known of the tunnel.
    Proved {
        /// The finding.
        proof: Proof,
        /// The cloud's own words, or an explanation.
        detail: String,
    },
    /// The operation ended.
    Finished {
        /// The outcome.
        outcome: Outcome,
    },
    /// A finished operation is resumed: the ends are to renegotiate after all.
    Reopened {
        /// Index of the end that is told to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renegotiate: Option<usize>,
    },
    /// The sealed keys were destroyed.
    Shredded,
    /// The end of the record was lost, or a part cannot be read: from here on anything may have been sent to any end.
    Cut,
}

/// What a record means that was written before the member was.
const fn yes() -> bool {
    true
}
