//! Rules about the tunnels of a dual-tunnel connection.

use crate::model::Key;
use crate::provider::alibaba::rules::rules;
use crate::provider::alibaba::testing::{DUAL, read, settings, target};
use crate::provider::alibaba::tunnels::ADDRESS;
use crate::provider::{Edit, Target};

fn dual_target(kind: &str) -> Target {
    target(kind, "vco-2zedualtunnel00001")
}

fn tunnel(name: &str) -> Vec<(&'static str, String)> {
    vec![(ADDRESS, name.to_owned())]
}

#[test]
fn each_mistake_in_naming_a_tunnel_is_reported() {
    let (dual, mut single) = (read(&dual_target("connection"), DUAL), read(&dual_target("connection"), DUAL));
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
        let (target, address) = (dual_target(kind), name.map(tunnel).unwrap_or_default());
        let change = settings(&target, change);
        let findings = rules(&Edit { target: &target, current: Some(current), change: &change, address: &address, token: "t" });
        let found = findings.violations.iter().any(|fault| fault.setting == setting && fault.rule.contains(part));
        assert!(found, "{kind} {name:?} {setting}: {:?}", findings.violations);
    }
}

#[test]
fn the_rules_see_the_settings_of_the_named_tunnel() {
    let dual = read(&dual_target("connection"), DUAL);
    let target = dual_target("tunnel");
    let judge = |name: &str, change: &[(Key, &str)]| {
        let (address, change) = (tunnel(name), settings(&target, change));
        rules(&Edit { target: &target, current: Some(&dual), change: &change, address: &address, token: "t" }).violations
    };
    assert_eq!(judge("master", &[(Key::BgpLocalAddress, "169.254.11.2")]), []);
    assert_eq!(judge("slave", &[(Key::BgpLocalAddress, "169.254.11.2")])[0].setting, "--bgp-local-address");
    let whole = dual_target("connection");
    let several = settings(&whole, &[(Key::LocalSubnets, "10.1.0.0/24,10.2.0.0/24")]);
    let old = read(&dual_target("connection"), &DUAL.replacen("\"ikev2\"", "\"ikev1\"", 1));
    for (current, faults) in [(&dual, 0), (&old, 1)] {
        let edit = Edit { target: &whole, current: Some(current), change: &several, address: &[], token: "t" };
        assert_eq!(rules(&edit).violations.len(), faults);
    }
    assert_eq!(judge("slave", &[(Key::IkeVersion, "ikev1"), (Key::LocalId, "name.test")])[0].setting, "--local-id");
}
