//! Who asks, and when: from the raw bytes of the request.

use chrono::NaiveDateTime;

use super::{CREDENTIALS, Failure, TOKEN, sign};
use crate::emulated::Incoming;

const WINDOW_SECS: i64 = 15 * 60;

/// Refuses whoever does not hold the fake key pair or token, then whose clock is off.
pub(super) fn verify(incoming: &Incoming) -> Result<(), Failure> {
    if let Some(token) = incoming.header(sign::AUTH_TOKEN) {
        return if token == TOKEN { Ok(()) } else { Err(refused("decrypt token fail")) };
    }
    let header = incoming.header("authorization").ok_or_else(|| refused("x-auth-token not found"))?;
    let claim = Claim::parse(header).ok_or_else(|| refused("the Authorization header cannot be read"))?;
    let date = incoming.header(sign::DATE).ok_or_else(|| refused("x-sdk-date not found"))?;
    if claim.id != CREDENTIALS.0 {
        return Err(refused(&format!("ak {} not exist", claim.id)));
    }
    let wire = sign::Wire {
        method: &incoming.method,
        path: incoming.path(),
        query: incoming.raw_query(),
        headers: &incoming.headers,
        body: &incoming.body,
    };
    let canonical = sign::canonical_request(&wire, &claim.signed_headers);
    let key = match claim.scope {
        Some(scope) if date.get(..8) == scope.get(..8) => sign::derived_key(CREDENTIALS.0, CREDENTIALS.1, scope),
        Some(_) => return Err(refused("the scope is not of the day of X-Sdk-Date")),
        None => CREDENTIALS.1.to_owned(),
    };
    let expected = sign::signature(&key, &sign::string_to_sign(claim.algorithm, date, claim.scope, &canonical));
    if !claim.is_complete(incoming) || expected != claim.signature {
        return Err(refused(&format!("verify aksk signature fail, canonicalRequest:{}", canonical.replace('\n', "|"))));
    }
    let server = sign::date(incoming.at);
    let signed = NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").ok();
    if signed.is_none_or(|signed| (incoming.at.naive_utc() - signed).num_seconds().abs() > WINDOW_SECS) {
        let text = format!("Incorrect app authentication information: signature expired, signature time:{date},server time:{server}");
        return Err(Failure(401, "APIGW.0303", text));
    }
    Ok(())
}

fn refused(text: &str) -> Failure {
    Failure(401, "APIGW.0301", format!("Incorrect IAM authentication information: {text}"))
}

/// What an `Authorization` header says.
struct Claim<'a> {
    algorithm: &'static str,
    id: &'a str,
    scope: Option<&'a str>,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ')?;
        let value = |name: &str| {
            rest.split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let (algorithm, id, scope) = match scheme {
            sign::SDK => (sign::SDK, value("Access")?, None),
            sign::V11 => {
                let (id, scope) = value("Credential")?.split_once('/')?;
                (sign::V11, id, Some(scope))
            }
            _ => return None,
        };
        Some(Self { algorithm, id, scope, signed_headers: value("SignedHeaders")?.split(';').collect(), signature: value("Signature")? })
    }

    /// Whether the time and the token of temporary credentials are under the signature.
    fn is_complete(&self, incoming: &Incoming) -> bool {
        let signed = |name: &str| self.signed_headers.contains(&name);
        signed("x-sdk-date") && (incoming.header(sign::SECURITY_TOKEN).is_none() || signed("x-security-token"))
    }
}
