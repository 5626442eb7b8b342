//! What calls are built from, and what they return.

use super::kind::{Kind, Operation};
use crate::model::{Connection, Settings, Term};
use crate::wire::Endpoint;

/// What a provider needs to know to build requests.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Region.
    pub region: String,
    /// The endpoint of the service, if it is not the default of the region.
    pub endpoint: Option<Endpoint>,
    /// The endpoint of the identity service, if it is not the default.
    pub identity_endpoint: Option<Endpoint>,
    /// Project id (Huawei).
    pub project_id: Option<String>,
    /// Signature scheme, one of [`Registration::signatures`]; the first when `None`.
    pub signature: Option<&'static str>,
}

/// A connection, tunnel or server at a cloud, and the operation that modifies it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Kind.
    pub kind: &'static Kind,
    /// Operation, one of the kind's.
    pub operation: &'static Operation,
    /// Id, checked against the kind's rule.
    pub id: String,
}

/// A change: what is asked for, and what is known.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// What is changed.
    pub target: &'a Target,
    /// What was read before; `None` with `--no-read`.
    pub current: Option<&'a Connection>,
    /// What is asked for. Each value has passed its field's rule.
    pub change: &'a Settings,
    /// Further parameters of the operation (`vpc-id`, `gateway`), as given.
    pub address: &'a [(&'static str, String)],
    /// The token of the change, the same for every attempt; at most 64 ASCII characters.
    pub token: &'a str,
}

/// The name under [`Operation::address`] of a change's token, for clouds that take one.
pub const CLIENT_TOKEN: &str = "client-token";

/// The name under [`Operation::address`] of the connection's gateway.
pub const GATEWAY: &str = "gateway";

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Connections, in the cloud's order. A reply may hold several kinds.
    pub connections: Vec<Connection>,
    /// The cursor of the next page; `None` after the last.
    pub next: Option<String>,
}

/// What a cloud returned when it accepted a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Id of the request, to quote to the vendor.
    pub request_id: Option<String>,
    /// Id of the task to poll, where there is one.
    pub task: Option<String>,
}

/// The state of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// `settled`, `changing`, `failed`, `gone` or `unknown`.
    pub change: Term,
    /// The cloud's own words, such as `State updating`.
    pub reported: String,
}
