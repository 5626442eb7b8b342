//! Checks signatures, which are recomputed from the bytes that arrived.

use chrono::DateTime;
use serde_json::{Map, Value as Json};

use super::nested::nested;
use crate::emulated::Incoming;
use crate::provider::tencent::cloud::{COMMON_PARAMETERS, v2::PATH as V2_PATH};
use crate::provider::tencent::sign::tc3;
use crate::provider::tencent::sign::v2::{Algorithm, canonical_parameters, signature, string_to_sign};
use crate::wire::Pairs;

/// How far the time of a signature may be off, in seconds.
pub(super) const WINDOW_SECS: u64 = 300;

/// A request with a valid signature.
#[derive(Debug)]
pub(super) struct Signed {
    /// Access key id.
    pub id: String,
    /// When it was signed.
    pub timestamp: i64,
    /// Nonce, where the scheme has one.
    pub nonce: Option<String>,
    /// Name of the operation.
    pub action: String,
    /// Region, as given.
    pub region: String,
    /// Version of the API, as given.
    pub version: String,
    /// Parameters of the operation, flat; empty when they came as JSON.
    pub pairs: Pairs,
    /// Parameters of the operation, nested.
    pub parameters: Map<String, Json>,
    /// Whether the parameters came as JSON, with types.
    pub typed: bool,
}

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A part of the signature is missing.
    Missing(&'static str),
    /// The `Authorization` header is not understood.
    Authorization,
    /// The access key does not exist.
    Id,
    /// The signature does not match.
    Mismatch,
    /// The body does not fit its content type.
    Body,
    /// The scheme does not allow the method or the content type.
    Protocol,
}

/// Further parameters that every operation has, and that callers may set.
const COMMON: &[&str] = &["Language", "RequestClient", "RequestSource"];

/// Checks the signature, by the scheme that the request uses.
pub(super) fn verify(incoming: &Incoming, secret_of: fn(&str) -> Option<String>) -> Result<Signed, Wrong> {
    match incoming.header("authorization") {
        Some(header) if incoming.path() != V2_PATH => by_header(incoming, header, secret_of),
        _ => by_parameters(incoming, secret_of),
    }
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    id: &'a str,
    date: &'a str,
    names: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Result<Self, Wrong> {
        let rest = header.strip_prefix(tc3::NAME).ok_or(Wrong::Authorization)?;
        let part =
            |name: &str| rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).ok_or(Wrong::Authorization);
        let (credential, names, signature) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
        match credential.split('/').collect::<Vec<_>>()[..] {
            [id, date, tc3::SERVICE, "tc3_request"] => Ok(Self { id, date, names, signature }),
            _ => Err(Wrong::Authorization),
        }
    }

    /// The headers that are signed; `None` when one of them is missing, or content type or host is not signed.
    fn headers(&self, incoming: &Incoming) -> Option<Pairs> {
        let required = ["content-type", "host"].iter().all(|name| self.names.split(';').any(|signed| signed == *name));
        let headers = self.names.split(';').map(|name| Some((name.to_owned(), incoming.header(name)?.to_owned())));
        if required { headers.collect() } else { None }
    }
}

fn by_header(incoming: &Incoming, header: &str, secret_of: fn(&str) -> Option<String>) -> Result<Signed, Wrong> {
    let authorization = Authorization::parse(header)?;
    let timestamp: i64 = header_of(incoming, "x-tc-timestamp").parse().map_err(|_| Wrong::Missing("X-TC-Timestamp"))?;
    let secret = secret_of(authorization.id).ok_or(Wrong::Id)?;
    if !header_fits(incoming, &authorization, timestamp, &secret) {
        return Err(Wrong::Mismatch);
    }
    let typed = incoming.method == "POST";
    let (pairs, parameters) = if typed {
        (Vec::new(), json_parameters(incoming)?)
    } else {
        let pairs = incoming.query();
        let parameters = nested(&pairs);
        (pairs, parameters)
    };
    Ok(Signed {
        id: authorization.id.to_owned(),
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

/// Whether the signature in a header fits the request.
fn header_fits(incoming: &Incoming, authorization: &Authorization<'_>, timestamp: i64, secret: &str) -> bool {
    let day = DateTime::from_timestamp(timestamp, 0).map(|time| time.format("%Y-%m-%d").to_string());
    if day.as_deref() != Some(authorization.date) {
        return false;
    }
    let Some(headers) = authorization.headers(incoming) else { return false };
    let unsigned = header_of(incoming, "x-tc-content-sha256") == tc3::UNSIGNED;
    let body = if unsigned { tc3::UNSIGNED.as_bytes() } else { &incoming.body };
    // The query as it arrived: the vendor's client does not sort it.
    let canonical = tc3::canonical_request(&incoming.method, incoming.raw_query(), &headers, body);
    let text = tc3::string_to_sign(timestamp, authorization.date, &canonical);
    tc3::signature(secret, authorization.date, &text) == authorization.signature
}

fn json_parameters(incoming: &Incoming) -> Result<Map<String, Json>, Wrong> {
    if !header_of(incoming, "content-type").to_ascii_lowercase().starts_with("application/json") {
        return Err(Wrong::Protocol);
    }
    serde_json::from_slice(&incoming.body).map_err(|_| Wrong::Body)
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
    // The vendor's clients of API 2.0 leave values that start with @ out of the signature of a POST.
    let is_post_v2 = incoming.method == "POST" && incoming.path() == V2_PATH;
    let without_at = || pairs.iter().filter(|(_, value)| !value.starts_with('@')).cloned().collect::<Pairs>();
    if !(fits(&pairs) || is_post_v2 && fits(&without_at())) {
        return Err(Wrong::Mismatch);
    }
    let text = |name: &str| value(name).unwrap_or_default().to_owned();
    let own: Pairs =
        pairs.iter().filter(|(name, _)| !COMMON_PARAMETERS.iter().chain(COMMON).any(|common| common == name)).cloned().collect();
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

#[cfg(test)]
mod tests;
