//! Requests as Alibaba wants them.

use serde_json::Value as Json;

use super::read::{read_described, read_gateway, read_server, success};
use super::settings::block;
use super::{endpoint, error, uses_acs3};
use crate::http::{Body, Method, Pairs, Reply, Request};
use crate::model::{Connection, Key, Settings, Value};
use crate::provider::field::write_all;
use crate::provider::{Accepted, Call, Edit, Profile, Progress, ReadError, Target, Violation};

/// Modifies a connection of a VPN gateway.
pub const MODIFY_CONNECTION: &str = "ModifyVpnConnectionAttribute";
/// Modifies a connection of a transit router.
pub const MODIFY_ATTACHMENT: &str = "ModifyVpnAttachmentAttribute";
/// Modifies an IPsec server.
pub const UPDATE_SERVER: &str = "UpdateIpsecServer";
/// Reads a connection of either kind.
pub const DESCRIBE_CONNECTION: &str = "DescribeVpnConnection";
/// Reads IPsec servers.
pub const LIST_SERVERS: &str = "ListIpsecServers";
/// Reads a VPN gateway.
pub const DESCRIBE_GATEWAY: &str = "DescribeVpnGateway";
/// Version of the API.
pub const VERSION: &str = "2016-04-28";

const IDENTIFIERS: [(&str, &str); 3] =
    [(MODIFY_CONNECTION, "VpnConnectionId"), (MODIFY_ATTACHMENT, "VpnConnectionId"), (UPDATE_SERVER, "IpsecServerId")];

/// A request. Its parameters go in the form: keys do not belong into URLs.
pub(super) fn request(profile: &Profile, operation: &'static str, parameters: Vec<(&str, String)>) -> Request {
    let owned = |pairs: &[(&str, &str)]| -> Pairs { pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect() };
    let (query, headers) = if uses_acs3(profile) {
        (Vec::new(), owned(&[("x-acs-action", operation), ("x-acs-version", VERSION), ("accept", "application/json")]))
    } else {
        (owned(&[("Action", operation), ("Version", VERSION), ("Format", "JSON")]), Vec::new())
    };
    let mut form = vec![("RegionId".to_owned(), profile.region.clone())];
    form.extend(parameters.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Request { operation, method: Method::Post, endpoint: endpoint(profile), path: "/".to_owned(), query, headers, body: Body::Form(form) }
}

/// Reads one connection or server.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let (region, target) = (profile.region.clone(), target.clone());
    if target.operation.name == UPDATE_SERVER {
        let request = request(profile, LIST_SERVERS, vec![("IpsecServerId.1", target.id.clone())]);
        return Call { request, read: Box::new(move |reply| read_server(&region, &target, reply)) };
    }
    let request = request(profile, DESCRIBE_CONNECTION, vec![("VpnConnectionId", target.id.clone())]);
    Call { request, read: Box::new(move |reply| read_described(&region, &target, reply)) }
}

/// The request of a change.
///
/// # Errors
/// What has to be given because it could not be read.
pub fn modify(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let operation = edit.target.operation.name;
    let read = move |reply: &Reply| {
        // Every reply of the cloud names its request: one that does not is not the cloud's word that it took the change.
        let object = success(operation, reply)?;
        let request_id = object.get("RequestId").and_then(Json::as_str).filter(|id| !id.is_empty());
        let request_id = request_id.ok_or_else(|| ReadError::Shape(operation, "no RequestId".to_owned()))?;
        Ok(Accepted { request_id: Some(request_id.to_owned()), task: None })
    };
    Ok(Call { request: change(profile, edit, &[])?, read: Box::new(read) })
}

/// The cloud's own dry run. It says "passed" by an error.
#[must_use]
pub fn precheck(profile: &Profile, edit: &Edit<'_>) -> Option<Call<()>> {
    if !edit.target.operation.dry_run {
        return None;
    }
    let operation = edit.target.operation.name;
    let read = move |reply: &Reply| match error::parts(reply) {
        Some(parts) if parts.code == error::DRY_RUN => Ok(()),
        _ => Err(ReadError::Shape(operation, "the dry run was not answered as one".to_owned())),
    };
    Some(Call { request: change(profile, edit, &[("DryRun", "true")]).ok()?, read: Box::new(read) })
}

/// What to poll: a connection's own state, or the gateway of a server.
#[must_use]
pub fn progress(profile: &Profile, target: &Target, gateway: Option<&str>) -> Call<Progress> {
    if target.operation.name == UPDATE_SERVER
        && let Some(gateway) = gateway
    {
        let request = request(profile, DESCRIBE_GATEWAY, vec![("VpnGatewayId", gateway.to_owned())]);
        return Call { request, read: Box::new(read_gateway) };
    }
    let Call { request, read } = show(profile, target);
    let read = move |reply: &Reply| {
        let status = read(reply)?.status;
        let state = status.reported.iter().find(|(field, _)| *field == "State");
        let reported = state.map_or_else(|| "no State".to_owned(), |(field, word)| format!("{field} {word}"));
        Ok(Progress { change: status.change, reported })
    };
    Call { request, read: Box::new(read) }
}

fn change(profile: &Profile, edit: &Edit<'_>, further: &[(&'static str, &str)]) -> Result<Request, Vec<Violation>> {
    let operation = edit.target.operation;
    let identifier = IDENTIFIERS.iter().find(|(name, _)| *name == operation.name).map_or("VpnConnectionId", |(_, field)| field);
    let wire = write_all(operation.fields, &completed(edit)?);
    let mut parameters = vec![(identifier, edit.target.id.clone())];
    parameters.extend(wire.iter().map(|(name, value)| (name.as_str(), parameter(value))));
    parameters.push(("ClientToken", edit.token.to_owned()));
    parameters.extend(further.iter().map(|&(name, value)| (name, value.to_owned())));
    Ok(request(profile, operation.name, parameters))
}

/// A value as a parameter: blocks are compact JSON text.
pub(super) fn parameter(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The change with its blocks completed from what was read: the cloud may set back what a block leaves out.
fn completed(edit: &Edit<'_>) -> Result<Settings, Vec<Violation>> {
    let fields = edit.target.operation.fields;
    let touched = |name: &str| fields.iter().any(|field| block(field) == Some(name) && edit.change.has(field.key));
    let mut whole = edit.change.clone();
    for field in fields.iter().filter(|field| block(field).is_some_and(touched) && !edit.change.has(field.key)) {
        if let Some(value) = edit.current.and_then(|current| current.settings.get(field.key)) {
            whole.set(field.key, value.clone());
        }
    }
    let by_key = edit.current.is_none_or(|current| current.settings.switch(Key::PskEnabled) != Some(false));
    let server = edit.target.operation.name == UPDATE_SERVER;
    let wants_key = if server { by_key && edit.change.iter().any(|(key, _)| key != Key::Name) } else { touched("IkeConfig") };
    if wants_key && !edit.change.has(Key::Psk) {
        whole.set(Key::Psk, readable_key(edit).ok_or_else(|| vec![unreadable_key(edit)])?);
    }
    Ok(whole)
}

/// The key that was read, unless it is masked.
fn readable_key(edit: &Edit<'_>) -> Option<Value> {
    let value = edit.current?.settings.get(Key::Psk)?;
    let Value::Secret(secret) = value else { return None };
    // Nobody documents how the cloud masks a key; one that looks like it is asked for.
    let masked = secret.expose().is_empty() || secret.expose().ends_with('*') || secret.expose().contains("***");
    (!masked).then(|| value.clone())
}

fn unreadable_key(edit: &Edit<'_>) -> Violation {
    let why = if edit.current.is_some() { "the cloud does not show the present key in clear" } else { "the present key was not read" };
    Violation::of(
        Key::Psk,
        format!("{why}, and a change of these settings without it would let the cloud replace it; give it by --psk-file or --psk-stdin"),
    )
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
