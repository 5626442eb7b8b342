//! A call: a request, and the function that reads its reply.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::reply::Reply;
use super::request::Request;

/// A request, and the function that reads its reply.
pub struct Call<T> {
    /// The request, not yet signed.
    pub request: Request,
    /// Reads a reply that is not an error.
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
    /// It differs from the cloud's documentation.
    #[error("the reply is not what {0} returns: {1}")]
    Shape(&'static str, String),
    /// It is well formed, and lacks the thing that was asked for.
    #[error("{0} is not among what the cloud returned")]
    Missing(String),
}

/// The JSON object in a reply.
///
/// # Errors
/// [`ReadError::Shape`] when the body is not a JSON object.
pub fn object(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    match reply.json() {
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(ReadError::Shape(operation, "not a JSON object".to_owned())),
        None => Err(ReadError::Shape(operation, format!("{} bytes that are not JSON", reply.body.len()))),
    }
}
