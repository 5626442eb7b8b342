//! Requests and replies, spelled as Huawei Cloud spells them.

use serde_json::{Map, Value as Json, json};

use super::PROVIDER;
use super::settings::FIELDS;
use super::vocabulary as words;
use crate::http::{Body, Endpoint, Method, Reply, Request, percent_encode};
use crate::model::{Connection, Key, PolicyRule, Ref, Settings, Status, Term, Value, Word};
use crate::provider::field::{hide_secrets, read_all, write_all};
use crate::provider::rule::is_address;
use crate::provider::{Accepted, Call, Edit, Profile, Progress, ReadError, Target, Violation, object};

const SHOW: &str = "ShowVpnConnection";
const UPDATE: &str = "UpdateVpnConnection";
const PROJECTS: &str = "KeystoneListProjects";

/// The VPN service of a profile.
#[must_use]
pub fn endpoint(profile: &Profile) -> Endpoint {
    profile.endpoint.clone().unwrap_or_else(|| service("vpn", &profile.region))
}

/// The identity service of a profile.
#[must_use]
pub fn identity_endpoint(profile: &Profile) -> Endpoint {
    profile.identity_endpoint.clone().unwrap_or_else(|| service("iam", &profile.region))
}

fn service(name: &str, region: &str) -> Endpoint {
    // The European site has a domain of its own for its regions eu-west-1xx.
    let domain = if region.starts_with("eu-west-1") { "myhuaweicloud.eu" } else { "myhuaweicloud.com" };
    Endpoint::https(format!("{name}.{region}.{domain}"))
}

/// Asks the identity service for the id of the region's project.
#[must_use]
pub fn locate(profile: &Profile) -> Call<String> {
    let region = profile.region.clone();
    let request = Request {
        operation: PROJECTS,
        method: Method::Get,
        endpoint: identity_endpoint(profile),
        path: "/v3/projects".to_owned(),
        query: vec![("name".to_owned(), region.clone())],
        headers: Vec::new(),
        body: Body::Empty,
    };
    Call { request, read: Box::new(move |reply| read_project(&region, reply)) }
}

fn read_project(region: &str, reply: &Reply) -> Result<String, ReadError> {
    let root = object(PROJECTS, reply)?;
    let shape = |text: &str| ReadError::Shape(PROJECTS, text.to_owned());
    let projects = root.get("projects").and_then(Json::as_array).ok_or_else(|| shape("no list of projects"))?;
    match projects.as_slice() {
        [] => Err(ReadError::Missing(format!("project for region {region}"))),
        [project] => project.get("id").and_then(Json::as_str).map(str::to_owned).ok_or_else(|| shape("a project without an id")),
        more => Err(shape(&format!("{} projects for region {region}; set the project id", more.len()))),
    }
}

/// Reads one connection.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let (reference, id) = (reference(profile, target), target.id.clone());
    let read = move |reply: &Reply| {
        let found = found(&id, reply)?.ok_or_else(|| ReadError::Missing(id.clone()))?;
        Ok(read_connection(reference.clone(), found))
    };
    Call { request: request(SHOW, Method::Get, profile, target, Body::Empty), read: Box::new(read) }
}

/// Asks how far a change is: there is no task to poll, only the connection's status.
#[must_use]
pub fn progress(profile: &Profile, target: &Target) -> Call<Progress> {
    let (reference, id) = (reference(profile, target), target.id.clone());
    let read = move |reply: &Reply| {
        let Some(found) = found(&id, reply)? else {
            return Ok(Progress { change: Term::Gone, reported: "not found".to_owned() });
        };
        let status = read_connection(reference.clone(), found).status;
        let reported = status.reported.first().map_or_else(|| "no status".to_owned(), |(field, word)| format!("{field} {word}"));
        Ok(Progress { change: status.change, reported })
    };
    Call { request: request(SHOW, Method::Get, profile, target, Body::Empty), read: Box::new(read) }
}

/// Changes what is asked for, and nothing else: what is left out of the body stays as it is.
///
/// # Errors
/// When there is nothing to change: what an empty update does is documented nowhere.
pub fn update(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let content = write_all(FIELDS, edit.change);
    if content.is_empty() {
        let rule = format!("give at least one setting to {UPDATE}");
        return Err(vec![Violation { setting: "settings".to_owned(), value: None, rule }]);
    }
    let body = Body::Json(json!({ "vpn_connection": content }).to_string());
    let id = edit.target.id.clone();
    let read = move |reply: &Reply| {
        if found(&id, reply)?.is_none() {
            return Err(ReadError::Shape(UPDATE, "the connection is not in it".to_owned()));
        }
        Ok(Accepted { request_id: request_id(reply), task: None })
    };
    Ok(Call { request: request(UPDATE, Method::Put, profile, edit.target, body), read: Box::new(read) })
}

/// The id of a request: in the body, or in the header that the SDKs look at.
#[must_use]
pub fn request_id(reply: &Reply) -> Option<String> {
    let body = reply.json();
    let from_body = body.as_ref().and_then(|body| body.get("request_id")).and_then(Json::as_str).filter(|id| !id.is_empty());
    from_body.or_else(|| reply.header("x-request-id")).map(str::to_owned)
}

fn request(operation: &'static str, method: Method, profile: &Profile, target: &Target, body: Body) -> Request {
    let project = profile.project_id.as_deref().unwrap_or_default();
    Request {
        operation,
        method,
        endpoint: endpoint(profile),
        path: format!("/v5/{}/vpn-connection/{}", percent_encode(project), percent_encode(&target.id)),
        query: Vec::new(),
        headers: vec![("X-Project-Id".to_owned(), project.to_owned())],
        body,
    }
}

fn reference(profile: &Profile, target: &Target) -> Ref {
    Ref { provider: PROVIDER.id.to_owned(), region: Some(profile.region.clone()), kind: target.kind.name.to_owned(), id: target.id.clone() }
}

/// The connection of a reply; `None` when a well-formed reply does not hold it.
fn found(id: &str, reply: &Reply) -> Result<Option<Map<String, Json>>, ReadError> {
    let mut root = object(SHOW, reply)?;
    match root.remove("vpn_connection") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(found)) => {
            let same = found.get("id").and_then(Json::as_str).is_none_or(|found| found.eq_ignore_ascii_case(id));
            Ok(same.then_some(found))
        }
        Some(_) => Err(ReadError::Shape(SHOW, "vpn_connection is not an object".to_owned())),
    }
}

/// A connection of `ShowVpnConnection`, `ListVpnConnections` or `UpdateVpnConnection`.
#[must_use]
pub fn read_connection(reference: Ref, mut found: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference);
    let style = found.get("style").and_then(Json::as_str).unwrap_or_default().to_ascii_uppercase();
    // A policy-based connection has no tunnel interface; replies carry addresses all the same.
    let unused = if style == "POLICY" { aside(&mut found, &["tunnel_local_address", "tunnel_peer_address"]) } else { Vec::new() };
    let mut settings = read_all(FIELDS, &mut found);
    found.extend(unused);
    if let Some(Value::Word(Word::Foreign(word))) = settings.get(Key::RemoteIdType)
        && let known @ Word::Known(_) = words::ANY_ID_TYPE.read(word)
    {
        settings.set(Key::RemoteIdType, Value::Word(known));
    }
    gather_rules(&mut settings);
    let mut text = |name: &str| match found.get(name) {
        Some(Json::String(_)) => found.remove(name).and_then(|json| json.as_str().map(str::to_owned)),
        _ => None,
    };
    text("id");
    connection.gateway = text("vgw_id");
    connection.created = text("created_at");
    connection.updated = text("updated_at");
    if let Some(word) = text("status") {
        connection.status = status(word);
    }
    // `vgw_ip` is the id of a public address or a private address; with type ip, the local identity is the address.
    let by_ip = settings.term(Key::LocalIdType) == Some(Term::Ip);
    let candidates = [found.get("vgw_ip").and_then(Json::as_str), settings.text(Key::LocalId).filter(|_| by_ip)];
    connection.gateway_address = candidates.into_iter().flatten().find(|text| is_address(text)).map(str::to_owned);
    hide_secrets(&mut found);
    connection.settings = settings;
    connection.extra = found;
    connection
}

fn aside(found: &mut Map<String, Json>, names: &[&str]) -> Vec<(String, Json)> {
    names.iter().filter_map(|name| found.remove_entry(*name)).collect()
}

fn status(word: String) -> Status {
    let known = |read: Word| match read {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    };
    Status { change: known(words::CHANGE.read(&word)), tunnel: known(words::TUNNEL.read(&word)), reported: vec![("status", word)] }
}

/// The cloud stores a rule for each destination and numbers them anew. One rule for each source, without a number, is
/// what can be written again.
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
