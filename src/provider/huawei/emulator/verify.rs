//! Checks credentials, signature and time of a request, from its raw bytes.

use chrono::NaiveDateTime;

use super::reply::Failure;
use crate::emulated::Incoming;
use crate::provider::huawei::sign::AUTH_TOKEN;
use crate::provider::huawei::sign::sdk::{self, DATE, SDK, SECURITY_TOKEN, Wire};
use crate::provider::huawei::sign::v11::{V11, derived_key};

/// The fake key pair: access key id and secret key.
pub const CREDENTIALS: (&str, &str) = ("EMULATEDHUAWEIAK0001", "emulatedHuaweiSecretKey000000000000000001");
/// The fake IAM token.
const TOKEN: &str = "emulated-huawei-iam-token";
/// How far the time of signing may be off, in either direction.
const WINDOW_SECS: i64 = 15 * 60;

/// Refuses a request without the fake key pair or token, then one whose time is too far off.
pub(super) fn verify(incoming: &Incoming) -> Result<(), Failure> {
    if let Some(token) = incoming.header(AUTH_TOKEN) {
        return if token == TOKEN { Ok(()) } else { Err(refused("decrypt token fail")) };
    }
    let header = incoming.header("authorization").ok_or_else(|| refused("x-auth-token not found"))?;
    let claim = Claim::parse(header).ok_or_else(|| refused("the Authorization header cannot be read"))?;
    let date = incoming.header(DATE).ok_or_else(|| refused("x-sdk-date not found"))?;
    if claim.id != CREDENTIALS.0 {
        return Err(refused(&format!("ak {} not exist", claim.id)));
    }
    check_signature(&claim, incoming, date)?;
    check_time(incoming, date)
}

fn check_signature(claim: &Claim<'_>, incoming: &Incoming, date: &str) -> Result<(), Failure> {
    let wire = Wire {
        method: &incoming.method,
        path: incoming.path(),
        query: incoming.raw_query(),
        headers: &incoming.headers,
        body: &incoming.body,
    };
    let canonical = sdk::canonical_request(&wire, &claim.signed_headers);
    let key = match claim.scope {
        Some(scope) if date.get(..8) == scope.get(..8) => derived_key(CREDENTIALS.0, CREDENTIALS.1, scope),
        Some(_) => return Err(refused("the scope is not of the day of X-Sdk-Date")),
        None => CREDENTIALS.1.to_owned(),
    };
    let expected = sdk::signature(&key, &sdk::string_to_sign(claim.algorithm, date, claim.scope, &canonical));
    if !claim.covers_time_and_token(incoming) || expected != claim.signature {
        return Err(refused(&format!("verify aksk signature fail, canonicalRequest:{}", canonical.replace('\n', "|"))));
    }
    Ok(())
}

fn check_time(incoming: &Incoming, date: &str) -> Result<(), Failure> {
    let server = sdk::date(incoming.at);
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

/// What an `Authorization` header claims.
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
            SDK => (SDK, value("Access")?, None),
            V11 => {
                let (id, scope) = value("Credential")?.split_once('/')?;
                (V11, id, Some(scope))
            }
            _ => return None,
        };
        Some(Self { algorithm, id, scope, signed_headers: value("SignedHeaders")?.split(';').collect(), signature: value("Signature")? })
    }

    /// Whether the signature covers the time and the token of temporary credentials.
    fn covers_time_and_token(&self, incoming: &Incoming) -> bool {
        let signed = |name: &str| self.signed_headers.contains(&name);
        signed("x-sdk-date") && (incoming.header(SECURITY_TOKEN).is_none() || signed("x-security-token"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;
    use crate::model::Secret;
    use crate::provider::Profile;
    use crate::provider::huawei::PROVIDER;
    use crate::provider::huawei::testing::{Failed, POLICY, PROJECT, World, own, profile, refusal, request, target};
    use crate::wire::{Body, Method, Stamp};

    #[test]
    fn wrong_key_and_wrong_clock_are_refused_differently() {
        let mut world = World::new();
        let call = world.provider.show(&target(POLICY));
        world.credentials.secret = Secret::new("wrong");
        let answer = refusal(world.call(&call));
        assert_eq!((answer.class, answer.code.as_str()), (Class::Auth, "APIGW.0301"));
        assert!(answer.message.ends_with("verify aksk signature fail"), "{}", answer.message);
        world = World::new();
        world.credentials.id = "SOMEBODY".to_owned();
        assert!(refusal(world.call(&call)).message.contains("not exist"));
        for (skew, fine) in [(900, true), (-900, true), (901, false), (-901, false)] {
            let mut world = World { skew, ..World::new() };
            match world.call(&call) {
                Ok(_) => assert!(fine, "{skew}"),
                Err(Failed::Api(error)) => assert_eq!((error.class, error.code.as_str(), fine), (Class::Clock, "APIGW.0303", false)),
                Err(other) => panic!("{other:?}"),
            }
        }
        let mut world = World { skew: 5000, ..World::new() };
        let located = (PROVIDER.connect)(Profile { project_id: None, ..profile("cn-north-4") }).locate().unwrap();
        assert_eq!(refusal(world.call(&located)).class, Class::Clock);
    }

    #[test]
    fn signature_covers_every_signed_byte() {
        let mut world = World::new();
        let call = request(Method::Put, &own("vpn-connection/x"), &[("a", "1")], Body::Json("{}".to_owned()));
        let stamp = Stamp { time: "2026-01-02T03:04:05Z".parse().unwrap(), nonce: uuid::Uuid::nil() };
        let signature = world.provider.sign(&call.request, &world.credentials, &stamp);
        let good = Incoming::from_request(&call.request.clone().signed(signature), stamp.time);
        assert_eq!(world.handle(&good).status, 404);
        let tampered: [fn(&mut Incoming); 5] = [
            |incoming| incoming.body.push(b' '),
            |incoming| incoming.method = "POST".to_owned(),
            |incoming| incoming.target.push('1'),
            |incoming| incoming.headers[0].1.push('x'),
            |incoming| incoming.headers.retain(|(name, _)| name != "Authorization"),
        ];
        for tamper in tampered {
            let mut incoming = good.clone();
            tamper(&mut incoming);
            assert_eq!(world.handle(&incoming).status, 401, "{}", incoming.target);
        }
    }

    #[test]
    fn requests_signed_by_the_vendors_sdk_are_accepted() {
        // Like the SDK for Python: it signs every header that it sets, writes JSON with blanks, and can use a derived key.
        for (algorithm, scope) in [(SDK, None), (V11, Some("20260102/cn-north-4/vpn"))] {
            let signed = ["content-type", "host", "user-agent", "x-project-id", "x-sdk-date"];
            let mut headers: Vec<(String, String)> = [
                ("User-Agent", "huaweicloud-usdk-python/3.0"),
                ("Content-Type", "application/json"),
                ("host", "127.0.0.1:1"),
                ("X-Project-Id", PROJECT),
                ("X-Sdk-Date", "20260102T030405Z"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
            let body = b"{\"vpn_connection\": {\"name\": \"by-sdk\"}}";
            let path = own(&format!("vpn-connection/{POLICY}"));
            let wire = Wire { method: "PUT", path: &path, query: "", headers: &headers, body };
            let key = scope.map_or_else(|| CREDENTIALS.1.to_owned(), |scope| derived_key(CREDENTIALS.0, CREDENTIALS.1, scope));
            let text = sdk::string_to_sign(algorithm, "20260102T030405Z", scope, &sdk::canonical_request(&wire, &signed));
            let header = sdk::authorization(algorithm, CREDENTIALS.0, scope, &signed, &sdk::signature(&key, &text));
            headers.push(("Authorization".to_owned(), header));
            let at = "2026-01-02T03:04:05Z".parse().unwrap();
            let incoming = Incoming { method: "PUT".to_owned(), target: path, headers, body: body.to_vec(), at };
            let reply = World::new().handle(&incoming);
            assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
            assert!(reply.header("x-request-id").is_some() && reply.header("content-type") == Some("application/json"));
        }
    }

    #[test]
    fn tokens_are_accepted_in_both_forms() {
        let call = |world: &World| world.provider.show(&target(POLICY));
        let mut world = World::new();
        world.credentials.bearer = Some(Secret::new(TOKEN));
        assert!(world.call(&call(&world)).is_ok());
        world.credentials.bearer = Some(Secret::new("another"));
        assert_eq!(refusal(world.call(&call(&world))).class, Class::Auth);
        world.credentials.bearer = None;
        world.credentials.token = Some(Secret::new("temporary"));
        assert!(world.call(&call(&world)).is_ok());
    }

    #[test]
    fn truncated_requests_are_refused() {
        let body = r#"{"vpn_connection":{"policy_rules":[{"source":"10.0.0.0/8","destination":["é"]}],"ikepolicy":{"dpd":{"timeout":2}}}}"#;
        let authorization = "V11-HMAC-SHA256 Credential=EMULATEDHUAWEIAK0001/20260102/cn-north-4/vpn, SignedHeaders=é, Signature=0";
        let incoming = |body: &[u8], name: &str, value: &str| Incoming {
            method: "PUT".to_owned(),
            target: own(&format!("vpn-connection/{POLICY}")),
            headers: vec![(name.to_owned(), value.to_owned()), (DATE.to_owned(), "2026010éT".to_owned())],
            body: body.to_vec(),
            at: "2026-01-02T03:04:05Z".parse().unwrap(),
        };
        let mut world = World::new();
        for end in 0..=body.len() {
            assert_eq!(world.handle(&incoming(&body.as_bytes()[..end], AUTH_TOKEN, TOKEN)).status, 400);
        }
        for end in (0..=authorization.len()).filter(|end| authorization.is_char_boundary(*end)) {
            assert_eq!(world.handle(&incoming(b"", "Authorization", &authorization[..end])).status, 401);
        }
    }
}
