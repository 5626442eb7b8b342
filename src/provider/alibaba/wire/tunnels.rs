//! Changes of the tunnels of a dual-tunnel connection.
//!
//! `ModifyTunnelAttribute` names one tunnel by its id. The two attribute operations take a list of tunnels instead:
//! each entry has the tunnel's id, and also its role (gateways) or its index (transit routers).

use serde_json::Value as Json;

use super::blocks::completed;
use super::request::{flatten, parameter};
use crate::error::Violation;
use crate::model::{Connection, Key, Settings, Value};
use crate::provider::Edit;
use crate::provider::alibaba::cloud::{MODIFY_ATTACHMENT, MODIFY_TUNNEL};
use crate::provider::alibaba::settings::TUNNEL;
use crate::provider::alibaba::tunnels::{FLAG, SHARED, inside, list, named, place, place_of_word};
use crate::provider::field::write_all;
use crate::wire::Pairs;

const LIST: &str = "TunnelOptionsSpecification";

/// Whether a change concerns single tunnels, at least in part.
pub(super) fn concerned(edit: &Edit<'_>) -> bool {
    edit.target.operation.name == MODIFY_TUNNEL || named(edit.address).is_some() || edit.change.has(Key::TunnelsBgpCidrs)
}

/// The parameters of a change of tunnels.
///
/// # Errors
/// What the user must give because it could not be read.
pub(super) fn parameters(edit: &Edit<'_>) -> Result<Pairs, Vec<Violation>> {
    if edit.target.operation.name == MODIFY_TUNNEL { of_one_tunnel(edit) } else { of_list(edit) }
}

fn of_one_tunnel(edit: &Edit<'_>) -> Result<Pairs, Vec<Violation>> {
    let id = tunnel_id(edit).ok_or_else(|| vec![unnamed(edit)])?;
    let mut parameters = vec![("TunnelId".to_owned(), id)];
    entry(LIST, &per_tunnel(edit.change), current(edit, named(edit.address)), &mut parameters)?;
    Ok(parameters)
}

/// What the tunnels share, then a list entry for each tunnel that the change touches.
fn of_list(edit: &Edit<'_>) -> Result<Pairs, Vec<Violation>> {
    let wire = write_all(edit.target.operation.fields, &shared(edit.change));
    let mut parameters: Pairs = wire.iter().map(|(name, value)| (name.clone(), parameter(value))).collect();
    for (index, (name, change)) in entries(edit).into_iter().enumerate() {
        let prefix = format!("{LIST}.{}", index + 1);
        parameters.extend(identity(edit, &name).into_iter().map(|(member, value)| (format!("{prefix}.{member}"), value)));
        entry(&prefix, &change, current(edit, Some(&name)), &mut parameters)?;
    }
    Ok(parameters)
}

fn per_tunnel(change: &Settings) -> Settings {
    change.iter().filter(|(key, _)| !SHARED.contains(key)).map(|(key, value)| (key, value.clone())).collect()
}

/// What the tunnels share, without the networks of BGP: each of those goes into its tunnel's entry.
fn shared(change: &Settings) -> Settings {
    let shared = |key: &Key| SHARED.contains(key) && *key != Key::TunnelsBgpCidrs;
    change.iter().filter(|(key, _)| shared(key)).map(|(key, value)| (key, value.clone())).collect()
}

/// The tunnels that a change touches, by name, each with its part of the change.
fn entries(edit: &Edit<'_>) -> Vec<(String, Settings)> {
    let change = per_tunnel(edit.change);
    let place_of = |name: &str| edit.current.map_or_else(|| place_of_word(name), |current| place(current, name));
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

/// The members of a list entry that name its tunnel.
fn identity(edit: &Edit<'_>, name: &str) -> Vec<(&'static str, String)> {
    let attachment = edit.target.operation.name == MODIFY_ATTACHMENT;
    match edit.current.and_then(|current| Some((current, place(current, name)?))) {
        Some((current, place)) => identity_read(current, place, attachment),
        None => identity_unread(name, attachment),
    }
}

fn identity_read(current: &Connection, place: usize, attachment: bool) -> Vec<(&'static str, String)> {
    let Some(tunnel) = current.tunnels.get(place) else { return Vec::new() };
    let mut identity = vec![("TunnelId", tunnel.id.clone())];
    let index = current.extra.get(LIST).and_then(|list| list.get(place)?.get("TunnelIndex"));
    match (&tunnel.role, index) {
        (_, Some(index)) if attachment => identity.push(("TunnelIndex", parameter(index))),
        (Some(role), _) if !attachment => identity.push(("Role", role.clone())),
        _ => {}
    }
    identity
}

fn identity_unread(name: &str, attachment: bool) -> Vec<(&'static str, String)> {
    match place_of_word(name) {
        None => vec![("TunnelId", name.to_owned())],
        Some(place) if attachment => vec![("TunnelIndex", (place + 1).to_string())],
        Some(0) => vec![("Role", "master".to_owned())],
        Some(_) => vec![("Role", "slave".to_owned())],
    }
}

/// The current settings of a tunnel, if they were read.
fn current<'a>(edit: &Edit<'a>, name: Option<&str>) -> Option<&'a Settings> {
    let current = edit.current?;
    current.tunnels.get(place(current, name?)?).map(|tunnel| &tunnel.settings)
}

/// The id of the named tunnel. A role has an id only in a connection that was read.
fn tunnel_id(edit: &Edit<'_>) -> Option<String> {
    let name = named(edit.address)?;
    match edit.current {
        Some(current) => current.tunnels.get(place(current, name)?).map(|tunnel| tunnel.id.clone()),
        None => Some(name.to_owned()).filter(|name| place_of_word(name).is_none()),
    }
}

fn unnamed(edit: &Edit<'_>) -> Violation {
    let rule = match edit.current {
        Some(current) => format!("must name one of {}", list(current)),
        None => "must be the tunnel's id, such as tun-2zemaster000001, when the connection is not read".to_owned(),
    };
    Violation { setting: FLAG.to_owned(), value: None, rule }
}

/// Adds the settings of one tunnel, with complete blocks.
fn entry(prefix: &str, change: &Settings, current: Option<&Settings>, parameters: &mut Pairs) -> Result<(), Vec<Violation>> {
    let mut whole = completed(change, TUNNEL, current)?;
    // The current address does not fit into a new network; the cloud chooses another one.
    if !change.has(Key::BgpLocalAddress)
        && let (Some(network), Some(address)) = (whole.text(Key::BgpTunnelCidr), whole.text(Key::BgpLocalAddress))
        && !inside(network, address)
    {
        whole.remove(Key::BgpLocalAddress);
    }
    flatten(prefix, &Json::Object(write_all(TUNNEL, &whole)), parameters);
    Ok(())
}
