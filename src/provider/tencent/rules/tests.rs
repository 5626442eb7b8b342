use crate::model::{Connection, Key, Ref, Settings};
use crate::provider::field::field;
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::testing::target;
use crate::provider::tencent::{rules::rules, settings};
use crate::provider::{Edit, Findings};

fn change(rows: &[(Key, &str)]) -> Settings {
    rows.iter()
        .map(|(key, text)| {
            let field = field(settings::V3, *key).unwrap();
            (*key, field.parse(&text.split('|').map(str::to_owned).collect::<Vec<_>>()).unwrap())
        })
        .collect()
}

fn current(rows: &[(Key, &str)], route_type: &str) -> Connection {
    let mut connection = Connection::new(Ref::parse("tencent/vpnx-1").unwrap());
    connection.settings = change(rows);
    connection.extra.insert("RouteType".into(), route_type.into());
    connection
}

fn findings(api: &str, current: Option<&Connection>, rows: &[(Key, &str)]) -> Findings {
    let (target, change) = (target(api, "vpnx-1"), change(rows));
    rules(&Edit { target: &target, current, change: &change, address: &[], token: "t" })
}

fn broken(current: Option<&Connection>, rows: &[(Key, &str)]) -> Vec<String> {
    findings(v3::API, current, rows).violations.iter().map(ToString::to_string).collect()
}

fn warned(current: Option<&Connection>, rows: &[(Key, &str)], part: &str) -> bool {
    findings(v3::API, current, rows).warnings.iter().any(|warning| warning.contains(part))
}

#[test]
fn identity_fits_its_type() {
    let ip = current(&[(Key::LocalIdType, "ip"), (Key::LocalId, "203.0.113.7")], "STATIC");
    assert_eq!(broken(Some(&ip), &[(Key::LocalId, "203.0.113.8")]), Vec::<String>::new());
    assert!(broken(Some(&ip), &[(Key::LocalId, "idc.test")])[0].starts_with("--local-id idc.test: is not an address"));
    assert!(broken(Some(&ip), &[(Key::LocalIdType, "fqdn")])[0].contains("--local-id: must be given"));
    assert!(broken(Some(&ip), &[(Key::LocalIdType, "ip")]).is_empty());
    assert!(broken(None, &[(Key::RemoteIdType, "ip")])[0].contains("--remote-id: must be given"));
    assert!(broken(None, &[(Key::RemoteId, "idc.test")]).is_empty());
    assert!(broken(None, &[(Key::RemoteIdType, "fqdn"), (Key::RemoteId, "idc.test")]).is_empty());
    assert!(warned(None, &[(Key::RemoteIdType, "fqdn"), (Key::RemoteId, "1.2.3.4")], "sent as a name"));
}

#[test]
fn dpd_settings_need_dpd() {
    let off = current(&[(Key::DpdEnabled, "off")], "STATIC");
    let on = current(&[(Key::DpdEnabled, "on")], "STATIC");
    assert_eq!(broken(Some(&off), &[(Key::DpdTimeout, "30"), (Key::DpdAction, "clear")]).len(), 2);
    assert!(broken(Some(&on), &[(Key::DpdTimeout, "30")]).is_empty());
    assert!(broken(Some(&off), &[(Key::DpdEnabled, "on"), (Key::DpdTimeout, "30")]).is_empty());
    assert_eq!(broken(Some(&on), &[(Key::DpdEnabled, "off"), (Key::DpdAction, "clear")]).len(), 1);
    assert!(broken(None, &[(Key::DpdTimeout, "30")]).is_empty());
    assert!(warned(None, &[(Key::DpdTimeout, "30")], "only while"));
}

#[test]
fn bgp_is_complete_and_inside_its_network() {
    let all = [(Key::BgpTunnelCidr, "169.254.128.0/30"), (Key::BgpLocalAddress, "169.254.128.1"), (Key::BgpPeerAddress, "169.254.128.2")];
    assert!(broken(None, &all).is_empty());
    assert!(warned(None, &all, "Terraform"));
    assert_eq!(broken(None, &all[..1]).len(), 2);
    assert!(broken(Some(&current(&all, "Bgp")), &all[1..2]).is_empty());
    for bad in ["169.254.128.0", "169.254.128.3", "169.254.128.4", "169.254.128.2"] {
        assert_eq!(broken(None, &[all[0], (Key::BgpLocalAddress, bad), all[2]]).len(), 1, "{bad}");
    }
}

#[test]
fn policy_rules_do_not_overlap_and_have_no_numbers() {
    assert!(broken(None, &[(Key::PolicyRules, "10.0.0.0/8=10.1.0.0/16")])[0].contains("overlap"));
    assert!(broken(None, &[(Key::PolicyRules, "3:10.0.0.0/8=11.0.0.0/16")])[0].contains("no numbers"));
    assert!(broken(None, &[(Key::PolicyRules, "0.0.0.0/0=0.0.0.0/0")]).is_empty());
    assert!(broken(None, &[(Key::PolicyRules, "10.0.0.0/24=10.0.1.0/24,10.0.2.0/24|10.9.0.0/24=10.0.1.0/24")]).is_empty());
}

#[test]
fn health_check_needs_routes() {
    let rows = [(Key::HealthCheckEnabled, "on")];
    assert_eq!(broken(Some(&current(&[], "Policy")), &rows).len(), 1);
    assert!(broken(Some(&current(&[], "STATIC")), &rows).is_empty());
    assert!(warned(Some(&current(&[], "STATIC")), &rows, "may refuse"));
    assert!(!warned(Some(&current(&[], "StaticRoute")), &rows, "may refuse"));
    assert_eq!(broken(None, &[(Key::HealthCheckLocal, "1.1.1.1"), (Key::HealthCheckRemote, "1.1.1.1")]).len(), 1);
}

#[test]
fn warnings_name_what_is_weak_or_may_be_refused() {
    assert!(warned(None, &[(Key::IkeEncryption, "3des"), (Key::IpsecEncryption, "3des"), (Key::IpsecPfs, "group2")], "weak: 3des, group2"));
    assert!(!warned(None, &[(Key::IkeEncryption, "aes256")], "weak"));
    assert!(warned(None, &[(Key::IpsecEncryption, "aes256gcm16")], "version 4.0"));
    assert!(warned(None, &[(Key::CustomerGateway, "cgw-1")], "version 4.0"));
    assert!(warned(None, &[(Key::IpsecEncryption, "sm4"), (Key::IpsecIntegrity, "sha256")], "sm4 and sm3"));
    assert!(!warned(None, &[(Key::IpsecEncryption, "sm4"), (Key::IpsecIntegrity, "sm3")], "sm4 and sm3"));
    assert!(warned(None, &[(Key::IpsecLifetimeKb, "604801")], "604800"));
    assert!(!warned(None, &[(Key::IpsecLifetimeKb, "604800")], "604800"));
    assert!(warned(Some(&current(&[(Key::IkeVersion, "ikev2")], "")), &[(Key::IkeMode, "main")], "IKEv2 has none"));
}

#[test]
fn new_key_alone_waits_for_the_next_authentication() {
    assert!(warned(None, &[(Key::Psk, "abc")], "ResetVpnConnection"));
    assert!(warned(None, &[(Key::Psk, "abc"), (Key::IkeLifetime, "60")], "interrupted"));
    assert!(warned(None, &[(Key::Psk, &"x".repeat(129))], "longer than 128"));
    assert!(!warned(None, &[(Key::Psk, &"x".repeat(128))], "longer than 128"));
    let same = current(&[(Key::IkeLifetime, "60")], "");
    assert!(!warned(Some(&same), &[(Key::IkeLifetime, "60")], "interrupted"));
}

#[test]
fn api_2_0_needs_selectors() {
    let warned = |rows: &[(Key, &str)], part: &str| findings(v2::API, None, rows).warnings.iter().any(|text| text.contains(part));
    assert!(warned(&[(Key::Name, "n")], "none are known"));
    assert!(!warned(&[(Key::RemoteSubnets, "10.0.0.0/24")], "none are known"));
    assert!(warned(&[(Key::RemoteSubnets, "10.0.0.0/24"), (Key::PolicyRules, "10.1.0.0/24=10.0.0.0/24")], "give one"));
}
