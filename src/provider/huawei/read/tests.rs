use serde_json::json;

use super::*;
use crate::provider::huawei::testing::{POLICY, profile, settings, target};
use crate::provider::huawei::wire::{locate, progress, show};

const UPDATED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/UpdateVpnConnection.reply.json"));
const SHOWN_BGP: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/ShowVpnConnection-bgp.reply.json"));

fn reply(body: impl Into<Vec<u8>>) -> Reply {
    Reply { status: 200, headers: Vec::new(), body: body.into() }
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn sample_reply_of_the_vendor_is_read_completely() {
    let found = json(UPDATED)["vpn_connection"].as_object().unwrap().clone();
    let connection = read_connection(Ref::parse(&format!("huawei/{POLICY}")).unwrap(), found);
    let mut wanted = settings(&[
        (Key::Name, "vpn-1655"),
        (Key::CustomerGateway, "5247ae10-1111-4222-8333-dd36659a7f5d"),
        (Key::RemoteSubnets, "192.168.1.0/24"),
        (Key::PolicyRules, "10.0.0.0/24=192.168.1.0/24"),
        (Key::IkeVersion, "ikev2"),
        (Key::IkeIntegrity, "sha256"),
        (Key::IkeEncryption, "aes128"),
        (Key::IkeDhGroup, "group15"),
        (Key::IkeAuthentication, "psk"),
        (Key::IkeLifetime, "86400"),
        (Key::LocalIdType, "ip"),
        (Key::LocalId, "10.0.113.134"),
        (Key::RemoteIdType, "ip"),
        (Key::RemoteId, "88.51.100.164"),
        (Key::DpdTimeout, "15"),
        (Key::DpdInterval, "30"),
        (Key::DpdMessage, "seq-hash-notify"),
        (Key::IpsecIntegrity, "sha256"),
        (Key::IpsecEncryption, "aes128"),
        (Key::IpsecPfs, "group15"),
        (Key::IpsecProtocol, "esp"),
        (Key::IpsecLifetime, "3600"),
        (Key::IpsecEncapsulation, "tunnel"),
    ]);
    wanted.set(Key::LocalSubnets, Value::List(vec!["10.0.0.0/24".to_owned()]));
    assert_eq!(connection.settings, wanted);
    assert_eq!(connection.gateway.as_deref(), Some("b32d91a4-1111-4222-8333-e907174eb11d"));
    assert_eq!(connection.gateway_address.as_deref(), Some("10.0.113.134"));
    assert_eq!(connection.created.as_deref(), Some("2022-11-26T13:41:34.626Z"));
    assert_eq!(connection.status, Status::default(), "an update's reply has no status");
    let mut extra: Vec<&str> = connection.extra.keys().map(String::as_str).collect();
    extra.sort_unstable();
    assert_eq!(extra, ["enterprise_project_id", "ha_role", "style", "tunnel_local_address", "tunnel_peer_address", "vgw_ip"]);
}

#[test]
fn bgp_connection_is_read_with_its_peer() {
    let connection = (show(&profile("cn-north-4"), &target(POLICY)).read)(&reply(SHOWN_BGP)).unwrap();
    let settings = &connection.settings;
    assert_eq!((settings.number(Key::BgpPeerAsn), settings.term(Key::BgpState)), (Some(65100), Some(Term::Up)));
    assert_eq!(settings.text(Key::BgpPeerAddress), Some("169.254.56.226"));
    assert_eq!((settings.term(Key::RemoteIdType), settings.get(Key::RemoteId)), (Some(Term::Any), None));
    assert_eq!(settings.text(Key::TunnelLocalAddress), Some("169.254.56.225/30"));
    assert_eq!((connection.status.change, connection.status.tunnel), (Term::Settled, Term::Down));
    assert_eq!(connection.extra["bgp_peer"]["num_received_routes"], 2);
    assert_eq!(connection.reference.to_string(), format!("huawei@cn-north-4/{POLICY}"));
}

#[test]
fn replies_are_read_leniently() {
    let odd = json!({ "vpn_connection": {
        "id": POLICY.to_uppercase(), "name": null, "peer_subnets": null, "enable_hub": "true", "status": "THAWING",
        "ikepolicy": { "lifetime_seconds": "86400", "ike_version": "V2", "pfs": "group5", "encryption_algorithm": "aes-512" },
        "policy_rules": [{ "rule_index": "1", "source": "10.0.0.0/8", "destination": ["1.0.0.0/8"] },
            { "rule_index": 2, "source": "10.0.0.0/8", "destination": ["2.0.0.0/8"] }],
        "style": "POLICY", "psk": "Canary-aa", "nested": { "some_secret": "Canary-bb" }
    } });
    let connection = (show(&profile("cn-north-4"), &target(POLICY)).read)(&reply(odd.to_string())).unwrap();
    let settings = &connection.settings;
    assert_eq!((settings.number(Key::IkeLifetime), settings.switch(Key::Hub)), (Some(86_400), Some(true)));
    assert_eq!((settings.term(Key::IkeVersion), settings.term(Key::IkeDhGroup)), (Some(Term::Ikev2), Some(Term::Group5)));
    assert_eq!(settings.get(Key::IkeEncryption).unwrap().to_string(), "aes-512");
    assert_eq!(settings.get(Key::PolicyRules).unwrap().to_string(), "10.0.0.0/8 -> 1.0.0.0/8, 2.0.0.0/8");
    assert!(!settings.has(Key::Name) && !settings.has(Key::Psk));
    assert_eq!(connection.status.change, Term::Unknown);
    assert!(!format!("{connection:?} {}", connection.to_json()).contains("Canary"));
}

#[test]
fn a_reply_without_the_connection_is_not_read_as_not_found() {
    let (profile, target) = (profile("cn-north-4"), target(POLICY));
    for body in ["{}", r#"{"vpn_connection":null}"#, r#"{"vpn_connection":{"id":"1a2b3c4d-0000-4000-8000-00000000bbbb"}}"#] {
        assert!(matches!((show(&profile, &target).read)(&reply(body)), Err(ReadError::Shape(..))), "{body}");
        assert!(matches!((progress(&profile, &target).read)(&reply(body)), Err(ReadError::Shape(..))), "{body}");
    }
    assert!(matches!((show(&profile, &target).read)(&reply("[]")), Err(ReadError::Shape(..))));
}

#[test]
fn status_maps_to_progress() {
    for (word, change) in [
        ("ACTIVE", Term::Settled),
        ("DOWN", Term::Settled),
        ("PENDING_UPDATE", Term::Changing),
        ("PENDING_CREATE", Term::Changing),
        ("PENDING_DELETE", Term::Changing),
        ("UNKNOWN", Term::Changing),
        ("ERROR", Term::Failed),
        ("FREEZED", Term::Failed),
        ("THAWING", Term::Unknown),
    ] {
        let body = json!({ "vpn_connection": { "status": word } }).to_string();
        let read = (progress(&profile("cn-north-4"), &target(POLICY)).read)(&reply(body)).unwrap();
        assert_eq!(read, Progress { change, reported: format!("status {word}") });
    }
}

#[test]
fn truncated_replies_are_errors() {
    let (profile, target) = (profile("cn-north-4"), target(POLICY));
    for sample in [UPDATED, SHOWN_BGP] {
        let whole = sample.trim_end();
        for end in 0..whole.len() {
            let cut = reply(&whole.as_bytes()[..end]);
            assert!((show(&profile, &target).read)(&cut).is_err());
            assert!((progress(&profile, &target).read)(&cut).is_err());
        }
    }
}

#[test]
fn only_a_single_project_is_accepted() {
    let call = locate(&profile("cn-north-4"));
    assert_eq!(call.request.target(), "/v3/projects?name=cn-north-4");
    assert_eq!((call.read)(&reply(r#"{"projects":[{"id":"p"}]}"#)), Ok("p".to_owned()));
    assert_eq!((call.read)(&reply(r#"{"projects":[]}"#)), Err(ReadError::Missing("project for region cn-north-4".to_owned())));
    let two = (call.read)(&reply(r#"{"projects":[{"id":"p"},{"id":"q"}]}"#)).unwrap_err();
    assert!(two.to_string().contains("set the project id"), "{two}");
    for body in ["{}", "[]", "", r#"{"projects":[{}]}"#] {
        assert!(matches!((call.read)(&reply(body)), Err(ReadError::Shape(..))), "{body}");
    }
}
