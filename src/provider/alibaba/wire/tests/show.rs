//! Reading connections, servers and the progress of a change.

use serde_json::{Value as Json, json};

use super::*;
use crate::model::{Key, Term, Value, Word};
use crate::provider::Progress;
use crate::provider::alibaba::cloud::DESCRIBE_GATEWAY;
use crate::provider::alibaba::wire::{progress, show};
use crate::wire::ReadError;

#[test]
fn an_attachment_is_read_whole() {
    let connection = read(&attachment_target(), ATTACHMENT);
    let settings = &connection.settings;
    assert_eq!(connection.reference.to_string(), "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf****");
    assert_eq!(connection.gateway, None);
    assert_eq!(connection.extra_text("VpnGatewayId"), Some("vpn-not-exist"));
    assert_eq!(connection.gateway_address.as_deref(), Some("47.0.0.1"));
    assert_eq!(connection.created.as_deref(), Some("2022-07-19T03:36:50Z"));
    assert_eq!((connection.status.change, connection.status.tunnel), (Term::Settled, Term::Down));
    assert_eq!(settings.list(Key::LocalSubnets), ["10.1.1.0/24", "10.1.2.0/24"]);
    assert_eq!(settings.term(Key::IpsecIntegrity), Some(Term::Md5));
    assert_eq!(settings.number(Key::HealthCheckInterval), Some(3000));
    assert_eq!(settings.term(Key::HealthCheckState), Some(Term::Up));
    assert_eq!(settings.term(Key::BgpState), Some(Term::Down));
    assert_eq!((settings.number(Key::BgpPeerAsn), settings.switch(Key::BgpEnabled)), (Some(65535), Some(true)));
    assert_eq!(connection.extra["VpnBgpConfig"], json!({ "AuthKey": "(hidden)" }));
    for name in ["AttachType", "AttachInstanceId", "Spec", "ResourceGroupId", "Description", "Tags", "ZoneNo"] {
        assert!(connection.extra.contains_key(name), "{name}");
    }
    assert!(!connection.extra.contains_key("RequestId") && !connection.extra.contains_key("IkeConfig"));
    assert!(!format!("{connection:?}{}", connection.to_json()).contains("canary"));
}

#[test]
fn both_tunnels_of_a_connection_are_read() {
    for shape in ["object", "array"] {
        let mut body: Json = serde_json::from_str(DUAL).unwrap();
        if shape == "array" {
            body["TunnelOptionsSpecification"] = body["TunnelOptionsSpecification"]["TunnelOptions"].clone();
            // A modify answers with numbers and booleans where a read has texts.
            for tunnel in body["TunnelOptionsSpecification"].as_array_mut().unwrap() {
                tunnel["EnableDpd"] = json!(true);
                tunnel["TunnelIkeConfig"]["IkeLifetime"] = json!(86400);
                tunnel["TunnelBgpConfig"]["LocalAsn"] = json!(45104);
            }
        }
        let connection = read(&connection_target(), &body.to_string());
        let [master, slave] = connection.tunnels.as_slice() else { panic!("{shape}") };
        assert_eq!((master.role.as_deref(), slave.role.as_deref()), (Some("master"), Some("slave")));
        assert_eq!(slave.id, "tun-2zeslave000001");
        assert_eq!(slave.settings.text(Key::CustomerGateway), Some("cgw-2zepeer0000002"));
        assert_eq!(slave.settings.number(Key::IkeLifetime), Some(86400));
        assert_eq!(slave.settings.switch(Key::DpdEnabled), Some(true));
        assert_eq!(slave.settings.number(Key::BgpLocalAsn), Some(45104));
        assert_eq!(slave.settings.switch(Key::BgpEnabled), Some(true));
        assert_eq!((slave.status.change, slave.status.tunnel), (Term::Settled, Term::Up));
        assert!(!connection.extra.contains_key("IkeConfig"));
        assert_eq!(connection.extra["TunnelOptionsSpecification"][0], json!({ "ZoneNo": "cn-beijing-h" }));
        assert!(!format!("{connection:?}{}", connection.to_json()).contains("canary"));
    }
}

#[test]
fn a_changing_tunnel_is_a_changing_connection() {
    let mut body: Json = serde_json::from_str(DUAL).unwrap();
    body["TunnelOptionsSpecification"]["TunnelOptions"][1]["State"] = json!("updating");
    assert_eq!(read(&connection_target(), &body.to_string()).status.change, Term::Changing);
    let mut body: Json = serde_json::from_str(DUAL).unwrap();
    body.as_object_mut().unwrap().remove("State");
    body.as_object_mut().unwrap().remove("Status");
    let status = read(&connection_target(), &body.to_string()).status;
    assert_eq!((status.change, status.tunnel), (Term::Settled, Term::Up));
}

#[test]
fn a_server_is_found_in_its_list() {
    let connection = read(&server_target(), SERVERS);
    assert_eq!(connection.gateway.as_deref(), Some("vpn-bp1servergateway00001"));
    assert_eq!(connection.created.as_deref(), Some("2021-09-22T06:26:49Z"));
    assert_eq!(connection.settings.text(Key::ClientPool), Some("10.0.0.0/24"));
    assert!(connection.settings.has(Key::Psk) && !connection.settings.has(Key::RemoteId));
    assert_eq!(connection.extra["MaxConnections"], json!(5));
    let empty = (show(&profile(REGION, None), &server_target()).read)(&reply(200, r#"{"IpsecServers":[]}"#));
    assert_eq!(empty, Err(ReadError::Missing("iss-bp1bo3xuvcxo7ixll".into())));
    let other = (show(&profile(REGION, None), &connection_target()).read)(&reply(200, "{}"));
    assert!(matches!(other, Err(ReadError::Shape(..))));
}

#[test]
fn replies_are_read_leniently() {
    let body = r#"{"VpnConnectionId":"vco-2zedualtunnel00001","Name":null,"CreateTime":"1492753817000","EnableDpd":"true",
        "IkeConfig":{"IkeLifetime":"3600","IkePfs":"group24","IkeAuthAlg":"sha","Psk":""},"IpsecConfig":null,"State":"Upgrading"}"#;
    let connection = read(&connection_target(), body);
    assert_eq!(connection.created.as_deref(), Some("2017-04-21T05:50:17Z"));
    assert_eq!(connection.settings.number(Key::IkeLifetime), Some(3600));
    assert_eq!(connection.settings.get(Key::IkeDhGroup), Some(&Value::Word(Word::Foreign("group24".into()))));
    assert_eq!(connection.settings.term(Key::IkeIntegrity), Some(Term::Sha1));
    assert_eq!(connection.status.change, Term::Changing);
}

#[test]
fn progress_asks_the_connection_or_the_gateway() {
    let call = progress(&profile(REGION, None), &attachment_target(), None);
    let progress_of = |body: &str| (call.read)(&reply(200, body)).unwrap();
    assert_eq!(progress_of(ATTACHMENT), Progress { change: Term::Settled, reported: "State attached".into() });
    assert_eq!(progress_of(&ATTACHMENT.replace("\"attached\"", "\"updating\"")).change, Term::Changing);
    let call = progress(&profile(REGION, None), &server_target(), Some("vpn-1"));
    assert_eq!(call.request.operation, DESCRIBE_GATEWAY);
    assert_eq!((call.read)(&reply(200, GATEWAY)).unwrap(), Progress { change: Term::Changing, reported: "gateway Status updating".into() });
    let call = progress(&profile(REGION, None), &server_target(), None);
    assert_eq!((call.read)(&reply(200, SERVERS)).unwrap(), Progress { change: Term::Unknown, reported: "no State".into() });
}
