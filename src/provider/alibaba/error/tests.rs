//! Each code of the table, each sample of the vendor's pages, and each sample cut short.

use super::*;
use crate::wire::Pairs;

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: Pairs::new(), body: body.as_bytes().to_vec() }
}

fn json(code: &str) -> String {
    format!(
        r#"{{"RequestId":"R-1","HostId":"vpc.aliyuncs.com","Code":"{code}","Message":"The name is not valid","Recommend":"https://x"}}"#
    )
}

fn xml(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><RequestId>R-1</RequestId><HostId>vpc.aliyuncs.com</HostId><Code>{code}</Code>\
         <Message>a &lt;b&gt; &#38; c</Message><Recommend/></Error>"
    )
}

#[test]
fn each_code_is_found_at_any_status_in_both_formats() {
    for (code, class, meaning, advice) in ERRORS.iter().filter(|row| row.0 != DRY_RUN) {
        let code = code.replace(".*", ".Something");
        for status in [200, 400, 403, 404, 409, 429, 500, 503] {
            for body in [json(&code), xml(&code)] {
                let error = error(&reply(status, &body)).unwrap();
                assert_eq!((error.class, error.code.as_str(), error.request_id.as_deref()), (*class, code.as_str(), Some("R-1")));
                assert_eq!((error.meaning, error.advice), (*meaning, *advice));
            }
        }
        for text in [meaning, advice] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{code}");
        }
    }
}

#[test]
fn codes_are_listed_once() {
    let mut codes: Vec<_> = ERRORS.iter().map(|row| row.0).collect();
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn unknown_codes_are_final_when_the_body_parsed() {
    assert_eq!(error(&reply(400, &json("Brand.New"))).unwrap().class, Class::Final);
    assert_eq!(error(&reply(400, &json("Brand.NotFound"))).unwrap().class, Class::NotFound);
    assert_eq!(error(&reply(400, &json("Throttling.Brand.New"))).unwrap().class, Class::Rate);
    assert_eq!(error(&reply(400, &json("ThrottlingNot"))).unwrap().class, Class::Final);
}

#[test]
fn a_body_without_an_error_is_ambiguous() {
    for body in ["", "<html><body>502</body></html>", "{}", "[]", "{\"Code\":", "<Error><Code>X</Code>", "null"] {
        for status in [302, 400, 500, 502] {
            let error = error(&reply(status, body)).unwrap();
            assert_eq!((error.class, error.code), (Class::Ambiguous, status.to_string()), "{body}");
        }
    }
    assert_eq!(error(&reply(200, "{}")), None);
    assert_eq!(error(&reply(200, r#"{"Code":"200","Message":"OK"}"#)), None);
}

#[test]
fn a_dry_run_that_passed_is_not_an_error() {
    assert_eq!(error(&reply(400, &json(DRY_RUN))), None);
}

#[test]
fn lower_case_fields_are_read_and_xml_is_decoded() {
    let error_lower = error(&reply(400, r#"{"code":"InvalidName","message":"m","requestId":"r"}"#)).unwrap();
    assert_eq!(
        (error_lower.code.as_str(), error_lower.message.as_str(), error_lower.request_id.as_deref()),
        ("InvalidName", "m", Some("r"))
    );
    assert_eq!(error(&reply(400, &xml("InvalidName"))).unwrap().message, "a <b> & c");
}

#[test]
fn entities_and_dtds_are_refused() {
    let bomb = "<!DOCTYPE Error [<!ENTITY a \"x\">]><Error><Code>&a;</Code></Error>";
    assert_eq!(error(&reply(400, bomb)).unwrap().class, Class::Ambiguous);
    assert_eq!(error(&reply(400, "<Error><Code>&a;</Code></Error>")).unwrap().class, Class::Ambiguous);
    let deep = format!("<Error>{}", "<a>".repeat(100_000));
    assert_eq!(error(&reply(400, &deep)).unwrap().class, Class::Ambiguous);
}

#[test]
fn the_string_to_sign_is_cut_from_the_message() {
    for message in [
        "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&IkeConfig%3Dcanary",
        "server StringToSign is [ACS3-HMAC-SHA256 canary]",
        "CanonicalRequest canary",
    ] {
        for code in ["SignatureDoesNotMatch", "IncompleteSignature", "Brand.New"] {
            let body = serde_json::json!({ "Code": code, "Message": message }).to_string();
            let error = error(&reply(400, &body)).unwrap();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }
}

#[test]
fn the_samples_of_the_vendors_pages_are_read() {
    for (body, class) in [
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-VpnConnection.Configuring.reply.json")), Class::Busy),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-InvalidName.reply.json")), Class::Final),
        (
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-InvalidVpnConnectionInstanceId.NotFound.reply.json")),
            Class::NotFound,
        ),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-SignatureDoesNotMatch.reply.json")), Class::Auth),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-Throttling.User.reply.xml")), Class::Rate),
    ] {
        let whole = error(&reply(400, body)).unwrap();
        assert_eq!(whole.class, class);
        assert!(!whole.message.contains("Psk"), "{}", whole.message);
        for cut in 0..body.len() {
            if let Some(head) = body.get(..cut) {
                let error = error(&reply(400, head)).unwrap();
                assert!(error.class == Class::Ambiguous || error.code == whole.code, "{head}");
            }
        }
    }
}
