//! HmacSHA1 and HmacSHA256, the signatures over parameters of API 2.0, which API 3.0 accepts as "signature v1".
//!
//! <https://www.tencentcloud.com/document/product/213/6984> describes them for API 2.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::model::Secret;
use crate::wire::{Body, Credentials, Method, Pairs, Request, Signature, Stamp};

/// The hash in the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `HmacSHA1`.
    Sha1,
    /// `HmacSHA256`.
    Sha256,
}

impl Algorithm {
    /// The value of `SignatureMethod`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "HmacSHA1",
            Self::Sha256 => "HmacSHA256",
        }
    }

    /// The algorithm of a `SignatureMethod`, as a server reads it: SHA-1 unless it is `HmacSHA256`.
    #[must_use]
    pub fn of(method: Option<&str>) -> Self {
        if method == Some("HmacSHA256") { Self::Sha256 } else { Self::Sha1 }
    }
}

/// The parameters as they are signed: without `Signature`, with dots for underscores in names, sorted by bytes, values
/// not encoded.
#[must_use]
pub fn canonical_parameters(parameters: &[(String, String)]) -> String {
    let mut rows: Vec<(String, &str)> =
        parameters.iter().filter(|(name, _)| name != "Signature").map(|(name, value)| (name.replace('_', "."), value.as_str())).collect();
    rows.sort();
    let rows: Vec<String> = rows.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    rows.join("&")
}

/// The string to sign: method, host with its port, path and parameters, with nothing between the first three.
#[must_use]
pub fn string_to_sign(method: &str, host: &str, path: &str, canonical: &str) -> String {
    format!("{method}{host}{path}?{canonical}")
}

/// The HMAC in base64.
#[must_use]
pub fn signature(algorithm: Algorithm, secret: &str, text: &str) -> String {
    let digest = match algorithm {
        Algorithm::Sha1 => {
            let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return String::new() };
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        Algorithm::Sha256 => {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
    };
    STANDARD.encode(digest)
}

/// The nonce, a positive integer of at most 63 bits, from the UUID of the stamp.
#[must_use]
pub fn nonce(stamp: &Stamp) -> u64 {
    let (high, low) = stamp.nonce.as_u64_pair();
    // Rotated, the fixed bits of one half meet random bits of the other, so no bit of the result is fixed.
    ((high ^ low.rotate_left(32)) >> 1).max(1)
}

/// Signs a request. Adds the common parameters to the form of a POST, or to the query of a GET.
#[must_use]
pub fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp, algorithm: Algorithm) -> Signature {
    let mut added: Pairs = vec![
        ("Timestamp".to_owned(), stamp.time.timestamp().to_string()),
        ("Nonce".to_owned(), nonce(stamp).to_string()),
        ("SecretId".to_owned(), credentials.id.clone()),
        ("SignatureMethod".to_owned(), algorithm.name().to_owned()),
    ];
    if let Some(token) = &credentials.token {
        added.push(("Token".to_owned(), token.expose().to_owned()));
    }
    let mut all = request.query.clone();
    if let Body::Form(pairs) = &request.body {
        all.extend(pairs.iter().cloned());
    }
    all.extend(added.iter().cloned());
    let text = string_to_sign(request.method.as_str(), &request.endpoint.authority, &request.path, &canonical_parameters(&all));
    added.push(("Signature".to_owned(), signature(algorithm, credentials.secret.expose(), &text)));
    let (query, form) = if request.method == Method::Get { (added, Vec::new()) } else { (Vec::new(), added) };
    Signature { string_to_sign: Secret::new(text), query, form, headers: Vec::new() }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::Value as Json;
    use uuid::Uuid;

    use super::super::vectors::{text, vectors};
    use super::*;
    use crate::provider::tencent::cloud::v2;
    use crate::provider::tencent::wire::flatten;
    use crate::wire::{Endpoint, decode_pairs};

    const SECRET: &str = "FAKEfakeFAKEkeyNOTrealNOTreal000";

    fn pairs(rows: &Json) -> Pairs {
        rows.as_array().unwrap().iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn vectors_replay_stage_by_stage() {
        let mut count = 0;
        for vector in vectors().iter().filter(|vector| !text(vector, "/kind").contains("TC3")) {
            let id = text(vector, "/id");
            let wire = pairs(&vector["expect"]["wire_params"]);
            let raw = [text(vector, "/http/raw_query"), text(vector, "/http/body")].concat();
            assert_eq!(decode_pairs(&raw).unwrap(), wire, "{id}");
            // What the SDK was asked, flattened by us, with its markers.
            let mut ours = flatten(vector["call"]["params"].as_object().unwrap());
            let given = ours.len();
            ours.extend(wire.iter().skip(given).cloned());
            let signed: Vec<String> =
                pairs(&vector["expect"]["signed_params"]).iter().map(|(name, value)| format!("{name}={value}")).collect();
            let canonical = canonical_parameters(&ours);
            assert_eq!(canonical, signed.join("&"), "{id}");
            let to_sign = string_to_sign(text(vector, "/http/method"), text(vector, "/http/host"), text(vector, "/http/path"), &canonical);
            assert_eq!(to_sign, text(vector, "/expect/string_to_sign"), "{id}");
            let method = wire.iter().find(|(name, _)| name == "SignatureMethod").map(|(_, value)| value.as_str());
            let made = signature(Algorithm::of(method), text(vector, "/credentials/secret_key"), &to_sign);
            assert_eq!(made, text(vector, "/expect/signature"), "{id}");
            count += 1;
        }
        assert_eq!(count, 20);
    }

    #[test]
    fn worked_examples_of_api_2_0() {
        let base = "Nonce=11886&Region=gz&SecretId=AKIDFAKEfakeFAKEfakeFAKEfake00000000&Timestamp=1700000000&preSharedKey=a b+c&d\
                    &userGwCidrBlock.0=10.100.2.0/24&vpcId=vpc-03vihbk9&vpnConnId=vpnx-ol6bcqp0&vpnGwId=vpngw-kfldykuz";
        let plain = string_to_sign("GET", "vpc.api.qcloud.com", v2::PATH, &format!("Action=ModifyVpnConnEx&{base}"));
        assert_eq!(signature(Algorithm::Sha1, SECRET, &plain), "cGXTWnLlosHgH/jBdSHvOnIQLSw=");
        for (method, algorithm, expected) in [
            ("GET", Algorithm::Sha1, "xHQo7yfL/pqENi5pLn9biZIYO/Q="),
            ("GET", Algorithm::Sha256, "hkXDqVALuktlR3+FN6bx9TlBTRdZ9C/HD0oC0g1uQW4="),
            ("POST", Algorithm::Sha1, "LsloJopORy9MpAZDH73mLbgZp5E="),
            ("POST", Algorithm::Sha256, "iu8DQUuMGD+O1JAXAa9jLiIdrcIO1xKEJaDp7pJFkUU="),
        ] {
            let marked = base
                .replace("Region=gz", "Region=gz&RequestClient=SDK_PYTHON_2.0.15")
                .replace("00000000&Timestamp", &format!("00000000&SignatureMethod={}&Timestamp", algorithm.name()));
            let to_sign = string_to_sign(method, "vpc.api.qcloud.com", v2::PATH, &format!("Action=ModifyVpnConnEx&{marked}"));
            assert_eq!(signature(algorithm, SECRET, &to_sign), expected);
        }
    }

    #[test]
    fn worked_example_of_api_3_0() {
        for (algorithm, expected) in
            [(Algorithm::Sha1, "l+9onYUYQxHBRPXJQ823OXJbDTk="), (Algorithm::Sha256, "7/UXSpb/LozV9VnV+pQ82W9uKQDjhricL39bSHHzk5E=")]
        {
            let parameters: Pairs = [
                ("Action", "DescribeVpnConnections"),
                ("Version", "2017-03-12"),
                ("Region", "ap-guangzhou"),
                ("Limit", "20"),
                ("VpnConnectionIds.0", "vpnx-f49l6u0z"),
                ("Nonce", "11886"),
                ("Timestamp", "1700000000"),
                ("SecretId", "AKIDFAKEfakeFAKEfakeFAKEfake00000000"),
                ("SignatureMethod", algorithm.name()),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
            let to_sign = string_to_sign("POST", "vpc.tencentcloudapi.com", "/", &canonical_parameters(&parameters));
            assert_eq!(signature(algorithm, SECRET, &to_sign), expected);
        }
    }

    #[test]
    fn names_lose_their_underscores_and_sort_by_bytes() {
        let pairs: Pairs = [("b_c", "x_y"), ("a.2", "2"), ("a.10", "10"), ("Z", "z"), ("Signature", "s")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        assert_eq!(canonical_parameters(&pairs), "Z=z&a.10=10&a.2=2&b.c=x_y");
    }

    #[test]
    fn port_is_signed_and_a_get_carries_everything_in_its_query() {
        let request = Request {
            operation: "DescribeVpnConn",
            method: Method::Get,
            endpoint: Endpoint { tls: false, authority: "127.0.0.1:8080".to_owned() },
            path: v2::PATH.to_owned(),
            query: vec![("Action".to_owned(), "DescribeVpnConn".to_owned())],
            headers: Vec::new(),
            body: Body::Empty,
        };
        let credentials = Credentials { id: "id".to_owned(), secret: Secret::new(SECRET), token: Some(Secret::new("t+k")), bearer: None };
        let stamp = Stamp { time: DateTime::from_timestamp(1_700_000_000, 0).unwrap(), nonce: Uuid::from_u128(5) };
        let signed = sign(&request, &credentials, &stamp, Algorithm::Sha256);
        assert!(signed.string_to_sign.expose().starts_with("GET127.0.0.1:8080/v2/index.php?Action=DescribeVpnConn&Nonce="));
        assert!(signed.string_to_sign.expose().ends_with("&Timestamp=1700000000&Token=t+k"));
        assert!(signed.form.is_empty() && signed.headers.is_empty());
    }

    #[test]
    fn nonces_are_positive_and_fit_63_bits() {
        for bits in [0, 1, u128::MAX, u128::from(u64::MAX)] {
            let stamp = Stamp { time: DateTime::UNIX_EPOCH, nonce: Uuid::from_u128(bits) };
            assert!((1..=u64::MAX >> 1).contains(&nonce(&stamp)));
        }
    }
}
