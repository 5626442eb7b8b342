//! What every format keeps to; `readback` reads what they write.

mod blocks;
mod devices;
mod facts;
mod lines;
mod readback;

use proptest::prelude::*;

use super::*;
use crate::model::{Key, PolicyRule, Ref, Term, Value};

fn connection(version: Term) -> Connection {
    let mut connection = Connection::new(Ref::parse("alibaba@cn-x/vco-1").unwrap());
    connection.gateway_address = Some("192.0.2.1".to_owned());
    for (key, term) in [
        (Key::IkeVersion, version),
        (Key::IkeMode, Term::Main),
        (Key::IkeEncryption, Term::Aes256),
        (Key::IkeIntegrity, Term::Sha256),
        (Key::IkeDhGroup, Term::Group14),
        (Key::IpsecEncryption, Term::Aes256),
        (Key::IpsecIntegrity, Term::Sha256),
        (Key::IpsecPfs, Term::Group14),
    ] {
        connection.settings.set(key, Value::term(term));
    }
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
    connection.settings.set(Key::LocalSubnets, list(&["10.1.0.0/16", "10.2.0.5/24"]));
    connection.settings.set(Key::RemoteSubnets, list(&["172.16.0.0/16"]));
    connection.settings.set(Key::LocalId, Value::Text("192.0.2.1".to_owned()));
    connection.settings.set(Key::RemoteId, Value::Text("198.51.100.1".to_owned()));
    connection.settings.set(Key::IkeLifetime, Value::Number(28_800));
    connection.settings.set(Key::IpsecLifetime, Value::Number(3600));
    connection.settings.set(Key::Psk, Value::secret("key-of-test"));
    connection
}

const FORMATS: [Format; 9] = [
    Format::Swanctl,
    Format::Libreswan,
    Format::CiscoIos,
    Format::JuniperJunos,
    Format::HuaweiUsg,
    Format::H3cComware,
    Format::FortinetFortios,
    Format::Vyos,
    Format::MikrotikRouteros,
];

fn text(connection: &Connection, format: Format, given: &Given) -> Result<String, Vec<String>> {
    export(connection, format, given).map(|exported| exported.files.iter().map(|file| file.text.as_str()).collect())
}

#[test]
fn one_mirrored_child_is_written_for_each_pair_of_networks() {
    let written = text(&connection(Term::Ikev1), Format::Swanctl, &Given::default()).unwrap();
    assert_eq!(written.matches("local_ts = 172.16.0.0/16\n").count(), 2, "{written}");
    assert!(written.contains("remote_ts = 10.1.0.0/16\n") && written.contains("remote_ts = 10.2.0.0/24\n"), "{written}");
    let conns = text(&connection(Term::Ikev1), Format::Libreswan, &Given::default()).unwrap();
    assert_eq!(conns.matches("\nconn ").count(), 2);
    assert!(conns.contains("ikev1-policy=accept") && conns.contains("ikev2=no"));
}

#[test]
fn policy_rules_are_pairs_of_their_own() {
    let mut one = connection(Term::Ikev2);
    let rules = ["10.1.0.0/16=172.16.0.0/16", "10.2.0.0/16=172.17.0.0/16"].map(|rule| PolicyRule::parse(rule).unwrap());
    one.settings.set(Key::PolicyRules, Value::Rules(rules.to_vec()));
    let written = text(&one, Format::Swanctl, &Given::default()).unwrap();
    assert_eq!(written.matches("remote_ts").count(), 2, "{written}");
}

#[test]
fn the_three_lifetimes_are_written_together() {
    let written = text(&connection(Term::Ikev2), Format::Swanctl, &Given::default()).unwrap();
    assert!(written.contains("life_time = 3600s\n        rekey_time = 3240s\n        rand_time = 180s\n"), "{written}");
    assert!(written.contains("rekey_time = 25920s\n    over_time = 2880s\n    rand_time = 1440s\n"), "{written}");
}

#[test]
fn the_key_is_written_only_on_demand() {
    for format in FORMATS {
        let without = text(&connection(Term::Ikev2), format, &Given::default()).unwrap();
        assert!(without.contains("REPLACE-WITH-THE-PRE-SHARED-KEY"));
        let given = Given { include_key: true, ..Given::default() };
        let with = text(&connection(Term::Ikev2), format, &given).unwrap();
        // Two formats hold no hex.
        let key = if matches!(format, Format::HuaweiUsg | Format::H3cComware) { "key-of-test" } else { "6b65792d6f662d74657374" };
        assert!(with.contains(key) && !with.contains("REPLACE"), "{with}");
        assert!(!without.contains("6b65792d") && !without.contains("key-of-test"));
    }
}

#[test]
fn a_placeholder_with_a_warning_replaces_an_unknown_address() {
    let mut one = connection(Term::Ikev2);
    one.gateway_address = None;
    one.settings.remove(Key::LocalId);
    let exported = export(&one, Format::Swanctl, &Given::default()).unwrap();
    assert!(exported.files[0].text.contains("remote_addrs = cloud-address.invalid"));
    assert!(exported.warnings.iter().any(|warning| warning.contains("--local-address")), "{:?}", exported.warnings);
    let given = Given { local_address: Some("203.0.113.9".parse().unwrap()), ..Given::default() };
    let written = text(&one, Format::Swanctl, &given).unwrap();
    assert!(written.contains("remote_addrs = 203.0.113.9") && written.contains("id = 203.0.113.9"), "{written}");
}

#[test]
fn fields_that_libreswan_cannot_load_are_refused_by_name() {
    for (version, key, term, field) in [
        (Term::Ikev2, Key::IkeDhGroup, Term::Group2, "ike.dh_group group2"),
        (Term::Ikev2, Key::IkeDhGroup, Term::Group24, "ike.dh_group group24"),
        (Term::Ikev2, Key::IpsecEncryption, Term::Des, "ipsec.encryption des"),
        (Term::Ikev1, Key::IpsecPfs, Term::Group19, "ipsec.pfs"),
        (Term::Ikev1, Key::IkeEncryption, Term::Aes256Gcm16, "ike.encryption aes256gcm16"),
    ] {
        let mut one = connection(version);
        one.settings.set(key, Value::term(term));
        let faults = text(&one, Format::Libreswan, &Given::default()).unwrap_err().concat();
        assert!(faults.contains(field), "{faults}");
    }
}

#[test]
fn a_pfs_group_that_libreswan_ignores_causes_a_warning() {
    for (version, group, warns) in
        [(Term::Ikev2, Term::Group15, true), (Term::Ikev2, Term::Group14, false), (Term::Ikev1, Term::Group15, false)]
    {
        let mut one = connection(version);
        one.settings.set(Key::IkeDhGroup, Value::term(Term::Group14));
        one.settings.set(Key::IpsecPfs, Value::term(group));
        let warnings = export(&one, Format::Libreswan, &Given::default()).unwrap().warnings.concat();
        assert_eq!(warnings.contains("with the group of the IKE SA, here group14"), warns, "{version} {group}: {warnings}");
    }
}

#[test]
fn an_ipsec_server_and_national_algorithms_are_refused() {
    let mut server = connection(Term::Ikev2);
    server.reference.kind = "ipsec-server".to_owned();
    let mut national = connection(Term::Ikev1);
    national.settings.set(Key::IkeEncryption, Value::term(Term::Sm4));
    for format in FORMATS {
        assert!(text(&server, format, &Given::default()).is_err());
        assert!(text(&national, format, &Given::default()).unwrap_err().concat().contains("sm4"));
    }
}

#[test]
fn an_identity_keeps_its_type() {
    let mut one = connection(Term::Ikev2);
    one.settings.set(Key::RemoteIdType, Value::term(Term::Fqdn));
    one.settings.set(Key::RemoteId, Value::Text("10.9.9.9".to_owned()));
    assert!(text(&one, Format::Swanctl, &Given::default()).unwrap().contains("id = @10.9.9.9\n"));
    one.settings.remove(Key::RemoteIdType);
    one.settings.set(Key::RemoteId, Value::Text("branch.example.com".to_owned()));
    assert!(text(&one, Format::Libreswan, &Given::default()).unwrap().contains("leftid=@branch.example.com\n"));
}

proptest! {
    /// Whatever a cloud calls things, a file keeps its lines: text from outside adds none and closes nothing.
    #[test]
    fn text_from_a_cloud_never_leaves_its_place(text_in in "(?s).{0,40}|[a-z]{1,5}[\"}{#;\n\\\\ =]{1,3}[a-z]{0,5}", address in any::<bool>()) {
        let plain = connection(Term::Ikev2);
        for key in [Key::Name, Key::LocalId, Key::RemoteId, Key::CustomerGateway, Key::TunnelPeerAddress, Key::BgpPeerAddress] {
            let mut one = plain.clone();
            one.settings.set(key, Value::Text(text_in.clone()));
            if address {
                one.gateway_address = Some(text_in.clone());
                one.reference.id = text_in.clone();
            }
            for format in FORMATS {
                let Ok(written) = text(&one, format, &Given::default()) else { continue };
                prop_assert!(written.lines().all(|line| !line.chars().any(|c| c.is_control() && c != '\t')), "{written}");
                if !matches!(key, Key::LocalId | Key::RemoteId) && !address {
                    prop_assert_eq!(written, text(&plain, format, &Given::default()).unwrap());
                } else {
                    // An unknown address adds comments that say so, and nothing else.
                    let lines = |text: &str| text.lines().filter(|line| !line.trim_start().starts_with(['#', '!'])).count();
                    prop_assert_eq!(lines(&written), lines(&text(&plain, format, &Given::default()).unwrap()));
                }
            }
        }
    }
}
