//! Every rule on both sides of its bound.

use super::super::PROVIDER;
use super::*;
use crate::model::{Ref, Tunnel};
use crate::provider::{Target, field};

fn target(kind: usize) -> Target {
    let kind = &PROVIDER.kinds[kind];
    Target { kind, operation: &kind.operations[0], id: "vco-1".into() }
}

fn settings(target: &Target, flags: &[(Key, &str)]) -> Settings {
    let value = |key: Key, text: &str| field::field(target.operation.fields, key).unwrap().parse(&[text.to_owned()]).unwrap();
    flags.iter().map(|&(key, text)| (key, value(key, text))).collect()
}

fn connection(target: &Target, flags: &[(Key, &str)]) -> Connection {
    let reference = Ref { provider: "alibaba".into(), region: None, kind: target.kind.name.into(), id: target.id.clone() };
    Connection { settings: settings(target, flags), ..Connection::new(reference) }
}

fn find(kind: usize, current: Option<&[(Key, &str)]>, change: &[(Key, &str)]) -> Findings {
    let target = target(kind);
    let current = current.map(|flags| connection(&target, flags));
    let change = settings(&target, change);
    rules(&Edit { target: &target, current: current.as_ref(), change: &change, address: &[], token: "t" })
}

/// Keys and warnings in few words: what is refused, how often it is warned.
fn verdict(kind: usize, current: Option<&[(Key, &str)]>, change: &[(Key, &str)]) -> (Vec<String>, usize) {
    let findings = find(kind, current, change);
    (findings.violations.into_iter().map(|violation| violation.setting).collect(), findings.warnings.len())
}

const CONNECTION: usize = 0;
const ATTACHMENT: usize = 1;
const SERVER: usize = 2;
const STRONG: &[(Key, &str)] = &[(Key::IkeVersion, "ikev2"), (Key::IkeMode, "main"), (Key::IkeEncryption, "aes256")];

fn refused(keys: &[Key]) -> (Vec<String>, usize) {
    (keys.iter().map(|key| key.named()).collect(), 0)
}

#[test]
fn a_harmless_change_has_no_findings() {
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::Name, "hq"), (Key::IkeDhGroup, "group14")]), refused(&[]));
}

#[test]
fn weak_algorithms_are_warned_of_once() {
    let change = [(Key::IkeEncryption, "3des"), (Key::IkeIntegrity, "md5"), (Key::IpsecPfs, "group5")];
    assert_eq!(verdict(CONNECTION, Some(STRONG), &change), (vec![], 1));
}

#[test]
fn an_attach_type_of_the_other_kind_names_the_right_kind() {
    for (kind, attach, right) in [
        (CONNECTION, "CEN", Some("alibaba attachment vco-1")),
        (CONNECTION, "NO_ASSOCIATED", Some("alibaba attachment vco-1")),
        (CONNECTION, "VPNGW", None),
        (ATTACHMENT, "VPNGW", Some("alibaba connection vco-1")),
        (ATTACHMENT, "cen", None),
        (ATTACHMENT, "NO_ASSOCIATED", None),
        (ATTACHMENT, "SOMETHING_NEW", None),
    ] {
        let target = target(kind);
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
fn a_dual_tunnel_connection_refuses_what_belongs_to_its_tunnels() {
    let target = target(CONNECTION);
    let mut current = connection(&target, &[]);
    for id in ["tun-a", "tun-b"] {
        current.tunnels.push(Tunnel {
            id: id.into(),
            role: None,
            gateway_address: None,
            settings: Settings::new(),
            status: crate::model::Status::default(),
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
fn shangmi_gateways_take_their_own_proposal_only() {
    let sm: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::IkeMode, "main"), (Key::IkeEncryption, "sm4"), (Key::IkeIntegrity, "sm3")];
    assert_eq!(verdict(CONNECTION, Some(sm), &[(Key::IpsecEncryption, "sm4"), (Key::IpsecIntegrity, "sm3")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(sm), &[(Key::IpsecEncryption, "aes256")]), refused(&[Key::IpsecEncryption]));
    let change = [(Key::IkeVersion, "ikev2"), (Key::IkeIntegrity, "sha256")];
    assert_eq!(verdict(CONNECTION, Some(sm), &change), refused(&[Key::IkeVersion, Key::IkeIntegrity]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::IkeIntegrity, "sm3")]), refused(&[Key::IkeIntegrity]));
    assert_eq!(verdict(SERVER, Some(STRONG), &[(Key::IpsecEncryption, "sm4")]), refused(&[Key::IpsecEncryption]));
    let pem = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----";
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::RemoteCa, pem)]), (vec![], 1));
}

#[test]
fn ikev1_takes_one_network_on_each_side() {
    let two = "10.0.0.0/24,10.0.1.0/24";
    let v1: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::LocalSubnets, "10.0.0.0/24")];
    assert_eq!(verdict(CONNECTION, Some(v1), &[(Key::LocalSubnets, two)]), refused(&[Key::LocalSubnets]));
    assert_eq!(verdict(CONNECTION, Some(v1), &[(Key::LocalSubnets, "10.0.1.0/24")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::LocalSubnets, two)]), refused(&[]));
    let many: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::LocalSubnets, two)];
    assert_eq!(verdict(CONNECTION, Some(many), &[(Key::LocalSubnets, "10.0.0.0/24,10.0.2.0/24")]), (vec![], 1));
    assert_eq!(verdict(CONNECTION, Some(many), &[(Key::Name, "a")]), refused(&[]));
    assert_eq!(verdict(SERVER, Some(v1), &[(Key::LocalSubnets, two)]), refused(&[]));
    let v2: &[(Key, &str)] = &[(Key::IkeVersion, "ikev2"), (Key::RemoteSubnets, two)];
    assert_eq!(verdict(CONNECTION, Some(v2), &[(Key::IkeVersion, "ikev1")]), refused(&[Key::RemoteSubnets]));
    let networks = |count: usize| (0..count).map(|i| format!("10.{i}.0.0/16")).collect::<Vec<_>>().join(",");
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::LocalSubnets, &networks(5))]), (vec![], 0));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::LocalSubnets, &networks(6))]), (vec![], 1));
}

#[test]
fn ikev1_in_main_mode_wants_addresses_as_identities() {
    let main: &[(Key, &str)] = &[(Key::IkeVersion, "ikev1"), (Key::IkeMode, "main"), (Key::LocalId, "1.2.3.4")];
    assert_eq!(verdict(CONNECTION, Some(main), &[(Key::RemoteId, "peer.test")]), refused(&[Key::RemoteId]));
    assert_eq!(verdict(CONNECTION, Some(main), &[(Key::RemoteId, "5.6.7.8")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(main), &[(Key::RemoteId, "peer.test"), (Key::IkeMode, "aggressive")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::RemoteId, "peer.test")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::IkeMode, "aggressive")]), (vec![], 1));
}

#[test]
fn bgp_needs_its_network_and_an_address_inside() {
    let peer: &[(Key, &str)] = &[(Key::IkeVersion, "ikev2")];
    let (violations, warnings) = verdict(CONNECTION, Some(peer), &[(Key::BgpEnabled, "on")]);
    assert_eq!((violations, warnings), (vec![Key::BgpTunnelCidr.named()], 1));
    let inside = [(Key::BgpEnabled, "on"), (Key::BgpTunnelCidr, "169.254.11.0/30"), (Key::BgpLocalAddress, "169.254.11.1")];
    assert_eq!(verdict(CONNECTION, Some(peer), &inside).0, Vec::<String>::new());
    let now = [(Key::BgpEnabled, "on"), (Key::BgpTunnelCidr, "169.254.11.0/30")];
    assert_eq!(verdict(CONNECTION, Some(&now), &[(Key::BgpLocalAddress, "169.254.11.4")]).0, [Key::BgpLocalAddress.named()]);
    assert_eq!(verdict(CONNECTION, Some(&now), &[(Key::BgpLocalAddress, "169.254.11.3")]).0, Vec::<String>::new());
    assert_eq!(verdict(CONNECTION, Some(&now), &[(Key::BgpEnabled, "off")]), refused(&[]));
}

#[test]
fn a_health_check_that_is_on_has_all_its_parts() {
    use Key::{HealthCheckEnabled, HealthCheckInterval, HealthCheckLocal, HealthCheckRemote, HealthCheckRetries};
    let all = [
        (HealthCheckEnabled, "on"),
        (HealthCheckRemote, "192.168.1.1"),
        (HealthCheckLocal, "10.1.1.1"),
        (HealthCheckInterval, "3"),
        (HealthCheckRetries, "3"),
    ];
    assert_eq!(verdict(CONNECTION, Some(STRONG), &all), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &all[..2]), refused(&[HealthCheckLocal, HealthCheckInterval, HealthCheckRetries]));
    assert_eq!(verdict(CONNECTION, Some(&all), &[(HealthCheckRetries, "5")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(HealthCheckEnabled, "off")]), refused(&[]));
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(HealthCheckRetries, "5")]), (vec![], 1));
}

#[test]
fn a_client_pool_keeps_clear_of_the_local_networks() {
    let now = [(Key::LocalSubnets, "192.168.0.0/24,172.17.0.0/16")];
    assert_eq!(verdict(SERVER, Some(&now), &[(Key::ClientPool, "10.0.0.0/24")]), refused(&[]));
    assert_eq!(verdict(SERVER, Some(&now), &[(Key::ClientPool, "172.17.3.0/24")]), refused(&[Key::ClientPool]));
    assert_eq!(verdict(SERVER, Some(&now), &[(Key::PskEnabled, "on")]), refused(&[]));
    assert_eq!(verdict(SERVER, Some(&now), &[(Key::PskEnabled, "off")]), refused(&[Key::PskEnabled]));
}

#[test]
fn effects_are_warned_of() {
    for (kind, change) in [
        (CONNECTION, (Key::IkeLifetime, "0")),
        (CONNECTION, (Key::IpsecLifetime, "0")),
        (CONNECTION, (Key::EffectImmediately, "on")),
        (CONNECTION, (Key::Psk, "a\\b")),
        (CONNECTION, (Key::Psk, "a'b")),
        (ATTACHMENT, (Key::NetworkType, "private")),
        (ATTACHMENT, (Key::CustomerGateway, "cgw-2")),
    ] {
        assert_eq!(verdict(kind, Some(STRONG), &[change]), (vec![], 1), "{change:?}");
    }
    assert_eq!(verdict(CONNECTION, Some(STRONG), &[(Key::IkeLifetime, "1")]), refused(&[]));
}

#[test]
fn without_a_read_the_warning_names_what_may_fall_back() {
    let findings = find(CONNECTION, None, &[(Key::Psk, "k"), (Key::IkeVersion, "ikev2")]);
    assert_eq!(findings.warnings.len(), 1);
    assert!(findings.warnings[0].contains("IkeConfig") && findings.warnings[0].contains("--ike-lifetime"));
    assert!(!findings.warnings[0].contains("--ike-version"));
    assert_eq!(verdict(CONNECTION, None, &[(Key::Name, "a")]), refused(&[]));
}
