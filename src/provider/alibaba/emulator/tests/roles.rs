//! Roles and their temporary credentials.

use super::*;
use crate::provider::alibaba::sign::rpc;
use crate::provider::alibaba::sts::{self, Role};

const ROLE: Role<'static> =
    Role { arn: "acs:ram::1:role/r", session: None, seconds: Some(900), policy: None, external_id: None, region: None };

fn account() -> Credentials {
    let (id, secret) = PROVIDER.emulation.credentials;
    Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None }
}

fn sent(request: &Request, credentials: &Credentials, store: &mut Store, at: &str) -> Reply {
    let time = at.parse().unwrap();
    let signature = rpc::sign(request, credentials, &Stamp { time, nonce: uuid::Uuid::new_v4() });
    handle(&Incoming::from_request(&request.clone().signed(signature), time), store)
}

fn describe() -> Request {
    let mut request = sts::assume_role(&ROLE).unwrap().request;
    request.query = [
        ("Action", "DescribeVpnConnection"),
        ("Version", "2016-04-28"),
        ("RegionId", "cn-shanghai"),
        ("VpnConnectionId", "vco-bp1bbi27hojx80nck9k1i"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    request.body = Body::Empty;
    request
}

#[test]
fn temporary_credentials_need_their_token_and_expire() {
    let mut store = crate::provider::seeded();
    let call = sts::assume_role(&ROLE).unwrap();
    let given = (call.read)(&sent(&call.request, &account(), &mut store, "2030-01-01T00:00:00Z")).unwrap();
    assert_eq!(sent(&describe(), &given, &mut store, "2030-01-01T00:14:00Z").status, 200);
    let code = |credentials: &Credentials, store: &mut Store, at: &str| {
        sent(&describe(), credentials, store, at).json().unwrap()["Code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(&given, &mut store, "2030-01-01T00:15:00Z"), "InvalidSecurityToken.Expired");
    let (id, secret) = (given.id.clone(), given.secret.expose().to_owned());
    let with = |token: Option<&str>| Credentials {
        id: id.clone(),
        secret: Secret::new(secret.clone()),
        token: token.map(Secret::new),
        bearer: None,
    };
    assert_eq!(code(&with(None), &mut store, "2030-01-01T00:01:00Z"), "MissingSecurityToken");
    assert_eq!(code(&with(Some("other")), &mut store, "2030-01-01T00:01:00Z"), "InvalidSecurityToken.MismatchWithAccessKey");
}

#[test]
fn a_malformed_or_forbidden_role_is_refused() {
    let mut store = crate::provider::seeded();
    for (role, code) in [
        (Role { arn: "role/r", ..ROLE }, "InvalidParameter.RoleArn"),
        (Role { session: Some("a b"), ..ROLE }, "InvalidParameter.RoleSessionName"),
        (Role { seconds: Some(60), ..ROLE }, "InvalidParameter.DurationSeconds"),
        (Role { arn: "acs:ram::1:role/forbidden", ..ROLE }, "NoPermission"),
    ] {
        let request = sts::assume_role(&role).unwrap().request;
        assert_eq!(sent(&request, &account(), &mut store, "2030-01-01T00:00:00Z").json().unwrap()["Code"], code);
    }
}
