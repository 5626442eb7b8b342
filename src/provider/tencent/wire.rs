//! API 3.0 on the wire: requests out of settings, connections out of replies, in the vendor's spelling.

use serde_json::{Map, Value as Json, json};

use super::rules::{BGP, bgp_missing};
use super::{identity, settings, vocabulary};
use crate::error::Violation;
use crate::model::{Connection, HIDDEN, Key, PolicyRule, Ref, Settings, Status, Term, Value, Word};
use crate::provider::field::{hide_secrets, insert_at, read_all, write_all};
use crate::provider::vocabulary::Vocabulary;
use crate::provider::{Accepted, Edit, GATEWAY, Profile, Progress, Target};
use crate::wire::{Body, Endpoint, Method, Pairs, Reply, Request};
use crate::wire::{Call, ReadError, object};

/// Version of the API.
pub const VERSION: &str = "2017-03-12";
/// The operation that modifies.
pub const MODIFY: &str = "ModifyVpnConnectionAttribute";
/// The operation that negotiates anew.
pub const RESET: &str = "ResetVpnConnection";
/// The operation that reads.
pub const DESCRIBE: &str = "DescribeVpnConnections";

/// A request of API 3.0, in the form that the profile's signature wants: JSON with headers, or a form.
#[must_use]
pub fn request(profile: &Profile, operation: &'static str, parameters: Map<String, Json>) -> Request {
    // Finance regions are reached through hosts of their own.
    let host = || match profile.region.as_str() {
        region if region.ends_with("-fsi") => format!("vpc.{region}.tencentcloudapi.com"),
        _ => "vpc.tencentcloudapi.com".to_owned(),
    };
    let endpoint = profile.endpoint.clone().unwrap_or_else(|| Endpoint::https(host()));
    let mut common = vec![("Action", operation), ("Version", VERSION), ("Language", "en-US")];
    if !profile.region.is_empty() {
        common.push(("Region", &profile.region));
    }
    let (headers, body) = if is_tc3(profile) {
        let headers = common.into_iter().map(|(name, value)| (format!("X-TC-{name}"), value.to_owned())).collect();
        (headers, Body::Json(Json::Object(parameters).to_string()))
    } else {
        let mut pairs: Pairs = common.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        pairs.extend(flatten(&parameters));
        (Vec::new(), Body::Form(pairs))
    };
    Request { operation, method: Method::Post, endpoint, path: "/".to_owned(), query: Vec::new(), headers, body }
}

/// Whether the profile signs API 3.0 with TC3-HMAC-SHA256.
#[must_use]
pub fn is_tc3(profile: &Profile) -> bool {
    profile.signature.is_none_or(|scheme| scheme == "tc3")
}

/// Nested parameters as names with values, lists counted from 0.
#[must_use]
pub fn flatten(parameters: &Map<String, Json>) -> Pairs {
    crate::provider::flatten(parameters, 0, false)
}

/// Reads one connection.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let (reference, id) = (reference(profile, target), target.id.clone());
    Call { request: describe(profile, &id), read: Box::new(move |reply| read_one(reply, &reference, &id)) }
}

/// The ref of a target.
#[must_use]
pub fn reference(profile: &Profile, target: &Target) -> Ref {
    let region = Some(profile.region.clone()).filter(|region| !region.is_empty());
    Ref { provider: "tencent".to_owned(), region, kind: target.kind.name.to_owned(), id: target.id.clone() }
}

fn describe(profile: &Profile, id: &str) -> Request {
    request(profile, DESCRIBE, Map::from_iter([("VpnConnectionIds".to_owned(), json!([id]))]))
}

fn read_one(reply: &Reply, reference: &Ref, id: &str) -> Result<Connection, ReadError> {
    let mut response = response(DESCRIBE, reply)?;
    let items = match response.remove("VpnConnectionSet") {
        Some(Json::Array(items)) => items,
        Some(Json::Null) => Vec::new(),
        _ => return Err(ReadError::Shape(DESCRIBE, "no VpnConnectionSet".to_owned())),
    };
    let item = items.into_iter().find_map(|item| match item {
        Json::Object(item) if item.get("VpnConnectionId").and_then(Json::as_str) == Some(id) => Some(item),
        _ => None,
    });
    item.map(|item| connection(reference, item)).ok_or_else(|| ReadError::Missing(id.to_owned()))
}

pub(super) fn response(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    match object(operation, reply)?.remove("Response") {
        Some(Json::Object(response)) => Ok(response),
        _ => Err(ReadError::Shape(operation, "no Response".to_owned())),
    }
}

/// A `VpnConnection` as a connection of the model.
#[must_use]
pub fn connection(reference: &Ref, mut item: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference.clone());
    item.remove("VpnConnectionId");
    textual(&mut item, "PreShareKey");
    let aside = identity::set_aside(identity::V3, &vocabulary::IDENTITY, &mut item);
    let raw_rules = normal_rules(&mut item);
    connection.settings = read_all(settings::V3, &mut item);
    if let Some(Value::Rules(rules)) = connection.settings.get(Key::PolicyRules) {
        let (local, remote) = selectors(rules);
        if raw_rules.as_array().is_some_and(|rows| rows.len() != rules.len()) {
            item.insert("SecurityPolicyDatabaseSet".to_owned(), raw_rules);
        }
        connection.settings.set(Key::LocalSubnets, local);
        connection.settings.set(Key::RemoteSubnets, remote);
    }
    connection.gateway = take_text(&mut item, &["VpnGatewayId"]);
    connection.created = take_text(&mut item, &["CreatedTime"]);
    let mut reported = Vec::new();
    let change = status(&mut item, &["State"], "State", &vocabulary::STATE, &mut reported);
    let tunnel = status(&mut item, &["NetStatus"], "NetStatus", &vocabulary::NET_STATUS, &mut reported);
    connection.status = Status { change, tunnel, reported };
    connection.extra = leftover(item, aside, "PreShareKey");
    connection
}

/// A list where the reply has one text; returns the rules as they then stand.
fn normal_rules(item: &mut Map<String, Json>) -> Json {
    let Some(rows) = item.get_mut("SecurityPolicyDatabaseSet") else { return Json::Null };
    for row in rows.as_array_mut().into_iter().flatten() {
        if let Some(remote) = row.get_mut("RemoteCidrBlock")
            && let Some(text) = remote.as_str()
        {
            *remote = text.split(',').map(str::trim).collect();
        }
    }
    rows.clone()
}

/// All sources and all destinations of policy rules, each once.
#[must_use]
pub fn selectors(rules: &[PolicyRule]) -> (Value, Value) {
    let once = |items: Vec<&String>| {
        let mut list: Vec<String> = Vec::new();
        for item in items {
            if !list.contains(item) {
                list.push(item.clone());
            }
        }
        Value::List(list)
    };
    let sources = rules.iter().map(|rule| &rule.source).collect();
    (once(sources), once(rules.iter().flat_map(|rule| &rule.destinations).collect()))
}

/// A number where a text belongs becomes that text.
pub fn textual(item: &mut Map<String, Json>, name: &str) {
    if let Some(value) = item.get_mut(name).filter(|value| value.is_number()) {
        *value = json!(value.to_string());
    }
}

/// Takes the first of some fields that holds a text or number.
pub fn take_text(item: &mut Map<String, Json>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let text = match item.get(*name)? {
            Json::String(text) if !text.is_empty() => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        item.remove(*name);
        Some(text)
    })
}

/// Takes a word of the state out and notes it as the cloud reported it.
pub fn status(
    item: &mut Map<String, Json>,
    names: &[&str],
    reported_as: &'static str,
    words: &Vocabulary,
    reported: &mut Vec<(&'static str, String)>,
) -> Term {
    let Some(text) = take_text(item, names) else { return Term::Unknown };
    let term = match words.read(&text) {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    };
    reported.push((reported_as, text));
    term
}

/// What the model does not know, without empty fields and without the key.
#[must_use]
pub fn leftover(mut item: Map<String, Json>, aside: Vec<(&'static str, Json)>, key: &str) -> Map<String, Json> {
    for (path, json) in aside {
        insert_at(&mut item, path, json);
    }
    prune(&mut item);
    // A key in a shape that nobody expects is still a key.
    if let Some(secret) = item.get_mut(key) {
        *secret = json!(HIDDEN);
    }
    hide_secrets(&mut item);
    item
}

fn prune(object: &mut Map<String, Json>) {
    for value in object.values_mut() {
        if let Json::Object(inner) = value {
            prune(inner);
        }
    }
    object.retain(|_, value| !value.is_null() && !value.as_object().is_some_and(Map::is_empty));
}

/// The request of a change: what was asked for, and nothing else, but for partners without which it has no meaning.
///
/// # Errors
/// What must be given beside it.
pub fn modify(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let change = whole_bgp(edit, identity::complete(edit)?)?;
    let mut parameters = write_all(settings::V3, &change);
    identity::place(identity::V3, &change, &mut parameters);
    parameters.insert("VpnConnectionId".to_owned(), json!(edit.target.id));
    Ok(Call { request: request(profile, MODIFY, parameters), read: Box::new(|reply| accepted(MODIFY, reply)) })
}

/// Negotiates anew. The operation names the gateway, which a modify need not.
///
/// # Errors
/// When the gateway is not known.
pub fn reset(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let given = edit.address.iter().find(|(name, _)| *name == GATEWAY).map(|(_, value)| value.clone());
    let Some(gateway) = given.or_else(|| edit.current?.gateway.clone()) else {
        let rule = format!("is needed: {RESET} names the gateway, and no reply has it");
        return Err(vec![Violation { setting: format!("--{GATEWAY}"), value: None, rule }]);
    };
    let ids = [("VpnGatewayId", json!(gateway)), ("VpnConnectionId", json!(edit.target.id))];
    let parameters = ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect();
    Ok(Call { request: request(profile, RESET, parameters), read: Box::new(|reply| accepted(RESET, reply)) })
}

fn whole_bgp(edit: &Edit<'_>, mut change: Settings) -> Result<Settings, Vec<Violation>> {
    if !BGP.iter().any(|key| change.has(*key)) {
        return Ok(change);
    }
    let then = edit.current.map_or_else(|| change.clone(), |current| current.settings.with(&change));
    let missing = bgp_missing(&then);
    if !missing.is_empty() {
        return Err(missing);
    }
    for key in BGP {
        if let Some(value) = then.get(*key) {
            change.set(*key, value.clone());
        }
    }
    Ok(change)
}

fn accepted(operation: &'static str, reply: &Reply) -> Result<Accepted, ReadError> {
    let mut response = response(operation, reply)?;
    // Every reply of the cloud names its request: one that does not is not the cloud's word that it took the change.
    let request_id = take_text(&mut response, &["RequestId"]).ok_or_else(|| ReadError::Shape(operation, "no RequestId".to_owned()))?;
    Ok(Accepted { request_id: Some(request_id), task: None })
}

/// What to poll: there is no task, so the connection itself.
#[must_use]
pub fn progress(profile: &Profile, target: &Target) -> Call<Progress> {
    let show = show(profile, target);
    let read = show.read;
    Call { request: show.request, read: Box::new(move |reply| read(reply).map(|connection| standing(&connection))) }
}

/// How far a connection is, with the cloud's words.
#[must_use]
pub fn standing(connection: &Connection) -> Progress {
    let words: Vec<String> = connection.status.reported.iter().map(|(field, word)| format!("{field} {word}")).collect();
    Progress { change: connection.status.change, reported: words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Map<String, Json> {
        let file: Json =
            serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpnConnections.reply.json")))
                .unwrap();
        file["Response"]["VpnConnectionSet"][0].as_object().unwrap().clone()
    }

    fn read(item: Map<String, Json>) -> Connection {
        connection(&Ref::parse("tencent@ap-guangzhou/vpnx-ol6bcqp0").unwrap(), item)
    }

    #[test]
    fn every_field_of_a_reply_is_read_or_kept() {
        let connection = read(item());
        let expected: Json =
            serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpnConnections.model.json")))
                .unwrap();
        let mut model = connection.to_json();
        model["psk"]["fingerprint"] = json!("(varies)");
        assert_eq!(model, expected);
    }

    #[test]
    fn replies_are_read_leniently() {
        let mut item = item();
        item.insert("DpdEnable".into(), json!(-1));
        item.insert("DpdTimeout".into(), Json::Null);
        item.insert("State".into(), json!("UPDATING"));
        item["IKEOptionsSpecification"]["IKESaLifetimeSeconds"] = json!("28800");
        let ipsec = item["IPSECOptionsSpecification"].as_object_mut().unwrap();
        ipsec.insert("IntegrityAlgorith".into(), Json::Null);
        ipsec.insert("IntegrityAlgorithm".into(), json!("SHA-256"));
        ipsec.insert("EncryptAlgorithm".into(), json!("CAMELLIA"));
        item["SecurityPolicyDatabaseSet"][0]["RemoteCidrBlock"] = json!("10.100.2.0/24");
        let connection = read(item);
        assert_eq!(connection.settings.switch(Key::DpdEnabled), Some(false));
        assert!(!connection.settings.has(Key::DpdTimeout));
        assert_eq!(connection.status.change, Term::Unknown);
        assert_eq!(connection.settings.number(Key::IkeLifetime), Some(28_800));
        assert_eq!(connection.settings.term(Key::IpsecIntegrity), Some(Term::Sha256));
        assert_eq!(connection.settings.get(Key::IpsecEncryption).unwrap().to_string(), "CAMELLIA");
        assert_eq!(connection.settings.list(Key::RemoteSubnets), ["10.100.2.0/24"]);
    }

    #[test]
    fn the_type_chooses_the_identity() {
        let mut item = item();
        item["IKEOptionsSpecification"]["RemoteIdentity"] = json!("FQDN");
        item["IKEOptionsSpecification"]["RemoteFqdnName"] = json!("idc.example.test");
        let connection = read(item);
        assert_eq!(connection.settings.text(Key::RemoteId), Some("idc.example.test"));
        assert_eq!(connection.extra["IKEOptionsSpecification"], json!({ "RemoteAddress": "198.51.100.7" }));
    }

    #[test]
    fn a_key_is_hidden_in_whatever_shape_it_comes() {
        for key in [json!("canary77"), json!(77_123_456), json!({ "k": "canary77" }), json!(["canary77"]), json!([["canary77"]])] {
            let mut item = item();
            item.insert("PreShareKey".into(), key.clone());
            item.insert("OtherPsk".into(), json!("canary77"));
            let connection = read(item);
            let seen = format!("{connection:?} {}", connection.to_json());
            assert!(!seen.contains("canary") && !seen.contains("77123456"), "{key}");
        }
    }

    #[test]
    fn only_a_reply_that_names_its_request_says_that_the_change_was_taken() {
        let read = |body: &str| accepted(MODIFY, &Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() });
        assert_eq!(read(r#"{"Response":{"RequestId":"r"}}"#).unwrap().request_id.as_deref(), Some("r"));
        for body in ["{}", r#"{"Response":{}}"#, r#"{"Response":{"RequestId":""}}"#] {
            assert!(matches!(read(body), Err(ReadError::Shape(..))), "{body}");
        }
    }

    #[test]
    fn a_reply_without_the_connection_says_so() {
        let reference = Ref::parse("tencent/vpnx-1").unwrap();
        let read = |body: &str| {
            let reply = Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
            read_one(&reply, &reference, "vpnx-1")
        };
        for body in [r#"{"Response":{"VpnConnectionSet":[]}}"#, r#"{"Response":{"VpnConnectionSet":null,"TotalCount":0}}"#] {
            assert_eq!(read(body), Err(ReadError::Missing("vpnx-1".to_owned())));
        }
        for body in ["", "[]", "{}", r#"{"Response":{}}"#, r#"{"Response":{"VpnConnectionSet":{}}}"#] {
            assert!(matches!(read(body), Err(ReadError::Shape(..))), "{body}");
        }
    }

    #[test]
    fn parameters_flatten_from_zero() {
        let nested = json!({ "A": [{ "B": [1, "x"] }], "C": true, "D": null, "E": [], "F": "" });
        let flat: Vec<String> = flatten(nested.as_object().unwrap()).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(flat, ["A.0.B.0=1", "A.0.B.1=x", "C=true", "F="]);
    }

    #[test]
    fn finance_regions_have_their_own_host() {
        let host = |region: &str| {
            let profile = Profile { region: region.into(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
            request(&profile, DESCRIBE, Map::new()).endpoint.authority
        };
        assert_eq!(host("ap-guangzhou"), "vpc.tencentcloudapi.com");
        assert_eq!(host("ap-shanghai-fsi"), "vpc.ap-shanghai-fsi.tencentcloudapi.com");
    }
}
