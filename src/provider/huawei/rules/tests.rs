use super::*;
use crate::model::{Connection, Key, Ref, Status, Term, Value};
use crate::provider::huawei::testing::{POLICY, settings, target};

fn connection(style: &str, flags: &[(Key, &str)]) -> Connection {
    let mut connection = Connection::new(Ref::parse(&format!("huawei/{POLICY}")).unwrap());
    connection.settings = settings(flags);
    connection.extra.insert("style".to_owned(), style.into());
    connection
}

fn findings(current: Option<&Connection>, flags: &[(Key, &str)]) -> Findings {
    let (target, change) = (target(POLICY), settings(flags));
    check(&Edit { target: &target, current, change: &change, address: &[], token: "t" })
}

fn violations(current: Option<&Connection>, flags: &[(Key, &str)]) -> Vec<String> {
    findings(current, flags).violations.iter().map(ToString::to_string).collect()
}

fn warnings(current: Option<&Connection>, flags: &[(Key, &str)]) -> String {
    findings(current, flags).warnings.join("\n")
}

#[test]
fn tunnel_addresses_must_be_the_two_hosts_of_one_slash_30() {
    let (local, peer) = (Key::TunnelLocalAddress, Key::TunnelPeerAddress);
    for (a, b, fine) in [
        ("169.254.76.1/30", "169.254.76.2/30", true),
        ("169.254.76.2/30", "169.254.76.1/30", true),
        ("169.254.76.1/30", "169.254.76.1/30", false),
        ("169.254.76.1/30", "169.254.76.6/30", false),
        ("169.254.76.1/30", "169.254.77.2/30", false),
    ] {
        assert_eq!(violations(None, &[(local, a), (peer, b)]).is_empty(), fine, "{a} {b}");
        for (key, other) in [(local, peer), (peer, local)] {
            let stored = connection("STATIC", &[(other, b)]);
            assert_eq!(violations(Some(&stored), &[(key, a)]).is_empty(), fine, "{a} against stored {b}");
        }
    }
    assert!(warnings(None, &[(local, "169.254.76.1/30")]).contains("not known"));
}

#[test]
fn settings_of_another_style_are_refused() {
    let rows: &[(Key, &str, &[&str])] = &[
        (Key::PolicyRules, "10.0.0.0/24=192.168.1.0/24", &["POLICY", "policy"]),
        (Key::TunnelLocalAddress, "169.254.76.1/30", &["STATIC", "BGP", "static"]),
        (Key::TunnelPeerAddress, "169.254.76.1/30", &["STATIC", "BGP"]),
        (Key::Hub, "on", &["BGP", "bgp"]),
    ];
    for (key, value, styles) in rows {
        for style in ["POLICY", "STATIC", "BGP", "POLICY-TEMPLATE", "policy", "static", "bgp"] {
            let current = connection(style, &[(Key::RemoteSubnets, "192.168.1.0/24")]);
            let fine = styles.iter().any(|known| known.eq_ignore_ascii_case(style));
            assert_eq!(violations(Some(&current), &[(*key, value)]).is_empty(), fine, "{key:?} {style}");
        }
        assert!(violations(None, &[(*key, value)]).is_empty(), "unknown style");
    }
}

#[test]
fn customer_subnets_cannot_be_set_behind_an_enterprise_router() {
    let change = [(Key::RemoteSubnets, "10.0.0.0/24")];
    for (style, fine) in [("POLICY", false), ("BGP", false), ("STATIC", true)] {
        assert_eq!(violations(Some(&connection(style, &[])), &change).is_empty(), fine, "{style}");
        assert!(violations(Some(&connection(style, &[(Key::RemoteSubnets, "10.1.0.0/16")])), &change).is_empty(), "{style}");
    }
}

#[test]
fn networks_must_match_the_ip_version_of_the_gateway() {
    let six = connection("STATIC", &[(Key::RemoteSubnetsV6, "fd00::/64")]);
    let four = connection("STATIC", &[(Key::RemoteSubnets, "10.0.0.0/8")]);
    assert!(!violations(Some(&six), &[(Key::RemoteSubnets, "10.0.0.0/8")]).is_empty());
    assert!(!violations(Some(&four), &[(Key::RemoteSubnetsV6, "fd00::/64")]).is_empty());
    assert!(violations(Some(&six), &[(Key::RemoteSubnetsV6, "fd00::/64")]).is_empty());
}

#[test]
fn gm_gateway_takes_only_its_own_algorithms() {
    let mut gm = connection("STATIC", &[(Key::RemoteSubnets, "10.0.0.0/8")]);
    gm.settings.set(Key::IkeAuthentication, Value::term(Term::DigitalEnvelope));
    let bad: &[(Key, &str)] = &[
        (Key::IkeVersion, "ikev2"),
        (Key::IkeMode, "aggressive"),
        (Key::IkeIntegrity, "sha256"),
        (Key::IkeEncryption, "aes128"),
        (Key::IpsecIntegrity, "sha256"),
        (Key::IpsecEncryption, "aes128"),
        (Key::IkeDhGroup, "group14"),
        (Key::LocalId, "1.2.3.4"),
        (Key::IpsecPfs, "group14"),
    ];
    assert_eq!(violations(Some(&gm), bad).len(), bad.len(), "all at once");
    let good = [(Key::IkeVersion, "ikev1"), (Key::IkeMode, "main"), (Key::IkeIntegrity, "sm3"), (Key::IpsecEncryption, "sm4")];
    assert!(violations(Some(&gm), &good).is_empty());
    assert!(warnings(Some(&gm), &[(Key::Psk, "Canary-1234")]).contains("certificates"));
    let plain = connection("STATIC", &[(Key::IkeEncryption, "aes128")]);
    assert_eq!(violations(Some(&plain), &[(Key::IkeEncryption, "sm4"), (Key::IpsecIntegrity, "sm3")]).len(), 2);
    assert!(warnings(None, &[(Key::IkeEncryption, "sm4")]).contains("flavour GM"));
    let by_cipher = connection("STATIC", &[(Key::IkeEncryption, "sm4")]);
    assert!(!violations(Some(&by_cipher), &[(Key::IkeDhGroup, "group14")]).is_empty());
}

#[test]
fn fqdn_identity_is_required_and_ip_identity_must_be_an_address() {
    for (kind, id) in [(Key::LocalIdType, Key::LocalId), (Key::RemoteIdType, Key::RemoteId)] {
        assert_eq!(violations(None, &[(kind, "fqdn")]).len(), 1);
        assert!(violations(None, &[(kind, "fqdn"), (id, "a.example")]).is_empty());
        let by_address = connection("STATIC", &[(kind, "ip"), (id, "1.2.3.4")]);
        assert_eq!(violations(Some(&by_address), &[(kind, "fqdn")]).len(), 1);
        assert_eq!(violations(Some(&by_address), &[(id, "a.example")]).len(), 1);
        assert!(violations(Some(&by_address), &[(id, "4.3.2.1")]).is_empty());
        let by_name = connection("STATIC", &[(kind, "fqdn"), (id, "a.example")]);
        assert!(violations(Some(&by_name), &[(id, "b.example")]).is_empty());
        assert_eq!(violations(None, &[(kind, "ip"), (id, "a.example")]).len(), 1);
        assert!(warnings(None, &[(kind, "fqdn"), (id, "a?b")]).contains("question mark"));
    }
    let same = [(Key::LocalIdType, "ip"), (Key::LocalId, "1.2.3.4"), (Key::RemoteIdType, "ip"), (Key::RemoteId, "1.2.3.4")];
    assert_eq!(violations(None, &same).len(), 1);
}

#[test]
fn frozen_connection_is_refused_and_pending_one_is_warned_about() {
    let mut current = connection("STATIC", &[]);
    let change = [(Key::Name, "x")];
    for (word, violated, warned) in [("FREEZED", 1, 0), ("freezed", 1, 0), ("ERROR", 0, 1), ("PENDING_UPDATE", 0, 1), ("DOWN", 0, 0)] {
        current.status = Status { reported: vec![("status".into(), word.to_owned())], ..Status::default() };
        let findings = findings(Some(&current), &change);
        assert_eq!((findings.violations.len(), findings.warnings.len()), (violated, warned), "{word}");
    }
}

#[test]
fn overlapping_or_incomplete_policy_rules_are_warned_about() {
    let current = connection("POLICY", &[(Key::RemoteSubnets, "192.168.1.0/24,192.168.2.0/24")]);
    let text = warnings(Some(&current), &[(Key::PolicyRules, "1:10.0.0.0/8=192.168.1.0/24 10.1.0.0/16=192.168.1.0/25")]);
    assert!(text.contains("index") && text.contains("overlap") && text.contains("192.168.2.0/24"), "{text}");
    assert_eq!(warnings(Some(&current), &[(Key::PolicyRules, "10.0.0.0/8=192.168.0.0/16")]), "");
}
