//! Changes of tunnels against the SDKs' requests, and what names a tunnel.

use super::super::{PROVIDER, rules, vectors, wire};
use super::*;
use crate::model::Secret;
use crate::provider::{Profile, Target, field};
use crate::wire::{Body, Pairs};

const DUAL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnConnection.dual.reply.json"));

fn profile() -> Profile {
    Profile { region: "cn-hangzhou".into(), endpoint: None, identity_endpoint: None, project_id: None, signature: None }
}

fn target(kind: &str) -> Target {
    let kind = PROVIDER.kinds.iter().find(|known| known.name == kind).unwrap();
    Target { kind, operation: &kind.operations[0], id: "vco-2zedualtunnel00001".into() }
}

fn settings(target: &Target, flags: &[(Key, &str)]) -> Settings {
    let value = |key: Key, text: &str| field::field(target.operation.fields, key).unwrap().parse(&[text.to_owned()]).unwrap();
    flags.iter().map(|&(key, text)| (key, value(key, text))).collect()
}

fn read(body: &str) -> Connection {
    let reply = crate::wire::Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
    (wire::show(&profile(), &target("connection")).read)(&reply).unwrap()
}

fn tunnel(name: &str) -> Vec<(&'static str, String)> {
    vec![(FLAG, name.to_owned())]
}

fn form(target: &Target, name: &str, current: Option<&Connection>, change: &Settings) -> Result<Pairs, Vec<Violation>> {
    let address = tunnel(name);
    let edit = Edit { target, current, change, address: &address, token: "t" };
    let Body::Form(form) = wire::modify(&profile(), &edit)?.request.body else { panic!() };
    Ok(form.into_iter().filter(|(name, _)| !["RegionId", "VpnConnectionId", "ClientToken"].contains(&name.as_str())).collect())
}

/// The SDK's parameters of one tunnel, as an entry of its own.
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
        let vector = vectors::vectors(kind).into_iter().find(|vector| vector["id"] == id).unwrap();
        // What the SDK was given is what it sent.
        let sent = crate::wire::decode_pairs(vectors::text(&vector, "request.body")).unwrap();
        for number in 1..=2 {
            let theirs = of_sdk(&vector, number);
            for (name, value) in &theirs {
                let name = name.replacen(".1.", &format!(".{number}."), 1);
                let (_, found) = sent.iter().find(|(field, _)| *field == name).unwrap();
                assert!(found.eq_ignore_ascii_case(value), "{name}");
            }
            let ids = ["tun-opsqc4d97wni27****", "tun-opsqc4d97wni28****"];
            let body = DUAL.replace("tun-2zemaster000001", ids[0]).replace("tun-2zeslave000001", ids[1]);
            let mut current = read(&body);
            let (target, change) = (target("connection"), asked(number));
            // Nothing of the second tunnel's block is known, so the change alone is sent, as the SDK's caller did.
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
    let target = target("connection");
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
    let current = read(DUAL);
    for (kind, prefix) in [("tunnel", "TunnelOptionsSpecification."), ("connection", "TunnelOptionsSpecification.1.")] {
        let target = target(kind);
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
    let masked = read(&DUAL.replace("Dual-canary-2", "Dual***"));
    for kind in ["tunnel", "connection"] {
        let target = target(kind);
        let change = settings(&target, &[(Key::IkeLifetime, "8h")]);
        assert!(form(&target, "master", Some(&masked), &change).is_ok());
        for current in [Some(&masked), None] {
            assert_eq!(form(&target, "tun-2zeslave000001", current, &change).unwrap_err()[0].setting, "--psk-file");
        }
    }
}

#[test]
fn without_a_read_a_tunnel_is_what_it_was_called() {
    let (one, list, attachment) = (target("tunnel"), target("connection"), target("attachment"));
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
fn bgp_of_both_tunnels_goes_in_one_request() {
    let current = read(DUAL);
    let target = target("connection");
    let change = settings(&target, &[(Key::TunnelsBgp, "on"), (Key::TunnelsBgpCidrs, "169.254.30.0/30,169.254.12.0/30")]);
    let edit = Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" };
    let parameters = parameters(&edit).unwrap();
    let find = |name: &str| parameters.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let entry = |number: usize, name: &str| find(&format!("TunnelOptionsSpecification.{number}.{name}"));
    assert_eq!((entry(1, "TunnelId"), entry(2, "TunnelId")), (Some("tun-2zemaster000001"), Some("tun-2zeslave000001")));
    assert_eq!(entry(1, "TunnelBgpConfig.TunnelCidr"), Some("169.254.30.0/30"));
    // The old address is outside the new network, and is left to the cloud.
    assert_eq!((entry(1, "TunnelBgpConfig.LocalBgpIp"), entry(2, "TunnelBgpConfig.LocalBgpIp")), (None, Some("169.254.12.1")));
    assert_eq!((find("EnableTunnelsBgp"), entry(1, "TunnelIkeConfig.Psk")), (Some("true"), None));
}

#[test]
fn each_fault_of_naming_a_tunnel_is_told() {
    let (dual, mut single) = (read(DUAL), read(DUAL));
    single.tunnels.clear();
    let off: &[(Key, &str)] = &[(Key::DpdEnabled, "off")];
    let network = |text| [(Key::BgpTunnelCidr, text)];
    for (kind, name, current, change, setting, part) in [
        ("tunnel", None, &dual, off, "--tunnel", "tun-2zemaster000001 (master) and tun-2zeslave000001 (slave)"),
        ("connection", None, &dual, off, "--tunnel", "alibaba@cn-hangzhou/tunnel/vco-2zedualtunnel00001 --tunnel tun-2zemaster000001"),
        ("tunnel", Some("tun-other"), &dual, off, "--tunnel", "there are tun-2zemaster000001"),
        ("tunnel", Some("third"), &dual, off, "--tunnel", "master or slave"),
        ("tunnel", Some("master"), &single, off, "--tunnel", "single tunnel"),
        ("connection", Some("master"), &dual, &[(Key::HealthCheckRetries, "3")], "--health-check-retries", "one tunnel"),
        ("connection", Some("master"), &dual, &[(Key::BgpEnabled, "on")], "--bgp", "--tunnels-bgp"),
        ("connection", None, &single, &[(Key::TunnelsBgp, "on")], "--tunnels-bgp", "single tunnel"),
        ("tunnel", Some("master"), &dual, &network("169.254.12.0/30"), "--bgp-tunnel-cidr", "differ"),
        ("connection", None, &dual, &[(Key::TunnelsBgpCidrs, "169.254.30.0/30")], "--tunnels-bgp-cidr", "two networks"),
    ] {
        let (target, address) = (target(kind), name.map(tunnel).unwrap_or_default());
        let change = settings(&target, change);
        let findings = rules::rules(&Edit { target: &target, current: Some(current), change: &change, address: &address, token: "t" });
        let found = findings.violations.iter().any(|fault| fault.setting == setting && fault.rule.contains(part));
        assert!(found, "{kind} {name:?} {setting}: {:?}", findings.violations);
    }
}

#[test]
fn a_tunnels_own_settings_are_what_rules_see() {
    let dual = read(DUAL);
    let target = target("tunnel");
    let judge = |name: &str, change: &[(Key, &str)]| {
        let (address, change) = (tunnel(name), settings(&target, change));
        rules::rules(&Edit { target: &target, current: Some(&dual), change: &change, address: &address, token: "t" }).violations
    };
    assert_eq!(judge("master", &[(Key::BgpLocalAddress, "169.254.11.2")]), []);
    assert_eq!(judge("slave", &[(Key::BgpLocalAddress, "169.254.11.2")])[0].setting, "--bgp-local-address");
    let whole = self::target("connection");
    let several = settings(&whole, &[(Key::LocalSubnets, "10.1.0.0/24,10.2.0.0/24")]);
    let old = read(&DUAL.replacen("\"ikev2\"", "\"ikev1\"", 1));
    for (current, faults) in [(&dual, 0), (&old, 1)] {
        let edit = Edit { target: &whole, current: Some(current), change: &several, address: &[], token: "t" };
        assert_eq!(rules::rules(&edit).violations.len(), faults);
    }
    assert_eq!(judge("slave", &[(Key::IkeVersion, "ikev1"), (Key::LocalId, "name.test")])[0].setting, "--local-id");
}
