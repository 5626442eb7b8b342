//! Changes, dry runs, new keys and renegotiations.

use serde_json::{Map, Value as Json};

use super::*;
use crate::model::{Key, Secret};
use crate::provider::alibaba::cloud::MODIFY_CONNECTION;
use crate::provider::alibaba::read::read_connection;
use crate::provider::alibaba::settings::CONNECTION;
use crate::provider::alibaba::testing::settings;
use crate::provider::alibaba::wire::{key_change, modify, precheck, progress, renegotiate, show};
use crate::wire::ReadError;

#[test]
fn only_a_reply_with_a_request_id_means_that_the_change_was_accepted() {
    let target = attachment_target();
    let change = settings(&target, &[(Key::Name, "a")]);
    let call = modify(&profile(REGION, None), &edit(&target, None, &change)).unwrap();
    let read = |body: &str| (call.read)(&reply(200, body));
    assert_eq!(read(r#"{"RequestId":"r"}"#).unwrap().request_id.as_deref(), Some("r"));
    for body in ["{}", r#"{"RequestId":""}"#, r#"{"VpnConnectionId":"vco-other"}"#] {
        assert!(matches!(read(body), Err(ReadError::Shape(..))), "{body}");
    }
}

#[test]
fn a_new_key_waits_until_effect_immediately_is_turned_on() {
    let tunnel = target("tunnel", "vco-2zedualtunnel00001");
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
        let request = modify(&profile(REGION, None), &edit).unwrap().request;
        assert_eq!(parameter_of(&request, "EffectImmediately").as_deref(), waits, "{key}");
        let sent = parameter_of(&request, key).unwrap();
        assert!(sent.contains("k-new"), "{key}: {sent}");
        if key == "IkeConfig" {
            assert_eq!(serde_json::from_str::<Json>(&sent).unwrap().as_object().unwrap().len(), 9, "{sent}");
        } else if key.ends_with(ike) {
            let version = key.replace("Psk", "IkeVersion");
            assert_eq!(parameter_of(&request, &version).as_deref(), Some("ikev2"));
        }
        let request = renegotiate(&profile(REGION, None), &edit).unwrap().request;
        let beside = ["EffectImmediately", "RegionId", "ClientToken", "VpnConnectionId", "IpsecServerId"];
        let more: Vec<(String, String)> = form(&request).into_iter().filter(|(name, _)| !beside.contains(&name.as_str())).collect();
        assert_eq!(parameter_of(&request, "EffectImmediately").as_deref(), Some("true"));
        // A server's key goes with every change of more than the name.
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
        let request = modify(&profile(REGION, signature), &edit(&target, None, &change)).unwrap().request;
        assert!(!request.target().contains("canary") && request.body_text().contains("canary"));
        assert!(!format!("{request:?}").contains("canary"));
        assert_eq!(request.endpoint.to_string(), "https://vpc.cn-hangzhou.aliyuncs.com");
        assert_eq!(request.headers.is_empty(), signature != Some("acs3"));
    }
    let shown = modify(&profile(REGION, None), &edit(&target, None, &change.redacted())).unwrap().request;
    assert!(!shown.body_text().contains("canary"));
}

#[test]
fn only_the_dry_run_error_means_that_a_dry_run_passed() {
    let target = server_target();
    let change = settings(&target, &[(Key::Name, "a")]);
    let call = precheck(&profile(REGION, None), &edit(&target, None, &change)).unwrap();
    assert_eq!(parameter_of(&call.request, "DryRun").as_deref(), Some("true"));
    assert_eq!((call.read)(&reply(400, DRY_RUN)), Ok(()));
    assert!((call.read)(&reply(200, UPDATED)).is_err());
    // The same reply to a real change is not a success.
    assert!((modify(&profile(REGION, None), &edit(&target, None, &change)).unwrap().read)(&reply(400, DRY_RUN)).is_err());
    let connection = connection_target();
    assert!(precheck(&profile(REGION, None), &edit(&connection, None, &change)).is_none());
}

#[test]
fn a_reply_to_a_change_has_a_request_id() {
    for (target, body, id) in [
        (connection_target(), MODIFIED_2019, "7DB79D0C-5F27-4AB5-995B-79BE55102F90"),
        (attachment_target(), MODIFIED_2024, "35822A84-867F-3936-A2E6-A4C4E3ED11C0"),
        (server_target(), UPDATED, "B61C08E5-403A-46A2-96C1-F7B1216DB10C"),
    ] {
        let change = settings(&target, &[(Key::Name, "a")]);
        let accepted = (modify(&profile(REGION, None), &edit(&target, None, &change)).unwrap().read)(&reply(200, body)).unwrap();
        assert_eq!(accepted.request_id.as_deref(), Some(id));
    }
    let fields = serde_json::from_str::<Map<String, Json>>(MODIFIED_2019).unwrap();
    let connection = read_connection(CONNECTION, "connection", "cn-shanghai", fields);
    assert_eq!(connection.extra, Map::new());
    assert_eq!(connection.settings.text(Key::LocalId), Some("116.62.69.64"));
}

#[test]
fn a_truncated_reply_is_an_error() {
    let name = |target: &Target| settings(target, &[(Key::Name, "a")]);
    for (target, body) in [(attachment_target(), ATTACHMENT), (connection_target(), DUAL), (server_target(), SERVERS)] {
        for cut in 0..body.trim_end().len() {
            assert!((show(&profile(REGION, None), &target).read)(&reply(200, body.get(..cut).unwrap())).is_err());
        }
    }
    for (target, body) in [(connection_target(), MODIFIED_2019), (attachment_target(), MODIFIED_2024), (server_target(), UPDATED)] {
        let change = name(&target);
        let call = modify(&profile(REGION, None), &edit(&target, None, &change)).unwrap();
        for cut in 0..body.trim_end().len() {
            assert!((call.read)(&reply(200, body.get(..cut).unwrap())).is_err());
        }
    }
    let call = progress(&profile(REGION, None), &server_target(), Some("vpn-1"));
    for cut in 0..GATEWAY.trim_end().len() {
        assert!((call.read)(&reply(200, GATEWAY.get(..cut).unwrap())).is_err());
    }
}
