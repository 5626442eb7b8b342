//! What comes later: requests that were held up on their way, and what somebody else does to a connection.

use serde::{Deserialize, Serialize};

use super::incoming::Incoming;

/// Something that is still to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Coming {
    /// When, in the store's milliseconds.
    pub(crate) due_ms: i64,
    /// What.
    pub(crate) event: Event,
}

/// What can come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A request arrives at a cloud; nobody hears the answer.
    Request { provider: String, incoming: Incoming },
    /// Somebody else sets another key at the connection of this id.
    Edit { id: String },
}
