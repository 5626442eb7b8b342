//! Replies: connections, how far a change is, what the cloud says when it accepts one.

use serde_json::{Map, Value as Json};

use super::cloud::{PROJECTS, SHOW, UPDATE};
use super::settings::FIELDS;
use super::vocabulary as words;
use crate::model::{Connection, Key, PolicyRule, Ref, Settings, Status, Term, Value, Word};
use crate::provider::field::{hide_secrets, read_all};
use crate::provider::rule::is_address;
use crate::provider::{Accepted, Progress};
use crate::wire::{ReadError, Reply, object};

/// The id of a region's only project, from `KeystoneListProjects`.
///
/// # Errors
/// When there is no project or more than one.
pub(super) fn project(region: &str, reply: &Reply) -> Result<String, ReadError> {
    let root = object(PROJECTS, reply)?;
    let shape = |text: &str| ReadError::Shape(PROJECTS, text.to_owned());
    let projects = root.get("projects").and_then(Json::as_array).ok_or_else(|| shape("no list of projects"))?;
    match projects.as_slice() {
        [] => Err(ReadError::Missing(format!("project for region {region}"))),
        [project] => project.get("id").and_then(Json::as_str).map(str::to_owned).ok_or_else(|| shape("a project without an id")),
        more => Err(shape(&format!("{} projects for region {region}; set the project id", more.len()))),
    }
}

/// The connection of `ShowVpnConnection`.
///
/// # Errors
/// When the reply does not hold it.
pub(super) fn shown(reference: &Ref, reply: &Reply) -> Result<Connection, ReadError> {
    Ok(read_connection(reference.clone(), found(SHOW, &reference.id, reply)?))
}

/// How far a change is, from `ShowVpnConnection`.
///
/// # Errors
/// When the reply cannot be read.
pub(super) fn progress(reference: &Ref, reply: &Reply) -> Result<Progress, ReadError> {
    let status = read_connection(reference.clone(), found(SHOW, &reference.id, reply)?).status;
    let reported = status.reported.first().map_or_else(|| "no status".to_owned(), |(field, word)| format!("{field} {word}"));
    Ok(Progress { change: status.change, reported })
}

/// What the cloud says when it accepts `UpdateVpnConnection`.
///
/// # Errors
/// When the reply does not hold the connection.
pub(super) fn updated(id: &str, reply: &Reply) -> Result<Accepted, ReadError> {
    found(UPDATE, id, reply)?;
    Ok(Accepted { request_id: request_id(reply), task: None })
}

/// The id of a request: from the body, or from the header that the SDKs read.
#[must_use]
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    let body = reply.json();
    let from_body = body.as_ref().and_then(|body| body.get("request_id")).and_then(Json::as_str).filter(|id| !id.is_empty());
    from_body.or_else(|| reply.header("x-request-id")).map(str::to_owned)
}

/// The connection of a reply. Where there is none, the cloud says so with an error: a reply without it is none of this cloud.
fn found(operation: &'static str, id: &str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    let mut root = object(operation, reply)?;
    match root.remove("vpn_connection") {
        None | Some(Json::Null) => Err(ReadError::Shape(operation, "no vpn_connection".to_owned())),
        Some(Json::Object(found)) => {
            let same = found.get("id").and_then(Json::as_str).is_none_or(|found| found.eq_ignore_ascii_case(id));
            if same { Ok(found) } else { Err(ReadError::Shape(operation, "another connection".to_owned())) }
        }
        Some(_) => Err(ReadError::Shape(operation, "vpn_connection is not an object".to_owned())),
    }
}

/// A connection as `ShowVpnConnection`, `ListVpnConnections` and `UpdateVpnConnection` return it. Fields that the model
/// does not have become its `extra`, secrets hidden.
#[must_use]
pub(super) fn read_connection(reference: Ref, mut found: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference);
    connection.settings = read_settings(&mut found);
    take_text(&mut found, "id");
    connection.gateway = take_text(&mut found, "vgw_id");
    connection.created = take_text(&mut found, "created_at");
    connection.updated = take_text(&mut found, "updated_at");
    if let Some(word) = take_text(&mut found, "status") {
        connection.status = status(word);
    }
    connection.gateway_address = gateway_address(&connection.settings, &found);
    hide_secrets(&mut found);
    connection.extra = found;
    connection
}

fn take_text(found: &mut Map<String, Json>, name: &str) -> Option<String> {
    if !found.get(name)?.is_string() {
        return None;
    }
    found.remove(name).and_then(|json| json.as_str().map(str::to_owned))
}

fn read_settings(found: &mut Map<String, Json>) -> Settings {
    let style = found.get("style").and_then(Json::as_str).unwrap_or_default().to_ascii_uppercase();
    // A policy-based connection has no tunnel interface, but replies carry addresses for it all the same.
    let unused: &[&str] = if style == "POLICY" { &["tunnel_local_address", "tunnel_peer_address"] } else { &[] };
    let unused: Vec<(String, Json)> = unused.iter().filter_map(|name| found.remove_entry(*name)).collect();
    let mut settings = read_all(FIELDS, found);
    found.extend(unused);
    if let Some(Value::Word(Word::Foreign(word))) = settings.get(Key::RemoteIdType)
        && let known @ Word::Known(_) = words::ANY_ID_TYPE.read(word)
    {
        settings.set(Key::RemoteIdType, Value::Word(known));
    }
    gather_rules(&mut settings);
    settings
}

fn status(word: String) -> Status {
    let known = |read: Word| match read {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    };
    Status { change: known(words::CHANGE.read(&word)), tunnel: known(words::TUNNEL.read(&word)), reported: vec![("status".into(), word)] }
}

/// `vgw_ip` is the id of a public address or a private address. A local identity of type ip is the gateway's address.
fn gateway_address(settings: &Settings, found: &Map<String, Json>) -> Option<String> {
    let by_ip = settings.term(Key::LocalIdType) == Some(Term::Ip);
    let candidates = [found.get("vgw_ip").and_then(Json::as_str), settings.text(Key::LocalId).filter(|_| by_ip)];
    candidates.into_iter().flatten().find(|text| is_address(text)).map(str::to_owned)
}

/// Merges the stored policy rules by source, without their numbers. The cloud stores one rule for each destination and
/// renumbers them; one rule for each source is the form that can be written back.
fn gather_rules(settings: &mut Settings) {
    let mut sources: Vec<String> = Vec::new();
    for key in [Key::PolicyRules, Key::PolicyRulesV6] {
        let Some(Value::Rules(stored)) = settings.remove(key) else { continue };
        let mut rules: Vec<PolicyRule> = Vec::new();
        for rule in stored {
            match rules.iter_mut().find(|earlier| earlier.source == rule.source) {
                Some(earlier) => earlier.destinations.extend(rule.destinations),
                None => rules.push(PolicyRule { index: None, ..rule }),
            }
        }
        sources.extend(rules.iter().map(|rule| rule.source.clone()));
        if !rules.is_empty() {
            settings.set(key, Value::Rules(rules));
        }
    }
    if !sources.is_empty() {
        settings.set(Key::LocalSubnets, Value::List(sources));
    }
}

#[cfg(test)]
mod tests;
