//! Requests as Alibaba wants them.

use serde_json::Value as Json;

use super::read::{read_described, read_gateway, read_server, success};
use super::settings::block;
use super::{PROVIDER, endpoint, error, tunnels, uses_acs3};
use crate::error::Violation;
use crate::model::{Connection, Key, Secret, Settings, Status, Value};
use crate::provider::field::{Field, write_all};
use crate::provider::{Accepted, Edit, Profile, Progress, Target};
use crate::wire::{Body, Method, Pairs, Reply, Request};
use crate::wire::{Call, ReadError};

/// Modifies a connection of a VPN gateway.
pub const MODIFY_CONNECTION: &str = "ModifyVpnConnectionAttribute";
/// Modifies a connection of a transit router.
pub const MODIFY_ATTACHMENT: &str = "ModifyVpnAttachmentAttribute";
/// Modifies one tunnel of a connection of a VPN gateway.
pub const MODIFY_TUNNEL: &str = "ModifyTunnelAttribute";
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

/// A new key that waits: written with `EffectImmediately` off, it touches no running tunnel. A single tunnel's own
/// operation has no such switch.
#[must_use]
pub(super) fn key_change(current: &Connection, key: &Secret) -> Settings {
    let mut change = Settings::from_iter([(Key::Psk, Value::secret(key.expose()))]);
    if current.reference.kind != "tunnel" {
        change.set(Key::EffectImmediately, Value::Switch(false));
    }
    change
}

/// Drops what runs and negotiates at once: `EffectImmediately` on, and nothing else changed. It is a switch of the
/// whole connection: both of two tunnels negotiate.
///
/// # Errors
/// What has to be given because it could not be read.
pub(super) fn renegotiate(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let change = Settings::from_iter([(Key::EffectImmediately, Value::Switch(true))]);
    let mut target = edit.target.clone();
    let whole = PROVIDER.kinds.iter().find(|kind| kind.operations.iter().any(|operation| operation.name == MODIFY_CONNECTION));
    if target.operation.name == MODIFY_TUNNEL
        && let Some((kind, operation)) = whole.and_then(|kind| Some((kind, kind.operations.first()?)))
    {
        (target.kind, target.operation) = (kind, operation);
    }
    modify(profile, &Edit { target: &target, change: &change, address: &[], ..*edit })
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
        let connection = read(reply)?;
        let of = |status: &Status| status.reported.iter().find(|(field, _)| *field == "State").map(|(_, word)| word.clone());
        let own = of(&connection.status).map_or_else(|| "no State".to_owned(), |word| format!("State {word}"));
        let tunnels = connection.tunnels.iter().filter_map(|tunnel| Some(format!("{} {}", tunnels::name(tunnel), of(&tunnel.status)?)));
        let reported = std::iter::once(own).chain(tunnels).collect::<Vec<_>>().join(", ");
        Ok(Progress { change: connection.status.change, reported })
    };
    Call { request, read: Box::new(read) }
}

fn change(profile: &Profile, edit: &Edit<'_>, further: &[(&'static str, &str)]) -> Result<Request, Vec<Violation>> {
    let operation = edit.target.operation;
    let identifier = IDENTIFIERS.iter().find(|(name, _)| *name == operation.name).map_or("VpnConnectionId", |(_, field)| field);
    let own = if tunnels::concerned(edit) {
        tunnels::parameters(edit)?
    } else {
        let server = operation.name == UPDATE_SERVER;
        let now = edit.current.map(|current| &current.settings);
        let wire = write_all(operation.fields, &completed(edit.change, operation.fields, now, server)?);
        wire.iter().map(|(name, value)| (name.clone(), parameter(value))).collect()
    };
    let mut parameters = vec![(identifier, edit.target.id.clone())];
    parameters.extend(own.iter().map(|(name, value)| (name.as_str(), value.clone())));
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

/// A change with its blocks completed from what was read: the cloud may set back what a block leaves out.
///
/// # Errors
/// When the block that holds the key is touched, and the key is not known.
pub(super) fn completed(
    change: &Settings,
    fields: &'static [Field],
    now: Option<&Settings>,
    server: bool,
) -> Result<Settings, Vec<Violation>> {
    let touched = |name: &str| fields.iter().any(|field| block(field) == Some(name) && change.has(field.key));
    let mut whole = change.clone();
    for field in fields.iter().filter(|field| block(field).is_some_and(touched) && !change.has(field.key)) {
        if let Some(value) = now.and_then(|now| now.get(field.key)) {
            whole.set(field.key, value.clone());
        }
    }
    let by_key = now.is_none_or(|now| now.switch(Key::PskEnabled) != Some(false));
    let ike = fields.iter().find(|field| field.key == Key::IkeVersion).and_then(block);
    let wants_key = if server { by_key && change.iter().any(|(key, _)| key != Key::Name) } else { ike.is_some_and(touched) };
    if wants_key && !change.has(Key::Psk) {
        whole.set(Key::Psk, readable_key(now).ok_or_else(|| vec![unreadable_key(now.is_some())])?);
    }
    Ok(whole)
}

/// The key that was read, unless it is masked.
fn readable_key(now: Option<&Settings>) -> Option<Value> {
    let value = now?.get(Key::Psk)?;
    let Value::Secret(secret) = value else { return None };
    // Nobody documents how the cloud masks a key; one that looks like it is asked for.
    let masked = secret.expose().is_empty() || secret.expose().ends_with('*') || secret.expose().contains("***");
    (!masked).then(|| value.clone())
}

fn unreadable_key(read: bool) -> Violation {
    let why = if read { "the cloud does not show the present key in clear" } else { "the present key was not read" };
    Violation::of(
        Key::Psk,
        format!("{why}, and a change of these settings without it would let the cloud replace it; give it by --psk-file or --psk-stdin"),
    )
}

#[cfg(test)]
mod tests;
