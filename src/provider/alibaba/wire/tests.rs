//! Requests as they are sent, replies as they are read.

use super::super::PROVIDER;
use super::super::read::read_connection;
use super::*;
use crate::model::{Term, Word};
use crate::provider::{Kind, field};
use crate::wire::decode_pairs;
use serde_json::{Map, json};

const ATTACHMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnConnection.attachment.reply.json"));
const DUAL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnConnection.dual.reply.json"));
const SERVERS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/ListIpsecServers.reply.json"));
const GATEWAY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnGateway.reply.json"));
const MODIFIED_2019: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/ModifyVpnConnectionAttribute.reply.json"));
const MODIFIED_2024: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/ModifyVpnAttachmentAttribute.reply.json"));
const UPDATED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/UpdateIpsecServer.reply.json"));
const DRY_RUN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-DryRunOperation.reply.json"));

fn profile(signature: Option<&'static str>) -> Profile {
    Profile { region: "cn-hangzhou".into(), endpoint: None, identity_endpoint: None, project_id: None, signature }
}

fn target(kind: &'static Kind, id: &str) -> Target {
    Target { kind, operation: &kind.operations[0], id: id.into() }
}

fn connection_target() -> Target {
    target(&PROVIDER.kinds[0], "vco-2zedualtunnel00001")
}

fn attachment_target() -> Target {
    target(&PROVIDER.kinds[1], "vco-p0w5112fgnl2ihlmf****")
}

fn server_target() -> Target {
    target(&PROVIDER.kinds[2], "iss-bp1bo3xuvcxo7ixll")
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

fn settings(target: &Target, flags: &[(Key, &str)]) -> Settings {
    let value = |key: Key, text: &str| field::field(target.operation.fields, key).unwrap().parse(&[text.to_owned()]).unwrap();
    flags.iter().map(|&(key, text)| (key, value(key, text))).collect()
}

fn form(request: &Request) -> Pairs {
    let mut form = decode_pairs(&request.body_text()).unwrap();
    form.sort();
    form
}

fn parameter_of(request: &Request, name: &str) -> Option<String> {
    form(request).into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

fn edit<'a>(target: &'a Target, current: Option<&'a Connection>, change: &'a Settings) -> Edit<'a> {
    Edit { target, current, change, address: &[], token: "token-1" }
}

fn read(target: &Target, body: &str) -> Connection {
    (show(&profile(None), target).read)(&reply(200, body)).unwrap()
}

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
    let empty = (show(&profile(None), &server_target()).read)(&reply(200, r#"{"IpsecServers":[]}"#));
    assert_eq!(empty, Err(ReadError::Missing("iss-bp1bo3xuvcxo7ixll".into())));
    let other = (show(&profile(None), &connection_target()).read)(&reply(200, "{}"));
    assert_eq!(other, Err(ReadError::Missing("vco-2zedualtunnel00001".into())));
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
fn a_touched_block_is_completed_from_what_was_read() {
    let target = attachment_target();
    let current = read(&target, &ATTACHMENT.replace("1234***", "k-canary-1"));
    let change = settings(&target, &[(Key::IkeDhGroup, "group14"), (Key::HealthCheckRetries, "5"), (Key::DpdEnabled, "off")]);
    let call = modify(&profile(None), &edit(&target, Some(&current), &change)).unwrap();
    let json = |name: &str| -> Json { serde_json::from_str(&parameter_of(&call.request, name).unwrap()).unwrap() };
    assert_eq!(
        json("IkeConfig"),
        json!({
            "Psk": "k-canary-1", "IkeVersion": "ikev1", "IkeMode": "main", "IkeEncAlg": "aes", "IkeAuthAlg": "sha1", "IkePfs": "group14",
            "IkeLifetime": 86400, "LocalId": "47.XX.XX.1", "RemoteId": "47.XX.XX.2",
        })
    );
    assert_eq!(
        json("HealthCheckConfig"),
        json!({ "enable": "true", "sip": "10.1.1.1", "dip": "192.168.1.1", "interval": "3", "retry": "5", "Policy": "revoke_route" })
    );
    assert_eq!(parameter_of(&call.request, "EnableDpd").as_deref(), Some("false"));
    assert_eq!(parameter_of(&call.request, "ClientToken").as_deref(), Some("token-1"));
    assert_eq!(parameter_of(&call.request, "IpsecConfig"), None);
    let change = settings(&target, &[(Key::BgpLocalAsn, "1.0")]);
    let call = modify(&profile(None), &edit(&target, Some(&current), &change)).unwrap();
    assert_eq!(
        serde_json::from_str::<Json>(&parameter_of(&call.request, "BgpConfig").unwrap()).unwrap(),
        json!({ "EnableBgp": "true", "LocalAsn": "65536", "TunnelCidr": "169.254.11.0/30", "LocalBgpIp": "169.254.11.1" })
    );
    assert_eq!(parameter_of(&call.request, "IkeConfig"), None);
}

#[test]
fn a_key_that_cannot_be_read_must_be_given() {
    let target = attachment_target();
    let masked = read(&target, ATTACHMENT);
    let change = settings(&target, &[(Key::IkeLifetime, "60")]);
    for current in [Some(&masked), None] {
        let violations = modify(&profile(None), &edit(&target, current, &change)).unwrap_err();
        assert_eq!(violations[0].setting, "--psk-file");
        assert!(violations[0].rule.contains("--psk-stdin"));
    }
    for (shown, readable) in [("pg***x5", false), ("pgw6dy7d****", false), ("", false), ("pg*x*5", true)] {
        let mut current = masked.clone();
        current.settings.set(Key::Psk, Value::secret(shown));
        assert_eq!(modify(&profile(None), &edit(&target, Some(&current), &change)).is_ok(), readable, "{shown}");
    }
    let with_key = settings(&target, &[(Key::IkeLifetime, "60"), (Key::Psk, "k")]);
    assert!(modify(&profile(None), &edit(&target, None, &with_key)).is_ok());
    let without_block = settings(&target, &[(Key::Name, "a")]);
    assert!(modify(&profile(None), &edit(&target, None, &without_block)).is_ok());
    assert!(modify(&profile(None), &edit(&target, Some(&masked), &change.with(&with_key).redacted())).is_ok());
}

#[test]
fn only_a_reply_that_names_its_request_says_that_the_change_was_taken() {
    let target = attachment_target();
    let change = settings(&target, &[(Key::Name, "a")]);
    let call = modify(&profile(None), &edit(&target, None, &change)).unwrap();
    let read = |body: &str| (call.read)(&Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() });
    assert_eq!(read(r#"{"RequestId":"r"}"#).unwrap().request_id.as_deref(), Some("r"));
    for body in ["{}", r#"{"RequestId":""}"#, r#"{"VpnConnectionId":"vco-other"}"#] {
        assert!(matches!(read(body), Err(ReadError::Shape(..))), "{body}");
    }
}

#[test]
fn a_servers_key_goes_with_everything_but_its_name() {
    let target = server_target();
    let current = read(&target, SERVERS);
    let pool = settings(&target, &[(Key::ClientPool, "10.1.0.0/24")]);
    let call = modify(&profile(None), &edit(&target, Some(&current), &pool)).unwrap();
    assert_eq!(parameter_of(&call.request, "Psk").as_deref(), Some("Cfd123-canary"));
    assert_eq!(parameter_of(&call.request, "ClientIpPool").as_deref(), Some("10.1.0.0/24"));
    assert!(modify(&profile(None), &edit(&target, None, &pool)).is_err());
    let name = settings(&target, &[(Key::Name, "a")]);
    let call = modify(&profile(None), &edit(&target, None, &name)).unwrap();
    assert_eq!(form(&call.request).len(), 4);
    assert_eq!(parameter_of(&call.request, "IpsecServerName").as_deref(), Some("a"));
    let mut keyless = current.clone();
    keyless.settings.set(Key::PskEnabled, Value::Switch(false));
    keyless.settings.remove(Key::Psk);
    let call = modify(&profile(None), &edit(&target, Some(&keyless), &pool)).unwrap();
    assert_eq!(parameter_of(&call.request, "Psk"), None);
}

#[test]
fn a_new_key_waits_with_its_whole_block_until_the_switch_alone_is_turned_on() {
    let tunnel = target(&PROVIDER.kinds[3], "vco-2zedualtunnel00001");
    let master = [("tunnel", "master".to_owned())];
    let ike = "TunnelIkeConfig.Psk";
    for (target, body, address, key, waits) in [
        (attachment_target(), ATTACHMENT.replace("1234***", "k-old"), [].as_slice(), "IkeConfig", Some("false")),
        (connection_target(), DUAL.to_owned(), master.as_slice(), "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk", Some("false")),
        (tunnel, DUAL.to_owned(), master.as_slice(), "TunnelOptionsSpecification.TunnelIkeConfig.Psk", None),
        (server_target(), SERVERS.to_owned(), &[], "Psk", Some("false")),
    ] {
        let current = read(&target, &body);
        let change = key_change(&current, &Secret::new("k-new"));
        let edit = Edit { target: &target, current: Some(&current), change: &change, address, token: "token-1" };
        let request = modify(&profile(None), &edit).unwrap().request;
        assert_eq!(parameter_of(&request, "EffectImmediately").as_deref(), waits, "{key}");
        let sent = parameter_of(&request, key).unwrap();
        assert!(sent.contains("k-new"), "{key}: {sent}");
        if key == "IkeConfig" {
            assert_eq!(serde_json::from_str::<Json>(&sent).unwrap().as_object().unwrap().len(), 9, "{sent}");
        } else if key.ends_with(ike) {
            let version = key.replace("Psk", "IkeVersion");
            assert_eq!(parameter_of(&request, &version).as_deref(), Some("ikev2"));
        }
        let request = renegotiate(&profile(None), &edit).unwrap().request;
        let beside = ["EffectImmediately", "RegionId", "ClientToken", "VpnConnectionId", "IpsecServerId"];
        let more: Vec<(String, String)> = form(&request).into_iter().filter(|(name, _)| !beside.contains(&name.as_str())).collect();
        assert_eq!(parameter_of(&request, "EffectImmediately").as_deref(), Some("true"));
        // A server's key goes with everything but its name.
        let expected = if key == "Psk" { vec![("Psk".to_owned(), "Cfd123-canary".to_owned())] } else { Vec::new() };
        assert_eq!(more, expected, "{key}");
        let operation = if target.kind.name == "tunnel" { MODIFY_CONNECTION } else { target.operation.name };
        assert_eq!(request.operation, operation);
    }
}

#[test]
fn keys_travel_in_the_body_under_both_signatures() {
    let target = connection_target();
    let change = settings(&target, &[(Key::Psk, "canary-url")]);
    for signature in [None, Some("rpc"), Some("acs3")] {
        let request = modify(&profile(signature), &edit(&target, None, &change)).unwrap().request;
        assert!(!request.target().contains("canary") && request.body_text().contains("canary"));
        assert!(!format!("{request:?}").contains("canary"));
        assert_eq!(request.endpoint.to_string(), "https://vpc.cn-hangzhou.aliyuncs.com");
        assert_eq!(request.headers.is_empty(), signature != Some("acs3"));
    }
    let shown = modify(&profile(None), &edit(&target, None, &change.redacted())).unwrap().request;
    assert!(!shown.body_text().contains("canary"));
}

#[test]
fn a_dry_run_passes_by_its_error_only() {
    let target = server_target();
    let change = settings(&target, &[(Key::Name, "a")]);
    let call = precheck(&profile(None), &edit(&target, None, &change)).unwrap();
    assert_eq!(parameter_of(&call.request, "DryRun").as_deref(), Some("true"));
    assert_eq!((call.read)(&reply(400, DRY_RUN)), Ok(()));
    assert!((call.read)(&reply(200, UPDATED)).is_err());
    // The same answer to a change that was no dry run is no success.
    assert!((modify(&profile(None), &edit(&target, None, &change)).unwrap().read)(&reply(400, DRY_RUN)).is_err());
    let connection = connection_target();
    assert!(precheck(&profile(None), &edit(&connection, None, &change)).is_none());
}

#[test]
fn replies_to_a_change_give_their_request_id() {
    for (target, body, id) in [
        (connection_target(), MODIFIED_2019, "7DB79D0C-5F27-4AB5-995B-79BE55102F90"),
        (attachment_target(), MODIFIED_2024, "35822A84-867F-3936-A2E6-A4C4E3ED11C0"),
        (server_target(), UPDATED, "B61C08E5-403A-46A2-96C1-F7B1216DB10C"),
    ] {
        let change = settings(&target, &[(Key::Name, "a")]);
        let accepted = (modify(&profile(None), &edit(&target, None, &change)).unwrap().read)(&reply(200, body)).unwrap();
        assert_eq!(accepted.request_id.as_deref(), Some(id));
    }
    let fields = serde_json::from_str::<Map<String, Json>>(MODIFIED_2019).unwrap();
    let connection = read_connection(super::super::settings::CONNECTION, "connection", "cn-shanghai", fields);
    assert_eq!(connection.extra, Map::new());
    assert_eq!(connection.settings.text(Key::LocalId), Some("116.62.69.64"));
}

#[test]
fn progress_asks_the_connection_or_the_gateway() {
    let call = progress(&profile(None), &attachment_target(), None);
    let progress_of = |body: &str| (call.read)(&reply(200, body)).unwrap();
    assert_eq!(progress_of(ATTACHMENT), Progress { change: Term::Settled, reported: "State attached".into() });
    assert_eq!(progress_of(&ATTACHMENT.replace("\"attached\"", "\"updating\"")).change, Term::Changing);
    let call = progress(&profile(None), &server_target(), Some("vpn-1"));
    assert_eq!(call.request.operation, DESCRIBE_GATEWAY);
    assert_eq!((call.read)(&reply(200, GATEWAY)).unwrap(), Progress { change: Term::Changing, reported: "gateway Status updating".into() });
    let call = progress(&profile(None), &server_target(), None);
    assert_eq!((call.read)(&reply(200, SERVERS)).unwrap(), Progress { change: Term::Unknown, reported: "no State".into() });
}

#[test]
fn a_cut_reply_is_an_error_and_no_panic() {
    let name = |target: &Target| settings(target, &[(Key::Name, "a")]);
    for (target, body) in [(attachment_target(), ATTACHMENT), (connection_target(), DUAL), (server_target(), SERVERS)] {
        for cut in 0..body.trim_end().len() {
            assert!((show(&profile(None), &target).read)(&reply(200, body.get(..cut).unwrap())).is_err());
        }
    }
    for (target, body) in [(connection_target(), MODIFIED_2019), (attachment_target(), MODIFIED_2024), (server_target(), UPDATED)] {
        let change = name(&target);
        let call = modify(&profile(None), &edit(&target, None, &change)).unwrap();
        for cut in 0..body.trim_end().len() {
            assert!((call.read)(&reply(200, body.get(..cut).unwrap())).is_err());
        }
    }
    let call = progress(&profile(None), &server_target(), Some("vpn-1"));
    for cut in 0..GATEWAY.trim_end().len() {
        assert!((call.read)(&reply(200, GATEWAY.get(..cut).unwrap())).is_err());
    }
}
