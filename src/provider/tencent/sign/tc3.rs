//! TC3-HMAC-SHA256, the signature of API 3.0.
//!
//! <https://www.tencentcloud.com/document/product/215/32210>

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::model::{Secret, hex};
use crate::wire::{Credentials, Request, Signature, Stamp};

/// Name of the scheme, at the head of the string to sign and of the `Authorization` header.
pub const NAME: &str = "TC3-HMAC-SHA256";

/// Replaces the body when the body is not signed.
pub const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// The service in the credential scope, the same for every host.
pub const SERVICE: &str = "vpc";

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// The canonical request: method, path, query as it is sent, signed headers, their names, hash of the body.
#[must_use]
pub fn canonical_request(method: &str, query: &str, headers: &[(String, String)], body: &[u8]) -> String {
    let lines: Vec<String> = sorted(headers).into_iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let payload = sha256_hex(body);
    format!("{method}\n/\n{query}\n{}\n{}\n{payload}", lines.concat(), signed_headers(headers))
}

/// The names of the signed headers, joined with semicolons.
#[must_use]
pub fn signed_headers(headers: &[(String, String)]) -> String {
    let names: Vec<String> = sorted(headers).into_iter().map(|(name, _)| name).collect();
    names.join(";")
}

fn sorted(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut rows: Vec<_> = headers.iter().map(|(name, value)| (name.to_lowercase(), value.trim().to_lowercase())).collect();
    rows.sort();
    rows
}

/// The credential scope: day, service and a fixed end.
#[must_use]
pub fn scope(date: &str) -> String {
    format!("{date}/{SERVICE}/tc3_request")
}

/// The string to sign: scheme, time, scope and the hash of the canonical request.
#[must_use]
pub fn string_to_sign(timestamp: i64, date: &str, canonical: &str) -> String {
    format!("{NAME}\n{timestamp}\n{}\n{}", scope(date), sha256_hex(canonical.as_bytes()))
}

/// The keys derived from the secret: for the day, for the service, and for signing.
#[must_use]
pub fn keys(secret: &str, date: &str) -> [Vec<u8>; 3] {
    let day = hmac(format!("TC3{secret}").as_bytes(), date);
    let service = hmac(&day, SERVICE);
    let signing = hmac(&service, "tc3_request");
    [day, service, signing]
}

/// The signature in lower-case hex.
#[must_use]
pub fn signature(secret: &str, date: &str, text: &str) -> String {
    let [_, _, signing] = keys(secret, date);
    hex(&hmac(&signing, text))
}

/// The value of the `Authorization` header.
#[must_use]
pub fn authorization(id: &str, date: &str, signed_headers: &str, signature: &str) -> String {
    format!("{NAME} Credential={id}/{}, SignedHeaders={signed_headers}, Signature={signature}", scope(date))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Signs a request, content type and host included. Adds time, token and `Authorization` as headers.
#[must_use]
pub fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    // The scope holds the UTC day.
    let (timestamp, date) = (stamp.time.timestamp(), stamp.time.format("%Y-%m-%d").to_string());
    let mut headers = Vec::new();
    let content_type = request.content_type().unwrap_or_else(|| {
        let form = "application/x-www-form-urlencoded";
        headers.push(("Content-Type".to_owned(), form.to_owned()));
        form
    });
    let signed = vec![("content-type".to_owned(), content_type.to_owned()), ("host".to_owned(), request.endpoint.authority.clone())];
    let canonical = canonical_request(request.method.as_str(), &request.query_string(), &signed, request.body_text().as_bytes());
    let text = string_to_sign(timestamp, &date, &canonical);
    let made = signature(credentials.secret.expose(), &date, &text);
    headers.push(("X-TC-Timestamp".to_owned(), timestamp.to_string()));
    if let Some(token) = &credentials.token {
        headers.push(("X-TC-Token".to_owned(), token.expose().to_owned()));
    }
    headers.push(("Authorization".to_owned(), authorization(&credentials.id, &date, &signed_headers(&signed), &made)));
    Signature { string_to_sign: Secret::new(text), query: Vec::new(), form: Vec::new(), headers }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::super::vectors::{credentials, text, vectors};
    use super::*;
    use crate::wire::{Body, Endpoint, Method, decode_pairs};

    #[test]
    fn vectors_replay_stage_by_stage() {
        let mut count = 0;
        for vector in vectors().iter().filter(|vector| text(vector, "/kind").contains("TC3")) {
            let id = text(vector, "/id");
            let headers = ["content-type", "host"].map(|name| (name.to_owned(), text(vector, &format!("/http/headers/{name}")).to_owned()));
            let canonical = canonical_request(
                text(vector, "/http/method"),
                text(vector, "/http/raw_query"),
                &headers,
                text(vector, "/http/body").as_bytes(),
            );
            assert_eq!(canonical, text(vector, "/expect/canonical_request"), "{id}");
            assert_eq!(signed_headers(&headers), text(vector, "/expect/signed_headers"), "{id}");
            let (timestamp, date) = (vector["chosen"]["timestamp"].as_i64().unwrap(), text(vector, "/expect/date"));
            assert_eq!(scope(date), text(vector, "/expect/credential_scope"), "{id}");
            let to_sign = string_to_sign(timestamp, date, &canonical);
            assert_eq!(to_sign, text(vector, "/expect/string_to_sign"), "{id}");
            let made = signature(text(vector, "/credentials/secret_key"), date, &to_sign);
            assert_eq!(made, text(vector, "/expect/signature"), "{id}");
            let whole = authorization(text(vector, "/credentials/secret_id"), date, &signed_headers(&headers), &made);
            assert_eq!(whole, text(vector, "/expect/authorization"), "{id}");
            count += 1;
        }
        assert_eq!(count, 5);
    }

    #[test]
    fn signed_request_has_the_vendors_headers() {
        for vector in vectors().iter().filter(|vector| text(vector, "/kind").contains("TC3")) {
            let is_get = text(vector, "/http/method") == "GET";
            let request = Request {
                operation: "DescribeVpnConnections",
                method: if is_get { Method::Get } else { Method::Post },
                endpoint: Endpoint::https(text(vector, "/http/host")),
                path: "/".to_owned(),
                query: decode_pairs(text(vector, "/http/raw_query")).unwrap(),
                headers: Vec::new(),
                body: if is_get { Body::Empty } else { Body::Json(text(vector, "/http/body").to_owned()) },
            };
            let time = DateTime::from_timestamp(vector["chosen"]["timestamp"].as_i64().unwrap(), 0).unwrap();
            let signature = sign(&request, &credentials(vector), &Stamp { time, nonce: Uuid::nil() });
            let header = |name: &str| signature.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str());
            assert_eq!(header("Authorization"), Some(text(vector, "/expect/authorization")));
            assert_eq!(header("X-TC-Token"), vector["credentials"]["token"].as_str());
        }
    }

    #[test]
    fn worked_example() {
        let (secret, date) = ("FAKEfakeFAKEkeyNOTrealNOTreal000", "2023-11-14");
        let body = r#"{"VpnConnectionId": "vpnx-f49l6u0z", "PreShareKey": "a b+c&d"}"#;
        assert_eq!(sha256_hex(body.as_bytes()), "87f863d2c0ccffbb3cbbc4b0ff77ce001bb001e28574b91d0d189cc451e06949");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [pair("Content-Type", "application/json"), pair("Host", "vpc.tencentcloudapi.com")];
        let canonical = canonical_request("POST", "", &headers, body.as_bytes());
        assert_eq!(sha256_hex(canonical.as_bytes()), "7c772e4ab5e07003cc27bd091d333cb5db38597fa711a88e5c4c8d948712d1ba");
        assert_eq!(
            keys(secret, date).map(|key| hex(&key)),
            [
                "34876ce356388e405530022f8c0a9ffa39a6866a54ddab08eeaaf2991fa18001",
                "f24dcd2244d9779dc5a4abf58deeacb8cd3dcd147ea5b896b7baf09c066508ec",
                "d1401153c3d7943856107c03db7e3d7b00fd49372a012e25247467cdbfe32631",
            ]
        );
        let made = signature(secret, date, &string_to_sign(1_700_000_000, date, &canonical));
        assert_eq!(made, "f924182392b120936f58b96839bef1854718b42586947101bae20c892f221c37");
        let headers = [
            pair("Content-Type", "application/json; charset=utf-8"),
            pair("Host", "vpc.tencentcloudapi.com"),
            pair("X-TC-Action", "ModifyVpnConnectionAttribute"),
        ];
        let canonical = canonical_request("POST", "", &headers, body.as_bytes());
        assert_eq!(sha256_hex(canonical.as_bytes()), "2ad295e38e21fc979a68eaa6b0fe0cc1ddd3413ec6426d373dd0b41485fa1334");
        let made = signature(secret, date, &string_to_sign(1_700_000_000, date, &canonical));
        assert_eq!(made, "330a3fb12d4654ef129397eb8597f0fa41ed2a1d285b9de9231ffd9e347f1684");
    }
}
