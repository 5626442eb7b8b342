//! Who sent a request: the signature, recomputed from the bytes that arrived.

use chrono::DateTime;
use serde_json::{Map, Value as Json};

use crate::emulated::Incoming;
use crate::provider::tencent::sign::{Algorithm, V2_PATH, canonical_parameters, signature, string_to_sign};
use crate::provider::tencent::sign_tc3;
use crate::wire::Pairs;

/// A request whose signature is right.
#[derive(Debug)]
pub(super) struct Signed {
    /// Access key id.
    pub id: String,
    /// When it was signed.
    pub timestamp: i64,
    /// What makes it unlike all others, where the scheme has that.
    pub nonce: Option<String>,
    /// Operation.
    pub action: String,
    /// Region as given.
    pub region: String,
    /// Version of the API as given.
    pub version: String,
    /// Parameters of the operation, flat; empty for JSON.
    pub pairs: Pairs,
    /// Parameters of the operation, nested.
    pub parameters: Map<String, Json>,
    /// Whether they came as JSON, with types.
    pub typed: bool,
}

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A part of it is missing.
    Missing(&'static str),
    /// The `Authorization` header is not understood.
    Authorization,
    /// There is no such key.
    Id,
    /// It does not match.
    Mismatch,
    /// The body is not what the content type says.
    Body,
    /// Method or content type do not go with the scheme.
    Protocol,
}

/// Parameters that belong to every operation.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "SignatureMethod",
    "Signature",
    "Token",
    "Language",
    "RequestClient",
    "RequestSource",
];

/// Checks the signature by whichever scheme the request uses.
pub(super) fn verify(incoming: &Incoming, secret_of: fn(&str) -> Option<String>) -> Result<Signed, Wrong> {
    match incoming.header("authorization") {
        Some(header) if incoming.path() != V2_PATH => by_header(incoming, header, secret_of),
        _ => by_parameters(incoming, secret_of),
    }
}

fn by_header(incoming: &Incoming, header: &str, secret_of: fn(&str) -> Option<String>) -> Result<Signed, Wrong> {
    let rest = header.strip_prefix(sign_tc3::NAME).ok_or(Wrong::Authorization)?;
    let part = |name: &str| rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).ok_or(Wrong::Authorization);
    let (credential, names, given) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let [id, date, service, end] = credential.split('/').collect::<Vec<_>>()[..] else { return Err(Wrong::Authorization) };
    if service != sign_tc3::SERVICE || end != "tc3_request" {
        return Err(Wrong::Authorization);
    }
    let timestamp: i64 = header_of(incoming, "x-tc-timestamp").parse().map_err(|_| Wrong::Missing("X-TC-Timestamp"))?;
    let secret = secret_of(id).ok_or(Wrong::Id)?;
    let day = DateTime::from_timestamp(timestamp, 0).map(|time| time.format("%Y-%m-%d").to_string());
    if day.as_deref() != Some(date) || !["content-type", "host"].iter().all(|name| names.split(';').any(|signed| signed == *name)) {
        return Err(Wrong::Mismatch);
    }
    let headers: Pairs = names
        .split(';')
        .map(|name| Some((name.to_owned(), incoming.header(name)?.to_owned())))
        .collect::<Option<_>>()
        .ok_or(Wrong::Mismatch)?;
    let unsigned = header_of(incoming, "x-tc-content-sha256") == sign_tc3::UNSIGNED;
    let body = if unsigned { sign_tc3::UNSIGNED.as_bytes() } else { &incoming.body };
    // The query as it came: the vendor's client does not sort it.
    let canonical = sign_tc3::canonical_request(&incoming.method, incoming.raw_query(), &headers, body);
    if sign_tc3::signature(&secret, date, &sign_tc3::string_to_sign(timestamp, date, &canonical)) != given {
        return Err(Wrong::Mismatch);
    }
    let typed = incoming.method == "POST";
    let content_type = header_of(incoming, "content-type").to_ascii_lowercase();
    let (pairs, parameters) = if typed {
        if !content_type.starts_with("application/json") {
            return Err(Wrong::Protocol);
        }
        let Ok(parameters) = serde_json::from_slice(&incoming.body) else { return Err(Wrong::Body) };
        (Vec::new(), parameters)
    } else {
        let pairs = incoming.query();
        let parameters = nested(&pairs);
        (pairs, parameters)
    };
    Ok(Signed {
        id: id.to_owned(),
        timestamp,
        nonce: None,
        action: header_of(incoming, "x-tc-action").to_owned(),
        region: header_of(incoming, "x-tc-region").to_owned(),
        version: header_of(incoming, "x-tc-version").to_owned(),
        pairs,
        parameters,
        typed,
    })
}

fn header_of<'a>(incoming: &'a Incoming, name: &str) -> &'a str {
    incoming.header(name).unwrap_or_default()
}

fn by_parameters(incoming: &Incoming, secret_of: fn(&str) -> Option<String>) -> Result<Signed, Wrong> {
    let pairs = incoming.parameters();
    let value = |name: &str| pairs.iter().find(|(pair, _)| pair == name).map(|(_, value)| value.as_str());
    let id = value("SecretId").ok_or(Wrong::Missing("SecretId"))?;
    let given = value("Signature").ok_or(Wrong::Missing("Signature"))?;
    let timestamp = value("Timestamp").and_then(|text| text.parse().ok()).ok_or(Wrong::Missing("Timestamp"))?;
    let nonce = value("Nonce").filter(|text| text.parse::<u64>().is_ok_and(|nonce| nonce > 0)).ok_or(Wrong::Missing("Nonce"))?;
    let secret = secret_of(id).ok_or(Wrong::Id)?;
    let host = header_of(incoming, "host");
    let fits = |signed: &[(String, String)]| {
        let text = string_to_sign(&incoming.method, host, incoming.path(), &canonical_parameters(signed));
        signature(Algorithm::of(value("SignatureMethod")), &secret, &text) == given
    };
    // The vendor's clients of API 2.0 leave values with an @ in front out of what a POST signs.
    let is_post_v2 = incoming.method == "POST" && incoming.path() == V2_PATH;
    let without_at = || pairs.iter().filter(|(_, value)| !value.starts_with('@')).cloned().collect::<Pairs>();
    if !(fits(&pairs) || is_post_v2 && fits(&without_at())) {
        return Err(Wrong::Mismatch);
    }
    let text = |name: &str| value(name).unwrap_or_default().to_owned();
    let own: Pairs = pairs.iter().filter(|(name, _)| !COMMON.contains(&name.as_str())).cloned().collect();
    Ok(Signed {
        id: id.to_owned(),
        timestamp,
        nonce: Some(nonce.to_owned()),
        action: text("Action"),
        region: text("Region"),
        version: text("Version"),
        parameters: nested(&own),
        pairs: own,
        typed: false,
    })
}

/// Flat names as nested objects and lists. Every value stays a text.
pub(super) fn nested(pairs: &[(String, String)]) -> Map<String, Json> {
    fn add<'a>(object: &mut Map<String, Json>, name: &str, mut rest: impl Iterator<Item = &'a str>, value: &str) {
        match rest.next() {
            None => {
                object.insert(name.to_owned(), Json::String(value.to_owned()));
            }
            Some(next) => {
                let inner = object.entry(name).or_insert_with(|| Json::Object(Map::new()));
                if let Json::Object(inner) = inner {
                    add(inner, next, rest, value);
                }
            }
        }
    }
    let mut root = Map::new();
    for (name, value) in pairs {
        // No operation nests deeper; what does stays one odd name, and is refused as that.
        let mut parts = name.splitn(8, '.');
        if let Some(first) = parts.next() {
            add(&mut root, first, parts, value);
        }
    }
    root.into_iter().map(|(name, value)| (name, lists(value))).collect()
}

/// Objects whose names are 0, 1, 2 and so on, as lists.
fn lists(value: Json) -> Json {
    let Json::Object(object) = value else { return value };
    let mut rows: Vec<(String, Json)> = object.into_iter().map(|(name, value)| (name, lists(value))).collect();
    rows.sort_by_key(|(name, _)| name.parse::<usize>().unwrap_or(usize::MAX));
    if rows.iter().enumerate().all(|(place, (name, _))| *name == place.to_string()) {
        return Json::Array(rows.into_iter().map(|(_, value)| value).collect());
    }
    Json::Object(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::tencent::sign::tests::{text, vectors};

    fn secret(id: &str) -> Option<String> {
        let key = match id {
            "AKIDFAKEfakeFAKEfakeFAKEfake00000000" => "FAKEfakeFAKEkeyNOTrealNOTreal000",
            "AKIDFAKEtmpFAKEtmp0000000000000000" => "FAKEtmpKEYfakeTMPkeyFAKE00000000",
            _ => return None,
        };
        Some(key.to_owned())
    }

    fn incoming(vector: &Json) -> Incoming {
        let headers = vector["http"]["headers"].as_object().unwrap();
        let (path, query) = (text(vector, "/http/path"), text(vector, "/http/raw_query"));
        Incoming {
            method: text(vector, "/http/method").to_owned(),
            target: if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") },
            headers: headers.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
            body: text(vector, "/http/body").as_bytes().to_vec(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn every_vector_of_the_vendor_is_accepted() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 25);
        for vector in &vectors {
            let signed = verify(&incoming(vector), secret).unwrap();
            assert_eq!(signed.action, text(vector, "/call/action"));
            assert_eq!(signed.region, text(vector, "/call/region"));
            assert_eq!(Some(signed.timestamp), vector["chosen"]["timestamp"].as_i64());
            let asked = vector["call"]["params"].as_object().unwrap();
            if signed.typed {
                assert_eq!(&signed.parameters, asked);
            } else {
                assert_eq!(signed.parameters.keys().collect::<Vec<_>>(), asked.keys().collect::<Vec<_>>(), "{}", vector["id"]);
            }
        }
    }

    #[test]
    fn one_changed_byte_is_refused() {
        for vector in &vectors() {
            let good = incoming(vector);
            let mut host = good.clone();
            host.headers.iter_mut().filter(|(name, _)| name == "host").for_each(|(_, value)| value.push('x'));
            let mut body = good.clone();
            body.body = String::from_utf8(body.body).unwrap().replacen("vpnx-", "vpny-", 1).into_bytes();
            let mut target = good.clone();
            target.target = target.target.replacen("vpnx-", "vpny-", 1);
            for changed in [host, body, target] {
                if format!("{changed:?}") != format!("{good:?}") {
                    assert_eq!(verify(&changed, secret).unwrap_err(), Wrong::Mismatch, "{}", vector["id"]);
                }
            }
            assert_eq!(verify(&good, |_| None).unwrap_err(), Wrong::Id);
            assert_eq!(verify(&good, |_| Some("other".to_owned())).unwrap_err(), Wrong::Mismatch);
        }
    }

    #[test]
    fn an_at_sign_may_be_left_out_of_a_post_to_api_2_0() {
        let pairs: Pairs = [
            ("Action", "ModifyVpnConnEx"),
            ("Nonce", "1"),
            ("SecretId", "AKIDFAKEfakeFAKEfakeFAKEfake00000000"),
            ("Timestamp", "1700000000"),
            ("preSharedKey", "@home"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        for (path, count, accepted) in [(V2_PATH, 5, true), (V2_PATH, 4, true), ("/", 5, true), ("/", 4, false)] {
            let to_sign = string_to_sign("POST", "h", path, &canonical_parameters(&pairs[..count]));
            let mut sent = pairs.clone();
            sent.push(("Signature".to_owned(), signature(Algorithm::Sha1, "FAKEfakeFAKEkeyNOTrealNOTreal000", &to_sign)));
            let request = Incoming {
                method: "POST".to_owned(),
                target: path.to_owned(),
                headers: vec![("Host".into(), "h".into()), ("Content-Type".into(), "application/x-www-form-urlencoded".into())],
                body: crate::wire::encode_pairs(&sent).into_bytes(),
                at: DateTime::UNIX_EPOCH,
            };
            assert_eq!(verify(&request, secret).is_ok(), accepted, "{path} {count}");
        }
    }

    #[test]
    fn flat_names_nest_and_indexes_make_lists() {
        let pairs: Pairs = [("A.0.B.0", "x"), ("A.0.B.1", "y"), ("C", "z"), ("D.k", "w"), ("C.0", "lost")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        assert_eq!(Json::Object(nested(&pairs)), json!({ "A": [{ "B": ["x", "y"] }], "C": "z", "D": { "k": "w" } }));
        let deep = [("a.".repeat(500_000), String::new())];
        assert_eq!(nested(&deep).len(), 1);
    }
}
