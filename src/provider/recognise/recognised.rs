//! What a document turns out to be.

use serde_json::{Map, Value as Json};

use super::check::{Check, Finding};
use crate::error::ApiError;
use crate::model::Connection;

/// Which half of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What is sent.
    Request,
    /// What comes back.
    Reply,
}

/// What a document is.
#[derive(Debug)]
pub struct Recognised {
    /// Id of the provider.
    pub provider: &'static str,
    /// The operation, in the cloud's spelling.
    pub operation: String,
    /// Request or reply.
    pub role: Role,
    /// The evidence.
    pub told_by: String,
    /// The connections in it.
    pub connections: Vec<Connection>,
    /// The error that it is.
    pub error: Option<ApiError>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// The fields of a document without connection or error, secrets hidden.
    pub facts: Map<String, Json>,
    /// What contradicts the cloud's rules.
    pub findings: Vec<Finding>,
}

impl Recognised {
    /// A document of an operation, with nothing read from it yet.
    pub fn new(provider: &'static str, role: Role, operation: impl Into<String>, told_by: impl Into<String>) -> Self {
        Self {
            provider,
            operation: operation.into(),
            role,
            told_by: told_by.into(),
            connections: Vec::new(),
            error: None,
            request_id: None,
            facts: Map::new(),
            findings: Vec::new(),
        }
    }

    /// Adds a connection, and reports fields that break the cloud's rules.
    pub fn add(&mut self, connection: Connection, check: &Check) {
        check.run(&connection, &mut self.findings);
        self.connections.push(connection);
    }
}
