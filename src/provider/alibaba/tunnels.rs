//! The tunnels of a dual-tunnel connection: which one is meant, and how it is written.
//!
//! `ModifyTunnelAttribute` names one tunnel by its id. The two attribute operations take a list of tunnels instead,
//! each entry with the tunnel's id, and beside it its role (gateways) or index (transit routers).

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::Value as Json;

use super::settings::TUNNEL;
use super::wire::{MODIFY_ATTACHMENT, MODIFY_TUNNEL, completed, parameter};
use crate::error::Violation;
use crate::model::{Connection, Key, Settings, Tunnel, Value};
use crate::provider::Edit;
use crate::provider::field::write_all;
use crate::provider::rule::prefixed;

const FLAG: &str = "tunnel";

/// What names a tunnel of a gateway's connection.
pub(super) const OF_CONNECTION: (&str, &str) = (FLAG, "Tunnel of a dual-tunnel connection: its id, master or slave");
/// What names a tunnel of an attachment.
pub(super) const OF_ATTACHMENT: (&str, &str) = (FLAG, "Tunnel of a dual-tunnel connection: its id, 1 or 2");

/// What both tunnels share: everything else is a setting of each.
pub(super) const WHOLE: [Key; 8] = [
    Key::Name,
    Key::LocalSubnets,
    Key::RemoteSubnets,
    Key::EffectImmediately,
    Key::AutoConfigRoute,
    Key::NetworkType,
    Key::TunnelsBgp,
    Key::TunnelsBgpCidrs,
];

/// What `--tunnel` says.
pub(super) fn named<'a>(address: &'a [(&'static str, String)]) -> Option<&'a str> {
    address.iter().find(|(name, _)| *name == FLAG).map(|(_, value)| value.as_str())
}

/// Whether a text can name a tunnel.
pub(super) fn can_name(text: &str) -> bool {
    prefixed(text, "tun-") || number(text).is_some()
}

/// The place that a role or an index stands for, before anything is read.
fn number(text: &str) -> Option<usize> {
    match text.to_ascii_lowercase().as_str() {
        "master" | "1" => Some(0),
        "slave" | "2" => Some(1),
        _ => None,
    }
}

/// The place of the tunnel that is named: by its id, by its role, or by its number.
pub(super) fn place(connection: &Connection, name: &str) -> Option<usize> {
    let by = |fits: &dyn Fn(&Tunnel) -> bool| connection.tunnels.iter().position(fits);
    by(&|tunnel| tunnel.id == name)
        .or_else(|| by(&|tunnel| tunnel.role.as_deref().is_some_and(|role| role.eq_ignore_ascii_case(name))))
        .or_else(|| number(name).filter(|place| *place < connection.tunnels.len()))
}

/// A tunnel in few words: its role, or its id.
pub(super) fn name(tunnel: &Tunnel) -> &str {
    tunnel.role.as_deref().unwrap_or(&tunnel.id)
}

/// The tunnels of a connection by id and role.
pub(super) fn list(connection: &Connection) -> String {
    let one = |tunnel: &Tunnel| match &tunnel.role {
        Some(role) => format!("{} ({role})", tunnel.id),
        None => tunnel.id.clone(),
    };
    connection.tunnels.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// Whether a change is of tunnels, at least in part.
pub(super) fn concerned(edit: &Edit<'_>) -> bool {
    edit.target.operation.name == MODIFY_TUNNEL || named(edit.address).is_some() || edit.change.has(Key::TunnelsBgpCidrs)
}

/// The part of a change that is of the whole connection, or that is of a tunnel.
fn part(change: &Settings, whole: bool) -> Settings {
    change.iter().filter(|(key, _)| WHOLE.contains(key) == whole).map(|(key, value)| (key, value.clone())).collect()
}

/// The parameters of a change of tunnels.
///
/// # Errors
/// What has to be given because it could not be read.
pub(super) fn parameters(edit: &Edit<'_>) -> Result<Vec<(String, String)>, Vec<Violation>> {
    let change = part(edit.change, false);
    if edit.target.operation.name == MODIFY_TUNNEL {
        let id = tunnel_id(edit).ok_or_else(|| vec![unnamed(edit)])?;
        let mut parameters = vec![("TunnelId".to_owned(), id)];
        entry("TunnelOptionsSpecification", &change, now(edit, named(edit.address)), &mut parameters)?;
        return Ok(parameters);
    }
    let whole =
        Settings::from_iter(part(edit.change, true).iter().filter(|(key, _)| *key != Key::TunnelsBgpCidrs).map(|(k, v)| (k, v.clone())));
    let wire = write_all(edit.target.operation.fields, &whole);
    let mut parameters: Vec<(String, String)> = wire.iter().map(|(name, value)| (name.clone(), parameter(value))).collect();
    for (index, (name, change)) in entries(edit, change).into_iter().enumerate() {
        let prefix = format!("TunnelOptionsSpecification.{}", index + 1);
        parameters.extend(identity(edit, &name).into_iter().map(|(member, value)| (format!("{prefix}.{member}"), value)));
        entry(&prefix, &change, now(edit, Some(&name)), &mut parameters)?;
    }
    Ok(parameters)
}

/// The tunnels that a change touches, by name, each with its part of the change.
fn entries(edit: &Edit<'_>, change: Settings) -> Vec<(String, Settings)> {
    let place_of = |name: &str| edit.current.map_or_else(|| number(name), |current| place(current, name));
    let mut entries: Vec<(String, Settings)> = Vec::new();
    for (index, network) in edit.change.list(Key::TunnelsBgpCidrs).iter().enumerate() {
        let read = edit.current.and_then(|current| current.tunnels.get(index));
        let name = read.map_or_else(|| (index + 1).to_string(), |tunnel| tunnel.id.clone());
        entries.push((name, Settings::from_iter([(Key::BgpTunnelCidr, Value::Text(network.clone()))])));
    }
    if let Some(named) = named(edit.address).filter(|_| !change.is_empty()) {
        match entries.iter_mut().find(|(name, _)| place_of(name) == place_of(named)) {
            Some((_, settings)) => *settings = settings.with(&change),
            None => entries.push((named.to_owned(), change)),
        }
    }
    entries
}

/// How an entry says which tunnel it is of.
fn identity(edit: &Edit<'_>, name: &str) -> Vec<(&'static str, String)> {
    let attachment = edit.target.operation.name == MODIFY_ATTACHMENT;
    let Some((current, place)) = edit.current.and_then(|current| Some((current, place(current, name)?))) else {
        let role = |place: usize| if place == 0 { "master" } else { "slave" };
        return match number(name) {
            None => vec![("TunnelId", name.to_owned())],
            Some(place) if attachment => vec![("TunnelIndex", (place + 1).to_string())],
            Some(place) => vec![("Role", role(place).to_owned())],
        };
    };
    let Some(tunnel) = current.tunnels.get(place) else { return Vec::new() };
    let mut identity = vec![("TunnelId", tunnel.id.clone())];
    let index = current.extra.get("TunnelOptionsSpecification").and_then(|list| list.get(place)?.get("TunnelIndex"));
    match (&tunnel.role, index) {
        (_, Some(index)) if attachment => identity.push(("TunnelIndex", parameter(index))),
        (Some(role), _) if !attachment => identity.push(("Role", role.clone())),
        _ => {}
    }
    identity
}

/// The settings of a tunnel as they were read.
fn now<'a>(edit: &Edit<'a>, name: Option<&str>) -> Option<&'a Settings> {
    let current = edit.current?;
    current.tunnels.get(place(current, name?)?).map(|tunnel| &tunnel.settings)
}

/// The id of the tunnel that is named; a role needs what was read.
fn tunnel_id(edit: &Edit<'_>) -> Option<String> {
    let name = named(edit.address)?;
    match edit.current {
        Some(current) => current.tunnels.get(place(current, name)?).map(|tunnel| tunnel.id.clone()),
        None => Some(name.to_owned()).filter(|name| number(name).is_none()),
    }
}

fn unnamed(edit: &Edit<'_>) -> Violation {
    let rule = match edit.current {
        Some(current) => format!("must name one of {}", list(current)),
        None => "must be the tunnel's id when nothing is read, such as tun-2zemaster000001".to_owned(),
    };
    Violation { setting: format!("--{FLAG}"), value: None, rule }
}

/// The settings of one tunnel, its blocks completed, one parameter each.
fn entry(prefix: &str, change: &Settings, now: Option<&Settings>, parameters: &mut Vec<(String, String)>) -> Result<(), Vec<Violation>> {
    let mut whole = completed(change, TUNNEL, now, false)?;
    // An address that was read does not follow its network into another one; the cloud chooses a new one.
    if !change.has(Key::BgpLocalAddress)
        && let (Some(network), Some(address)) = (whole.text(Key::BgpTunnelCidr), whole.text(Key::BgpLocalAddress))
        && !inside(network, address)
    {
        whole.remove(Key::BgpLocalAddress);
    }
    flatten(prefix, &Json::Object(write_all(TUNNEL, &whole)), parameters);
    Ok(())
}

/// Whether an address lies in a network.
pub(super) fn inside(network: &str, address: &str) -> bool {
    network.parse::<Ipv4Net>().is_ok_and(|network| address.parse::<Ipv4Addr>().is_ok_and(|address| network.contains(&address)))
}

fn flatten(prefix: &str, value: &Json, parameters: &mut Vec<(String, String)>) {
    match value {
        Json::Object(members) => members.iter().for_each(|(name, value)| flatten(&format!("{prefix}.{name}"), value, parameters)),
        scalar => parameters.push((prefix.to_owned(), parameter(scalar))),
    }
}

#[cfg(test)]
mod tests;
