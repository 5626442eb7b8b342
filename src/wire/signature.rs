//! What requests are signed with, and what a signature adds to them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::encoding::Pairs;
use crate::model::Secret;

/// What requests are signed with.
#[derive(Debug)]
pub struct Credentials {
    /// Access key id.
    pub id: String,
    /// Secret key.
    pub secret: Secret,
    /// Token of temporary credentials.
    pub token: Option<Secret>,
    /// Token that replaces the key pair.
    pub bearer: Option<Secret>,
}

/// What distinguishes one attempt from all others. The client makes a new one for each attempt.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// Time of signing.
    pub time: DateTime<Utc>,
    /// A number that is never used twice.
    pub nonce: Uuid,
}

/// What a signature adds to the request.
#[derive(Debug)]
pub struct Signature {
    /// What was signed; kept for tests. It can contain a PSK.
    pub string_to_sign: Secret,
    /// Query parameters to add.
    pub query: Pairs,
    /// Form parameters to add.
    pub form: Pairs,
    /// Headers to add.
    pub headers: Pairs,
}
