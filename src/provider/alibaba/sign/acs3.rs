//! Signature `acs3-hmac-sha256`, documented by the vendor as "V3 request structure and signature mechanism".

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::rpc::TIME;
use crate::model::{Secret, hex};
use crate::wire::{Credentials, Pairs, Request, Signature, Stamp, encode_pairs};

/// The algorithm's name in the `Authorization` header and the string to sign.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The query, sorted by name. Form parameters are not part of it: the payload hash covers them.
pub fn canonical_query(query: &[(String, String)]) -> String {
    let mut pairs = query.to_vec();
    pairs.sort();
    encode_pairs(&pairs)
}

/// The SHA-256 of the body's bytes, in lower-case hex.
pub fn payload_hash(body: &[u8]) -> String {
    hex(Sha256::digest(body).as_slice())
}

/// The names of the headers to sign: lower-case, sorted, joined with semicolons.
pub fn signed_headers(headers: &[(String, String)]) -> String {
    names(headers).join(";")
}

fn names(headers: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> = headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}

/// The canonical request. All headers given are signed.
pub fn canonical_request(method: &str, path: &str, query: &str, headers: &[(String, String)], payload_hash: &str) -> String {
    let line = |name: &String| {
        let same = headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let mut values: Vec<&str> = same.map(|(_, value)| value.trim()).collect();
        values.sort_unstable();
        format!("{name}:{}\n", values.join(","))
    };
    let block: String = names(headers).iter().map(line).collect();
    [method, path, query, &block, &signed_headers(headers), payload_hash].join("\n")
}

/// The string to sign: the algorithm and the hash of the canonical request.
pub fn string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", hex(Sha256::digest(canonical_request.as_bytes()).as_slice()))
}

/// The signature: HMAC-SHA256 with the plain secret as the key, in lower-case hex.
pub fn signature(secret: &Secret, string_to_sign: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return String::new() };
    mac.update(string_to_sign.as_bytes());
    hex(mac.finalize().into_bytes().as_slice())
}

/// The `Authorization` header.
pub fn authorization(id: &str, signed_headers: &str, signature: &str) -> String {
    format!("{ALGORITHM} Credential={id},SignedHeaders={signed_headers},Signature={signature}")
}

/// Signs a request with its `host`, `content-type` and all `x-acs-*` headers.
pub fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    let payload_hash = payload_hash(request.body_text().as_bytes());
    let mut added: Pairs = vec![
        ("x-acs-date".to_owned(), stamp.time.format(TIME).to_string()),
        ("x-acs-signature-nonce".to_owned(), stamp.nonce.to_string()),
        ("x-acs-content-sha256".to_owned(), payload_hash.clone()),
    ];
    if let Some(token) = &credentials.token {
        added.push(("x-acs-accesskey-id".to_owned(), credentials.id.clone()));
        added.push(("x-acs-security-token".to_owned(), token.expose().to_owned()));
    }
    let mut headers = request.wire_headers();
    headers.extend(added.iter().cloned());
    headers.retain(|(name, _)| must_sign(name));
    let query = canonical_query(&request.query);
    let canonical = canonical_request(request.method.as_str(), &request.path, &query, &headers, &payload_hash);
    let string_to_sign = string_to_sign(&canonical);
    let signature = signature(&credentials.secret, &string_to_sign);
    added.push(("Authorization".to_owned(), authorization(&credentials.id, &signed_headers(&headers), &signature)));
    Signature { string_to_sign: Secret::new(string_to_sign), query: Vec::new(), form: Vec::new(), headers: added }
}

/// Whether a header must be signed if it is sent.
fn must_sign(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "host" | "content-type") || name.starts_with("x-acs-")
}

/// The parts of an `Authorization` header: access key id, names of the signed headers, signature.
pub fn parse_authorization(header: &str) -> Option<(&str, Vec<&str>, &str)> {
    let rest = header.strip_prefix(ALGORITHM)?.trim_start();
    let part = |name: &str| rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    Some((part("Credential")?, part("SignedHeaders")?.split(';').collect(), part("Signature")?))
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{pairs, text, vectors};
    use super::*;
    use crate::wire::{Body, Endpoint, Method};

    #[test]
    fn every_captured_request_is_reproduced_stage_by_stage() {
        let mut seen = 0;
        for vector in vectors("acs3-hmac-sha256") {
            let names: Vec<&str> = text(&vector, "signing.signed_headers").split(';').collect();
            let mut headers = pairs(&vector["request"]["headers"]);
            headers.retain(|(name, _)| names.contains(&name.to_ascii_lowercase().as_str()));
            let hash = payload_hash(text(&vector, "request.body").as_bytes());
            assert_eq!(hash, text(&vector, "signing.payload_sha256"));
            assert_eq!(signed_headers(&headers), text(&vector, "signing.signed_headers"));
            let query = canonical_query(&pairs(&vector["request"]["query"]));
            let canonical = canonical_request(text(&vector, "request.method"), "/", &query, &headers, &hash);
            assert_eq!(canonical, text(&vector, "signing.canonical_request"), "{}", vector["id"]);
            let to_sign = string_to_sign(&canonical);
            assert_eq!(to_sign, text(&vector, "signing.string_to_sign"));
            let signature = signature(&Secret::new(text(&vector, "credentials.access_key_secret")), &to_sign);
            assert_eq!(signature, text(&vector, "signing.signature"));
            let header = authorization(text(&vector, "credentials.access_key_id"), &signed_headers(&headers), &signature);
            assert_eq!(header, text(&vector, "signing.authorization"));
            let (id, parsed, parsed_signature) = parse_authorization(&header).unwrap();
            assert_eq!((id, parsed, parsed_signature), (text(&vector, "credentials.access_key_id"), names, signature.as_str()));
            seen += 1;
        }
        assert_eq!(seen, 5);
    }

    fn owned(pairs: &[(&str, &str)]) -> Pairs {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_worked_example_is_reproduced() {
        let request = Request {
            operation: "ModifyVpnConnectionAttribute",
            method: Method::Post,
            endpoint: Endpoint::https("vpc.cn-shanghai.aliyuncs.com"),
            path: "/".into(),
            query: owned(&[("RegionId", "cn-shanghai"), ("VpnConnectionId", "vco-bp1bbi27hojx80nck9k1i"), ("Name", "a b*~+é")]),
            headers: owned(&[
                ("x-acs-action", "ModifyVpnConnectionAttribute"),
                ("x-acs-version", "2016-04-28"),
                ("accept", "application/json"),
            ]),
            body: Body::Form(owned(&[
                ("TunnelOptionsSpecification.1.Role", "master"),
                ("TunnelOptionsSpecification.1.TunnelIkeConfig.Psk", "p/k=%"),
            ])),
        };
        let stamp = Stamp { time: "2024-05-06T07:08:09Z".parse().unwrap(), nonce: "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf".parse().unwrap() };
        let credentials = Credentials { id: "testid".into(), secret: Secret::new("testsecret"), token: None, bearer: None };
        let signature = sign(&request, &credentials, &stamp);
        assert_eq!(signature.string_to_sign.expose(), "ACS3-HMAC-SHA256\n23bb3e2929f1e4e175e55e3dbdf946d6f6f6d41594d7c55582ea0ff0c0db7cf1");
        assert!(
            signature.headers.last().unwrap().1.ends_with("Signature=e6e382df8a2ae6fa968cb935464f6c6b39f20a72cb663e81cf683810a791c5f4")
        );
        let credentials = Credentials { token: Some(Secret::new("t")), ..credentials };
        let signed = sign(&request, &credentials, &stamp).headers.last().unwrap().1.clone();
        assert!(signed.contains("x-acs-accesskey-id") && signed.contains("x-acs-security-token"));
    }

    #[test]
    fn the_vendors_published_sample_is_reproduced() {
        let headers = owned(&[
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
        ]);
        let query =
            canonical_query(&owned(&[("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")]));
        let canonical = canonical_request("POST", "/", &query, &headers, &payload_hash(b""));
        let signature = signature(&Secret::new("YourAccessKeySecret"), &string_to_sign(&canonical));
        assert_eq!(signature, "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
    }
}
