//! Requests that change: a modify and its dry run, a new key, and a renegotiation.

use serde_json::Value as Json;

use super::blocks::{completed, completed_for_server};
use super::request::{parameter, request};
use super::tunnels;
use crate::error::Violation;
use crate::model::{Connection, Key, Secret, Settings, Value};
use crate::provider::alibaba::cloud::{MODIFY_TUNNEL, UPDATE_SERVER};
use crate::provider::alibaba::kinds::kind;
use crate::provider::alibaba::{error, read::success};
use crate::provider::field::write_all;
use crate::provider::{Accepted, Edit, Profile};
use crate::wire::{Call, Pairs, ReadError, Reply, Request};

/// The request of a change.
///
/// # Errors
/// What the user must give because it could not be read.
pub(in crate::provider::alibaba) fn modify(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let operation = edit.target.operation.name;
    Ok(Call { request: change(profile, edit, &[])?, read: Box::new(move |reply: &Reply| accepted(operation, reply)) })
}

/// Reads the reply to a change. Every reply of the cloud has a request id; one without does not prove that the cloud
/// accepted the change.
fn accepted(operation: &'static str, reply: &Reply) -> Result<Accepted, ReadError> {
    let object = success(operation, reply)?;
    let request_id = object.get("RequestId").and_then(Json::as_str).filter(|id| !id.is_empty());
    let request_id = request_id.ok_or_else(|| ReadError::Shape(operation, "no RequestId".to_owned()))?;
    Ok(Accepted { request_id: Some(request_id.to_owned()), task: None })
}

/// A new key that waits: with `EffectImmediately` off it leaves a running tunnel alone. The operation on one tunnel
/// has no such switch.
pub(in crate::provider::alibaba) fn key_change(current: &Connection, key: &Secret) -> Settings {
    let mut change = Settings::from_iter([(Key::Psk, Value::secret(key.expose()))]);
    if current.reference.kind != "tunnel" {
        change.set(Key::EffectImmediately, Value::Switch(false));
    }
    change
}

/// Renegotiates: a change of nothing but `EffectImmediately`, to on, drops the tunnel and starts a new negotiation.
/// The switch belongs to the whole connection: both of two tunnels renegotiate.
///
/// # Errors
/// What the user must give because it could not be read.
pub(in crate::provider::alibaba) fn renegotiate(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let change = Settings::from_iter([(Key::EffectImmediately, Value::Switch(true))]);
    let mut target = edit.target.clone();
    if target.operation.name == MODIFY_TUNNEL
        && let Some((kind, operation)) = kind("connection").and_then(|kind| Some((kind, kind.operations.first()?)))
    {
        (target.kind, target.operation) = (kind, operation);
    }
    modify(profile, &Edit { target: &target, change: &change, address: &[], ..*edit })
}

/// The cloud's own dry run, where the operation has one. It reports success as an error.
pub(in crate::provider::alibaba) fn precheck(profile: &Profile, edit: &Edit<'_>) -> Option<Call<()>> {
    if !edit.target.operation.dry_run {
        return None;
    }
    let operation = edit.target.operation.name;
    let read = move |reply: &Reply| match error::parts(reply) {
        Some(parts) if parts.code == error::DRY_RUN => Ok(()),
        _ => Err(ReadError::Shape(operation, "not a reply to a dry run".to_owned())),
    };
    Some(Call { request: change(profile, edit, &[("DryRun", "true")]).ok()?, read: Box::new(read) })
}

fn change(profile: &Profile, edit: &Edit<'_>, further: &[(&'static str, &str)]) -> Result<Request, Vec<Violation>> {
    let operation = edit.target.operation;
    let id = if operation.name == UPDATE_SERVER { "IpsecServerId" } else { "VpnConnectionId" };
    let settings = if tunnels::concerned(edit) { tunnels::parameters(edit)? } else { parameters(edit)? };
    let mut parameters = vec![(id, edit.target.id.clone())];
    parameters.extend(settings.iter().map(|(name, value)| (name.as_str(), value.clone())));
    parameters.push(("ClientToken", edit.token.to_owned()));
    parameters.extend(further.iter().map(|&(name, value)| (name, value.to_owned())));
    Ok(request(profile, operation.name, parameters))
}

/// The settings of a change that concerns no single tunnel.
fn parameters(edit: &Edit<'_>) -> Result<Pairs, Vec<Violation>> {
    let fields = edit.target.operation.fields;
    let current = edit.current.map(|current| &current.settings);
    let complete = if edit.target.operation.name == UPDATE_SERVER { completed_for_server } else { completed };
    let wire = write_all(fields, &complete(edit.change, fields, current)?);
    Ok(wire.iter().map(|(name, value)| (name.clone(), parameter(value))).collect())
}
