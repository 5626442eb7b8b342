//! Replies of API 2.0: success, and refusals.

use serde_json::{Value as Json, json};

use crate::emulated::Refusal;
use crate::provider::tencent::emulator::{flaw, reply::reply};
use crate::wire::Reply;

/// Number, name and message of an error.
pub(super) type Flaw = (i64, &'static str, String);

/// Refuses a request without looking at it.
pub(in crate::provider::tencent::emulator) fn refuse(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::Throttle => refused(4400, "RequestLimitExceeded", "the request quota is exceeded"),
        Refusal::Busy => refused(5100, "InvalidVpnConnState", "the state of the VPN connection is invalid"),
        Refusal::Internal => refused(6000, "InternalError", "internal error"),
    }
}

/// An error.
pub(super) fn refused(code: i64, name: &str, message: &str) -> Reply {
    reply(&json!({ "code": code, "message": message, "codeDesc": name }))
}

/// An error of API 3.0, as API 2.0 has it.
pub(super) fn flaw((code, text): flaw::Flaw) -> Flaw {
    match code {
        "UnsupportedOperation.InvalidState" => (5100, "InvalidVpnConnState", text),
        _ => (4000, "InvalidParameter", text),
    }
}

/// The body of a reply that holds data.
pub(super) fn success(data: Json) -> Json {
    json!({ "code": 0, "message": "", "codeDesc": "Success", "data": data })
}
