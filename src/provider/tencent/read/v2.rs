//! Replies of API 2.0.

use serde_json::{Map, Value as Json, json};

use super::item::{known, leftover, number_to_text, selectors, take_status, take_text};
use crate::model::{Connection, Key, PolicyRule, Ref, Settings, Status, Value};
use crate::provider::field::read_all;
use crate::provider::tencent::cloud::v2;
use crate::provider::tencent::{identity, settings, vocabulary};
use crate::provider::{Accepted, Progress};
use crate::wire::{ReadError, Reply, object};

/// Fields that can hold the id of a connection.
const IDS: [&str; 3] = ["unVpnConnId", "vpnConnId", "vpcConnId"];

/// Reads the connection of a ref.
///
/// # Errors
/// When the reply has another shape, or does not hold the connection.
pub fn one(reply: &Reply, reference: &Ref) -> Result<Connection, ReadError> {
    let items = match object(v2::DESCRIBE, reply)?.remove("data") {
        Some(Json::Array(items)) => items,
        Some(Json::Null) => Vec::new(),
        _ => return Err(ReadError::Shape(v2::DESCRIBE, "no list in data".to_owned())),
    };
    let has_id = |item: &Map<String, Json>| IDS.iter().any(|name| item.get(*name).and_then(Json::as_str) == Some(&reference.id));
    let none = if items.is_empty() {
        ReadError::Missing(reference.id.clone())
    } else {
        ReadError::Shape(v2::DESCRIBE, "not the connection that was asked for".to_owned())
    };
    let item = items.into_iter().find_map(|item| match item {
        Json::Object(item) if has_id(&item) => Some(item),
        _ => None,
    });
    item.map(|item| connection(reference, item)).ok_or(none)
}

/// Reads an item of `DescribeVpnConn`.
#[must_use]
pub fn connection(reference: &Ref, mut item: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference.clone());
    normalize(reference, &mut item);
    let aside = identity::set_aside(identity::V2, &vocabulary::V2_IDENTITY, &mut item);
    connection.settings = read_all(settings::V2, &mut item);
    complete_selectors(&mut connection.settings);
    connection.gateway = take_text(&mut item, &["unVpnGwId"]).or_else(|| take_text(&mut item, &["vpnGwId"]));
    connection.gateway_address = take_text(&mut item, &["vpnGwAddress"]);
    connection.created = take_text(&mut item, &["createTime"]);
    connection.status = take_whole_status(&mut item);
    connection.extra = leftover(item, aside, "preSharedKey");
    connection
}

/// Brings the variants of a reply into the shape that the table of settings describes.
fn normalize(reference: &Ref, item: &mut Map<String, Json>) {
    // The ref holds the id, so it goes. An old id of another form stays.
    for name in IDS {
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
    number_to_text(item, "preSharedKey");
    if let Some(rules) = item.get("spdAcl").and_then(rules_of) {
        item.insert("spdAcl".to_owned(), rules);
    }
}

/// The rules in `spdAcl`, an object or the JSON text of one, as a list of rows.
fn rules_of(json: &Json) -> Option<Json> {
    let parsed = json.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
    let object = parsed.as_ref().unwrap_or(json).as_object()?;
    Some(object.iter().map(|(source, destinations)| json!({ "source": source, "destinations": destinations })).collect())
}

/// Derives the networks from the policy rules or, if there is only one local network, the policy rule from the networks.
fn complete_selectors(settings: &mut Settings) {
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

fn take_whole_status(item: &mut Map<String, Json>) -> Status {
    let mut reported = Vec::new();
    let names = ["vpcConnStatus", "vpnConnStatus", "state"];
    let change = take_status(item, &names, "vpcConnStatus", &vocabulary::V2_STATE, &mut reported);
    let tunnel = take_status(item, &["netStatus"], "netStatus", &vocabulary::NET_STATUS, &mut reported);
    Status { change, tunnel, reported }
}

/// Reads the reply to a change.
///
/// # Errors
/// [`ReadError::Shape`] when it holds no `code`.
pub fn accepted(operation: &'static str, reply: &Reply) -> Result<Accepted, ReadError> {
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

/// Reads the progress of a task.
///
/// # Errors
/// [`ReadError::Shape`] when it holds no status.
pub fn task(reply: &Reply) -> Result<Progress, ReadError> {
    let mut body = object(v2::TASK, reply)?;
    let Some(Json::Object(data)) = body.get_mut("data") else { return Err(ReadError::Shape(v2::TASK, "no data".to_owned())) };
    let Some(text) = take_text(data, &["status"]) else { return Err(ReadError::Shape(v2::TASK, "no status in data".to_owned())) };
    Ok(Progress { change: known(&vocabulary::V2_TASK, &text), reported: format!("task status {text}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Term;
    use crate::provider::tencent::testing::reply;

    #[test]
    fn the_vendors_reply_is_read() {
        let accepted =
            accepted(v2::MODIFY, &reply(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/ModifyVpnConnEx.reply.json"))))
                .unwrap();
        assert_eq!(accepted.task.as_deref(), Some("12614"));
        let text = accepted_text("\"12614\"");
        assert_eq!(text.as_deref(), Some("12614"));
    }

    fn accepted_text(task: &str) -> Option<String> {
        accepted(v2::MODIFY, &reply(&format!(r#"{{"code":"0","data":{{"taskId":{task}}}}}"#))).unwrap().task
    }

    #[test]
    fn both_spellings_of_a_reply_are_read() {
        let whole = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpnConn.reply.json"));
        let read = |id: &str| one(&reply(whole), &Ref::parse(&format!("tencent@gz/{id}")).unwrap()).unwrap();
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
            let progress = task(&reply(&format!(r#"{{"code":0,"data":{{"status":{status}}}}}"#))).unwrap();
            assert_eq!(progress.change, term);
        }
        assert!(task(&reply(r#"{"code":0}"#)).is_err());
    }
}
