//! What calls are made of, and what comes back from them.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::{Kind, Operation};
use crate::http::{Endpoint, Reply, Request};
use crate::model::{Connection, Secret, Settings, Term};

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

/// A request and the function that reads its reply.
pub struct Call<T> {
    /// The request, not yet signed.
    pub request: Request,
    /// Reads a reply that is no error.
    #[allow(clippy::type_complexity, reason = "a name for it would say less")]
    pub read: Box<dyn Fn(&Reply) -> Result<T, ReadError> + Send + Sync>,
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(out)
    }
}

/// Why a reply could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not what the cloud's documentation says.
    #[error("the reply is not what {0} returns: {1}")]
    Shape(&'static str, String),
    /// It is well formed and says that there is no such thing.
    #[error("{0} is not among what the cloud returned")]
    Missing(String),
}

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

/// The JSON object of a reply, for readers.
///
/// # Errors
/// [`ReadError::Shape`] when the body is no JSON object.
pub fn object(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    match reply.json() {
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(ReadError::Shape(operation, "not a JSON object".to_owned())),
        None => Err(ReadError::Shape(operation, format!("{} bytes that are not JSON", reply.body.len()))),
    }
}
