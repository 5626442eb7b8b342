//! What calls are made of, and what comes back from them.

use super::kind::{Kind, Operation};
use crate::model::{Connection, Settings, Term};
use crate::wire::Endpoint;

/// What a provider needs to know to build requests.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Region.
    pub region: String,
    /// The service, when it is not the cloud's own for the region.
    pub endpoint: Option<Endpoint>,
    /// The identity service, when it is not the cloud's own.
    pub identity_endpoint: Option<Endpoint>,
    /// Project id (Huawei).
    pub project_id: Option<String>,
    /// Signature scheme, one of [`Registration::signatures`]; the first when `None`.
    pub signature: Option<&'static str>,
}

/// One thing at a cloud, and the operation that is used on it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Kind.
    pub kind: &'static Kind,
    /// Operation, one of the kind's.
    pub operation: &'static Operation,
    /// Id, checked against the kind's rule.
    pub id: String,
}

/// A change on its way: what is asked, and what is known.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// What is changed.
    pub target: &'a Target,
    /// What was read before; `None` with `--no-read`.
    pub current: Option<&'a Connection>,
    /// What is asked for. Each value has passed its field's rule.
    pub change: &'a Settings,
    /// What the operation wants beside settings (`vpc-id`, `gateway`), as given.
    pub address: &'a [(&'static str, String)],
    /// The token of the change, the same for every attempt; at most 64 ASCII characters.
    pub token: &'a str,
}

/// The name under [`Operation::address`] of a change's token, for clouds that take one.
pub const CLIENT_TOKEN: &str = "client-token";

/// The name under [`Operation::address`] of the gateway that the thing belongs to.
pub const GATEWAY: &str = "gateway";

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Connections, in the cloud's order. A reply may hold several kinds.
    pub connections: Vec<Connection>,
    /// What the next page is asked for with; `None` after the last.
    pub next: Option<String>,
}

/// What a cloud said when it took a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Id of the request, to quote to the vendor.
    pub request_id: Option<String>,
    /// Id of the task to poll, where there is one.
    pub task: Option<String>,
}

/// How far a change is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// `settled`, `changing`, `failed`, `gone` or `unknown`.
    pub change: Term,
    /// The cloud's own words, such as `State updating`.
    pub reported: String,
}
