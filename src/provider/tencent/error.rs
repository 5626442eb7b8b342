//! Errors in replies. Their HTTP status is 200; API 3.0 has them in `Response.Error`, API 2.0 in `code` and `codeDesc`.

use serde_json::{Map, Value as Json};

use super::codes::{ERRORS, LOOK};
use crate::error::Class::{Ambiguous, Auth, Clock, Final, NotFound};
use crate::error::{ApiError, Class};
use crate::provider::field::without_secrets;
use crate::provider::{ErrorRow, error_row, may_follow_execution};
use crate::wire::Reply;

/// Reads the error in a reply, if there is one.
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
        return Some(described(&code, error_row(ERRORS, &code), message, reply.status, request_id));
    }
    if let Some(number) = body.get("code").and_then(word).filter(|number| number != "0") {
        return Some(error_v2(&body, number, reply.status));
    }
    if (200..300).contains(&reply.status) {
        return None;
    }
    Some(ApiError {
        class: Ambiguous,
        code: reply.status.to_string(),
        message: String::new(),
        meaning: "the reply did not come from the service itself, or was cut off",
        advice: LOOK,
        request_id,
    })
}

fn error_v2(body: &Map<String, Json>, number: String, status: u16) -> ApiError {
    let name = body.get("codeDesc").and_then(word).filter(|name| name != "Success");
    let exact = |code: &str| ERRORS.iter().find(|row| row.0 == code);
    // A name with a row of its own says more than the number.
    let row =
        name.as_deref().and_then(exact).or_else(|| exact(&number)).or_else(|| name.as_deref().and_then(|name| error_row(ERRORS, name)));
    let message = body.get("message").and_then(Json::as_str).unwrap_or_default();
    let code = match name {
        Some(name) if exact(&name).is_some() => name,
        Some(name) => format!("{number} {name}"),
        None => number,
    };
    described(&code, row, message, status, None)
}

/// A code, which may come as a text or a number.
fn word(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn described(code: &str, row: Option<&'static ErrorRow>, message: &str, status: u16, request_id: Option<String>) -> ApiError {
    let unknown = match code {
        code if code.ends_with("NotFound") || code.starts_with("ResourceNotFound") => (NotFound, "", ""),
        code if status >= 500 || may_follow_execution(code) => (Ambiguous, "", LOOK),
        _ => (Final, "", ""),
    };
    let (class, meaning, advice): (Class, _, _) = row.map_or(unknown, |row| (row.1, row.2, row.3));
    ApiError { class, code: code.to_owned(), message: without_secrets(&without_echo(message, class)), meaning, advice, request_id }
}

/// The message without what it may repeat of our request. It is cut where a signed text can begin, and, when it
/// mentions the key, where a value can begin.
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
    use crate::error::Class::Busy;

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
    fn api_2_0_has_a_number_or_a_text_and_sometimes_a_name() {
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
    fn body_takes_precedence_over_status() {
        let body = r#"{"Response":{"Error":{"Code":"ResourceNotFound","Message":""},"RequestId":"r"}}"#;
        for status in [200, 400, 500, 503] {
            assert_eq!(error(&reply(status, body)).unwrap().class, NotFound);
        }
        assert_eq!(error(&v3("SomethingNew", "")).unwrap().class, Final);
        assert_eq!(error(&v3("InvalidThing.NotFound", "")).unwrap().class, NotFound);
        assert_eq!(error(&reply(200, r#"{"Response":{"RequestId":"r"}}"#)), None);
    }

    #[test]
    fn status_without_error_is_ambiguous_wherever_the_body_is_cut() {
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
    fn message_never_repeats_what_was_signed() {
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
