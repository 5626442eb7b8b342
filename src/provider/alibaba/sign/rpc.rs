//! Signature `rpc-hmac-sha1`, documented by the vendor as "V2 request structure and signature mechanism" for RPC.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::model::Secret;
use crate::wire::{Body, Credentials, Pairs, Request, Signature, Stamp, encode_pairs, percent_encode};

/// The format of times in requests, replies and signatures: RFC 3339 in UTC, whole seconds.
pub const TIME: &str = "%Y-%m-%dT%H:%M:%SZ";

/// The canonical form: all parameters of query and form except `Signature`, sorted by name (byte order) and encoded.
pub fn canonical(parameters: &[(String, String)]) -> String {
    let mut pairs: Pairs = parameters.iter().filter(|(name, _)| name != "Signature").cloned().collect();
    pairs.sort();
    encode_pairs(&pairs)
}

/// The string to sign. The canonical form is encoded once more, so its values are encoded twice.
pub fn string_to_sign(method: &str, canonical: &str) -> String {
    format!("{method}&%2F&{}", percent_encode(canonical))
}

/// The signature: Base64 of HMAC-SHA1; the key is the secret followed by `&`.
pub fn signature(secret: &Secret, string_to_sign: &str) -> String {
    let key = Secret::new(format!("{}&", secret.expose()));
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.expose().as_bytes()) else { return String::new() };
    mac.update(string_to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Signs a request. Everything that signing adds goes into the query.
pub fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    let mut query: Pairs = vec![
        ("AccessKeyId".to_owned(), credentials.id.clone()),
        ("SignatureMethod".to_owned(), "HMAC-SHA1".to_owned()),
        ("SignatureVersion".to_owned(), "1.0".to_owned()),
        ("SignatureNonce".to_owned(), stamp.nonce.to_string()),
        ("Timestamp".to_owned(), stamp.time.format(TIME).to_string()),
    ];
    if let Some(token) = &credentials.token {
        query.push(("SecurityToken".to_owned(), token.expose().to_owned()));
    }
    let mut parameters = request.query.clone();
    if let Body::Form(pairs) = &request.body {
        parameters.extend(pairs.iter().cloned());
    }
    parameters.extend(query.iter().cloned());
    let string_to_sign = string_to_sign(request.method.as_str(), &canonical(&parameters));
    query.push(("Signature".to_owned(), signature(&credentials.secret, &string_to_sign)));
    Signature { string_to_sign: Secret::new(string_to_sign), query, form: Vec::new(), headers: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{pairs, text, vectors};
    use super::*;
    use crate::wire::{Endpoint, Method};

    fn stamp(time: &str) -> Stamp {
        Stamp { time: time.parse().unwrap(), nonce: "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf".parse().unwrap() }
    }

    fn credentials() -> Credentials {
        Credentials { id: "testid".into(), secret: Secret::new("testsecret"), token: None, bearer: None }
    }

    fn request(method: Method, operation: &'static str, query: &[(&str, &str)], body: Body) -> Request {
        Request {
            operation,
            method,
            endpoint: Endpoint::https("vpc.cn-shanghai.aliyuncs.com"),
            path: "/".into(),
            query: query.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers: Vec::new(),
            body,
        }
    }

    #[test]
    fn every_captured_request_is_reproduced_stage_by_stage() {
        let mut seen = 0;
        for vector in vectors("rpc-hmac-sha1") {
            let mut parameters = pairs(&vector["request"]["query"]);
            parameters.extend(pairs(&vector["request"]["form"]));
            let to_sign = string_to_sign(text(&vector, "request.method"), &canonical(&parameters));
            assert_eq!(to_sign, text(&vector, "signing.string_to_sign"), "{}", vector["id"]);
            let secret = Secret::new(text(&vector, "credentials.access_key_secret"));
            assert_eq!(format!("{}&", secret.expose()), text(&vector, "signing.hmac_key"));
            assert_eq!(signature(&secret, &to_sign), text(&vector, "signing.signature"), "{}", vector["id"]);
            seen += 1;
        }
        assert_eq!(seen, 5);
    }

    #[test]
    fn the_vendors_published_sample_is_reproduced() {
        let query = [("Action", "DescribeRegions"), ("Format", "XML"), ("Version", "2014-05-26")];
        let request = request(Method::Get, "DescribeRegions", &query, Body::Empty);
        let signature = sign(&request, &credentials(), &stamp("2016-02-23T12:46:24Z"));
        assert_eq!(signature.query.last().unwrap().1, "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
    }

    #[test]
    fn query_and_form_are_signed_together() {
        let query = [
            ("RegionId", "cn-shanghai"),
            ("VpnConnectionId", "vco-bp1bbi27hojx80nck9k1i"),
            ("Name", "a b*~+é"),
            ("Action", "ModifyVpnConnectionAttribute"),
            ("Version", "2016-04-28"),
            ("Format", "JSON"),
        ];
        let form = vec![
            ("TunnelOptionsSpecification.1.Role".to_owned(), "master".to_owned()),
            ("TunnelOptionsSpecification.1.TunnelIkeConfig.Psk".to_owned(), "p/k=%".to_owned()),
        ];
        let request = request(Method::Post, "ModifyVpnConnectionAttribute", &query, Body::Form(form));
        let signature = sign(&request, &credentials(), &stamp("2024-05-06T07:08:09Z"));
        assert_eq!(
            signature.string_to_sign.expose(),
            "POST&%2F&AccessKeyId%3Dtestid%26Action%3DModifyVpnConnectionAttribute%26Format%3DJSON%26Name%3Da%2520b%252A~%252B%25C3%25A9%26RegionId%3Dcn-shanghai%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2024-05-06T07%253A08%253A09Z%26TunnelOptionsSpecification.1.Role%3Dmaster%26TunnelOptionsSpecification.1.TunnelIkeConfig.Psk%3Dp%252Fk%253D%2525%26Version%3D2016-04-28%26VpnConnectionId%3Dvco-bp1bbi27hojx80nck9k1i"
        );
        assert_eq!(signature.query.last().unwrap().1, "vk5Q/Dckq7OXg7Bty5/rcXuAPZQ=");
    }

    #[test]
    fn temporary_credentials_add_their_token() {
        let credentials = Credentials { token: Some(Secret::new("t")), ..credentials() };
        let request = request(Method::Get, "DescribeRegions", &[], Body::Empty);
        let signature = sign(&request, &credentials, &stamp("2016-02-23T12:46:24Z"));
        assert!(signature.query.contains(&("SecurityToken".to_owned(), "t".to_owned())));
        assert!(signature.string_to_sign.expose().contains("SecurityToken%3Dt%26"));
    }
}
