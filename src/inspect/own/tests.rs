//! Tests: what this program printed is read back without a loss, and a part is never taken for the whole.

use serde_json::{Value as Json, json};

use super::*;
use crate::model::{HIDDEN, Key, Ref, Settings, Status, Term, Tunnel, Value};
use crate::print::version::VERSION;
use crate::provider::PROVIDERS;
use crate::provider::field::{Field, Shape};

/// A value of every shape that a setting can have.
fn sample(field: &Field) -> Value {
    match &field.shape {
        Shape::Words(words) => Value::term(words.terms().next().unwrap()),
        Shape::Number { min, .. } | Shape::Duration { min, .. } => Value::Number(*min),
        Shape::Asn(_) => Value::Number(4_294_967_295),
        Shape::Switch(_) => Value::Switch(true),
        Shape::List { .. } => Value::List(vec!["10.0.0.0/8".into(), "10.1.0.0/16".into()]),
        Shape::Rules { .. } => Value::Rules(vec![crate::model::PolicyRule::parse("3:10.0.0.0/8=10.1.0.0/16").unwrap()]),
        Shape::Secret(_) => Value::secret("canary-own-document"),
        Shape::Text(_) | Shape::Certificate => Value::Text("a: \"b\"\n".into()),
    }
}

/// A connection of each kind of each cloud with all its settings, single and dual.
fn connections() -> Vec<Connection> {
    let mut all = Vec::new();
    for registration in PROVIDERS {
        for kind in registration.kinds.iter().filter(|kind| kind.name != "tunnel") {
            let mut connection =
                Connection::new(Ref::parse(&format!("{}@r-1/{}/{}", registration.id, kind.name, kind.id_example)).unwrap());
            connection.settings =
                kind.operations.iter().flat_map(|operation| operation.fields).map(|field| (field.key, sample(field))).collect();
            connection.settings.set(Key::IkeMode, Value::Word(crate::model::Word::Foreign("odd-9000".into())));
            connection.status = Status { change: Term::Changing, tunnel: Term::Up, reported: vec![("State".into(), "updating".into())] };
            (connection.gateway, connection.gateway_address) = (Some("g-1".into()), Some("192.0.2.1".into()));
            connection.extra.insert("style".into(), json!("STATIC"));
            let mut dual = connection.clone();
            for (id, role) in [("tun-1", Some("master")), ("tun-2", None)] {
                dual.tunnels.push(Tunnel {
                    id: id.into(),
                    role: role.map(str::to_owned),
                    gateway_address: Some("192.0.2.2".into()),
                    settings: connection.settings.clone(),
                    status: connection.status.clone(),
                });
            }
            all.extend([connection, dual]);
        }
    }
    all
}

fn without_key(settings: &mut Settings) {
    settings.remove(Key::Psk);
}

#[test]
fn every_setting_of_every_cloud_is_read_back_and_no_fingerprint_is_a_key() {
    for mut connection in connections() {
        let mut json = connection.to_json();
        let read = own(&json.to_string()).unwrap().unwrap();
        assert!(!format!("{read:?}").contains("canary"));
        without_key(&mut connection.settings);
        connection.tunnels.iter_mut().for_each(|tunnel| without_key(&mut tunnel.settings));
        assert_eq!(read, [connection.clone()]);
        // `show --reveal-psk` adds the key; what hides keys may have written a placeholder.
        for (value, known) in [("canary-own-document", true), (HIDDEN, false), ("", false)] {
            json["psk"] = json!({ "state": "set", "fingerprint": "00000000", "value": value });
            let found = own(&json.to_string()).unwrap().unwrap();
            assert_eq!(found[0].settings.get(Key::Psk), known.then(|| Value::secret(value)).as_ref(), "{value}");
        }
    }
}

#[test]
fn lines_lists_queries_and_both_versions_are_read() {
    let all: Vec<Json> = connections().iter().map(Connection::to_json).collect();
    let count = all.len();
    let lines: String = all.iter().map(|one| format!("{one}\n")).collect();
    let document = |version: u64| json!({ "connections": all, "schema_version": version }).to_string();
    let several = format!("{}\n{}\n", document(2), document(1));
    let wait = json!({ "connection": all[0], "ref": all[0]["ref"], "schema_version": 2 }).to_string();
    let inspected = json!({ "documents": [{ "recognised": {}, "connections": all }], "schema_version": 2 }).to_string();
    for (text, expected) in
        [(&lines, count), (&document(1), count), (&several, 2 * count), (&json!(all).to_string(), count), (&wait, 1), (&inspected, count)]
    {
        assert_eq!(own(text).unwrap().map(|found| found.len()), Some(expected), "{}", &text[..80]);
    }
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let good = connections()[0].to_json();
    let id = good["ref"].as_str().unwrap().to_owned();
    let with = |change: &dyn Fn(&mut Json)| {
        let mut json = good.clone();
        change(&mut json);
        json.to_string()
    };
    let newer = json!({ "connections": [good], "schema_version": VERSION + 1 }).to_string();
    for (text, message) in [
        (with(&|json| drop(json.as_object_mut().unwrap().remove("ike"))), format!("{id}: its ike settings are missing")),
        (json!([{ "ref": id }]).to_string(), format!("{id}: its ike and ipsec settings are missing")),
        (with(&|json| json["ike"]["lifetime_secs"] = json!(-5)), format!("{id}: ike.lifetime_secs cannot be read")),
        (newer, format!("it has schema_version {}, and this version of tunnelctl reads 1 to {VERSION}", VERSION + 1)),
        (json!({ "connections": [], "schema_version": 2 }).to_string(), "there is no connection".to_owned()),
        (format!("{good}\n{{\"a\": 1}}"), "line 2, column 1: there is no connection".to_owned()),
        (format!("{good}\nhello"), "line 2, column 1: this is not JSON".to_owned()),
        (format!("{good}\n{}", &good.to_string()[..40]), "the JSON is incomplete".to_owned()),
    ] {
        let fault = own(&text).unwrap_err().to_string();
        assert!(fault.contains(&message), "{fault}\n{message}");
    }
}

#[test]
fn what_a_cloud_said_is_not_ours() {
    for text in [r#"{"VpnConnectionId":"vco-1","IkeConfig":{}}"#, r#"{"ref":"refs/heads/main","ike":{}}"#, "<a/>", "", "{\"a\""] {
        assert_eq!(own(text).unwrap(), None, "{text}");
    }
}

#[test]
fn a_document_that_is_cut_at_any_byte_is_never_read_as_a_whole() {
    let text = json!({ "connections": [connections()[1].to_json()], "schema_version": 2 }).to_string();
    for end in 0..text.len() {
        assert_eq!(own(&text[..end]).ok().flatten(), None, "{end}");
    }
}
