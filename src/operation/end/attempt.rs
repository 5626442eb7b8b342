//! One attempt to write a key: what is sent, and what became of it.

use std::time::Duration;

use crate::error::Error;
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::provider::Accepted;
use crate::wire::{Call, Request};

/// A write, ready to be announced in the journal.
#[derive(Debug)]
pub struct Write {
    /// Fingerprint of the request without its signature; empty for a file.
    pub sum: String,
    pub(super) what: What,
}

/// The content of a write.
#[derive(Debug)]
pub(super) enum What {
    /// A call, and what it does in words for an error.
    Request(Call<Accepted>, String),
    /// The key to put into a file.
    Text(Secret),
}

/// What became of one attempt.
#[derive(Debug)]
pub enum Sent {
    /// The cloud accepted it.
    Acked(Accepted),
    /// Something was sent, and whether it was executed is not known.
    Lost(String),
    /// It was not executed; another attempt may succeed after this wait.
    Again(Duration, String),
    /// It was not executed: the cloud is busy with another change.
    Busy(String),
    /// It was not executed and will not be. The text is the cloud's error code.
    Refused(Box<Error>, String),
}

/// The fingerprint of a request without its token: a token is reused for the same request only.
#[must_use]
pub fn request_sum(request: &Request, token: &str) -> String {
    let text = format!("{}\n{}", request.target(), request.body_text());
    fingerprint(&Secret::new(if token.is_empty() { text } else { text.replace(token, "") }))
}
