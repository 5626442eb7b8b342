//! Tencent Cloud, emulated: API 3.0 at `/`, API 2.0 at `/v2/index.php`, on one store.

use serde_json::{Map, Value as Json, json};

use super::sign::V2_PATH;
use crate::emulated::{Incoming, Refusal, Store};
use crate::wire::Reply;

mod parameters;
mod seeds;
mod v2;
mod v3;
mod verify;

pub use seeds::{scale, seed};

/// The key pair that is accepted.
pub const CREDENTIALS: (&str, &str) = ("AKIDemulatedSecretId000000000000001", "emulatedTencentSecretKey00000001");

/// Our id in the store.
const CLOUD: &str = "tencent";
/// Class of a VPN connection.
const CONNECTION: &str = "connection";
/// Class of a VPN gateway.
const GATEWAY: &str = "gateway";
/// Class of a customer gateway.
const CUSTOMER_GATEWAY: &str = "customer-gateway";
/// The old numeric id, in the data of a thing; API 3.0 does not show it.
const LEGACY_ID: &str = "LegacyId";
/// How far a time stamp may be off, in seconds.
const WINDOW_SECS: u64 = 300;

/// Code and message of an error.
type Flaw = (&'static str, String);

/// Answers a request.
#[must_use]
pub fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    if incoming.path() == V2_PATH { v2::handle(incoming, store) } else { v3::handle(incoming, store) }
}

/// The reply that shows a connection.
pub fn envelope(id: &str, mut data: Map<String, Json>) -> Json {
    data.insert("VpnConnectionId".to_owned(), json!(id));
    json!({ "Response": { "VpnConnectionSet": [data], "TotalCount": 1, "RequestId": "-" } })
}

/// Replies hold the key.
pub const fn key(_data: &Map<String, Json>) -> Option<&str> {
    None
}

/// The key that a connection was given.
pub fn configured(data: &Map<String, Json>, _number: usize) -> Option<&str> {
    data.get("PreShareKey").and_then(Json::as_str)
}

/// Sets another key.
pub fn set_key(data: &mut Map<String, Json>, _number: usize, key: &str) {
    data.insert("PreShareKey".to_owned(), json!(key));
}

/// Writes whether the tunnel is up.
pub fn set_up(data: &mut Map<String, Json>, _number: usize, up: bool) {
    data.insert("NetStatus".to_owned(), json!(if up { "AVAILABLE" } else { "UNAVAILABLE" }));
}

/// Refuses a request without a look at it.
#[must_use]
pub fn refuse(refusal: Refusal, incoming: &Incoming) -> Reply {
    if incoming.path() == V2_PATH {
        return match refusal {
            Refusal::Throttle => v2::refused(4400, "RequestLimitExceeded", "the request quota is exceeded"),
            Refusal::Busy => v2::refused(5100, "InvalidVpnConnState", "the state of the VPN connection is invalid"),
            Refusal::Internal => v2::refused(6000, "InternalError", "internal error"),
        };
    }
    let (code, message) = match refusal {
        Refusal::Throttle => ("RequestLimitExceeded", "Your current request times equals to the maximum in a second."),
        Refusal::Busy => ("UnsupportedOperation.InvalidState", "The resource state is invalid."),
        Refusal::Internal => ("InternalError", "An internal error has occurred. Retry your request."),
    };
    v3::refused(code, message, "0e3a0000-0000-4000-8000-000000000000")
}

fn secret_of(id: &str) -> Option<String> {
    (id == CREDENTIALS.0).then(|| CREDENTIALS.1.to_owned())
}

/// Errors too come with HTTP 200, and the vendor's clients want exactly this content type.
fn reply(body: &Json) -> Reply {
    Reply { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: body.to_string().into_bytes() }
}

/// Names of regions: those of both APIs, the older ones short.
const REGIONS: &[(&str, &str)] = &[
    ("ap-guangzhou", "gz"),
    ("ap-shanghai", "sh"),
    ("ap-nanjing", "nj"),
    ("ap-beijing", "bj"),
    ("ap-chengdu", "cd"),
    ("ap-chongqing", "cq"),
    ("ap-hongkong", "hk"),
    ("ap-singapore", "sg"),
    ("ap-shanghai-fsi", "shjr"),
    ("ap-shenzhen-fsi", ""),
    ("ap-guangzhou-open", "gzopen"),
    ("ap-seoul", "kr"),
    ("ap-tokyo", "jp"),
    ("ap-bangkok", "th"),
    ("ap-mumbai", "in"),
    ("ap-jakarta", ""),
    ("eu-frankfurt", "de"),
    ("eu-moscow", ""),
    ("na-ashburn", "use"),
    ("na-siliconvalley", "usw"),
    ("na-toronto", "ca"),
    ("sa-saopaulo", ""),
];

/// The long name of a region.
fn region(name: &str) -> Option<&'static str> {
    REGIONS.iter().find(|(long, short)| name == *long || (!name.is_empty() && name == *short)).map(|(long, _)| *long)
}

/// A page of a listing, with how many items there are in all. What is on no page is not made.
fn page<T>(items: Vec<T>, offset: u64, limit: u64, shown: impl Fn(T) -> Json) -> (usize, Json) {
    let total = items.len();
    let (skip, take) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(usize::MAX));
    (total, Json::Array(items.into_iter().skip(skip).take(take).map(shown).collect()))
}
