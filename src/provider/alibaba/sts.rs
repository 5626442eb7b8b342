//! Temporary credentials: `AssumeRole` of the security token service, and the role of an ECS instance.

use super::cloud::is_host_label;
use crate::credentials::vendor::{Instance, is_on, text};
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::system::variable;
use crate::wire::{Body, Call, Credentials, Endpoint, Method, ReadError, Reply, Request, object};

/// Exchanges credentials for temporary ones of a role.
pub(super) const ASSUME_ROLE: &str = "AssumeRole";
/// Version of the STS API.
pub(super) const VERSION: &str = "2015-04-01";
/// How long the credentials of a role last by default.
const DEFAULT_SECONDS: u64 = 3600;
/// The metadata service of an ECS instance.
const METADATA: &str = "100.100.100.200";
/// The variable by which tests replace it.
const METADATA_ENDPOINT: &str = "TUNNELCTL_ALIBABA_METADATA_ENDPOINT";
const INSTANCE: &str = "instance metadata";

/// A role to assume.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role<'a> {
    /// The role's name, `acs:ram::<account>:role/<name>`.
    pub(super) arn: &'a str,
    /// The name of the session in the account's audit log.
    pub(super) session: Option<&'a str>,
    /// How long the credentials last.
    pub(super) seconds: Option<u64>,
    /// A policy that restricts the role further.
    pub(super) policy: Option<&'a str>,
    /// The external id that the role's owner requires.
    pub(super) external_id: Option<&'a str>,
    /// The region of the STS endpoint.
    pub(super) region: Option<&'a str>,
}

/// The call that assumes a role. It is always signed with the cloud's default scheme.
///
/// # Errors
/// When the region of the STS endpoint is malformed.
pub(super) fn assume_role(role: &Role<'_>) -> Result<Call<Credentials>, String> {
    let set = variable(&["ALIBABA_CLOUD_STS_REGION"]).map(|(_, region)| region);
    let region = set.as_deref().or(role.region);
    if let Some(region) = region.filter(|region| !is_host_label(region)) {
        return Err(format!("the region of the STS endpoint, {region:?}, must be lower-case letters, digits and hyphens"));
    }
    let service = if is_on("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") { "sts-vpc" } else { "sts" };
    let host = region.map_or_else(|| "sts.aliyuncs.com".to_owned(), |region| format!("{service}.{region}.aliyuncs.com"));
    let seconds = role.seconds.filter(|seconds| *seconds > 0).unwrap_or(DEFAULT_SECONDS).to_string();
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
    let read = |reply: &Reply| read(ASSUME_ROLE, &object(ASSUME_ROLE, reply)?.get("Credentials").cloned().unwrap_or_default());
    Ok(Call { request, read: Box::new(read) })
}

/// The metadata service of this instance, and the role whose credentials it is asked for.
///
/// # Errors
/// When the endpoint that a test sets is malformed.
pub(super) fn instance(role: Option<&str>) -> Result<Instance, Error> {
    let endpoint = match variable(&[METADATA_ENDPOINT]) {
        Some((name, text)) => Endpoint::parse(&text).map_err(|rule| Error::new(exit::USAGE, format!("{name} {text:?}: {rule}")))?,
        // The service is local to the instance, and speaks plain HTTP only.
        None => Endpoint { tls: false, authority: METADATA.to_owned() },
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
    fn the_endpoint_follows_the_roles_region() {
        let call = assume_role(&ROLE).unwrap();
        assert_eq!(call.request.endpoint.to_string(), "https://sts.cn-hangzhou.aliyuncs.com");
        assert!(call.request.query.contains(&("DurationSeconds".into(), "3600".into())));
        assert!(call.request.query.contains(&("ExternalId".into(), "x".into())));
        assert!(assume_role(&Role { region: Some("evil.test/"), ..ROLE }).is_err());
        assert_eq!(assume_role(&Role { region: None, ..ROLE }).unwrap().request.endpoint.to_string(), "https://sts.aliyuncs.com");
    }

    #[test]
    fn a_reply_without_a_token_is_refused() {
        let call = assume_role(&ROLE).unwrap();
        let reply = |body: &str| Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        let body =
            r#"{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2030-01-01T00:00:00Z"}}"#;
        assert_eq!((call.read)(&reply(body)).unwrap().token.unwrap().expose(), "t");
        assert!((call.read)(&reply(r#"{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"s"}}"#)).is_err());
        assert!((call.read)(&reply("{}")).is_err());
    }
}
