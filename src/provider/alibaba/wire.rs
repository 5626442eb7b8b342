//! Requests as Alibaba wants them, and its replies as connections.

use serde_json::{Map, Value as Json};

use super::settings::{SERVER, TUNNEL, block};
use super::vocabulary::{GATEWAY_STATUS, NEGOTIATION, STATE};
use super::{PROVIDER, endpoint, error, uses_acs3};
use crate::http::{Body, Method, Pairs, Reply, Request};
use crate::model::{Connection, Key, Ref, Settings, Status, Term, Tunnel, Value, Word};
use crate::provider::field::{Field, hide_secrets, read_all, write_all};
use crate::provider::vocabulary::Vocabulary;
use crate::provider::{Accepted, Call, Edit, Profile, Progress, ReadError, Target, Violation, object};

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
fn request(profile: &Profile, operation: &'static str, parameters: Vec<(&str, String)>) -> Request {
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
        let object = success(operation, reply)?;
        Ok(Accepted { request_id: object.get("RequestId").and_then(Json::as_str).map(str::to_owned), task: None })
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
fn parameter(value: &Json) -> String {
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
    let masked = secret.expose().is_empty() || secret.expose().ends_with('*');
    (!masked).then(|| value.clone())
}

fn unreadable_key(edit: &Edit<'_>) -> Violation {
    let why = if edit.current.is_some() { "the cloud does not show the present key in clear" } else { "the present key was not read" };
    Violation::of(
        Key::Psk,
        format!("{why}, and a change of these settings without it would let the cloud replace it; give it by --psk-file or --psk-stdin"),
    )
}

/// The object of a reply that says success.
fn success(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    if !(200..300).contains(&reply.status) {
        return Err(ReadError::Shape(operation, format!("HTTP {}", reply.status)));
    }
    object(operation, reply)
}

fn read_described(region: &str, target: &Target, reply: &Reply) -> Result<Connection, ReadError> {
    let fields = success(DESCRIBE_CONNECTION, reply)?;
    if fields.get("VpnConnectionId").and_then(Json::as_str) != Some(target.id.as_str()) {
        return Err(ReadError::Missing(target.id.clone()));
    }
    Ok(read_connection(target.operation.fields, target.kind.name, region, fields))
}

fn read_server(region: &str, target: &Target, reply: &Reply) -> Result<Connection, ReadError> {
    let mut fields = success(LIST_SERVERS, reply)?;
    let Some(servers) = fields.remove("IpsecServers") else {
        return Err(ReadError::Shape(LIST_SERVERS, "no IpsecServers".to_owned()));
    };
    let found = rows(servers, "IpsecServer")
        .into_iter()
        .find(|server| server.get("IpsecServerId").and_then(Json::as_str) == Some(target.id.as_str()));
    found.map(|server| read_connection(SERVER, target.kind.name, region, server)).ok_or_else(|| ReadError::Missing(target.id.clone()))
}

fn read_gateway(reply: &Reply) -> Result<Progress, ReadError> {
    let fields = success(DESCRIBE_GATEWAY, reply)?;
    let Some(status) = fields.get("Status").and_then(Json::as_str) else {
        return Err(ReadError::Shape(DESCRIBE_GATEWAY, "no Status".to_owned()));
    };
    Ok(Progress { change: known(&GATEWAY_STATUS, status), reported: format!("gateway Status {status}") })
}

fn known(vocabulary: &Vocabulary, word: &str) -> Term {
    match vocabulary.read(word) {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    }
}

/// A connection, attachment or server from the object that describes it.
#[must_use]
pub fn read_connection(fields: &'static [Field], kind: &str, region: &str, mut root: Map<String, Json>) -> Connection {
    // The id of the request says nothing about the connection.
    root.remove("RequestId");
    let id = ["VpnConnectionId", "IpsecServerId", "InstanceId"].iter().find_map(|name| take_text(&mut root, name)).unwrap_or_default();
    let reference = Ref { provider: PROVIDER.id.to_owned(), region: Some(region.to_owned()), kind: kind.to_owned(), id };
    let mut connection = Connection::new(reference);
    // A connection without gateway says so by a gateway that does not exist.
    let bound = root.get("VpnGatewayId").and_then(Json::as_str) != Some("vpn-not-exist");
    connection.gateway = if bound { take_text(&mut root, "VpnGatewayId") } else { None };
    connection.gateway_address = take_text(&mut root, "InternetIp");
    connection.created = take_text(&mut root, "CreationTime").or_else(|| root.remove("CreateTime").and_then(|time| created(&time)));
    connection.settings = read_all(fields, &mut root);
    connection.status = status(&mut root);
    connection.tunnels = tunnels(&mut root);
    if let [first, ..] = connection.tunnels.as_slice() {
        connection.status = over_tunnels(&connection.status, first, &connection.tunnels);
    }
    hide_secrets(&mut root);
    root.retain(|_, value| !matches!(value, Json::Null) && !value.as_object().is_some_and(Map::is_empty));
    connection.extra = root;
    connection
}

fn take_text(root: &mut Map<String, Json>, name: &str) -> Option<String> {
    let text = root.get(name)?.as_str().filter(|text| !text.is_empty())?.to_owned();
    root.remove(name);
    Some(text)
}

/// Milliseconds since 1970, as number or text, as RFC 3339.
fn created(time: &Json) -> Option<String> {
    let text = time.as_str().map_or_else(|| time.to_string(), str::to_owned);
    let known = text.parse().ok().and_then(chrono::DateTime::from_timestamp_millis);
    let shown = known.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    shown.or_else(|| (!time.is_null() && !text.is_empty()).then_some(text))
}

fn status(root: &mut Map<String, Json>) -> Status {
    let mut status = Status::default();
    if let Some(word) = take_text(root, "State") {
        status.change = known(&STATE, &word);
        status.reported.push(("State", word));
    }
    if let Some(word) = take_text(root, "Status") {
        status.tunnel = known(&NEGOTIATION, &word);
        status.reported.push(("Status", word));
    }
    status
}

/// The status of a connection with two tunnels: what it does not say itself, its tunnels tell.
fn over_tunnels(own: &Status, first: &Tunnel, all: &[Tunnel]) -> Status {
    let mut status = own.clone();
    let states = || all.iter().map(|tunnel| tunnel.status.change);
    if states().any(|change| change == Term::Changing) {
        status.change = Term::Changing;
    } else if status.change == Term::Unknown && states().all(|change| change == first.status.change) {
        status.change = first.status.change;
    }
    if status.tunnel == Term::Unknown {
        let best = [Term::Up, Term::Negotiating, Term::Down];
        let found = best.into_iter().find(|term| all.iter().any(|tunnel| tunnel.status.tunnel == *term));
        status.tunnel = found.unwrap_or(Term::Unknown);
    }
    status
}

/// The tunnels of a dual-tunnel connection: an array, or an object around one.
fn tunnels(root: &mut Map<String, Json>) -> Vec<Tunnel> {
    let Some(list) = root.remove("TunnelOptionsSpecification") else { return Vec::new() };
    let bgp = root.get("EnableTunnelsBgp").and_then(Json::as_bool);
    let (tunnels, rest): (Vec<Tunnel>, Vec<Map<String, Json>>) =
        rows(list, "TunnelOptions").into_iter().map(|row| tunnel(row, bgp)).unzip();
    if rest.iter().any(|row| !row.is_empty()) {
        root.insert("TunnelOptionsSpecification".to_owned(), Json::Array(rest.into_iter().map(Json::Object).collect()));
    }
    tunnels
}

/// One tunnel, and what the model does not know of it.
fn tunnel(mut row: Map<String, Json>, bgp: Option<bool>) -> (Tunnel, Map<String, Json>) {
    let id = take_text(&mut row, "TunnelId").unwrap_or_default();
    let index = row.get("TunnelIndex").filter(|index| !index.is_null()).map(parameter);
    let role = take_text(&mut row, "Role").or(index);
    let gateway_address = take_text(&mut row, "InternetIp");
    let mut settings = read_all(TUNNEL, &mut row);
    if let Some(on) = bgp.filter(|_| !settings.has(Key::BgpEnabled)) {
        settings.set(Key::BgpEnabled, Value::Switch(on));
    }
    let status = status(&mut row);
    row.retain(|_, value| !value.is_null());
    (Tunnel { id, role, gateway_address, settings, status }, row)
}

/// The objects of a list: an array, an object around an array, or (from XML) a single object.
fn rows(list: Json, inner: &str) -> Vec<Map<String, Json>> {
    match list {
        Json::Array(items) => items.into_iter().filter_map(|item| if let Json::Object(row) = item { Some(row) } else { None }).collect(),
        Json::Object(mut object) => match object.remove(inner) {
            Some(Json::Object(row)) => vec![row],
            Some(list) => rows(list, inner),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
