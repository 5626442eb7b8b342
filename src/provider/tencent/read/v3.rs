//! Replies of API 3.0.

use serde_json::{Map, Value as Json};

use super::item::{leftover, number_to_text, selectors, take_status, take_text};
use crate::model::{Connection, Key, Ref, Status, Value};
use crate::provider::Accepted;
use crate::provider::field::read_all;
use crate::provider::tencent::cloud::v3;
use crate::provider::tencent::{identity, settings, vocabulary};
use crate::wire::{ReadError, Reply, object};

/// The object inside the envelope `Response`.
///
/// # Errors
/// [`ReadError::Shape`] when there is none.
pub fn response(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    match object(operation, reply)?.remove("Response") {
        Some(Json::Object(response)) => Ok(response),
        _ => Err(ReadError::Shape(operation, "no Response".to_owned())),
    }
}

/// Takes the list of connections out of a response.
///
/// # Errors
/// [`ReadError::Shape`] when there is none.
pub fn take_items(response: &mut Map<String, Json>) -> Result<Vec<Json>, ReadError> {
    match response.remove("VpnConnectionSet") {
        Some(Json::Array(items)) => Ok(items),
        Some(Json::Null) => Ok(Vec::new()),
        _ => Err(ReadError::Shape(v3::DESCRIBE, "no VpnConnectionSet".to_owned())),
    }
}

/// Reads the connection of a ref.
///
/// # Errors
/// When the reply has another shape, or does not hold the connection.
pub fn one(reply: &Reply, reference: &Ref) -> Result<Connection, ReadError> {
    let items = take_items(&mut response(v3::DESCRIBE, reply)?)?;
    let none = if items.is_empty() {
        ReadError::Missing(reference.id.clone())
    } else {
        ReadError::Shape(v3::DESCRIBE, "not the connection that was asked for".to_owned())
    };
    let item = items.into_iter().find_map(|item| match item {
        Json::Object(item) if item.get("VpnConnectionId").and_then(Json::as_str) == Some(&reference.id) => Some(item),
        _ => None,
    });
    item.map(|item| connection(reference, item)).ok_or(none)
}

/// Reads a `VpnConnection`.
#[must_use]
pub fn connection(reference: &Ref, mut item: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference.clone());
    item.remove("VpnConnectionId");
    number_to_text(&mut item, "PreShareKey");
    let aside = identity::set_aside(identity::V3, &vocabulary::IDENTITY, &mut item);
    let raw_rules = normal_rules(&mut item);
    connection.settings = read_all(settings::V3, &mut item);
    if let Some(Value::Rules(rules)) = connection.settings.get(Key::PolicyRules) {
        let (local, remote) = selectors(rules);
        // If some rows are not rules, all of them are kept as they came.
        if raw_rules.as_array().is_some_and(|rows| rows.len() != rules.len()) {
            item.insert("SecurityPolicyDatabaseSet".to_owned(), raw_rules);
        }
        connection.settings.set(Key::LocalSubnets, local);
        connection.settings.set(Key::RemoteSubnets, remote);
    }
    connection.gateway = take_text(&mut item, &["VpnGatewayId"]);
    connection.created = take_text(&mut item, &["CreatedTime"]);
    connection.status = take_whole_status(&mut item);
    connection.extra = leftover(item, aside, "PreShareKey");
    connection
}

fn take_whole_status(item: &mut Map<String, Json>) -> Status {
    let mut reported = Vec::new();
    let change = take_status(item, &["State"], "State", &vocabulary::STATE, &mut reported);
    let tunnel = take_status(item, &["NetStatus"], "NetStatus", &vocabulary::NET_STATUS, &mut reported);
    Status { change, tunnel, reported }
}

/// Splits remote networks that came as one text into a list. Returns the rules as they are then.
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

/// Reads the reply to a change.
///
/// # Errors
/// When it names no request: every reply of the cloud does, so another one does not prove that the change was accepted.
pub fn accepted(operation: &'static str, reply: &Reply) -> Result<Accepted, ReadError> {
    let mut response = response(operation, reply)?;
    let request_id = take_text(&mut response, &["RequestId"]).ok_or_else(|| ReadError::Shape(operation, "no RequestId".to_owned()))?;
    Ok(Accepted { request_id: Some(request_id), task: None })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Term;
    use crate::provider::tencent::testing::reply;

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
    fn type_selects_the_identity() {
        let mut item = item();
        item["IKEOptionsSpecification"]["RemoteIdentity"] = json!("FQDN");
        item["IKEOptionsSpecification"]["RemoteFqdnName"] = json!("idc.example.test");
        let connection = read(item);
        assert_eq!(connection.settings.text(Key::RemoteId), Some("idc.example.test"));
        assert_eq!(connection.extra["IKEOptionsSpecification"], json!({ "RemoteAddress": "198.51.100.7" }));
    }

    #[test]
    fn key_is_hidden_in_every_shape() {
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
    fn reply_without_request_id_does_not_prove_acceptance() {
        let read = |body: &str| accepted(v3::MODIFY, &reply(body));
        assert_eq!(read(r#"{"Response":{"RequestId":"r"}}"#).unwrap().request_id.as_deref(), Some("r"));
        for body in ["{}", r#"{"Response":{}}"#, r#"{"Response":{"RequestId":""}}"#] {
            assert!(matches!(read(body), Err(ReadError::Shape(..))), "{body}");
        }
    }

    #[test]
    fn missing_connection_is_reported() {
        let reference = Ref::parse("tencent/vpnx-1").unwrap();
        let read = |body: &str| one(&reply(body), &reference);
        for body in [r#"{"Response":{"VpnConnectionSet":[]}}"#, r#"{"Response":{"VpnConnectionSet":null,"TotalCount":0}}"#] {
            assert_eq!(read(body), Err(ReadError::Missing("vpnx-1".to_owned())));
        }
        for body in ["", "[]", "{}", r#"{"Response":{}}"#, r#"{"Response":{"VpnConnectionSet":{}}}"#] {
            assert!(matches!(read(body), Err(ReadError::Shape(..))), "{body}");
        }
    }
}
