//! Refusals of API 3.0.

use serde_json::json;

use crate::emulated::Refusal;
use crate::provider::tencent::emulator::reply::reply;
use crate::wire::Reply;

/// Refuses a request without looking at it.
pub(in crate::provider::tencent::emulator) fn refuse(refusal: Refusal) -> Reply {
    let (code, message) = match refusal {
        Refusal::Throttle => ("RequestLimitExceeded", "Your current request times equals to the maximum in a second."),
        Refusal::Busy => ("UnsupportedOperation.InvalidState", "The resource state is invalid."),
        Refusal::Internal => ("InternalError", "An internal error has occurred. Retry your request."),
    };
    refused(code, message, "0e3a0000-0000-4000-8000-000000000000")
}

/// An error.
pub(super) fn refused(code: &str, message: &str, request_id: &str) -> Reply {
    reply(&json!({ "Response": { "Error": { "Code": code, "Message": message }, "RequestId": request_id } }))
}
