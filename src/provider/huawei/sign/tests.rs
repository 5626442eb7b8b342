use chrono::DateTime;
use serde_json::Value as Json;

use super::sdk::{
    DATE, SECURITY_TOKEN, Wire, authorization, canonical_query, canonical_request, canonical_uri, payload_hash, signature, string_to_sign,
};
use super::v11::{V11, derived_key, pseudo_random_key};
use super::*;
use crate::model::{Secret, hex};
use crate::wire::{Body, Endpoint, Method, Pairs, encode_pairs};

const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signing/huawei/huawei.json"));
const ID: &str = "FAKEAK00000000EXAMPLE";
const KEY: &str = "FAKEsk000000000000000000000000000EXAMPLEKEY";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

fn pairs(json: &Json) -> Pairs {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    json.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

#[test]
fn every_vector_matches_stage_by_stage() {
    let vectors: Json = serde_json::from_str(VECTORS).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let (request, expect, id) = (&vector["request"], &vector["expect"], vector["id"].as_str().unwrap());
        let headers = pairs(&request["headers"]);
        let text = |json: &'_ Json| json.as_str().unwrap_or_default().to_owned();
        let body = text(&request["body"]);
        let (method, path, query) = (text(&request["method"]), text(&request["path"]), text(&request["query"]));
        let wire = Wire { method: &method, path: &path, query: &query, headers: &headers, body: body.as_bytes() };
        let signed: Vec<&str> = expect["signed_headers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let mut input = pairs(&vector["input"]["query"]);
        input.sort();
        assert_eq!(encode_pairs(&input), query, "{id}: query");
        assert_eq!(canonical_query(&query), query, "{id}: canonical query");
        assert_eq!(payload_hash(&wire), expect["payload_hash"], "{id}: payload");
        let canonical = canonical_request(&wire, &signed);
        assert_eq!(canonical, expect["canonical_request"], "{id}: canonical request");
        let (access, secret) = (text(&vector["credentials"]["access_key"]), text(&vector["credentials"]["secret_key"]));
        let (date, algorithm) = (text(&expect["x_sdk_date"]), text(&vector["algorithm"]));
        let scope = vector["derived"]["region_id"]
            .as_str()
            .map(|region| format!("{}/{region}/{}", &date[..8], vector["derived"]["service"].as_str().unwrap()));
        let key = scope.as_ref().map_or_else(|| secret.clone(), |scope| derived_key(&access, &secret, scope));
        let to_sign = string_to_sign(&algorithm, &date, scope.as_deref(), &canonical);
        assert_eq!(to_sign, expect["string_to_sign"], "{id}: string to sign");
        let made = signature(&key, &to_sign);
        assert_eq!(made, expect["signature"], "{id}: signature");
        assert_eq!(authorization(&algorithm, &access, scope.as_deref(), &signed, &made), expect["authorization"], "{id}: header");
    }
}

fn credentials() -> Credentials {
    Credentials { id: ID.to_owned(), secret: Secret::new(KEY), token: None, bearer: None }
}

fn stamp() -> Stamp {
    let time = DateTime::parse_from_rfc3339("2026-01-02T03:04:05Z").unwrap().to_utc();
    Stamp { time, nonce: uuid::Uuid::nil() }
}

fn request(method: Method, path: &str, query: Pairs, body: Body) -> Request {
    let endpoint = Endpoint::https("vpn.cn-north-4.myhuaweicloud.com");
    let headers = vec![("X-Project-Id".to_owned(), PROJECT.to_owned())];
    Request { operation: "Test", method, endpoint, path: path.to_owned(), query, headers, body }
}

fn worked_update() -> Request {
    let path = format!("/v5/{PROJECT}/vpn-connection/11111111-2222-4333-8444-555555555555");
    request(Method::Put, &path, vec![], Body::Json(r#"{"vpn_connection":{"name":"branch-1"}}"#.to_owned()))
}

#[test]
fn worked_example_of_an_update_matches() {
    let signature = sign(&worked_update(), &credentials(), &stamp());
    assert_eq!(
        signature.string_to_sign.expose(),
        "SDK-HMAC-SHA256\n20260102T030405Z\ne3d331e78fa34bcf43334d647003b8405c32ac345fbdbca49354f637cc90b91e"
    );
    assert_eq!(
        signature.headers.last().unwrap().1,
        "SDK-HMAC-SHA256 Access=FAKEAK00000000EXAMPLE, SignedHeaders=content-type;host;x-project-id;x-sdk-date, \
         Signature=59ab343249544e442bd7153231c78fea7683bccb18ba27b79c10729fafd2cb03"
    );
}

#[test]
fn worked_example_of_a_list_matches() {
    let query = vec![("limit".to_owned(), "2".to_owned()), ("marker".to_owned(), "2026-01-26T13:41:34.626Z".to_owned())];
    let request = request(Method::Get, &format!("/v5/{PROJECT}/vpn-connection"), query, Body::Empty);
    let signature = sign(&request, &credentials(), &stamp());
    assert!(signature.string_to_sign.expose().ends_with("1f0aeaff520352f3dd5cfe41711e6148b54bf29d703100edc5d568075134e87b"));
    assert!(signature.headers.last().unwrap().1.ends_with("af719e198f2819f085f10d863b312eb7626b9568bcfa1f7d94487cf0717caada"));
}

#[test]
fn worked_example_of_a_derived_key_matches() {
    let scope = "20260102/cn-north-4/vpn";
    assert_eq!(hex(&pseudo_random_key(ID, KEY)), "82c9e0218dd76a0883d488a0d646b53866c3be05c5e4916db11fb70437e26b7f");
    let key = derived_key(ID, KEY, scope);
    assert_eq!(key, "3e1a5a8e776b12efd96ce83c1870d32f386d90dc122e62d9ef0536280e7354af");
    let mut headers = worked_update().wire_headers();
    headers.push((DATE.to_owned(), "20260102T030405Z".to_owned()));
    let (path, body) = (worked_update().path, worked_update().body_text());
    let wire = Wire { method: "PUT", path: &path, query: "", headers: &headers, body: body.as_bytes() };
    let canonical = canonical_request(&wire, &["content-type", "host", "x-project-id", "x-sdk-date"]);
    let text = string_to_sign(V11, "20260102T030405Z", Some(scope), &canonical);
    assert_eq!(signature(&key, &text), "548b9a19cf551f587b2bdee95b0097264974bb6e0f0dd484d575a2d8b36257fd");
}

#[test]
fn request_without_a_body_hashes_the_empty_string() {
    let wire = Wire { method: "POST", path: "/", query: "", headers: &[], body: b"" };
    assert_eq!(payload_hash(&wire), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let headers = [("X-Sdk-Content-Sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned())];
    assert_eq!(payload_hash(&Wire { headers: &headers, body: b"x", ..wire }), "UNSIGNED-PAYLOAD");
    assert_ne!(payload_hash(&Wire { headers: &headers, ..wire }), "UNSIGNED-PAYLOAD");
}

#[test]
fn temporary_token_is_sent_and_signed() {
    let credentials = Credentials { token: Some(Secret::new("temporary")), ..credentials() };
    let signature = sign(&worked_update(), &credentials, &stamp());
    assert!(signature.headers.contains(&(SECURITY_TOKEN.to_owned(), "temporary".to_owned())));
    assert!(signature.headers.last().unwrap().1.contains("x-sdk-date;x-security-token, "));
}

#[test]
fn bearer_token_replaces_the_signature() {
    let credentials = Credentials { bearer: Some(Secret::new("iam-token")), ..credentials() };
    let signature = sign(&worked_update(), &credentials, &stamp());
    assert_eq!(signature.headers, [(AUTH_TOKEN.to_owned(), "iam-token".to_owned())]);
}

#[test]
fn canonical_path_is_normalized_and_ends_with_a_slash() {
    assert_eq!(canonical_uri("/a%2fb/c d"), "/a%2Fb/c%20d/");
    assert_eq!(canonical_uri("/"), "/");
    assert_eq!(canonical_query("b=2&a&b=1"), "a=&b=1&b=2");
}
