//! Events to come: requests that arrive late, and changes that somebody else makes to a connection.

use serde::{Deserialize, Serialize};

use super::incoming::Incoming;

/// An event to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Coming {
    /// When it is due, in the store's milliseconds.
    pub(crate) due_ms: i64,
    /// The event.
    pub(crate) event: Event,
}

/// An event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A request arrives at a cloud. Nobody gets the reply.
    Request {
        /// Id of the cloud.
        provider: String,
        /// The request.
        incoming: Incoming,
    },
    /// Somebody else sets another key on a connection.
    Edit {
        /// Id of the connection.
        id: String,
    },
}
