//! Alibaba Cloud, emulated.

mod authenticate;
mod change;
mod check;
mod describe;
mod operation;
mod reply;
mod scale;
mod seed;
mod session;
mod tunnel;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

pub use scale::scale;
pub use seed::seed;

use self::reply::Failure;
use super::wire;
use crate::emulated::{Incoming, Refusal, Remembered, Store};
use crate::wire::Reply;

/// Our name in the store.
const CLOUD: &str = "alibaba";

/// What an operation returns: the reply's object without its request id.
type Outcome = Result<Map<String, Json>, Failure>;

/// A request whose signature is right.
struct Call {
    action: String,
    /// Parameters of the operation, without those of the signature.
    parameters: BTreeMap<String, String>,
}

impl Call {
    fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| {
            Failure::new(
                400,
                "MissingParameter",
                format!("The input parameter \"{name}\" that is mandatory for processing this request is not supplied."),
            )
        })
    }

    /// A switch; the vendor's Python SDKs write `True` and `False`.
    fn switch(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::new(400, "InvalidParameter", format!("The specified parameter \"{name}\" is not valid."))),
        }
    }
}

/// Answers a request: signature, time and nonce first, then the operation.
pub fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let request_id = store.request_id();
    let wants_xml = reply::wants_xml(incoming);
    let call = match authenticate::authenticate(incoming, store) {
        Ok(call) => call,
        Err(failure) => return reply::failure(&failure, &request_id, incoming, wants_xml),
    };
    let outcome = if call.action == super::sts::ASSUME_ROLE { session::assume_role(&call, incoming.at, store) } else { once(&call, store) };
    match outcome {
        Ok(object) => reply::success(&call.action, object, &request_id, wants_xml),
        Err(failure) => reply::failure(&failure, &request_id, incoming, wants_xml),
    }
}

/// The cloud's own way to refuse a request that it does not look at.
#[must_use]
pub fn refuse(refusal: Refusal, incoming: &Incoming) -> Reply {
    let failure = match refusal {
        Refusal::Throttle => Failure::new(400, "Throttling.User", "Request was denied due to user flow control."),
        Refusal::Busy if incoming.operation() == wire::MODIFY_ATTACHMENT => Failure::configuring("VpnConnection"),
        Refusal::Busy => Failure::configuring("VpnGateway"),
        Refusal::Internal => Failure::new(500, "InternalError", "The request processing has failed due to some unknown error."),
    };
    reply::failure(&failure, "0E3A0000-0000-4000-8000-FFFFFFFFFFFF", incoming, reply::wants_xml(incoming))
}

/// The reply that shows a connection.
pub fn envelope(id: &str, mut data: Map<String, Json>) -> Json {
    data.insert("VpnConnectionId".to_owned(), Json::from(id));
    data.insert("RequestId".to_owned(), Json::from("-"));
    Json::Object(data)
}

/// Replies hold the key.
pub const fn key(_data: &Map<String, Json>) -> Option<&str> {
    None
}

/// The place of a key: in a connection, in one of its tunnels, or in a server.
fn key_at(data: &Map<String, Json>, number: usize) -> String {
    if data.contains_key("TunnelOptionsSpecification") {
        format!("TunnelOptionsSpecification/TunnelOptions/{number}/TunnelIkeConfig/Psk")
    } else if data.contains_key("Psk") {
        "Psk".to_owned()
    } else {
        "IkeConfig/Psk".to_owned()
    }
}

/// The key that a connection, one of its tunnels, or a server was given.
pub fn configured(data: &Map<String, Json>, number: usize) -> Option<&str> {
    let place = key_at(data, number);
    let (first, rest) = place.split_once('/').unwrap_or((&place, ""));
    let value = data.get(first)?;
    if rest.is_empty() { value.as_str() } else { value.pointer(&format!("/{rest}"))?.as_str() }
}

/// Sets another key.
pub fn set_key(data: &mut Map<String, Json>, number: usize, key: &str) {
    let place = key_at(data, number);
    let (first, rest) = place.split_once('/').unwrap_or((&place, ""));
    let value = data.get_mut(first);
    let found = if rest.is_empty() { value } else { value.and_then(|value| value.pointer_mut(&format!("/{rest}"))) };
    if let Some(found) = found {
        *found = Json::from(key);
    }
}

/// Writes whether a tunnel is up.
pub fn set_up(data: &mut Map<String, Json>, number: usize, up: bool) {
    let word = Json::from(if up { "ipsec_sa_established" } else { "ike_sa_not_established" });
    let mut tunnels = tunnel::of(data);
    match tunnels.get_mut(number) {
        Some(one) => {
            one.insert("Status".to_owned(), word);
            tunnel::put(data, tunnels);
        }
        None => drop(data.insert("Status".to_owned(), word)),
    }
}

/// Runs an operation; with a client token that was used before it gives the former reply again.
fn once(call: &Call, store: &mut Store) -> Outcome {
    let Some(token) = call.text("ClientToken") else { return operation::run(call, store) };
    if token.len() > 64 || !token.is_ascii() {
        return Err(Failure::new(400, "InvalidParameter", "The specified parameter \"ClientToken\" is not valid."));
    }
    let key = format!("{CLOUD}/{token}");
    let parameters = format!("{} {:?}", call.action, call.parameters);
    if let Some(former) = store.tokens.get(&key) {
        if former.parameters != parameters {
            let message = "The request uses the same client token as a previous, but non-identical request.";
            return Err(Failure::new(400, "IdempotentParameterMismatch", message));
        }
        return Ok(serde_json::from_str(&former.body).unwrap_or_default());
    }
    let object = operation::run(call, store)?;
    store.tokens.insert(key, Remembered { parameters, body: Json::Object(object.clone()).to_string() });
    Ok(object)
}

#[cfg(test)]
mod tests;
