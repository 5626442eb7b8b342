//! Calls to a cloud without a network.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::reply::Reply;
use super::request::Request;

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// Nothing of the request was sent: name, connection or TLS failed.
    NotSent(String),
    /// Something was sent, and its outcome is not known.
    Lost(String),
}

/// A cloud that is reached without a network. It replies at once, and has its own clock.
pub trait Wire: fmt::Debug {
    /// Sends a signed request to the cloud of this id.
    ///
    /// # Errors
    /// [`SendError`], which says whether anything can have been executed.
    fn send(&self, provider: &'static str, request: &Request) -> Result<Reply, SendError>;

    /// Moves its clock ahead, instead of waiting.
    fn advance(&self, by: Duration);

    /// The time on its clock. A request that is signed with this time is fresh.
    fn now(&self) -> DateTime<Utc>;
}
