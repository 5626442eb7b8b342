//! `AssumeRole`, and the temporary credentials that it returns.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::call::{Call, Outcome};
use super::reply::Failure;
use crate::emulated::Store;
use crate::model::Secret;
use crate::provider::alibaba::cloud::ID;
use crate::provider::alibaba::sign::rpc::TIME;

const CLASS: &str = "session";

/// Assumes a role. Every well-formed role can be assumed, except one with the name `forbidden`.
pub(super) fn assume_role(call: &Call, at: DateTime<Utc>, store: &mut Store) -> Outcome {
    let invalid = |name: &str| Failure::new(400, format!("InvalidParameter.{name}"), format!("The parameter {name} is wrongly formed."));
    let arn = call.required("RoleArn")?.to_owned();
    let role = arn.strip_prefix("acs:ram::").and_then(|rest| rest.split_once(":role/")).ok_or_else(|| invalid("RoleArn"))?.1;
    let name = call.required("RoleSessionName")?.to_owned();
    if name.len() < 2 || name.len() > 64 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b".@-_".contains(&b)) {
        return Err(invalid("RoleSessionName"));
    }
    let seconds = call.text("DurationSeconds").map_or(Ok(3600), str::parse::<i64>).map_err(|_| invalid("DurationSeconds"))?;
    if !(900..=43_200).contains(&seconds) {
        return Err(invalid("DurationSeconds"));
    }
    if role == "forbidden" {
        let message = "You are not authorized to do this action. You should be authorized by RAM.";
        return Err(Failure::new(403, "NoPermission", message));
    }
    let number = store.next();
    let (id, secret, token) =
        (format!("STS.Emulated{number:08}"), format!("emulatedTemporarySecret{number:08}"), format!("emulatedSecurityToken{number:08}"));
    let expires = at + TimeDelta::seconds(seconds);
    let expiration = expires.format(TIME).to_string();
    store.add(ID, "", CLASS, &id, json!({ "secret": secret, "token": token, "expires": expires.timestamp() }));
    let reply = json!({
        "AssumedRoleUser": { "Arn": format!("{}/{name}", arn.replace(":role/", ":assumed-role/")), "AssumedRoleId": format!("3{number:017}:{name}") },
        "Credentials": { "AccessKeyId": id, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": expiration },
    });
    Ok(reply.as_object().cloned().unwrap_or_default())
}

/// The secret of temporary credentials, or why they are refused; `None` when the id is unknown.
pub(super) fn secret_of(id: &str, token: &str, at: DateTime<Utc>, store: &Store) -> Option<Result<Secret, Failure>> {
    let session = store.find(ID, CLASS, id)?;
    let expires = session.data.get("expires").and_then(serde_json::Value::as_i64).unwrap_or_default();
    Some(match token {
        "" => Err(Failure::new(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")),
        token if token != session.text("token") => {
            let message = "Specified SecurityToken does not match the AccessKeyId.";
            Err(Failure::new(400, "InvalidSecurityToken.MismatchWithAccessKey", message))
        }
        _ if expires <= at.timestamp() => Err(Failure::new(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")),
        _ => Ok(Secret::new(session.text("secret"))),
    })
}
