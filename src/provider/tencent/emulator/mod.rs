//! Tencent Cloud, emulated: API 3.0 at `/`, API 2.0 at `/v2/index.php`, both on the same store.

mod change;
mod conflict;
mod flaw;
mod key;
mod merge;
mod nested;
mod parameters;
mod region;
mod reply;
mod scale;
mod seed;
#[cfg(test)]
mod tests;
mod things;
mod v2;
mod v3;
mod verify;

use serde_json::{Map, Value as Json, json};

use super::cloud;
use crate::emulated::{Incoming, Refusal, Store};
use crate::wire::Reply;

pub use key::CREDENTIALS;
pub use scale::scale;
pub use seed::seed;

/// Answers a request.
#[must_use]
pub fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    if incoming.path() == cloud::v2::PATH { v2::handle(incoming, store) } else { v3::handle(incoming, store) }
}

/// Refuses a request without looking at it.
#[must_use]
pub fn refuse(refusal: Refusal, incoming: &Incoming) -> Reply {
    if incoming.path() == cloud::v2::PATH { v2::refuse(refusal) } else { v3::refuse(refusal) }
}

/// The reply that shows a connection.
pub fn envelope(id: &str, mut data: Map<String, Json>) -> Json {
    data.insert("VpnConnectionId".to_owned(), json!(id));
    json!({ "Response": { "VpnConnectionSet": [data], "TotalCount": 1, "RequestId": "-" } })
}

/// The key in effect, where replies do not hold it: here they do.
pub const fn key(_data: &Map<String, Json>) -> Option<&str> {
    None
}

/// The key that a connection is configured with.
pub fn configured(data: &Map<String, Json>, _number: usize) -> Option<&str> {
    data.get("PreShareKey").and_then(Json::as_str)
}

/// Configures another key.
pub fn set_key(data: &mut Map<String, Json>, _number: usize, key: &str) {
    data.insert("PreShareKey".to_owned(), json!(key));
}

/// Records whether the tunnel is up.
pub fn set_up(data: &mut Map<String, Json>, _number: usize, up: bool) {
    data.insert("NetStatus".to_owned(), json!(if up { "AVAILABLE" } else { "UNAVAILABLE" }));
}
