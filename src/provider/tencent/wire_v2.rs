//! API 2.0 on the wire: flat parameters out of settings, connections out of replies.

use serde_json::{Map, Value as Json, json};

use super::sign::V2_PATH;
use super::wire::{flatten, leftover, reference, selectors, standing, status, take_text, textual};
use super::{identity, settings, vocabulary};
use crate::error::Violation;
use crate::model::{Connection, Key, PolicyRule, Ref, Status, Term, Value, Word};
use crate::provider::field::{insert_at, read_all, write_all};
use crate::provider::{Accepted, Edit, GATEWAY, Profile, Progress, Target};
use crate::wire::{Body, Endpoint, Method, Pairs, Reply, Request};
use crate::wire::{Call, ReadError, object};

/// The operation that modifies.
pub const MODIFY: &str = "ModifyVpnConnEx";
/// The operation that negotiates anew.
pub const RESET: &str = "ResetVpnConnSA";
/// The operation that reads.
pub const DESCRIBE: &str = "DescribeVpnConn";
/// The operation that says how far a task is.
pub const TASK: &str = "DescribeVpcTaskResult";

/// Flag of the VPC that a modify names.
pub const VPC_ID: &str = "vpc-id";
/// A request of API 2.0. POST, so that keys stay out of URLs; but GET when a value starts with `@`, which the
/// vendor's own clients leave out of what a POST signs.
#[must_use]
pub fn request(profile: &Profile, operation: &'static str, parameters: Pairs) -> Request {
    let endpoint = profile.endpoint.clone().unwrap_or_else(|| Endpoint::https("vpc.api.qcloud.com"));
    let mut pairs: Pairs = vec![("Action".to_owned(), operation.to_owned())];
    if !profile.region.is_empty() {
        pairs.push(("Region".to_owned(), profile.region.clone()));
    }
    pairs.extend(parameters);
    let is_get = pairs.iter().any(|(_, value)| value.starts_with('@'));
    let (method, query, body) = if is_get { (Method::Get, pairs, Body::Empty) } else { (Method::Post, Vec::new(), Body::Form(pairs)) };
    Request { operation, method, endpoint, path: V2_PATH.to_owned(), query, headers: Vec::new(), body }
}

/// Reads one connection.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let (reference, id) = (reference(profile, target), target.id.clone());
    let request = request(profile, DESCRIBE, vec![("vpnConnId".to_owned(), id.clone())]);
    Call { request, read: Box::new(move |reply| read_one(reply, &reference, &id)) }
}

fn read_one(reply: &Reply, reference: &Ref, id: &str) -> Result<Connection, ReadError> {
    let items = match object(DESCRIBE, reply)?.remove("data") {
        Some(Json::Array(items)) => items,
        Some(Json::Null) => Vec::new(),
        _ => return Err(ReadError::Shape(DESCRIBE, "no list in data".to_owned())),
    };
    let has_id = |item: &Map<String, Json>| {
        ["unVpnConnId", "vpnConnId", "vpcConnId"].iter().any(|name| item.get(*name).and_then(Json::as_str) == Some(id))
    };
    let item = items.into_iter().find_map(|item| match item {
        Json::Object(item) if has_id(&item) => Some(item),
        _ => None,
    });
    item.map(|item| connection(reference, item)).ok_or_else(|| ReadError::Missing(id.to_owned()))
}

/// An item of `DescribeVpnConn` as a connection of the model.
#[must_use]
pub fn connection(reference: &Ref, mut item: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference.clone());
    // The ref has the unified id; an old one of another form is kept.
    for name in ["unVpnConnId", "vpnConnId", "vpcConnId"] {
        if item.get(name).and_then(Json::as_str) == Some(reference.id.as_str()) {
            item.remove(name);
        }
    }
    for (other, usual) in [("IKEArr", "IKESet"), ("IPSECArr", "IPsecSet")] {
        if !item.get(usual).is_some_and(Json::is_object)
            && let Some(set) = item.remove(other)
        {
            item.insert(usual.to_owned(), set);
        }
    }
    textual(&mut item, "preSharedKey");
    if let Some(rules) = item.get("spdAcl").and_then(rules_of) {
        item.insert("spdAcl".to_owned(), rules);
    }
    let aside = identity::set_aside(identity::V2, &vocabulary::V2_IDENTITY, &mut item);
    connection.settings = read_all(settings::V2, &mut item);
    complete_selectors(&mut connection);
    connection.gateway = take_text(&mut item, &["unVpnGwId"]).or_else(|| take_text(&mut item, &["vpnGwId"]));
    connection.gateway_address = take_text(&mut item, &["vpnGwAddress"]);
    connection.created = take_text(&mut item, &["createTime"]);
    let mut reported = Vec::new();
    let names = ["vpcConnStatus", "vpnConnStatus", "state"];
    let change = status(&mut item, &names, "vpcConnStatus", &vocabulary::V2_STATE, &mut reported);
    let tunnel = status(&mut item, &["netStatus"], "netStatus", &vocabulary::NET_STATUS, &mut reported);
    connection.status = Status { change, tunnel, reported };
    connection.extra = leftover(item, aside, "preSharedKey");
    connection
}

/// Rules out of `spdAcl`, an object or the text of one, in the shape of the settings' table.
fn rules_of(json: &Json) -> Option<Json> {
    let parsed = json.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
    let object = parsed.as_ref().unwrap_or(json).as_object()?;
    Some(object.iter().map(|(source, destinations)| json!({ "source": source, "destinations": destinations })).collect())
}

/// One local network and some remote ones are a policy rule, and rules are networks.
fn complete_selectors(connection: &mut Connection) {
    let settings = &mut connection.settings;
    if let Some(Value::Rules(rules)) = settings.get(Key::PolicyRules) {
        let (local, remote) = selectors(rules);
        for (key, value) in [(Key::LocalSubnets, local), (Key::RemoteSubnets, remote)] {
            if !settings.has(key) {
                settings.set(key, value);
            }
        }
    } else if let ([source], destinations @ [_, ..]) = (settings.list(Key::LocalSubnets), settings.list(Key::RemoteSubnets)) {
        let rule = PolicyRule { index: None, source: source.clone(), destinations: destinations.to_vec() };
        settings.set(Key::PolicyRules, Value::Rules(vec![rule]));
    }
}

/// The request of a change.
///
/// # Errors
/// What must be given beside it: VPC and gateway, when they were not read.
pub fn modify(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let (mut parameters, change) = match (ids(edit), identity::complete(edit)) {
        (Ok(ids), Ok(change)) => (ids, change),
        (ids, change) => return Err(ids.err().into_iter().chain(change.err()).flatten().collect()),
    };
    let mut nested = write_all(settings::V2, &change);
    identity::place(identity::V2, &change, &mut nested);
    if let Some(Value::Rules(rules)) = change.get(Key::PolicyRules) {
        let map: Map<String, Json> = rules.iter().map(|rule| (rule.source.clone(), json!(rule.destinations))).collect();
        insert_at(&mut nested, "spdAcl", json!(Json::Object(map).to_string()));
    }
    parameters.extend(flatten(&nested));
    Ok(Call { request: request(profile, MODIFY, parameters), read: Box::new(|reply| accepted(MODIFY, reply)) })
}

/// Negotiates anew. There is no task to poll: the reply says no more than that it was taken.
///
/// # Errors
/// VPC and gateway, when they were not read.
pub fn reset(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    Ok(Call { request: request(profile, RESET, ids(edit)?), read: Box::new(|reply| accepted(RESET, reply)) })
}

/// What names a connection.
fn ids(edit: &Edit<'_>) -> Result<Pairs, Vec<Violation>> {
    let mut violations = Vec::new();
    let vpc = address(edit, VPC_ID, &mut violations);
    let gateway = address(edit, GATEWAY, &mut violations);
    let ids = vec![("vpcId".to_owned(), vpc), ("vpnGwId".to_owned(), gateway), ("vpnConnId".to_owned(), edit.target.id.clone())];
    if violations.is_empty() { Ok(ids) } else { Err(violations) }
}

fn address(edit: &Edit<'_>, flag: &str, violations: &mut Vec<Violation>) -> String {
    let given = edit.address.iter().find(|(name, _)| *name == flag).map(|(_, value)| value.as_str());
    let known = || {
        let current = edit.current?;
        if flag == GATEWAY {
            return current.gateway.as_deref();
        }
        ["unVpcId", "vpcId", "VpcId"].iter().find_map(|name| current.extra_text(name))
    };
    let value = given.or_else(known).unwrap_or_default();
    let rule = match value {
        "" => "is needed: ModifyVpnConnEx names VPC and gateway, and neither flag nor reply has it",
        text if text.len() > 64 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) => {
            "must be an id of at most 64 letters, digits, hyphens and underscores"
        }
        _ => return value.to_owned(),
    };
    let shown = Some(value).filter(|value| !value.is_empty()).map(str::to_owned);
    violations.push(Violation { setting: format!("--{flag}"), value: shown, rule: rule.to_owned() });
    String::new()
}

fn accepted(operation: &'static str, reply: &Reply) -> Result<Accepted, ReadError> {
    let mut body = object(operation, reply)?;
    if !body.contains_key("code") {
        return Err(ReadError::Shape(operation, "no code".to_owned()));
    }
    let task = match body.get_mut("data") {
        Some(Json::Object(data)) => take_text(data, &["taskId"]),
        _ => None,
    };
    Ok(Accepted { request_id: None, task })
}

/// What to poll: the task when it is known, else the connection.
#[must_use]
pub fn progress(profile: &Profile, target: &Target, accepted: Option<&Accepted>) -> Call<Progress> {
    match accepted.and_then(|accepted| accepted.task.as_ref()) {
        Some(task) => {
            let request = request(profile, TASK, vec![("taskId".to_owned(), task.clone())]);
            Call { request, read: Box::new(read_task) }
        }
        None => {
            let show = show(profile, target);
            let read = show.read;
            Call { request: show.request, read: Box::new(move |reply| read(reply).map(|connection| standing(&connection))) }
        }
    }
}

fn read_task(reply: &Reply) -> Result<Progress, ReadError> {
    let mut body = object(TASK, reply)?;
    let Some(Json::Object(data)) = body.get_mut("data") else { return Err(ReadError::Shape(TASK, "no data".to_owned())) };
    let Some(text) = take_text(data, &["status"]) else { return Err(ReadError::Shape(TASK, "no status in data".to_owned())) };
    let change = match vocabulary::V2_TASK.read(&text) {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    };
    Ok(Progress { change, reported: format!("task status {text}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;
    use crate::provider::tencent::PROVIDER;
    use crate::wire::encode_pairs;

    fn reply(body: &str) -> Reply {
        Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn target(id: &str) -> Target {
        let kind = &PROVIDER.kinds[0];
        Target { kind, operation: &kind.operations[1], id: id.to_owned() }
    }

    fn profile() -> Profile {
        Profile { region: "gz".into(), endpoint: None, identity_endpoint: None, project_id: None, signature: None }
    }

    fn modified(change: &Settings, address: &[(&'static str, String)], current: Option<&Connection>) -> Result<Request, Vec<Violation>> {
        let target = target("vpnx-ol6bcqp0");
        modify(&profile(), &Edit { target: &target, current, change, address, token: "t" }).map(|call| call.request)
    }

    fn page_address() -> Vec<(&'static str, String)> {
        vec![(VPC_ID, "vpc-03vihbk9".to_owned()), (GATEWAY, "vpngw-kfldykuz".to_owned())]
    }

    #[test]
    fn the_example_of_the_page_is_built() {
        let change: Settings =
            [(Key::RemoteSubnets, Value::List(vec!["10.100.2.0/24".to_owned()])), (Key::Psk, Value::secret("tencenttest"))]
                .into_iter()
                .collect();
        let request = modified(&change, &page_address(), None).unwrap();
        assert_eq!((request.method, request.target().as_str()), (Method::Post, "/v2/index.php"));
        assert_eq!(
            format!("{}\n", request.body_text()),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/ModifyVpnConnEx.request.txt"))
        );
    }

    #[test]
    fn the_reply_of_the_page_is_read() {
        let accepted =
            accepted(MODIFY, &reply(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/ModifyVpnConnEx.reply.json"))))
                .unwrap();
        assert_eq!(accepted.task.as_deref(), Some("12614"));
        let text = accepted_text("\"12614\"");
        assert_eq!(text.as_deref(), Some("12614"));
    }

    fn accepted_text(task: &str) -> Option<String> {
        accepted(MODIFY, &reply(&format!(r#"{{"code":"0","data":{{"taskId":{task}}}}}"#))).unwrap().task
    }

    #[test]
    fn vpc_and_gateway_come_from_the_flags_or_from_what_was_read() {
        let change: Settings = [(Key::Name, Value::Text("n".to_owned()))].into_iter().collect();
        let missing: Vec<String> = modified(&change, &[], None).unwrap_err().iter().map(ToString::to_string).collect();
        assert!(missing[0].starts_with("--vpc-id: is needed") && missing[1].starts_with("--gateway: is needed"), "{missing:?}");
        let mut current = Connection::new(Ref::parse("tencent/vpnx-ol6bcqp0").unwrap());
        current.gateway = Some("vpngw-1".to_owned());
        current.extra.insert("unVpcId".to_owned(), json!("vpc-1"));
        let body = modified(&change, &[], Some(&current)).unwrap().body_text();
        assert!(body.contains("vpcId=vpc-1&vpnGwId=vpngw-1&vpnConnId=vpnx-ol6bcqp0&vpnConnName=n"), "{body}");
        assert!(modified(&change, &[(VPC_ID, "a/b".to_owned())], Some(&current)).is_err());
    }

    #[test]
    fn rules_are_the_text_of_an_object_and_identities_go_where_their_type_says() {
        let rules = ["10.0.0.5/24=172.123.10.5/16", "10.1.0.0/24=1.1.1.0/24,1.1.2.0/24"];
        let change: Settings = [
            (Key::PolicyRules, Value::Rules(rules.map(|rule| PolicyRule::parse(rule).unwrap()).to_vec())),
            (Key::RemoteId, Value::Text("idc.example.test".to_owned())),
            (Key::IkeIntegrity, Value::term(Term::Sha1)),
            (Key::IpsecPfs, Value::term(Term::None)),
        ]
        .into_iter()
        .collect();
        let request = modified(&change, &page_address(), None).unwrap();
        let Body::Form(pairs) = &request.body else { panic!() };
        let value = |name: &str| pairs.iter().find(|(pair, _)| pair == name).map(|(_, value)| value.as_str());
        assert_eq!(value("spdAcl"), Some(r#"{"10.0.0.5/24":["172.123.10.5/16"],"10.1.0.0/24":["1.1.1.0/24","1.1.2.0/24"]}"#));
        assert_eq!((value("IKESet.remoteIdentity"), value("IKESet.remoteFqdnName")), (Some("fqdn"), Some("idc.example.test")));
        assert_eq!((value("IKESet.propoAuthenAlgorithm"), value("IPsecSet.pfsDhGroup")), (Some("sha"), Some("null")));
        assert_eq!(value("IKESet.remoteAddress"), None);
    }

    #[test]
    fn a_value_with_an_at_sign_in_front_goes_by_get() {
        let change: Settings = [(Key::Psk, Value::secret("@home"))].into_iter().collect();
        let request = modified(&change, &page_address(), None).unwrap();
        assert_eq!((request.method, request.body_text().as_str()), (Method::Get, ""));
        assert!(encode_pairs(&request.query).contains("preSharedKey=%40home"));
        assert_eq!(modified(&change.redacted(), &page_address(), None).unwrap().method, Method::Post);
    }

    #[test]
    fn both_spellings_of_a_reply_are_read() {
        let whole = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpnConn.reply.json"));
        let read = |id: &str| (show(&profile(), &target(id)).read)(&reply(whole)).unwrap();
        let first = read("vpnx-ol6bcqp0");
        assert_eq!(first.gateway.as_deref(), Some("vpngw-kfldykuz"));
        assert_eq!(first.gateway_address.as_deref(), Some("203.0.113.7"));
        assert_eq!(first.status.change, Term::Settled);
        assert_eq!(first.status.tunnel, Term::Up);
        assert_eq!(first.settings.number(Key::IkeLifetime), Some(86_400));
        assert_eq!(first.settings.term(Key::IpsecIntegrity), Some(Term::Sha1));
        assert_eq!(first.settings.term(Key::IpsecPfs), Some(Term::None));
        assert_eq!(first.settings.text(Key::LocalId), Some("203.0.113.7"));
        let Some(Value::Rules(rules)) = first.settings.get(Key::PolicyRules) else { panic!() };
        assert_eq!(rules[0].to_string(), "10.0.0.0/24=10.100.2.0/24");
        let second = read("vpnx-k8a3d2f1");
        assert_eq!(second.settings.text(Key::RemoteId), Some("idc.example.test"));
        assert_eq!(second.status.change, Term::Changing);
        assert!(!second.settings.has(Key::PolicyRules));
        for connection in [first, second] {
            let seen = format!("{connection:?} {}", connection.to_json());
            assert!(!seen.contains("tencenttest"), "{seen}");
        }
    }

    #[test]
    fn status_0_of_a_task_is_success() {
        for (status, term) in [("0", Term::Settled), ("1", Term::Failed), ("\"2\"", Term::Changing), ("9", Term::Unknown)] {
            let progress = read_task(&reply(&format!(r#"{{"code":0,"data":{{"status":{status}}}}}"#))).unwrap();
            assert_eq!(progress.change, term);
        }
        assert!(read_task(&reply(r#"{"code":0}"#)).is_err());
    }
}
