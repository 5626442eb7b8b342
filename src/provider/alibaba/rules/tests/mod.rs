//! Every rule on both sides of its bound.

mod tunnels;

use super::*;
use crate::model::{Connection, Key, Ref, Settings, Status, Tunnel};
use crate::provider::Target;
use crate::provider::alibaba::testing::{settings, target};

const STRONG: &[(Key, &str)] = &[(Key::IkeVersion, "ikev2"), (Key::IkeMode, "main"), (Key::IkeEncryption, "aes256")];

fn connection(target: &Target, flags: &[(Key, &str)]) -> Connection {
    let reference = Ref { provider: "alibaba".into(), region: None, kind: target.kind.name.into(), id: target.id.clone() };
    Connection { settings: settings(target, flags), ..Connection::new(reference) }
}

fn find(kind: &str, current: Option<&[(Key, &str)]>, change: &[(Key, &str)]) -> Findings {
    let target = target(kind, "vco-1");
    let current = current.map(|flags| connection(&target, flags));
    let change = settings(&target, change);
    rules(&Edit { target: &target, current: current.as_ref(), change: &change, address: &[], token: "t" })
}

/// The settings that are refused, and the number of warnings.
fn verdict(kind: &str, current: Option<&[(Key, &str)]>, change: &[(Key, &str)]) -> (Vec<String>, usize) {
    let findings = find(kind, current, change);
    (findings.violations.into_iter().map(|violation| violation.setting).collect(), findings.warnings.len())
}

fn refused(keys: &[Key]) -> (Vec<String>, usize) {
    (keys.iter().map(|key| key.named()).collect(), 0)
}

#[test]
fn a_harmless_change_has_no_findings() {
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::Name, "hq"), (Key::IkeDhGroup, "group14")]), refused(&[]));
}

#[test]
fn weak_algorithms_get_one_warning() {
    let change = [(Key::IkeEncryption, "3des"), (Key::IkeIntegrity, "md5"), (Key::IpsecPfs, "group5")];
    assert_eq!(verdict("connection", Some(STRONG), &change), (vec![], 1));
}

#[test]
fn the_violation_of_a_wrong_kind_names_the_right_kind() {
    for (kind, attach, right) in [
        ("connection", "CEN", Some("alibaba attachment vco-1")),
        ("connection", "NO_ASSOCIATED", Some("alibaba attachment vco-1")),
        ("connection", "VPNGW", None),
        ("attachment", "VPNGW", Some("alibaba connection vco-1")),
        ("attachment", "cen", None),
        ("attachment", "NO_ASSOCIATED", None),
        ("attachment", "SOMETHING_NEW", None),
    ] {
        let target = target(kind, "vco-1");
        let mut current = connection(&target, STRONG);
        current.extra.insert("AttachType".into(), attach.into());
        let change = settings(&target, &[(Key::Name, "hq")]);
        let findings = rules(&Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" });
        match right {
            Some(right) => assert!(findings.violations[0].to_string().contains(right), "{:?}", findings.violations),
            None => assert_eq!(findings.violations, []),
        }
    }
}

#[test]
fn settings_of_a_tunnel_need_the_name_of_a_tunnel() {
    let target = target("connection", "vco-1");
    let mut current = connection(&target, &[]);
    for id in ["tun-a", "tun-b"] {
        current.tunnels.push(Tunnel {
            id: id.into(),
            role: None,
            gateway_address: None,
            settings: Settings::new(),
            status: Status::default(),
        });
    }
    let change =
        settings(&target, &[(Key::Name, "a"), (Key::IkeLifetime, "60"), (Key::DpdEnabled, "off"), (Key::LocalSubnets, "10.0.0.0/8")]);
    let findings = rules(&Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" });
    let keys: Vec<_> = findings.violations.iter().map(|violation| violation.setting.as_str()).collect();
    assert_eq!(keys, ["--tunnel"]);
    for part in ["--ike-lifetime, --dpd are settings of each tunnel", "tun-a and tun-b", "modify alibaba/tunnel/vco-1 --tunnel tun-a"] {
        assert!(findings.violations[0].rule.contains(part), "{}", findings.violations[0].rule);
    }
}

#[test]
fn shangmi_gateways_support_one_proposal() {
    let sm: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::IkeMode, "main"), (Key::IkeEncryption, "sm4"), (Key::IkeIntegrity, "sm3")];
    assert_eq!(verdict("connection", Some(sm), &[(Key::IpsecEncryption, "sm4"), (Key::IpsecIntegrity, "sm3")]), refused(&[]));
    assert_eq!(verdict("connection", Some(sm), &[(Key::IpsecEncryption, "aes256")]), refused(&[Key::IpsecEncryption]));
    let change = [(Key::IkeVersion, "ikev2"), (Key::IkeIntegrity, "sha256")];
    assert_eq!(verdict("connection", Some(sm), &change), refused(&[Key::IkeVersion, Key::IkeIntegrity]));
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::IkeIntegrity, "sm3")]), refused(&[Key::IkeIntegrity]));
    assert_eq!(verdict("ipsec-server", Some(STRONG), &[(Key::IpsecEncryption, "sm4")]), refused(&[Key::IpsecEncryption]));
    let pem = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----";
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::RemoteCa, pem)]), (vec![], 1));
}

#[test]
fn ikev1_supports_one_network_on_each_side() {
    let two = "10.0.0.0/24,10.0.1.0/24";
    let v1: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::LocalSubnets, "10.0.0.0/24")];
    assert_eq!(verdict("connection", Some(v1), &[(Key::LocalSubnets, two)]), refused(&[Key::LocalSubnets]));
    assert_eq!(verdict("connection", Some(v1), &[(Key::LocalSubnets, "10.0.1.0/24")]), refused(&[]));
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::LocalSubnets, two)]), refused(&[]));
    let many: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::LocalSubnets, two)];
    assert_eq!(verdict("connection", Some(many), &[(Key::LocalSubnets, "10.0.0.0/24,10.0.2.0/24")]), (vec![], 1));
    assert_eq!(verdict("connection", Some(many), &[(Key::Name, "a")]), refused(&[]));
    assert_eq!(verdict("ipsec-server", Some(v1), &[(Key::LocalSubnets, two)]), refused(&[]));
    let v2: &[(Key, &str)] = &[(Key::IkeVersion, "ikev2"), (Key::RemoteSubnets, two)];
    assert_eq!(verdict("connection", Some(v2), &[(Key::IkeVersion, "ikev1")]), refused(&[Key::RemoteSubnets]));
    let networks = |count: usize| (0..count).map(|i| format!("10.{i}.0.0/16")).collect::<Vec<_>>().join(",");
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::LocalSubnets, &networks(5))]), (vec![], 0));
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::LocalSubnets, &networks(6))]), (vec![], 1));
}

#[test]
fn ikev1_in_main_mode_needs_addresses_as_identities() {
    let main: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::IkeMode, "main"), (Key::LocalId, "1.2.3.4")];
    assert_eq!(verdict("connection", Some(main), &[(Key::RemoteId, "peer.test")]), refused(&[Key::RemoteId]));
    assert_eq!(verdict("connection", Some(main), &[(Key::RemoteId, "5.6.7.8")]), refused(&[]));
    assert_eq!(verdict("connection", Some(main), &[(Key::RemoteId, "peer.test"), (Key::IkeMode, "aggressive")]), refused(&[]));
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::RemoteId, "peer.test")]), refused(&[]));
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::IkeMode, "aggressive")]), (vec![], 1));
}

#[test]
fn bgp_needs_its_network_and_an_address_inside() {
    let peer: &[(Key, &str)] = &[(Key::IkeVersion, "ikev2")];
    let (violations, warnings) = verdict("connection", Some(peer), &[(Key::BgpEnabled, "on")]);
    assert_eq!((violations, warnings), (vec![Key::BgpTunnelCidr.named()], 1));
    let inside = [(Key::BgpEnabled, "on"), (Key::BgpTunnelCidr, "169.254.11.0/30"), (Key::BgpLocalAddress, "169.254.11.1")];
    assert_eq!(verdict("connection", Some(peer), &inside).0, Vec::<String>::new());
    let now = [(Key::BgpEnabled, "on"), (Key::BgpTunnelCidr, "169.254.11.0/30")];
    assert_eq!(verdict("connection", Some(&now), &[(Key::BgpLocalAddress, "169.254.11.4")]).0, [Key::BgpLocalAddress.named()]);
    assert_eq!(verdict("connection", Some(&now), &[(Key::BgpLocalAddress, "169.254.11.3")]).0, Vec::<String>::new());
    assert_eq!(verdict("connection", Some(&now), &[(Key::BgpEnabled, "off")]), refused(&[]));
}

#[test]
fn a_health_check_that_is_on_needs_all_its_parts() {
    use Key::{HealthCheckEnabled, HealthCheckInterval, HealthCheckLocal, HealthCheckRemote, HealthCheckRetries};
    let all = [
        (HealthCheckEnabled, "on"),
        (HealthCheckRemote, "192.168.1.1"),
        (HealthCheckLocal, "10.1.1.1"),
        (HealthCheckInterval, "3"),
        (HealthCheckRetries, "3"),
    ];
    assert_eq!(verdict("connection", Some(STRONG), &all), refused(&[]));
    assert_eq!(verdict("connection", Some(STRONG), &all[..2]), refused(&[HealthCheckLocal, HealthCheckInterval, HealthCheckRetries]));
    assert_eq!(verdict("connection", Some(&all), &[(HealthCheckRetries, "5")]), refused(&[]));
    assert_eq!(verdict("connection", Some(STRONG), &[(HealthCheckEnabled, "off")]), refused(&[]));
    assert_eq!(verdict("connection", Some(STRONG), &[(HealthCheckRetries, "5")]), (vec![], 1));
}

#[test]
fn a_client_pool_must_not_overlap_a_local_network() {
    let now = [(Key::LocalSubnets, "192.168.0.0/24,172.17.0.0/16")];
    assert_eq!(verdict("ipsec-server", Some(&now), &[(Key::ClientPool, "10.0.0.0/24")]), refused(&[]));
    assert_eq!(verdict("ipsec-server", Some(&now), &[(Key::ClientPool, "172.17.3.0/24")]), refused(&[Key::ClientPool]));
    assert_eq!(verdict("ipsec-server", Some(&now), &[(Key::PskEnabled, "on")]), refused(&[]));
    assert_eq!(verdict("ipsec-server", Some(&now), &[(Key::PskEnabled, "off")]), refused(&[Key::PskEnabled]));
}

#[test]
fn surprising_effects_get_a_warning() {
    for (kind, change) in [
        ("connection", (Key::IkeLifetime, "0")),
        ("connection", (Key::IpsecLifetime, "0")),
        ("connection", (Key::EffectImmediately, "on")),
        ("connection", (Key::Psk, "a\\b")),
        ("connection", (Key::Psk, "a'b")),
        ("attachment", (Key::NetworkType, "private")),
        ("attachment", (Key::CustomerGateway, "cgw-2")),
    ] {
        assert_eq!(verdict(kind, Some(STRONG), &[change]), (vec![], 1), "{change:?}");
    }
    assert_eq!(verdict("connection", Some(STRONG), &[(Key::IkeLifetime, "1")]), refused(&[]));
}

#[test]
fn without_a_read_the_warning_names_what_may_be_reset() {
    let findings = find("connection", None, &[(Key::Psk, "k"), (Key::IkeVersion, "ikev2")]);
    assert_eq!(findings.warnings.len(), 1);
    assert!(findings.warnings[0].contains("IkeConfig") && findings.warnings[0].contains("--ike-lifetime"));
    assert!(!findings.warnings[0].contains("--ike-version"));
    assert_eq!(verdict("connection", None, &[(Key::Name, "a")]), refused(&[]));
}
