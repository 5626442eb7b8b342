//! A way to a cloud that needs no network.

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
    /// Something was sent, and what became of it is not known.
    Lost(String),
}

/// A way to a cloud without a network: it answers at once, and its time is its own.
pub trait Wire: fmt::Debug {
    /// Sends a signed request to the cloud of this id.
    ///
    /// # Errors
    /// [`SendError`], which says whether anything can have been executed.
    fn send(&self, provider: &'static str, request: &Request) -> Result<Reply, SendError>;

    /// Moves its time on, in place of a wait.
    fn advance(&self, by: Duration);

    /// Its time. What is signed with it, on the same wire, is fresh.
    fn now(&self) -> DateTime<Utc>;
}
