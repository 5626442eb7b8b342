//! Temporary credentials: `AssumeRole` of the security token service, and the role of an ECS instance.

use crate::credentials::vendor::{Instance, is_on, text};
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::system::variable;
use crate::wire::{Body, Endpoint, Method, Reply, Request};
use crate::wire::{Call, Credentials, ReadError, object};

/// Trades credentials for those of a role.
pub const ASSUME_ROLE: &str = "AssumeRole";
/// Version of the API.
pub const VERSION: &str = "2015-04-01";
/// How long the credentials of a role last, when nobody says.
const SECONDS: u64 = 3600;
/// The instance's metadata service; another one on this machine for tests.
const METADATA: &str = "100.100.100.200";
const METADATA_ENDPOINT: &str = "TUNNELCTL_ALIBABA_METADATA_ENDPOINT";
const INSTANCE: &str = "instance metadata";

/// A role to assume.
#[derive(Debug, Clone, Copy)]
pub struct Role<'a> {
    /// Its name, `acs:ram::<account>:role/<name>`.
    pub arn: &'a str,
    /// The name of the session, for the account's records.
    pub session: Option<&'a str>,
    /// How long the credentials last.
    pub seconds: Option<u64>,
    /// A policy that narrows the role.
    pub policy: Option<&'a str>,
    /// What the role's owner wants to be told.
    pub external_id: Option<&'a str>,
    /// The region of the service.
    pub region: Option<&'a str>,
}

/// The call that assumes a role. It is signed with the first signature of the cloud, whatever other calls use.
///
/// # Errors
/// When the region of the service cannot be one.
pub fn assume_role(role: &Role<'_>) -> Result<Call<Credentials>, String> {
    let set = variable(&["ALIBABA_CLOUD_STS_REGION"]).map(|(_, region)| region);
    let region = set.as_deref().or(role.region);
    if let Some(region) = region.filter(|region| !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')) {
        return Err(format!("the region of the token service, {region:?}, must be lower-case letters, digits and hyphens"));
    }
    let inside = if is_on("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") { "sts-vpc" } else { "sts" };
    let host = region.map_or_else(|| "sts.aliyuncs.com".to_owned(), |region| format!("{inside}.{region}.aliyuncs.com"));
    let seconds = role.seconds.filter(|seconds| *seconds > 0).unwrap_or(SECONDS).to_string();
    let mut query = vec![("Action", ASSUME_ROLE), ("Version", VERSION), ("Format", "JSON"), ("RoleArn", role.arn)];
    query.push(("RoleSessionName", role.session.unwrap_or("tunnelctl")));
    query.push(("DurationSeconds", &seconds));
    query.extend(role.policy.map(|policy| ("Policy", policy)));
    query.extend(role.external_id.map(|id| ("ExternalId", id)));
    let request = Request {
        operation: ASSUME_ROLE,
        method: Method::Get,
        endpoint: Endpoint::https(host),
        path: "/".to_owned(),
        query: query.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        headers: Vec::new(),
        body: Body::Empty,
    };
    Ok(Call {
        request,
        read: Box::new(|reply| read(ASSUME_ROLE, &object(ASSUME_ROLE, reply)?.get("Credentials").cloned().unwrap_or_default())),
    })
}

/// The metadata service of this instance, and the role to ask it for.
///
/// # Errors
/// When the test's own address of it is not right.
pub fn instance(role: Option<&str>) -> Result<Instance, Error> {
    // Plain http: the service is inside the machine that this runs on, and knows nothing else.
    let own = || Endpoint { tls: false, authority: METADATA.to_owned() };
    let endpoint = match variable(&[METADATA_ENDPOINT]) {
        Some((name, text)) => Endpoint::parse(&text).map_err(|rule| Error::new(exit::USAGE, format!("{name} {text:?}: {rule}")))?,
        None => own(),
    };
    let request = |method, path: &str| Request {
        operation: INSTANCE,
        method,
        endpoint: endpoint.clone(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Body::Empty,
    };
    let mut token = request(Method::Put, "/latest/api/token");
    token.headers.push(("X-aliyun-ecs-metadata-token-ttl-seconds".to_owned(), "60".to_owned()));
    Ok(Instance {
        token,
        token_header: "X-aliyun-ecs-metadata-token",
        without_token: !is_on("ALIBABA_CLOUD_IMDSV1_DISABLED"),
        roles: request(Method::Get, "/latest/meta-data/ram/security-credentials/"),
        role: role.map(str::to_owned),
        read: |reply: &Reply| read(INSTANCE, &reply.json().unwrap_or_default()),
        endpoint,
    })
}

fn read(operation: &'static str, fields: &serde_json::Value) -> Result<Credentials, ReadError> {
    let field = |name: &str| text(fields, name).ok_or_else(|| ReadError::Shape(operation, format!("there is no {name}")));
    Ok(Credentials {
        id: field("AccessKeyId")?.to_owned(),
        secret: Secret::new(field("AccessKeySecret")?),
        token: Some(Secret::new(field("SecurityToken")?)),
        bearer: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: Role<'static> =
        Role { arn: "acs:ram::1:role/r", session: None, seconds: None, policy: None, external_id: Some("x"), region: Some("cn-hangzhou") };

    #[test]
    fn the_service_of_the_roles_region_is_asked() {
        let call = assume_role(&ROLE).unwrap();
        assert_eq!(call.request.endpoint.to_string(), "https://sts.cn-hangzhou.aliyuncs.com");
        assert!(call.request.query.contains(&("DurationSeconds".into(), "3600".into())));
        assert!(call.request.query.contains(&("ExternalId".into(), "x".into())));
        assert!(assume_role(&Role { region: Some("evil.test/"), ..ROLE }).is_err());
        assert_eq!(assume_role(&Role { region: None, ..ROLE }).unwrap().request.endpoint.to_string(), "https://sts.aliyuncs.com");
    }

    #[test]
    fn a_reply_without_a_token_is_no_credentials() {
        let call = assume_role(&ROLE).unwrap();
        let reply = |body: &str| Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        let body =
            r#"{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2030-01-01T00:00:00Z"}}"#;
        assert_eq!((call.read)(&reply(body)).unwrap().token.unwrap().expose(), "t");
        assert!((call.read)(&reply(r#"{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"s"}}"#)).is_err());
        assert!((call.read)(&reply("{}")).is_err());
    }
}
