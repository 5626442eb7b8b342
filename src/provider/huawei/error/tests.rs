use super::*;
use crate::provider::huawei::codes::ERRORS;

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: vec![("x-request-id".to_owned(), "from-header".to_owned())], body: body.as_bytes().to_vec() }
}

fn read_text(status: u16, body: &str) -> ApiError {
    read(&reply(status, body)).unwrap()
}

fn coded(status: u16, code: &str, message: &str) -> ApiError {
    read_text(status, &serde_json::json!({ "error_code": code, "error_msg": message, "request_id": "r-1" }).to_string())
}

#[test]
fn every_row_is_found_and_gives_advice() {
    for (code, class, meaning, advice) in ERRORS {
        let code = code.replace('x', "6");
        let error = coded(400, &code, "said");
        assert_eq!((error.class, error.meaning, error.advice), (*class, *meaning, *advice), "{code}");
        assert_eq!((error.code.as_str(), error.message.as_str(), error.request_id.as_deref()), (code.as_str(), "said", Some("r-1")));
        assert!(!meaning.is_empty() && !advice.is_empty() && !advice.ends_with('.'), "{code}");
        assert!(advice.starts_with(|c: char| c.is_lowercase()), "{code}");
    }
}

#[test]
fn busy_and_rate_codes_differ_from_refusals_of_the_same_status() {
    for (status, code, class) in [
        (400, "VPN.0306", Class::Busy),
        (400, "VPN.0506", Class::Busy),
        (400, "VPN.0507", Class::Busy),
        (400, "VPN.0031", Class::Busy),
        (409, "VPN.0016", Class::Busy),
        (409, "VPN.0017", Class::Busy),
        (400, "VPN.0030", Class::Rate),
        (429, "VPN.0429", Class::Rate),
        (429, "APIGW.0308", Class::Rate),
        (429, "APIG.0308", Class::Rate),
        (429, "VPN.9999", Class::Rate),
        (409, "VPN.9999", Class::Busy),
        (401, "VPN.9999", Class::Auth),
        (400, "VPN.9999", Class::Final),
        (400, "Some.ResourceNotFound", Class::NotFound),
        (500, "VPN.9999", Class::Ambiguous),
        (500, "VPN.0002", Class::Ambiguous),
        (502, "APIGW.0201", Class::Ambiguous),
        (400, "APIGW.0201", Class::Final),
        (404, "VPN.0004", Class::NotFound),
        (404, "APIGW.0101", Class::Final),
        (403, "VPN.0003", Class::Final),
        (401, "APIGW.0301", Class::Auth),
        (401, "APIGW.0303", Class::Clock),
    ] {
        assert_eq!(coded(status, code, "").class, class, "{status} {code}");
    }
}

#[test]
fn message_decides_where_a_code_is_ambiguous() {
    assert_eq!(coded(403, "VPN.0003", "resource (type=GATEWAY, ID=1) is not ready, currently CREATING").class, Class::Busy);
    let late = "Incorrect app authentication information: signature expired, signature time:1,server time:2";
    assert_eq!(coded(401, "APIGW.0303", late).class, Class::Clock);
    assert_eq!(coded(401, "APIGW.0301", late).class, Class::Clock);
    assert_eq!(coded(401, "APIGW.0303", "Incorrect app authentication information: app not found").class, Class::Auth);
    assert_eq!(coded(401, "APIGW.0301", "Incorrect IAM authentication information: token expires").class, Class::Auth);
    let echo = "verify aksk signature fail, canonicalRequest:GET|/|name=server time|";
    assert_eq!(coded(401, "APIGW.0301", echo).class, Class::Auth, "the echoed request is not evidence");
}

#[test]
fn every_shape_is_read() {
    let read = |body: &str| {
        let error = read_text(401, body);
        (error.code, error.message)
    };
    let expected = ("VPN.0010".to_owned(), "no".to_owned());
    for body in [
        r#"{"error_code":"VPN.0010","error_msg":"no"}"#,
        r#"{"errorCode":"VPN.0010","errorMsg":"no"}"#,
        r#"{"code":"VPN.0010","message":"no"}"#,
        r#"{"error":{"code":"VPN.0010","message":"no"}}"#,
        r#"{"error_code":"VPN.0010","error_msg":"no","encoded_authorization_message":"abc"}"#,
    ] {
        assert_eq!(read(body), expected, "{body}");
    }
    assert_eq!(read(r#"{"error":{"code":401,"message":"no","title":"Unauthorized"}}"#), ("401".to_owned(), "no".to_owned()));
    assert_eq!(read_text(401, r#"{"error":{"code":401,"message":"no","title":"Unauthorized"}}"#).class, Class::Auth);
    let late = read_text(401, r#"{"error":{"code":401,"message":"signature expired, signature time:1,server time:2"}}"#);
    assert_eq!(late.class, Class::Clock);
    assert_eq!(read_text(404, r#"{"error":{"code":404,"message":"no"}}"#).class, Class::NotFound);
    assert_eq!(read_text(400, "{}").request_id.as_deref(), Some("from-header"));
}

#[test]
fn success_is_no_error_and_unreadable_replies_are_ambiguous() {
    assert_eq!(read(&reply(200, r#"{"vpn_connection":{},"request_id":"r"}"#)), None);
    assert_eq!(read(&reply(200, "<html>")), None);
    for status in [302, 400, 403, 404, 500, 502, 504] {
        for body in ["", "<html><title>502 Bad Gateway</title></html>", "{\"error_code\":"] {
            assert_eq!(read_text(status, body).class, Class::Ambiguous, "{status} {body}");
        }
    }
    assert_eq!(read_text(429, "<html>").class, Class::Rate);
    assert_eq!(read_text(409, "").class, Class::Busy);
}

#[test]
fn echoed_request_is_cut_from_the_message() {
    let echo = "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:PUT|/v5/p/|psk canary-51cc";
    assert_eq!(coded(401, "APIGW.0301", echo).message, "Incorrect IAM authentication information: verify aksk signature fail");
    let long = coded(400, "VPN.0001", &"é".repeat(500)).message;
    assert_eq!(long.chars().count(), LONGEST_MESSAGE + 3);
}

#[test]
fn sample_errors_are_read_and_truncated_ones_do_not_panic() {
    for (body, status, code, class) in [
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/error-VPN.0001.reply.json")), 400, "VPN.0001", Class::Final),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/error-APIGW.0301.reply.json")), 401, "APIGW.0301", Class::Auth),
        (
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/error-APIGW.0303.reply.json")),
            401,
            "APIGW.0303",
            Class::Clock,
        ),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/error-VPN.0003.reply.json")), 403, "VPN.0003", Class::Busy),
        (
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/error-code-message.reply.json")),
            400,
            "VPN.0001",
            Class::Final,
        ),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/error-iam.reply.json")), 401, "401", Class::Auth),
    ] {
        let error = read_text(status, body);
        assert_eq!((error.code.as_str(), error.class), (code, class));
        for end in 0..body.len() {
            for status in [200, 400, 401, 403, 404, 409, 429, 500, 503] {
                let _ = read(&Reply { status, headers: vec![], body: body.as_bytes()[..end].to_vec() });
            }
        }
    }
}
