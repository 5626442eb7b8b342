//! Every setting, changed and read back.

use crate::model::{Key, Term};
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::settings;
use crate::provider::tencent::testing::World;

const ROWS_V3: &[&[(Key, &str)]] = &[
    &[(Key::Name, "renamed \u{4e2d} +&=")],
    &[(Key::CustomerGateway, "cgw-spare0001")],
    &[(Key::PolicyRules, "10.0.0.0/24=10.1.0.0/24,10.2.0.0/24|10.0.1.0/24=10.3.0.0/24")],
    &[(Key::Psk, "a b+c*d~e%f/g=h&i")],
    &[(Key::Psk, "@home")],
    &[(Key::Negotiation, "on-traffic")],
    &[(Key::IkeVersion, "ikev2"), (Key::IkeEncryption, "aes256gcm16"), (Key::IkeIntegrity, "sha512"), (Key::IkeDhGroup, "group21")],
    &[(Key::IkeMode, "aggressive"), (Key::IkeLifetime, "60")],
    &[(Key::LocalIdType, "fqdn"), (Key::LocalId, "Cloud.example.test"), (Key::RemoteId, "198.51.100.8")],
    &[(Key::DpdEnabled, "on"), (Key::DpdTimeout, "60"), (Key::DpdAction, "clear")],
    &[(Key::IpsecEncryption, "null"), (Key::IpsecIntegrity, "sha384"), (Key::IpsecPfs, "group20")],
    &[(Key::IpsecLifetime, "180"), (Key::IpsecLifetimeKb, "4294967295"), (Key::IpsecPfs, "none")],
    &[(Key::BgpTunnelCidr, "169.254.128.0/30"), (Key::BgpLocalAddress, "169.254.128.1"), (Key::BgpPeerAddress, "169.254.128.2")],
    &[(Key::HealthCheckEnabled, "on"), (Key::HealthCheckLocal, "169.254.128.5"), (Key::HealthCheckRemote, "169.254.128.6")],
    &[
        (Key::HealthCheckInterval, "1500ms"),
        (Key::HealthCheckTimeout, "10ms"),
        (Key::HealthCheckRetries, "8"),
        (Key::HealthCheckProbe, "nqa"),
    ],
];

const ROWS_V2: &[&[(Key, &str)]] = &[
    &[(Key::Name, "renamed \u{4e2d} +&=")],
    &[(Key::RemoteSubnets, "10.100.2.0/24,10.100.3.0/24")],
    &[(Key::PolicyRules, "10.0.0.0/24=10.1.0.0/24,10.2.0.0/24")],
    &[(Key::Psk, "a b+c*d~e%f/g=h&i")],
    &[(Key::Psk, "@home")],
    &[(Key::IkeMode, "aggressive"), (Key::IkeEncryption, "aes256"), (Key::IkeIntegrity, "sha1"), (Key::IkeDhGroup, "group24")],
    &[(Key::IkeLifetime, "604800"), (Key::LocalId, "203.0.113.8"), (Key::RemoteIdType, "fqdn"), (Key::RemoteId, "Idc.example.test")],
    &[(Key::IpsecEncryption, "null"), (Key::IpsecIntegrity, "sha1"), (Key::IpsecPfs, "group14")],
    &[(Key::IpsecLifetime, "604800"), (Key::IpsecLifetimeKb, "2560"), (Key::IpsecPfs, "none")],
];

#[test]
fn every_setting_of_api_3_0_round_trips_with_every_scheme() {
    for scheme in [None, Some("tc3"), Some("hmac-sha256"), Some("hmac-sha1")] {
        for rows in ROWS_V3 {
            World::new("ap-shanghai", v3::API, scheme).round_trip("vpnx-partneral01", rows);
        }
    }
    let tried = |key: Key| ROWS_V3.iter().any(|rows| rows.iter().any(|(row, _)| *row == key));
    let untried: Vec<Key> =
        settings::V3.iter().filter(|field| !field.write.is_empty() && !tried(field.key)).map(|field| field.key).collect();
    assert_eq!(untried, [Key::RemoteIdType]);
}

#[test]
fn every_setting_of_api_2_0_round_trips_with_every_scheme() {
    for scheme in [None, Some("tc3"), Some("hmac-sha256"), Some("hmac-sha1")] {
        for region in ["ap-guangzhou", "gz"] {
            for rows in ROWS_V2 {
                World::new(region, v2::API, scheme).round_trip("vpnx-ol6bcqp0", rows);
            }
        }
    }
}

#[test]
fn both_apis_show_the_same_tunnel() {
    let new = World::new("ap-guangzhou", v3::API, None).show("vpnx-ol6bcqp0").unwrap();
    let old = World::new("gz", v2::API, None).show("vpnx-ol6bcqp0").unwrap();
    for (key, value) in old.settings.iter() {
        if !matches!(key, Key::IpsecEncapsulation | Key::IpsecProtocol) {
            assert_eq!(new.settings.get(key), Some(value), "{key:?}");
        }
    }
    assert_eq!((new.gateway.as_deref(), old.gateway.as_deref()), (Some("vpngw-kfldykuz"), Some("vpngw-kfldykuz")));
    assert_eq!(old.gateway_address.as_deref(), Some("203.0.113.7"));
    assert_eq!((new.status.tunnel, old.status.tunnel), (Term::Up, Term::Up));
    assert_eq!(new.created, old.created);
    assert!(new.extra.get("LegacyId").is_none());
}
