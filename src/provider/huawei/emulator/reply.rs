//! The shapes of replies and refusals, and what they show of stored data.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value as Json, json};

use crate::emulated::{Incoming, Refusal, Thing};
use crate::wire::Reply;

/// How an operation ends: with the body of a reply, or with an error.
pub(super) type Outcome = Result<Json, Failure>;

/// An error in Huawei's words: HTTP status, code and message.
pub(super) struct Failure(pub(super) u16, pub(super) &'static str, pub(super) String);

/// There is no such thing.
pub(super) fn missing(class: &str, id: &str) -> Failure {
    Failure(404, "VPN.0004", format!("resource (type={}, ID={id}) is not found", class.to_uppercase()))
}

/// An earlier change is not finished.
pub(super) fn busy() -> Failure {
    Failure(400, "VPN.0306", "the vpn connection is being updated".to_owned())
}

/// The request breaks a rule.
pub(super) fn invalid(text: impl std::fmt::Display) -> Failure {
    Failure(400, "VPN.0001", format!("invalid request: {text}"))
}

/// Refuses a request without looking at it.
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

/// A reply of success.
pub(super) fn success(body: &Json, id: &str) -> Reply {
    reply(200, body, id)
}

/// An error of the VPN service or the API gateway.
pub(super) fn error(Failure(status, code, message): Failure, id: &str) -> Reply {
    reply(status, &json!({ "error_code": code, "error_msg": message, "request_id": id }), id)
}

/// An error of the identity service.
pub(super) fn identity_error(Failure(status, _, message): Failure, id: &str) -> Reply {
    reply(status, &json!({ "error": { "code": status, "message": message, "title": "Unauthorized" } }), id)
}

fn reply(status: u16, body: &Json, id: &str) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned()), ("x-request-id".to_owned(), id.to_owned())];
    Reply { status, headers, body: body.to_string().into_bytes() }
}

/// The body with the id of the request in it.
pub(super) fn with_request_id(mut body: Json, id: &str) -> Json {
    if let Some(body) = body.as_object_mut() {
        body.insert("request_id".to_owned(), json!(id));
    }
    body
}

/// The body that shows a connection.
pub fn envelope(id: &str, mut data: Map<String, Json>) -> Json {
    data.insert("id".to_owned(), json!(id));
    json!({ "vpn_connection": data })
}

/// What a reply shows of stored data: everything but names that begin with `_`, which are the emulator's own.
pub(super) fn shown(data: &Map<String, Json>) -> Map<String, Json> {
    data.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A thing as Show and List return it.
pub(super) fn view(thing: &Thing) -> Json {
    let mut view = shown(&thing.data);
    if thing.is_changing() {
        view.insert("status".to_owned(), json!("PENDING_UPDATE"));
    }
    Json::Object(view)
}

/// A time in milliseconds, as replies have it.
pub(super) fn time(ms: i64) -> String {
    let time: DateTime<Utc> = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;
    use crate::provider::huawei::PROVIDER;
    use crate::provider::huawei::testing::profile;

    #[test]
    fn refusals_on_demand_have_their_class() {
        let incoming =
            Incoming { method: "GET".to_owned(), target: "/".to_owned(), headers: vec![], body: vec![], at: DateTime::<Utc>::default() };
        let provider = (PROVIDER.connect)(profile("cn-north-4"));
        for (refusal, class) in [(Refusal::Throttle, Class::Rate), (Refusal::Busy, Class::Busy), (Refusal::Internal, Class::Ambiguous)] {
            assert_eq!(provider.error(&refuse(refusal, &incoming)).unwrap().class, class);
        }
    }
}
