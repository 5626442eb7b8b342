//! Checks signature, time and nonce of a request from its raw bytes.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};

use super::call::Call;
use super::reply::Failure;
use super::session;
use crate::emulated::{Incoming, Store};
use crate::model::Secret;
use crate::provider::alibaba::cloud::{COMMON_PARAMETERS, EMULATED_KEY, ID, REGION_PARAMETER, VERSION};
use crate::provider::alibaba::sign::{acs3, rpc};
use crate::provider::alibaba::sts;
use crate::wire::Pairs;

/// How far the signing time may be off.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// What a request with a correct signature says about itself.
struct Signed {
    action: String,
    version: String,
    time: String,
    nonce: String,
}

/// The call in a request, if its signature is correct, its time recent and its nonce new.
pub(super) fn verify(incoming: &Incoming, store: &mut Store) -> Result<Call, Failure> {
    let signed = match incoming.header("authorization") {
        Some(header) if header.starts_with(acs3::ALGORITHM) => verify_acs3(incoming, header, store)?,
        _ => verify_rpc(incoming, store)?,
    };
    let time = NaiveDateTime::parse_from_str(&signed.time, rpc::TIME)
        .map_err(|_| Failure::new(400, "InvalidTimeStamp.Format", "Specified time stamp is not in the form YYYY-MM-DDThh:mm:ssZ."))?;
    if (incoming.at.naive_utc() - time).abs() > WINDOW {
        return Err(Failure::new(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    }
    if !store.fresh_nonce(&format!("{ID}/{}", signed.nonce)) {
        return Err(Failure::new(400, "SignatureNonceUsed", "Specified signature nonce was used already."));
    }
    if signed.version != if signed.action == sts::ASSUME_ROLE { sts::VERSION } else { VERSION } {
        return Err(Failure::new(400, "InvalidVersion", "Specified parameter Version is not valid."));
    }
    let mut parameters: BTreeMap<String, String> = incoming.parameters().into_iter().collect();
    parameters.retain(|name, _| name == REGION_PARAMETER || !COMMON_PARAMETERS.contains(&name.as_str()));
    Ok(Call { action: signed.action, parameters })
}

/// The secret of an access key: the account's own, or a temporary one, which needs its token.
fn secret_of(id: &str, token: &str, incoming: &Incoming, store: &Store) -> Result<Secret, Failure> {
    let (known, secret) = EMULATED_KEY;
    match id {
        "" => Err(Failure::new(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")),
        id if id == known => Ok(Secret::new(secret)),
        _ => session::secret_of(id, token, incoming.at, store)
            .unwrap_or_else(|| Err(Failure::new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."))),
    }
}

fn mismatch(ours: &str, theirs: &str, message: String) -> Result<(), Failure> {
    if Secret::new(ours).matches(&Secret::new(theirs)) { Ok(()) } else { Err(Failure::new(400, "SignatureDoesNotMatch", message)) }
}

fn incomplete(what: &str) -> Failure {
    Failure::new(400, "IncompleteSignature", format!("The request signature does not conform to the standards: {what}."))
}

fn verify_rpc(incoming: &Incoming, store: &Store) -> Result<Signed, Failure> {
    let parameters = incoming.parameters();
    let text = |name: &str| parameters.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let secret = secret_of(&text("AccessKeyId"), &text("SecurityToken"), incoming, store)?;
    let signature = text("Signature");
    if signature.is_empty() {
        return Err(incomplete("no Signature"));
    }
    if text("SignatureMethod") != "HMAC-SHA1" || text("SignatureVersion") != "1.0" {
        return Err(incomplete("SignatureMethod is not HMAC-SHA1 or SignatureVersion is not 1.0"));
    }
    let to_sign = rpc::string_to_sign(&incoming.method, &rpc::canonical(&parameters));
    let message = format!("Specified signature is not matched with our calculation. server string to sign is:{to_sign}");
    mismatch(&rpc::signature(&secret, &to_sign), &signature, message)?;
    Ok(Signed { action: text("Action"), version: text("Version"), time: text("Timestamp"), nonce: text("SignatureNonce") })
}

fn verify_acs3(incoming: &Incoming, header: &str, store: &Store) -> Result<Signed, Failure> {
    let (id, names, signature) = acs3::parse_authorization(header).ok_or_else(|| incomplete("the Authorization header"))?;
    let secret = secret_of(id, incoming.header("x-acs-security-token").unwrap_or_default(), incoming, store)?;
    let is_signed = |name: &str| names.iter().any(|signed| signed.eq_ignore_ascii_case(name));
    let unsigned = incoming.headers.iter().find(|(name, _)| name.to_ascii_lowercase().starts_with("x-acs-") && !is_signed(name));
    if let Some((name, _)) = unsigned {
        return Err(incomplete(&format!("{name} is not signed")));
    }
    for name in ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"] {
        if !is_signed(name) || incoming.header(name).is_none() {
            return Err(incomplete(&format!("{name} is not signed")));
        }
    }
    let hash = acs3::payload_hash(&incoming.body);
    if incoming.header("x-acs-content-sha256") != Some(hash.as_str()) {
        return Err(incomplete("x-acs-content-sha256 is not the hash of the body"));
    }
    let headers: Pairs = incoming.headers.iter().filter(|(name, _)| is_signed(name)).cloned().collect();
    let query = acs3::canonical_query(&incoming.query());
    let canonical = acs3::canonical_request(&incoming.method, incoming.path(), &query, &headers, &hash);
    let to_sign = acs3::string_to_sign(&canonical);
    let message = format!("Specified signature does not match our calculation. server StringToSign is [{}]", to_sign.replace('\n', " "));
    mismatch(&acs3::signature(&secret, &to_sign), signature, message)?;
    let text = |name: &str| incoming.header(name).unwrap_or_default().trim().to_owned();
    Ok(Signed {
        action: text("x-acs-action"),
        version: text("x-acs-version"),
        time: text("x-acs-date"),
        nonce: text("x-acs-signature-nonce"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::alibaba::sign::vectors::{pairs, text, vectors};

    /// Captured requests of the vendor's SDKs pass every check up to the one of their access key.
    #[test]
    fn captured_requests_are_understood() {
        for kind in ["rpc-hmac-sha1", "acs3-hmac-sha256"] {
            for vector in vectors(kind) {
                let request = &vector["request"];
                let incoming = Incoming {
                    method: text(&vector, "request.method").to_owned(),
                    target: format!("/?{}", text(&vector, "request.query_string")),
                    headers: pairs(&request["headers"]),
                    body: text(&vector, "request.body").as_bytes().to_vec(),
                    at: text(&vector, "signing.timestamp").parse().unwrap(),
                };
                let failure = verify(&incoming, &mut Store::new()).err().unwrap();
                assert_eq!(failure.code, "InvalidAccessKeyId.NotFound", "{}", vector["id"]);
                if kind == "rpc-hmac-sha1" {
                    let secret = Secret::new(text(&vector, "credentials.access_key_secret"));
                    let to_sign = rpc::string_to_sign(&incoming.method, &rpc::canonical(&incoming.parameters()));
                    assert_eq!(rpc::signature(&secret, &to_sign), text(&vector, "signing.signature"), "{}", vector["id"]);
                } else {
                    let query = acs3::canonical_query(&incoming.query());
                    let names: Vec<&str> = text(&vector, "signing.signed_headers").split(';').collect();
                    let headers: Pairs =
                        incoming.headers.iter().filter(|(name, _)| names.contains(&name.to_ascii_lowercase().as_str())).cloned().collect();
                    let hash = acs3::payload_hash(&incoming.body);
                    let canonical = acs3::canonical_request(&incoming.method, incoming.path(), &query, &headers, &hash);
                    assert_eq!(canonical, text(&vector, "signing.canonical_request"), "{}", vector["id"]);
                }
            }
        }
    }
}
