//! Bounds of each setting, on both sides.

use super::*;
use crate::provider::field;

fn accepts(fields: &'static [Field], key: Key, text: &str) -> bool {
    field::field(fields, key).unwrap().parse(&[text.to_owned()]).is_ok()
}

#[test]
fn bounds_hold_on_both_sides() {
    let long = |count: usize| "a".repeat(count);
    for fields in [CONNECTION, ATTACHMENT, SERVER] {
        for (key, text, good) in [
            (Key::Name, "a", true),
            (Key::Name, "", false),
            (Key::Name, &long(100), true),
            (Key::Name, &long(101), false),
            (Key::Name, "http://a", false),
            (Key::Name, "https://a", false),
            (Key::Name, "httpa", true),
            (Key::Psk, "a", true),
            (Key::Psk, "", false),
            (Key::Psk, &long(100), true),
            (Key::Psk, &long(101), false),
            (Key::Psk, "~!`@#$%^&*()_-+={}[]|;:\",.<>/?\\'", true),
            (Key::Psk, "a b", false),
            (Key::Psk, "é", false),
            (Key::IkeLifetime, "0", true),
            (Key::IkeLifetime, "86400", true),
            (Key::IkeLifetime, "1d", true),
            (Key::IkeLifetime, "86401", false),
            (Key::IpsecLifetime, "0", true),
            (Key::IpsecLifetime, "86400", true),
            (Key::IpsecLifetime, "86401", false),
            (Key::LocalId, &long(100), true),
            (Key::LocalId, &long(101), false),
            (Key::LocalId, "", false),
            (Key::RemoteId, "a b", false),
            (Key::RemoteId, "vpn.example.test", true),
            (Key::IkeDhGroup, "group14", true),
            (Key::IkeDhGroup, "group24", false),
            (Key::IkeDhGroup, "disabled", false),
            (Key::IpsecPfs, "none", true),
            (Key::IpsecPfs, "disabled", true),
            (Key::IkeIntegrity, "sha512", true),
            (Key::IkeEncryption, "aes", true),
            (Key::IkeEncryption, "aes128", true),
            (Key::IkeEncryption, "aes256gcm16", false),
            (Key::LocalSubnets, "0.0.0.0/0", true),
            (Key::LocalSubnets, "10.0.0.0/33", false),
            (Key::LocalSubnets, "10.0.0.0/24,10.0.0.0/24", false),
        ] {
            assert_eq!(accepts(fields, key, text), good, "{key:?} {text:?}");
        }
    }
}

#[test]
fn tunnel_networks_are_link_local_and_not_reserved() {
    for text in ["169.254.11.0/30", "169.254.6.4/30", "169.254.7.0/30", "169.254.169.248/30", "169.254.255.252/30"] {
        assert!(accepts(CONNECTION, Key::BgpTunnelCidr, text), "{text}");
    }
    for third in 0..=6 {
        assert!(!accepts(CONNECTION, Key::BgpTunnelCidr, &format!("169.254.{third}.0/30")), "{third}");
    }
    for text in ["169.254.169.252/30", "169.254.11.0/29", "169.254.11.0/31", "169.253.11.0/30", "169.255.0.0/30", "169.254.11.1/30"] {
        assert!(!accepts(CONNECTION, Key::BgpTunnelCidr, text), "{text}");
    }
}

#[test]
fn attachments_and_servers_have_their_own_bounds() {
    for (fields, key, text, good) in [
        (SERVER, Key::ClientPool, "10.0.0.0/16", true),
        (SERVER, Key::ClientPool, "10.0.0.0/29", true),
        (SERVER, Key::ClientPool, "10.0.0.0/15", false),
        (SERVER, Key::ClientPool, "10.0.0.0/30", false),
        (ATTACHMENT, Key::CustomerGateway, "cgw-p0w2jemrcj5u61un8", true),
        (ATTACHMENT, Key::CustomerGateway, "vpn-1", false),
        (ATTACHMENT, Key::NetworkType, "private", true),
        (ATTACHMENT, Key::NetworkType, "vpc", false),
        (ATTACHMENT, Key::HealthCheckPolicy, "reserve_route", true),
        (ATTACHMENT, Key::HealthCheckInterval, "1", true),
        (ATTACHMENT, Key::HealthCheckInterval, "86400", true),
        (ATTACHMENT, Key::HealthCheckInterval, "0", false),
        (ATTACHMENT, Key::HealthCheckInterval, "86401", false),
        (ATTACHMENT, Key::HealthCheckRetries, "0", false),
        (ATTACHMENT, Key::HealthCheckRetries, "1000", true),
        (ATTACHMENT, Key::HealthCheckRetries, "1001", false),
        (ATTACHMENT, Key::HealthCheckRemote, "192.168.1.1", true),
        (ATTACHMENT, Key::HealthCheckRemote, "192.168.1", false),
        (CONNECTION, Key::BgpLocalAsn, "123.456", true),
        (CONNECTION, Key::BgpLocalAsn, "4294967295", true),
        (CONNECTION, Key::BgpLocalAsn, "0", false),
        (CONNECTION, Key::BgpLocalAsn, "4294967296", false),
    ] {
        assert_eq!(accepts(fields, key, text), good, "{key:?} {text:?}");
    }
    let writes = |fields: &'static [Field], key| field::field(fields, key).is_some_and(|field| !field.write.is_empty());
    assert!(!writes(CONNECTION, Key::CustomerGateway) && writes(ATTACHMENT, Key::CustomerGateway));
    assert!(!writes(CONNECTION, Key::HealthCheckPolicy) && writes(ATTACHMENT, Key::HealthCheckPolicy));
    assert_eq!(field::field(ATTACHMENT, Key::RemoteCa).unwrap().write, "RemoteCaCert");
    assert_eq!(field::field(CONNECTION, Key::RemoteCa).unwrap().write, "RemoteCaCertificate");
}
