//! Alibaba's replies as connections.

use serde_json::{Map, Value as Json};

use super::cloud::{DESCRIBE_CONNECTION, DESCRIBE_GATEWAY, ID, LIST_SERVERS, MODIFY_TUNNEL, NO_GATEWAY};
use super::settings::{CONNECTION, SERVER, TUNNEL};
use super::vocabulary::{GATEWAY_STATUS, NEGOTIATION, STATE};
use crate::model::{Connection, Key, Ref, Status, Term, Tunnel, Value, Word};
use crate::provider::field::{Field, hide_secrets, read_all};
use crate::provider::vocabulary::Vocabulary;
use crate::provider::{Progress, Target};
use crate::wire::{ReadError, Reply, object};

/// The JSON object of a successful reply.
pub(super) fn success(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    if !(200..300).contains(&reply.status) {
        return Err(ReadError::Shape(operation, format!("HTTP {}", reply.status)));
    }
    object(operation, reply)
}

/// Reads the reply to `DescribeVpnConnection`.
pub(super) fn read_described(region: &str, target: &Target, reply: &Reply) -> Result<Connection, ReadError> {
    let fields = success(DESCRIBE_CONNECTION, reply)?;
    // Where there is no such connection, the cloud says so with an error.
    if fields.get("VpnConnectionId").and_then(Json::as_str) != Some(target.id.as_str()) {
        return Err(ReadError::Shape(DESCRIBE_CONNECTION, "not the connection that was asked for".to_owned()));
    }
    // A tunnel has no operation of its own to read it; it comes with its connection.
    let (table, kind) =
        if target.operation.name == MODIFY_TUNNEL { (CONNECTION, "connection") } else { (target.operation.fields, target.kind.name) };
    Ok(read_connection(table, kind, region, fields))
}

/// Reads one server from the reply to `ListIpsecServers`.
pub(super) fn read_server(region: &str, target: &Target, reply: &Reply) -> Result<Connection, ReadError> {
    let mut fields = success(LIST_SERVERS, reply)?;
    let Some(servers) = fields.remove("IpsecServers") else {
        return Err(ReadError::Shape(LIST_SERVERS, "no IpsecServers".to_owned()));
    };
    let servers = rows(servers, "IpsecServer");
    let none = if servers.is_empty() {
        ReadError::Missing(target.id.clone())
    } else {
        ReadError::Shape(LIST_SERVERS, "not the server that was asked for".to_owned())
    };
    let found = servers.into_iter().find(|server| server.get("IpsecServerId").and_then(Json::as_str) == Some(target.id.as_str()));
    found.map(|server| read_connection(SERVER, target.kind.name, region, server)).ok_or(none)
}

/// Reads the reply to `DescribeVpnGateway`: whether a change of the gateway's server is in progress.
pub(super) fn read_gateway(reply: &Reply) -> Result<Progress, ReadError> {
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

/// Reads a connection, attachment or server from its JSON object.
pub(super) fn read_connection(fields: &'static [Field], kind: &str, region: &str, mut root: Map<String, Json>) -> Connection {
    root.remove("RequestId");
    let id = ["VpnConnectionId", "IpsecServerId", "InstanceId"].iter().find_map(|name| take_text(&mut root, name)).unwrap_or_default();
    let reference = Ref { provider: ID.to_owned(), region: Some(region.to_owned()), kind: kind.to_owned(), id };
    let mut connection = Connection::new(reference);
    let bound = root.get("VpnGatewayId").and_then(Json::as_str) != Some(NO_GATEWAY);
    connection.gateway = if bound { take_text(&mut root, "VpnGatewayId") } else { None };
    connection.gateway_address = take_text(&mut root, "InternetIp");
    connection.created = take_text(&mut root, "CreationTime").or_else(|| root.remove("CreateTime").and_then(|time| created(&time)));
    connection.settings = read_all(fields, &mut root);
    connection.status = status(&mut root);
    connection.tunnels = tunnels(&mut root, connection.settings.switch(Key::TunnelsBgp));
    if let Some(cidrs) = tunnel_cidrs(&connection.tunnels) {
        connection.settings.set(Key::TunnelsBgpCidrs, Value::List(cidrs));
    }
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

/// A creation time in RFC 3339. The cloud sends milliseconds since 1970, as a number or as text.
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
        status.reported.push(("State".into(), word));
    }
    if let Some(word) = take_text(root, "Status") {
        status.tunnel = known(&NEGOTIATION, &word);
        status.reported.push(("Status".into(), word));
    }
    status
}

/// The status of a dual-tunnel connection; what the connection itself does not report follows from its tunnels.
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

/// The networks of all tunnels, if each tunnel has one.
fn tunnel_cidrs(tunnels: &[Tunnel]) -> Option<Vec<String>> {
    let cidr = |tunnel: &Tunnel| tunnel.settings.text(Key::BgpTunnelCidr).map(str::to_owned);
    let cidrs: Option<Vec<String>> = tunnels.iter().map(cidr).collect();
    cidrs.filter(|cidrs| !cidrs.is_empty())
}

/// Reads the tunnels of a dual-tunnel connection: an array, or an object with an array in it.
fn tunnels(root: &mut Map<String, Json>, bgp: Option<bool>) -> Vec<Tunnel> {
    let Some(list) = root.remove("TunnelOptionsSpecification") else { return Vec::new() };
    let (tunnels, rest): (Vec<Tunnel>, Vec<Map<String, Json>>) =
        rows(list, "TunnelOptions").into_iter().map(|row| tunnel(row, bgp)).unzip();
    if rest.iter().any(|row| !row.is_empty()) {
        root.insert("TunnelOptionsSpecification".to_owned(), Json::Array(rest.into_iter().map(Json::Object).collect()));
    }
    tunnels
}

/// Reads one tunnel. What the model does not know is returned beside it.
fn tunnel(mut row: Map<String, Json>, bgp: Option<bool>) -> (Tunnel, Map<String, Json>) {
    let id = take_text(&mut row, "TunnelId").unwrap_or_default();
    let index = row
        .get("TunnelIndex")
        .filter(|index| !index.is_null())
        .map(|index| index.as_str().map_or_else(|| index.to_string(), str::to_owned));
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

/// The objects of a list: an array, an object with an array in it, or (from XML) a single object.
pub(super) fn rows(list: Json, inner: &str) -> Vec<Map<String, Json>> {
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
