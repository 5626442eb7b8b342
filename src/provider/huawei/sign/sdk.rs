//! The signature SDK-HMAC-SHA256, stage by stage.
//!
//! Every stage works from the bytes on the wire, so that signing and verifying use the same functions.
//! Vendor page: "AK/SK signing and authentication algorithm" (API Gateway).

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::model::{Secret, hex};
use crate::wire::{Credentials, Pairs, Request, Signature, Stamp, decode_pairs, encode_pairs, percent_decode, percent_encode};

/// Name of the scheme.
pub const SDK: &str = "SDK-HMAC-SHA256";
/// Header of the time of signing.
pub const DATE: &str = "X-Sdk-Date";
/// Header of the token of temporary credentials.
pub const SECURITY_TOKEN: &str = "X-Security-Token";

/// Headers that are signed when they are sent. Proxies rewrite none of them.
const SIGNED: &[&str] = &["content-type", "host", "x-project-id", "x-sdk-date", "x-security-token"];

/// The parts of a request that its signature covers, as they are on the wire.
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

/// The path with every segment decoded and encoded again, and a slash at its end that the request itself does not have.
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

/// The hash of the body. `X-Sdk-Content-Sha256` overrides it unless the body is empty.
#[must_use]
pub fn payload_hash(wire: &Wire<'_>) -> String {
    match wire.header("x-sdk-content-sha256") {
        Some(given) if !wire.body.is_empty() => given.to_owned(),
        _ => hex(&Sha256::digest(wire.body)),
    }
}

/// The canonical request with the named headers, which must be in lower case and sorted.
#[must_use]
pub fn canonical_request(wire: &Wire<'_>, signed_headers: &[&str]) -> String {
    let header = |name: &&str| format!("{name}:{}\n", wire.header(name).unwrap_or_default().trim());
    let headers: String = signed_headers.iter().map(header).collect();
    [wire.method, &canonical_uri(wire.path), &canonical_query(wire.query), &headers, &signed_headers.join(";"), &payload_hash(wire)]
        .join("\n")
}

/// The string to sign. Only V11-HMAC-SHA256 has a `scope`.
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

/// The `Authorization` header.
#[must_use]
pub fn authorization(algorithm: &str, id: &str, scope: Option<&str>, signed_headers: &[&str], signature: &str) -> String {
    let key = scope.map_or_else(|| format!("Access={id}"), |scope| format!("Credential={id}/{scope}"));
    format!("{algorithm} {key}, SignedHeaders={}, Signature={signature}", signed_headers.join(";"))
}

/// The time of signing, as the header has it.
#[must_use]
pub fn date(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Signs a request with a key pair.
#[must_use]
pub fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
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
    Signature { string_to_sign: Secret::new(text), query: Pairs::new(), form: Pairs::new(), headers }
}

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so there is no error.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
