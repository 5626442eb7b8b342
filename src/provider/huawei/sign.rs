//! The signatures SDK-HMAC-SHA256 and V11-HMAC-SHA256, stage by stage.
//!
//! Every stage works from what stands on the wire, so that the client and whoever verifies can use the same functions.
//! Vendor page: "AK/SK signing and authentication algorithm" (API Gateway).

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::model::Secret;
use crate::model::hex;
use crate::wire::Credentials;
use crate::wire::{Pairs, Request, Signature, Stamp, decode_pairs, encode_pairs, percent_decode, percent_encode};

/// The scheme of a plain key pair.
pub const SDK: &str = "SDK-HMAC-SHA256";
/// The scheme of a key derived for one day, region and service.
pub const V11: &str = "V11-HMAC-SHA256";
/// Header of the time of signing.
pub const DATE: &str = "X-Sdk-Date";
/// Header of the token of temporary credentials.
pub const SECURITY_TOKEN: &str = "X-Security-Token";
/// Header of an IAM token.
pub const AUTH_TOKEN: &str = "X-Auth-Token";

/// Headers that are signed when they are sent: none that anything on the way rewrites.
const SIGNED: &[&str] = &["content-type", "host", "x-project-id", "x-sdk-date", "x-security-token"];

/// What of a request goes into its signature, as it is on the wire.
#[derive(Clone, Copy)]
pub struct Wire<'a> {
    /// Method.
    pub method: &'a str,
    /// Path, encoded.
    pub path: &'a str,
    /// Query, encoded, without its `?`.
    pub query: &'a str,
    /// Headers, names in any case.
    pub headers: &'a [(String, String)],
    /// Body.
    pub body: &'a [u8],
}

impl Wire<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The path with every segment encoded anew, and a slash at its end that the request itself does not have.
#[must_use]
pub fn canonical_uri(path: &str) -> String {
    let segment = |part: &str| percent_encode(&percent_decode(part).unwrap_or_else(|| part.to_owned()));
    let mut uri = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// The query sorted by decoded name, then value, and encoded.
#[must_use]
pub fn canonical_query(query: &str) -> String {
    let mut pairs = decode_pairs(query).unwrap_or_default();
    pairs.sort();
    encode_pairs(&pairs)
}

/// The hash of the body, or what `X-Sdk-Content-Sha256` says of a body that is there.
#[must_use]
pub fn payload_hash(wire: &Wire<'_>) -> String {
    match wire.header("x-sdk-content-sha256") {
        Some(given) if !wire.body.is_empty() => given.to_owned(),
        _ => hex(&Sha256::digest(wire.body)),
    }
}

/// The canonical request over the named headers, which are lower case and sorted.
#[must_use]
pub fn canonical_request(wire: &Wire<'_>, signed_headers: &[&str]) -> String {
    let header = |name: &&str| format!("{name}:{}\n", wire.header(name).unwrap_or_default().trim());
    let headers: String = signed_headers.iter().map(header).collect();
    [wire.method, &canonical_uri(wire.path), &canonical_query(wire.query), &headers, &signed_headers.join(";"), &payload_hash(wire)]
        .join("\n")
}

/// The string to sign; `scope` for [`V11`] only.
#[must_use]
pub fn string_to_sign(algorithm: &str, date: &str, scope: Option<&str>, canonical_request: &str) -> String {
    let hash = hex(&Sha256::digest(canonical_request.as_bytes()));
    match scope {
        Some(scope) => [algorithm, date, scope, &hash].join("\n"),
        None => [algorithm, date, &hash].join("\n"),
    }
}

/// The signature of a string.
#[must_use]
pub fn signature(key: &str, string_to_sign: &str) -> String {
    hex(&hmac(key.as_bytes(), string_to_sign.as_bytes()))
}

/// The first half of a key derivation: the access key is the salt.
#[must_use]
pub fn pseudo_random_key(id: &str, secret: &str) -> Vec<u8> {
    hmac(id.as_bytes(), secret.as_bytes())
}

/// The key of [`V11`] for a scope `YYYYMMDD/region/service`: one block of HKDF, used as hex text.
#[must_use]
pub fn derived_key(id: &str, secret: &str, scope: &str) -> String {
    hex(&hmac(&pseudo_random_key(id, secret), &[scope.as_bytes(), &[1]].concat()))
}

/// The `Authorization` header.
#[must_use]
pub fn authorization(algorithm: &str, id: &str, scope: Option<&str>, signed_headers: &[&str], signature: &str) -> String {
    let key = scope.map_or_else(|| format!("Access={id}"), |scope| format!("Credential={id}/{scope}"));
    format!("{algorithm} {key}, SignedHeaders={}, Signature={signature}", signed_headers.join(";"))
}

/// The time of signing as the header has it.
#[must_use]
pub fn date(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Signs a request. A bearer token takes the place of the signature.
#[must_use]
pub fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (query, form) = (Pairs::new(), Pairs::new());
    if let Some(token) = &credentials.bearer {
        return Signature { string_to_sign: Secret::new(""), query, form, headers: vec![header(AUTH_TOKEN, token.expose())] };
    }
    let date = date(stamp.time);
    let mut headers = vec![header(DATE, &date)];
    headers.extend(credentials.token.iter().map(|token| header(SECURITY_TOKEN, token.expose())));
    let mut sent = request.wire_headers();
    sent.extend(headers.iter().cloned());
    let body = request.body_text();
    let (path, encoded) = (&request.path, request.query_string());
    let wire = Wire { method: request.method.as_str(), path, query: &encoded, headers: &sent, body: body.as_bytes() };
    let signed: Vec<&str> = SIGNED.iter().copied().filter(|name| wire.header(name).is_some()).collect();
    let text = string_to_sign(SDK, &date, None, &canonical_request(&wire, &signed));
    let signature = signature(credentials.secret.expose(), &text);
    headers.push(("Authorization".to_owned(), authorization(SDK, &credentials.id, None, &signed, &signature)));
    Signature { string_to_sign: Secret::new(text), query, form, headers }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length; the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::wire::{Body, Endpoint, Method};

    const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signing/huawei/huawei.json"));
    const ID: &str = "FAKEAK00000000EXAMPLE";
    const KEY: &str = "FAKEsk000000000000000000000000000EXAMPLEKEY";
    const PROJECT: &str = "0123456789abcdef0123456789abcdef";

    fn pairs(json: &Json) -> Pairs {
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        json.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
    }

    #[test]
    fn every_vector_is_reproduced_stage_by_stage() {
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
    fn worked_example_of_an_update_is_reproduced() {
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
    fn worked_example_of_a_list_is_reproduced() {
        let query = vec![("limit".to_owned(), "2".to_owned()), ("marker".to_owned(), "2026-01-26T13:41:34.626Z".to_owned())];
        let request = request(Method::Get, &format!("/v5/{PROJECT}/vpn-connection"), query, Body::Empty);
        let signature = sign(&request, &credentials(), &stamp());
        assert!(signature.string_to_sign.expose().ends_with("1f0aeaff520352f3dd5cfe41711e6148b54bf29d703100edc5d568075134e87b"));
        assert!(signature.headers.last().unwrap().1.ends_with("af719e198f2819f085f10d863b312eb7626b9568bcfa1f7d94487cf0717caada"));
    }

    #[test]
    fn worked_example_of_a_derived_key_is_reproduced() {
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
    fn a_body_less_request_hashes_nothing() {
        let wire = Wire { method: "POST", path: "/", query: "", headers: &[], body: b"" };
        assert_eq!(payload_hash(&wire), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let headers = [("X-Sdk-Content-Sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned())];
        assert_eq!(payload_hash(&Wire { headers: &headers, body: b"x", ..wire }), "UNSIGNED-PAYLOAD");
        assert_ne!(payload_hash(&Wire { headers: &headers, ..wire }), "UNSIGNED-PAYLOAD");
    }

    #[test]
    fn a_temporary_token_is_sent_and_signed() {
        let credentials = Credentials { token: Some(Secret::new("temporary")), ..credentials() };
        let signature = sign(&worked_update(), &credentials, &stamp());
        assert!(signature.headers.contains(&(SECURITY_TOKEN.to_owned(), "temporary".to_owned())));
        assert!(signature.headers.last().unwrap().1.contains("x-sdk-date;x-security-token, "));
    }

    #[test]
    fn a_bearer_token_replaces_the_signature() {
        let credentials = Credentials { bearer: Some(Secret::new("iam-token")), ..credentials() };
        let signature = sign(&worked_update(), &credentials, &stamp());
        assert_eq!(signature.headers, [(AUTH_TOKEN.to_owned(), "iam-token".to_owned())]);
    }

    #[test]
    fn the_canonical_path_is_encoded_anew_and_ends_with_a_slash() {
        assert_eq!(canonical_uri("/a%2fb/c d"), "/a%2Fb/c%20d/");
        assert_eq!(canonical_uri("/"), "/");
        assert_eq!(canonical_query("b=2&a&b=1"), "a=&b=1&b=2");
    }
}
