//! What is sent: no more than was asked for, and the key nowhere else.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::emulated::Store;
use crate::model::{Key, Secret, Settings, Term, Value};
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::testing::World;
use crate::provider::{Edit, GATEWAY};
use crate::wire::{Body, Stamp};

const CANARY: &str = "canary-5d1f";

#[test]
fn only_what_was_asked_for_is_sent() {
    let world = World::new("ap-guangzhou", v3::API, None);
    let target = world.target("vpnx-ol6bcqp0");
    let change = world.change(&[(Key::IkeLifetime, "3600"), (Key::RemoteId, "idc.example.test"), (Key::Psk, CANARY)]);
    let edit = Edit { target: &target, current: None, change: &change, address: &[], token: "t" };
    let request = world.provider.modify(&edit).unwrap().request;
    let Body::Json(text) = &request.body else { panic!() };
    let expected = json!({
        "VpnConnectionId": "vpnx-ol6bcqp0",
        "PreShareKey": CANARY,
        "IKEOptionsSpecification": { "IKESaLifetimeSeconds": 3600, "RemoteIdentity": "FQDN", "RemoteFqdnName": "idc.example.test" },
    });
    assert_eq!(serde_json::from_str::<Json>(text).unwrap(), expected);
    let redacted = change.redacted();
    let shown = world.provider.modify(&Edit { change: &redacted, ..edit }).unwrap().request;
    assert_eq!(shown.body_text(), text.replace(CANARY, "(hidden)"));
}

#[test]
fn key_appears_only_in_the_request() {
    for (api, scheme) in [(v3::API, None), (v3::API, Some("hmac-sha1")), (v2::API, None)] {
        let mut world = World::new("ap-shanghai", api, scheme);
        let change = world.change(&[(Key::Psk, CANARY)]);
        let current = world.show("vpnx-partneral01").unwrap();
        let target = world.target("vpnx-partneral01");
        let edit = Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" };
        let call = world.provider.modify(&edit).unwrap();
        let stamp = Stamp { time: world.now, nonce: Uuid::nil() };
        let signature = world.provider.sign(&call.request, &world.credentials, &stamp);
        let findings = world.provider.rules(&edit);
        let mut seen = format!("{edit:?} {call:?} {:?} {:?} {findings:?}", signature.string_to_sign, call.request);
        world.modify("vpnx-partneral01", &change, Some(&current)).unwrap();
        world.store.advance(Store::SETTLE_MS);
        let after = world.show("vpnx-partneral01").unwrap();
        assert_eq!(after.settings.get(Key::Psk), Some(&Value::secret(CANARY)));
        seen.push_str(&format!("{after:?} {} {:?}", after.to_json(), after.extra));
        let bad = world.change(&[(Key::Psk, CANARY), (Key::Name, "n")]);
        let error = world.modify("vpnx-nothing1", &bad, Some(&current)).unwrap_err();
        seen.push_str(&format!("{error:?}"));
        assert!(!seen.contains("canary"), "{seen}");
    }
}

#[test]
fn both_apis_renegotiate_and_send_the_key_alone() {
    for (api, operation, ids) in [
        (v3::API, "ResetVpnConnection", json!({ "VpnGatewayId": "vpngw-kfldykuz", "VpnConnectionId": "vpnx-ol6bcqp0" })),
        (v2::API, "ResetVpnConnSA", json!({ "vpcId": "vpc-03vihbk9", "vpnGwId": "vpngw-kfldykuz", "vpnConnId": "vpnx-ol6bcqp0" })),
    ] {
        let mut world = World::new("ap-guangzhou", api, None);
        let current = world.show("vpnx-ol6bcqp0").unwrap();
        let change = world.provider.key_change(&current, None, &Secret::new(CANARY));
        assert_eq!(change.iter().map(|(key, _)| key).collect::<Vec<_>>(), [Key::Psk]);
        let (target, none) = (world.target("vpnx-ol6bcqp0"), Settings::new());
        let mut edit = Edit { target: &target, current: Some(&current), change: &none, address: &[], token: "t" };
        let call = world.provider.renegotiate(&edit).unwrap().unwrap();
        assert_eq!(call.request.operation, operation);
        let sent = match &call.request.body {
            Body::Json(text) => serde_json::from_str(text).unwrap(),
            Body::Form(pairs) => pairs[2..].iter().map(|(name, value)| (name.clone(), json!(value))).collect(),
            Body::Empty => Json::Null,
        };
        assert_eq!(sent, ids);
        let reply = world.send(call.request).unwrap();
        let accepted = (call.read)(&reply).unwrap();
        assert_eq!((accepted.task, accepted.request_id.is_some()), (None, api == v3::API));
        assert_eq!(world.progress("vpnx-ol6bcqp0", None).change, Term::Changing);
        // Without a read, the gateway has to be named.
        edit.current = None;
        assert!(world.provider.renegotiate(&edit).unwrap().is_err());
        let address = [(v2::VPC_ID, "vpc-03vihbk9".to_owned()), (GATEWAY, "vpngw-kfldykuz".to_owned())];
        edit.address = &address;
        assert!(world.provider.renegotiate(&edit).unwrap().is_ok());
    }
}
