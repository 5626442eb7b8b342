//! Changes of tunnels, compared with the requests of the vendor's SDKs.

use serde_json::Value as Json;

use super::{DUAL, REGION, profile, read};
use crate::error::Violation;
use crate::model::{Connection, Key, Secret, Settings, Value};
use crate::provider::alibaba::sign::vectors::{text, vectors};
use crate::provider::alibaba::testing::{settings, target};
use crate::provider::alibaba::tunnels::ADDRESS;
use crate::provider::alibaba::wire::modify;
use crate::provider::alibaba::wire::request::flatten;
use crate::provider::alibaba::wire::tunnels::parameters;
use crate::provider::{Edit, Target};
use crate::wire::{Body, Pairs};

fn dual_target(kind: &str) -> Target {
    target(kind, "vco-2zedualtunnel00001")
}

fn tunnel(name: &str) -> Vec<(&'static str, String)> {
    vec![(ADDRESS, name.to_owned())]
}

fn form(target: &Target, name: &str, current: Option<&Connection>, change: &Settings) -> Result<Pairs, Vec<Violation>> {
    let address = tunnel(name);
    let edit = Edit { target, current, change, address: &address, token: "t" };
    let Body::Form(form) = modify(&profile(REGION, None), &edit)?.request.body else { panic!() };
    Ok(form.into_iter().filter(|(name, _)| !["RegionId", "VpnConnectionId", "ClientToken"].contains(&name.as_str())).collect())
}

/// The SDK's parameters of one tunnel, as the only entry of a list.
fn of_sdk(vector: &Json, number: usize) -> Pairs {
    let mut all = Pairs::new();
    flatten("", &vector["sdk_input"]["body_params"]["TunnelOptionsSpecification"][number - 1], &mut all);
    let mut pairs: Pairs = all.into_iter().map(|(name, value)| (format!("TunnelOptionsSpecification.1{name}"), value)).collect();
    pairs.sort();
    pairs
}

#[test]
fn the_parameters_of_each_tunnel_are_those_of_the_sdks() {
    for (kind, id) in [("rpc-hmac-sha1", "rpc-form-tunnels"), ("acs3-hmac-sha256", "acs3-form-tunnels")] {
        let vector = vectors(kind).into_iter().find(|vector| vector["id"] == id).unwrap();
        // The SDK sent what it was given.
        let sent = crate::wire::decode_pairs(text(&vector, "request.body")).unwrap();
        for number in 1..=2 {
            let theirs = of_sdk(&vector, number);
            for (name, value) in &theirs {
                let name = name.replacen(".1.", &format!(".{number}."), 1);
                let (_, found) = sent.iter().find(|(field, _)| *field == name).unwrap();
                assert!(found.eq_ignore_ascii_case(value), "{name}");
            }
            let ids = ["tun-opsqc4d97wni27****", "tun-opsqc4d97wni28****"];
            let body = DUAL.replace("tun-2zemaster000001", ids[0]).replace("tun-2zeslave000001", ids[1]);
            let mut current = read(&dual_target("connection"), &body);
            let (target, change) = (dual_target("connection"), asked(number));
            // No current settings are known, so only the change is sent, as the SDK's caller did.
            for tunnel in &mut current.tunnels {
                tunnel.settings = Settings::new();
            }
            let mut ours = form(&target, ids[number - 1], Some(&current), &change).unwrap();
            assert_eq!(ours.remove(0), ("EnableTunnelsBgp".to_owned(), "true".to_owned()));
            ours.sort();
            assert_eq!(ours, theirs, "{id} {number}");
        }
    }
}

fn asked(number: usize) -> Settings {
    let target = dual_target("connection");
    let on = (Key::TunnelsBgp, "on");
    let (mut change, psk) = if number == 2 {
        (settings(&target, &[on, (Key::DpdEnabled, "off")]), "second~Psk*2/%=")
    } else {
        let flags = [
            on,
            (Key::DpdEnabled, "on"),
            (Key::NatTraversal, "off"),
            (Key::IkeVersion, "ikev2"),
            (Key::IkeMode, "main"),
            (Key::IkeEncryption, "aes128"),
            (Key::IkeIntegrity, "sha1"),
            (Key::IkeDhGroup, "group2"),
            (Key::IkeLifetime, "1d"),
            (Key::LocalId, "192.0.2.10"),
            (Key::RemoteId, "198.51.100.20"),
            (Key::IpsecEncryption, "aes128"),
            (Key::IpsecIntegrity, "sha1"),
            (Key::IpsecPfs, "group2"),
            (Key::IpsecLifetime, "86400"),
            (Key::BgpLocalAsn, "65530"),
            (Key::BgpTunnelCidr, "169.254.10.0/30"),
            (Key::BgpLocalAddress, "169.254.10.1"),
        ];
        (settings(&target, &flags), "first Psk+1")
    };
    change.set(Key::Psk, Value::Secret(std::sync::Arc::new(Secret::new(psk))));
    change
}

#[test]
fn a_touched_block_of_a_tunnel_is_completed_from_that_tunnel() {
    let current = read(&dual_target("connection"), DUAL);
    for (kind, prefix) in [("tunnel", "TunnelOptionsSpecification."), ("connection", "TunnelOptionsSpecification.1.")] {
        let target = dual_target(kind);
        let change = settings(&target, &[(Key::IkeLifetime, "8h")]);
        let form = form(&target, "slave", Some(&current), &change).unwrap();
        let find = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        let own = |name: &str| find(&format!("{prefix}{name}"));
        assert_eq!(own("TunnelIkeConfig.Psk"), Some("Dual-canary-2"));
        assert_eq!(own("TunnelIkeConfig.IkeLifetime"), Some("28800"));
        assert_eq!(own("TunnelIkeConfig.LocalId"), Some("39.96.0.2"));
        assert_eq!(form.iter().filter(|(name, _)| name.contains("TunnelIpsecConfig") || name.contains("Bgp")).count(), 0);
        assert_eq!(if kind == "tunnel" { find("TunnelId") } else { own("TunnelId") }, Some("tun-2zeslave000001"));
        assert_eq!(own("Role"), (kind == "connection").then_some("slave"));
    }
}

#[test]
fn a_key_of_a_tunnel_that_cannot_be_read_must_be_given() {
    let masked = read(&dual_target("connection"), &DUAL.replace("Dual-canary-2", "Dual***"));
    for kind in ["tunnel", "connection"] {
        let target = dual_target(kind);
        let change = settings(&target, &[(Key::IkeLifetime, "8h")]);
        assert!(form(&target, "master", Some(&masked), &change).is_ok());
        for current in [Some(&masked), None] {
            assert_eq!(form(&target, "tun-2zeslave000001", current, &change).unwrap_err()[0].setting, "--psk-file");
        }
    }
}

#[test]
fn without_a_read_a_tunnel_is_named_as_it_was_given() {
    let (one, list, attachment) = (dual_target("tunnel"), dual_target("connection"), dual_target("attachment"));
    let off = |target: &Target| settings(target, &[(Key::DpdEnabled, "off")]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(form(&one, "slave", None, &off(&one)).unwrap_err()[0].setting, "--tunnel");
    assert_eq!(
        form(&one, "tun-x", None, &off(&one)).unwrap(),
        [pair("TunnelId", "tun-x"), pair("TunnelOptionsSpecification.EnableDpd", "false")]
    );
    for (target, name, member, value) in
        [(&list, "tun-x", "TunnelId", "tun-x"), (&list, "slave", "Role", "slave"), (&attachment, "2", "TunnelIndex", "2")]
    {
        let form = form(target, name, None, &off(target)).unwrap();
        assert_eq!(form[0], pair(&format!("TunnelOptionsSpecification.1.{member}"), value));
    }
}

#[test]
fn bgp_of_both_tunnels_is_one_request() {
    let current = read(&dual_target("connection"), DUAL);
    let target = dual_target("connection");
    let change = settings(&target, &[(Key::TunnelsBgp, "on"), (Key::TunnelsBgpCidrs, "169.254.30.0/30,169.254.12.0/30")]);
    let edit = Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" };
    let parameters = parameters(&edit).unwrap();
    let find = |name: &str| parameters.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let entry = |number: usize, name: &str| find(&format!("TunnelOptionsSpecification.{number}.{name}"));
    assert_eq!((entry(1, "TunnelId"), entry(2, "TunnelId")), (Some("tun-2zemaster000001"), Some("tun-2zeslave000001")));
    assert_eq!(entry(1, "TunnelBgpConfig.TunnelCidr"), Some("169.254.30.0/30"));
    // The current address is outside the new network, so the cloud chooses one.
    assert_eq!((entry(1, "TunnelBgpConfig.LocalBgpIp"), entry(2, "TunnelBgpConfig.LocalBgpIp")), (None, Some("169.254.12.1")));
    assert_eq!((find("EnableTunnelsBgp"), entry(1, "TunnelIkeConfig.Psk")), (Some("true"), None));
}
