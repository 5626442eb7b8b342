//! Huawei Cloud's part of the emulator.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value as Json, json};

use super::{PROVIDER, sign};
use crate::emulator::{Incoming, Refusal, Store, Thing};
use crate::http::{Reply, percent_decode};

mod list;
mod seed;
mod update;
mod verify;

pub use seed::seed;

/// The fake key pair.
pub const CREDENTIALS: (&str, &str) = ("EMULATEDHUAWEIAK0001", "emulatedHuaweiSecretKey000000000000000001");
/// The fake IAM token.
pub const TOKEN: &str = "emulated-huawei-iam-token";
/// Name of the key that a connection was given, in its data. No reply holds names that begin so.
pub const PSK: &str = "_psk";
/// Name of the key that an IKEv2 connection still uses until it is reset, after an update of nothing but the key.
pub const PSK_IN_FORCE: &str = "_psk_in_force";

const CONNECTION: &str = "connection";
const GATEWAY: &str = "gateway";
const PROJECT: &str = "project";

/// How an operation ends: a body, or an error's status, code and message.
type Outcome = Result<Json, Failure>;

/// An error in Huawei's words.
struct Failure(u16, &'static str, String);

/// Refuses a request that is not looked at.
#[must_use]
pub fn refuse(refusal: Refusal, _incoming: &Incoming) -> Reply {
    const ID: &str = "0e3a0000-0000-4000-8000-00000000ffff";
    let failure = match refusal {
        Refusal::Throttle => Failure(429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit".to_owned()),
        Refusal::Busy => busy(),
        Refusal::Internal => Failure(500, "VPN.0002", "internal error".to_owned()),
    };
    error(failure, ID)
}

/// Answers a request: signature and time first, then the operation.
pub fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let id = store.request_id().to_lowercase();
    if let Err(Failure(status, code, message)) = verify::verify(incoming) {
        return if incoming.path().starts_with("/v3/") {
            reply(status, &json!({ "error": { "code": status, "message": message, "title": "Unauthorized" } }), &id)
        } else {
            error(Failure(status, code, message), &id)
        };
    }
    match route(incoming, store, &id) {
        Ok(body) => reply(200, &body, &id),
        Err(failure) => error(failure, &id),
    }
}

fn route(incoming: &Incoming, store: &mut Store, id: &str) -> Outcome {
    let segments: Vec<String> = incoming.path().trim_matches('/').split('/').filter_map(percent_decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let with_id = |mut body: Json| {
        if let Some(body) = body.as_object_mut() {
            body.insert("request_id".to_owned(), json!(id));
        }
        body
    };
    match (incoming.method.as_str(), segments.as_slice()) {
        ("GET", ["v3", "projects"]) => Ok(list::projects(incoming, store)),
        ("GET", ["v5", project, "vpn-connection"]) => list::connections(incoming, store, &region(store, project)?).map(with_id),
        ("GET", ["v5", project, "vpn-connection", which]) => {
            let thing = find(store, project, CONNECTION, which)?;
            Ok(with_id(json!({ "vpn_connection": view(thing) })))
        }
        ("PUT", ["v5", project, "vpn-connection", which]) => {
            find(store, project, CONNECTION, which)?;
            update::update(incoming, store, which).map(with_id)
        }
        ("POST", ["v5", project, "vpn-connection", which, "reset"]) => {
            find(store, project, CONNECTION, which)?;
            update::reset(store, which).map(with_id)
        }
        ("GET", ["v5", project, "vpn-gateways", which]) => {
            let thing = find(store, project, GATEWAY, which)?;
            Ok(with_id(json!({ "vpn_gateway": shown(&thing.data) })))
        }
        _ => Err(Failure(404, "APIGW.0101", "The API does not exist or has not been published in the environment".to_owned())),
    }
}

fn region(store: &Store, project: &str) -> Result<String, Failure> {
    store.find(PROVIDER.id, PROJECT, project).map(|thing| thing.region.clone()).ok_or_else(|| missing("project", project))
}

fn find<'a>(store: &'a Store, project: &str, class: &str, id: &str) -> Result<&'a Thing, Failure> {
    let region = region(store, project).map_err(|_| missing(class, id))?;
    store.find(PROVIDER.id, class, id).filter(|thing| thing.region == region).ok_or_else(|| missing(class, id))
}

fn missing(class: &str, id: &str) -> Failure {
    Failure(404, "VPN.0004", format!("resource (type={}, ID={id}) is not found", class.to_uppercase()))
}

fn busy() -> Failure {
    Failure(400, "VPN.0306", "the vpn connection is being updated".to_owned())
}

fn invalid(text: impl std::fmt::Display) -> Failure {
    Failure(400, "VPN.0001", format!("invalid request: {text}"))
}

/// What a reply shows of data: everything but the names that are the emulator's own.
fn shown(data: &Map<String, Json>) -> Map<String, Json> {
    data.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A connection as Show and List have it.
fn view(thing: &Thing) -> Json {
    let mut view = shown(&thing.data);
    if thing.is_changing() {
        view.insert("status".to_owned(), json!("PENDING_UPDATE"));
    }
    Json::Object(view)
}

fn time(ms: i64) -> String {
    let time: DateTime<Utc> = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn error(Failure(status, code, message): Failure, id: &str) -> Reply {
    reply(status, &json!({ "error_code": code, "error_msg": message, "request_id": id }), id)
}

fn reply(status: u16, body: &Json, id: &str) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned()), ("x-request-id".to_owned(), id.to_owned())];
    Reply { status, headers, body: body.to_string().into_bytes() }
}
