//! Errors: API 3.0 puts them into HTTP 200 as `Response.Error`, API 2.0 as `code` beside `codeDesc`.

use serde_json::{Map, Value as Json};

use crate::error::Class::{Ambiguous, Auth, Busy, Clock, Final, NotFound, Rate};
use crate::error::{ApiError, Class};
use crate::provider::{ErrorRow, error_row};
use crate::wire::Reply;

const TO_V3: &str = "use API 3.0: leave out --api v2";
const SLOWER: &str = "wait a little, then try again with fewer requests a second";
const SETTLE: &str = "wait until the connection is settled, then try again";
const LOOK: &str = "read the connection before anything is sent again";
const VALUE: &str = "correct the value that the message names";
const RULES: &str = "choose networks that share no address";
const PERMIT: &str = "ask an administrator of the account for the permission";
const IDS: &str = "check the id and the region";

/// What is known about codes: API 3.0 by name, API 2.0 by number and by the name in `codeDesc`.
pub const ERRORS: &[ErrorRow] = &[
    // API 3.0: pace and state.
    ("RequestLimitExceeded", Rate, "too many requests in a second", SLOWER),
    ("RequestLimitExceeded.*", Rate, "too many requests in a second", SLOWER),
    ("RequestLimitExceeded.UinLimitExceeded", Rate, "the account sends too many requests", SLOWER),
    ("RequestLimitExceeded.GlobalRegionUinLimitExceeded", Rate, "the account sends too many requests over all regions", SLOWER),
    ("RequestLimitExceeded.IPLimitExceeded", Rate, "this address sends too many requests", SLOWER),
    ("UnsupportedOperation.InvalidState", Busy, "the connection is being changed, or its state forbids the call", SETTLE),
    ("UnsupportedOperation.VpnConnInvalidState", Busy, "the connection is being changed, or its state forbids the call", SETTLE),
    ("UnsupportedOperation.MutexOperationTaskRunning", Busy, "another task is running", SETTLE),
    ("OperationDenied.MutexTaskRunning", Busy, "another task is running", SETTLE),
    ("ResourceInUse", Busy, "the resource is in use", SETTLE),
    ("ResourceInUse.*", Busy, "the resource is in use", SETTLE),
    ("ResourceUnavailable", Busy, "the resource is not available now", SETTLE),
    ("ResourceUnavailable.*", Busy, "the resource is not available now", SETTLE),
    ("ResourceBusy", Busy, "the resource is busy", SETTLE),
    // The service itself: executed or not, nobody can tell.
    ("InternalError", Ambiguous, "the service failed", LOOK),
    ("InternalError.*", Ambiguous, "the service failed", LOOK),
    ("InternalServerError", Ambiguous, "the service failed", LOOK),
    ("ServiceUnavailable", Ambiguous, "the service is not available", LOOK),
    // Keys.
    ("AuthFailure.*", Auth, "the credentials were refused", "check key pair and token"),
    ("AuthFailure.SignatureExpire", Clock, "the time stamp is more than 5 minutes off", "set this machine's clock"),
    ("AuthFailure.SignatureFailure", Auth, "the signature does not match", "check the secret key"),
    ("AuthFailure.SecretIdNotFound", Auth, "there is no such SecretId", "check the SecretId; it may be disabled or deleted"),
    ("AuthFailure.InvalidSecretId", Auth, "the SecretId is not one for this API", "use a key pair of the cloud API"),
    ("AuthFailure.TokenFailure", Auth, "the token is wrong or has expired", "get fresh temporary credentials"),
    ("AuthFailure.InvalidAuthorization", Auth, "the Authorization header was not understood", "check endpoint and signature scheme"),
    ("AuthFailure.MFAFailure", Auth, "multi-factor authentication is needed", "use credentials that passed it"),
    ("AuthFailure.UnauthorizedOperation", Auth, "the key may not call this", PERMIT),
    ("UnauthorizedOperation", Final, "the key may not do this", PERMIT),
    ("UnauthorizedOperation.*", Final, "the key may not do this", PERMIT),
    // Values.
    ("InvalidParameter", Final, "a parameter is wrong", VALUE),
    ("InvalidParameter.*", Final, "a parameter is wrong", VALUE),
    ("InvalidParameter.FilterInvalidKey", Final, "there is no such filter", "use a filter that the operation has"),
    ("InvalidParameterValue", Final, "a value is not allowed", VALUE),
    ("InvalidParameterValue.*", Final, "a value is not allowed", VALUE),
    ("InvalidParameterValue.LimitExceeded", Final, "a value is above its limit", VALUE),
    ("InvalidParameterValue.Malformed", Final, "a value has the wrong form", VALUE),
    ("InvalidParameterValue.Range", Final, "a value is out of its range", VALUE),
    ("InvalidParameterValue.TooLong", Final, "a value is too long", VALUE),
    ("InvalidParameterValue.VpnConnCidrConflict", Final, "networks of the connection conflict with others", RULES),
    ("InvalidParameterValue.VpnConnSpdCidrConflict", Final, "local and remote network of a policy rule overlap", RULES),
    (
        "InvalidParameterValue.VpnConnHealthCheckIpConflict",
        Final,
        "a health check address is taken",
        "choose other addresses with --health-check-local and --health-check-remote",
    ),
    (
        "InvalidParameterValue.VpnConnBgpTunnelCidrConflict",
        Final,
        "the BGP tunnel's network is taken",
        "choose another one with --bgp-tunnel-cidr",
    ),
    (
        "InvalidParameterValue.VpnConnBgpTunnelCidrMask",
        Final,
        "the BGP tunnel's network has not the length 30",
        "give a network such as 169.254.128.0/30",
    ),
    (
        "InvalidParameterValue.VpnConnBgpTunnelCidrNotSupported",
        Final,
        "a BGP address is outside the tunnel's network",
        "choose both addresses inside --bgp-tunnel-cidr",
    ),
    ("InvalidVpnGatewayId.Malformed", Final, "this is no id of a VPN gateway", IDS),
    ("InvalidVpnGatewayId.NotFound", NotFound, "there is no such VPN gateway", IDS),
    ("LimitExceeded", Final, "a quota is used up", "free something, or ask the vendor for more"),
    ("LimitExceeded.*", Final, "a quota is used up", "free something, or ask the vendor for more"),
    ("LimitExceeded.NumberOfFilters", Final, "too many filters", "use at most 10 filters of 5 values"),
    ("MissingParameter", Final, "a parameter is missing", "give what the message names"),
    ("UnknownParameter", Final, "there is no such parameter", "leave out what the message names"),
    ("UnknownParameter.*", Final, "there is no such parameter", "leave out what the message names"),
    ("UnknownParameter.WithGuess", Final, "there is no such parameter", "use the name that the message proposes"),
    ("ResourceNotFound", NotFound, "there is no such resource in this region", IDS),
    ("ResourceNotFound.*", NotFound, "there is no such resource in this region", IDS),
    ("UnsupportedOperation", Final, "this cannot be done", "read the message"),
    ("UnsupportedOperation.*", Final, "this cannot be done", "read the message"),
    ("UnsupportedOperation.VpnConnSPDOverlap", Final, "policy rules overlap those of another connection", RULES),
    (
        "UnsupportedOperation.VpnConnCidrNotSupportedHealthCheck",
        Final,
        "a connection with policy rules has no health check",
        "leave out --health-check, or use a connection with destination routes",
    ),
    (
        "UnsupportedOperation.VersionNotSupported",
        Final,
        "the VPN gateway is older than version 4.0",
        "leave the setting out, or move to a gateway of version 4.0",
    ),
    ("UnsupportedOperation.VpnConnRouteTypeMixed", Final, "the gateway would hold connections of different route types", "keep to one"),
    ("UnsupportedOperation.DeleteVpnConnInvalidState", Final, "the connection cannot be deleted in this state", SETTLE),
    ("UnsupportedRegion", NotFound, "there is no such region", "check --region"),
    ("InvalidAction", Final, "there is no such operation", "check endpoint and operation"),
    ("NoSuchVersion", Final, "there is no such version of the API", "check the endpoint"),
    ("ActionOffline", Final, "the operation was withdrawn", "look for its successor in the vendor's pages"),
    ("UnsupportedProtocol", Final, "method or content type are not supported", "check the signature scheme"),
    ("RequestSizeLimitExceeded", Final, "the request is too large", "send less at once"),
    // API 2.0 by name.
    ("InvalidVpc.NotFound", NotFound, "there is no such VPC", "check --vpc-id and the region"),
    (
        "InvalidVpnGw.NotFound",
        NotFound,
        "there is no such VPN gateway, or no such connection on it",
        "check --gateway, the id and the region",
    ),
    ("InvalidVpnConn.NotFound", NotFound, "there is no such connection", IDS),
    ("InvalidUserGw.NotFound", NotFound, "there is no such customer gateway", IDS),
    ("InvalidVpnConnState", Busy, "the connection is being changed, or its state forbids the call", SETTLE),
    ("ActionLocked", Busy, "the resource is being changed", SETTLE),
    ("InvalidVpnConnName", Final, "the name is not allowed", "give a name of 1 to 60 characters"),
    ("VpnConnLimitExceeded", Final, "the gateway holds no more connections", "free one, or ask the vendor for more"),
    // API 2.0 by number.
    ("4000", Final, "a parameter is wrong or missing", VALUE),
    ("4100", Auth, "the signature does not match", "check the secret key"),
    ("4101", Auth, "a sub-account may not call this", PERMIT),
    ("4102", Auth, "a sub-account may not touch this resource", PERMIT),
    ("4103", Auth, "only the main account may call this", "use the main account, or API 3.0"),
    ("4104", Auth, "the SecretId is unknown or disabled", "check the SecretId"),
    ("4105", Auth, "the token is wrong or has expired", "get fresh temporary credentials"),
    ("4106", Auth, "multi-factor authentication is needed", "use credentials that passed it"),
    ("4110", Auth, "a permission is missing", PERMIT),
    ("4200", Clock, "the request has expired", "set this machine's clock"),
    ("4300", Final, "the account is blocked, or may not use this API", TO_V3),
    ("4400", Rate, "too many requests", SLOWER),
    // A copy of the request may have arrived before this one.
    ("4500", Ambiguous, "the request was seen before, or its time stamp is too far off", LOOK),
    ("4600", Final, "only HTTPS is taken", "use an https endpoint"),
    ("5000", NotFound, "there is no such resource, or it belongs to another account", IDS),
    ("5100", Final, "the resource refused the operation", "look at the state of the connection"),
    ("5200", Final, "the purchase failed", "look into the vendor's console"),
    ("5300", Final, "the account has no balance", "top the account up"),
    ("5400", Ambiguous, "only a part was done", LOOK),
    ("5500", Final, "the account is not certified", "certify it in the vendor's console"),
    ("6000", Ambiguous, "the service failed", LOOK),
    ("6100", Final, "operation or version are not offered", TO_V3),
    ("6200", Final, "the operation is suspended", TO_V3),
];

/// The error that a reply is, if it is one.
#[must_use]
pub fn error(reply: &Reply) -> Option<ApiError> {
    let body = match reply.json() {
        Some(Json::Object(body)) => body,
        _ => Map::new(),
    };
    let response = body.get("Response");
    let request_id = response.and_then(|response| response.get("RequestId")).and_then(Json::as_str).map(str::to_owned);
    if let Some(error) = response.and_then(|response| response.get("Error")).filter(|error| !error.is_null()) {
        let code = error.get("Code").and_then(word).unwrap_or_else(|| "Error".to_owned());
        let message = error.get("Message").and_then(Json::as_str).unwrap_or_default();
        return Some(described(&code, error_row(ERRORS, &code), message, request_id));
    }
    if let Some(number) = body.get("code").and_then(word).filter(|number| number != "0") {
        let name = body.get("codeDesc").and_then(word).filter(|name| name != "Success");
        // A name says more than its number when it has a row of its own.
        let exact = |code: &str| ERRORS.iter().find(|row| row.0 == code);
        let row =
            name.as_deref().and_then(exact).or_else(|| exact(&number)).or_else(|| name.as_deref().and_then(|name| error_row(ERRORS, name)));
        let message = body.get("message").and_then(Json::as_str).unwrap_or_default();
        let code = name.map_or_else(|| number.clone(), |name| if exact(&name).is_some() { name } else { format!("{number} {name}") });
        return Some(described(&code, row, message, None));
    }
    if (200..300).contains(&reply.status) {
        return None;
    }
    Some(ApiError {
        class: Ambiguous,
        code: reply.status.to_string(),
        message: String::new(),
        meaning: "the answer came from a gateway, or was cut",
        advice: LOOK,
        request_id,
    })
}

/// A code as a text, also where it came as a number.
fn word(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn described(code: &str, row: Option<&'static ErrorRow>, message: &str, request_id: Option<String>) -> ApiError {
    let unknown = if code.ends_with("NotFound") || code.starts_with("ResourceNotFound") { NotFound } else { Final };
    let (class, meaning, advice): (Class, _, _) = row.map_or((unknown, "", ""), |row| (row.1, row.2, row.3));
    ApiError { class, code: code.to_owned(), message: without_echo(message, class), meaning, advice, request_id }
}

/// The message without what it may repeat of our request: all of it from where a signed text can begin, and, when it
/// speaks of the key, everything that stands in quotes.
fn without_echo(message: &str, class: Class) -> String {
    let lower = message.to_ascii_lowercase();
    // Lower-casing ASCII moves no byte.
    let cut = |marks: &[&str]| marks.iter().filter_map(|mark| lower.find(mark)).min();
    let parameters =
        ["presharekey=", "presharedkey=", "signature=", "secretid=", "tencentcloudapi.com", "api.qcloud.com", "tc3-hmac-sha256"];
    let signed = ["?", "=", "string to sign", "stringtosign", "srcstr", "server string", "canonical"];
    let mut end = cut(&parameters);
    if matches!(class, Auth | Clock) {
        end = end.into_iter().chain(cut(&signed)).min();
    }
    if lower.contains("presharekey") || lower.contains("presharedkey") {
        end = end.into_iter().chain(message.find(['`', '"', '\'', '[', ':'])).min();
    }
    match end.and_then(|end| message.get(..end)) {
        Some(kept) => format!("{}...", kept.trim_end()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn v3(code: &str, message: &str) -> Reply {
        reply(200, &serde_json::json!({ "Response": { "Error": { "Code": code, "Message": message }, "RequestId": "r-1" } }).to_string())
    }

    #[test]
    fn every_row_is_found_by_its_code() {
        for (place, row) in ERRORS.iter().enumerate() {
            let code = row.0.strip_suffix('*').map_or_else(|| row.0.to_owned(), |head| format!("{head}SomethingNew"));
            let error = error(&v3(&code, "m")).unwrap();
            assert_eq!((error.class, error.meaning, error.advice), (row.1, row.2, row.3), "{code}");
            assert_eq!((error.code.as_str(), error.message.as_str(), error.request_id.as_deref()), (code.as_str(), "m", Some("r-1")));
            assert!(!row.2.is_empty() && !row.3.is_empty() && !row.3.ends_with('.'), "{code}");
            assert!(!ERRORS.iter().take(place).any(|earlier| earlier.0 == row.0), "{code} stands twice");
        }
    }

    #[test]
    fn api_2_0_gives_a_number_or_a_text_and_sometimes_a_name() {
        for (body, class, code) in [
            (r#"{"code":4100,"message":"m","codeDesc":"AuthFailure"}"#, Auth, "4100 AuthFailure"),
            (r#"{"code":"5100","message":"m"}"#, Final, "5100"),
            (r#"{"code":"5100","message":"m","codeDesc":"InvalidVpnConnState"}"#, Busy, "InvalidVpnConnState"),
            (r#"{"code":-3047,"message":"(100004)m","codeDesc":"InvalidVpnGw.NotFound"}"#, NotFound, "InvalidVpnGw.NotFound"),
            (r#"{"code":7,"codeDesc":"InvalidNew.NotFound"}"#, NotFound, "7 InvalidNew.NotFound"),
            (r#"{"code":4500}"#, Ambiguous, "4500"),
        ] {
            let error = error(&reply(200, body)).unwrap();
            assert_eq!((error.class, error.code.as_str()), (class, code), "{body}");
        }
        for body in [r#"{"code":0,"message":"","codeDesc":"Success"}"#, r#"{"code":"0"}"#] {
            assert_eq!(error(&reply(200, body)), None);
        }
        assert!(error(&reply(200, r#"{"code":6100}"#)).unwrap().advice.contains("API 3.0"));
    }

    #[test]
    fn the_body_comes_before_the_status() {
        let body = r#"{"Response":{"Error":{"Code":"ResourceNotFound","Message":""},"RequestId":"r"}}"#;
        for status in [200, 400, 500, 503] {
            assert_eq!(error(&reply(status, body)).unwrap().class, NotFound);
        }
        assert_eq!(error(&v3("SomethingNew", "")).unwrap().class, Final);
        assert_eq!(error(&v3("InvalidThing.NotFound", "")).unwrap().class, NotFound);
        assert_eq!(error(&reply(200, r#"{"Response":{"RequestId":"r"}}"#)), None);
    }

    #[test]
    fn a_status_without_an_error_is_ambiguous_wherever_the_body_is_cut() {
        let whole = r#"{"Response":{"Error":{"Code":"FailedOperation","Message":"x"},"RequestId":"r"}}"#;
        for end in 0..whole.len() {
            for status in [301, 400, 403, 409, 429, 500, 503] {
                assert_eq!(error(&reply(status, &whole[..end])).unwrap().class, Ambiguous);
            }
            assert_eq!(error(&reply(200, &whole[..end])), None);
        }
        for body in ["", "<html>502</html>", "[]", "null", "{\"Response\":null}"] {
            assert_eq!(error(&reply(502, body)).unwrap().class, Ambiguous);
        }
    }

    #[test]
    fn a_message_never_repeats_what_was_signed() {
        for (code, message) in [
            ("AuthFailure.SignatureFailure", "signature mismatch, Server String is: POSTvpc.tencentcloudapi.com/?PreShareKey=canary"),
            ("AuthFailure.SignatureFailure", "mismatch. string to sign: canary"),
            ("InvalidParameterValue.Malformed", "The value `canary` of PreShareKey is malformed"),
            ("InvalidParameterValue", "PreShareKey: canary is wrong"),
            ("InvalidParameter", "bad request Action=X&preSharedKey=canary"),
        ] {
            assert!(!error(&v3(code, message)).unwrap().message.contains("canary"), "{message}");
        }
        let plain = "The value `10` of IKESaLifetimeSeconds is out of range";
        assert_eq!(error(&v3("InvalidParameterValue.Range", plain)).unwrap().message, plain);
    }
}
