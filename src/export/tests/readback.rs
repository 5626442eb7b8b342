//! What is written is read back, by readers that share nothing with the writers, and says what the cloud's end says.

use proptest::prelude::*;
use proptest::sample::select;

use super::facts::Facts;
use super::{blocks, lines};
use crate::agreement::ends;
use crate::agreement::parse::{libreswan, swanctl};
use crate::export::{Exported, Format, Given, export};
use crate::model::{Connection, Key, PolicyRule, Ref, Status, Term, Tunnel, Value};

/// The formats of a tunnel.
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

/// The tunnels that an export says.
fn read(exported: &Exported, format: Format) -> Vec<Facts> {
    let text = exported.files[0].text.as_str();
    match format {
        Format::Swanctl => swanctl::read(text, "x").unwrap().iter().map(|(_, end)| Facts::of(end)).collect(),
        Format::Libreswan => {
            let secrets = libreswan::Beside { text: &exported.files[1].text, file: "x.secrets" };
            let mut tunnels: Vec<(String, Facts)> = Vec::new();
            for (name, end) in libreswan::read(text, "x", Some(secrets)).unwrap() {
                // One `conn` for each pair of networks.
                let (name, facts) = (name.rsplit_once("-net").unwrap().0.to_owned(), Facts::of(&end.unwrap()));
                match tunnels.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => {
                        known.pairs.extend(facts.pairs.clone());
                        assert_eq!(*known, Facts { pairs: known.pairs.clone(), ..facts });
                    }
                    None => tunnels.push((name, facts)),
                }
            }
            tunnels.into_iter().map(|(_, facts)| facts).collect()
        }
        Format::CiscoIos => blocks::cisco(text),
        Format::HuaweiUsg => blocks::huawei(text),
        Format::H3cComware => blocks::h3c(text),
        Format::JuniperJunos => lines::juniper(text),
        Format::FortinetFortios => lines::fortinet(text),
        Format::Vyos => lines::vyos(text),
        Format::MikrotikRouteros => lines::mikrotik(text),
        Format::FrrBgp => Vec::new(),
    }
}

/// Whether a text read is the one expected: a format that does not say it leaves it empty, or says it without its type.
fn agrees(read: &str, expected: &str) -> bool {
    read.is_empty() || read == expected || expected.split_once(' ').is_some_and(|(_, text)| text == read)
}

/// Compares what a format says with what the cloud's ends say.
fn compare(connection: &Connection, format: Format, exported: &Exported) -> Result<(), TestCaseError> {
    let tunnels = read(exported, format);
    let expected: Vec<Facts> = ends(connection).iter().map(|end| Facts::of(&end.mirrored())).collect();
    prop_assert_eq!(tunnels.len(), expected.len());
    for (mut tunnel, expected) in tunnels.into_iter().zip(expected) {
        prop_assert!(agrees(&tunnel.id, &expected.id), "{:?} {} {}", format, tunnel.id, expected.id);
        prop_assert!(agrees(&tunnel.cloud_id, &expected.cloud_id), "{:?} {} {}", format, tunnel.cloud_id, expected.cloud_id);
        prop_assert!(agrees(&tunnel.ike[1], &expected.ike[1]));
        (tunnel.id, tunnel.cloud_id, tunnel.ike[1]) = (expected.id.clone(), expected.cloud_id.clone(), expected.ike[1].clone());
        prop_assert_eq!(tunnel, expected, "{:?}:\n{}", format, exported.files[0].text.as_str());
    }
    Ok(())
}

/// The settings of a tunnel that every cloud has.
fn settings() -> impl Strategy<Value = Vec<(Key, Value)>> {
    let word = |key: Key, terms: Vec<Term>| select(terms).prop_map(move |term| (key, Value::term(term)));
    let ciphers = vec![Term::TripleDes, Term::Aes128, Term::Aes192, Term::Aes256, Term::Aes128Gcm16, Term::Aes256Gcm16];
    let hashes = || vec![Term::Md5, Term::Sha1, Term::Sha256, Term::Sha384, Term::Sha512];
    let groups = |more: Term| {
        vec![Term::Group2, Term::Group5, Term::Group14, Term::Group15, Term::Group16, Term::Group19, Term::Group20, Term::Group21, more]
    };
    let phase1 = (
        word(Key::IkeEncryption, ciphers.clone()),
        word(Key::IkeIntegrity, hashes()),
        word(Key::IkeDhGroup, groups(Term::Group24)),
        (3600..=86_400_u64).prop_map(|secs| (Key::IkeLifetime, Value::Number(secs))),
    );
    let phase2 = (
        word(Key::IpsecEncryption, ciphers),
        word(Key::IpsecIntegrity, hashes()),
        word(Key::IpsecPfs, groups(Term::None)),
        (3600..=86_400_u64).prop_map(|secs| (Key::IpsecLifetime, Value::Number(secs))),
    );
    (phase1, phase2, "[!-&(-~]{8,60}").prop_map(|((a, b, c, d), (e, f, g, h), key)| {
        // A cloud that masks a key ends it with a star.
        let key = Value::secret(format!("{}x", key.trim_end_matches('*')));
        vec![a, b, c, d, e, f, g, h, (Key::Psk, key)]
    })
}

/// A connection as a cloud returns it: with two tunnels (Alibaba), with policy rules or a style (Huawei), with rules (Tencent).
fn connection() -> impl Strategy<Value = Connection> {
    let nets = |first: u8| {
        prop::collection::btree_set((0..9_u8, 16..=28_u8), 1..3).prop_map(move |nets| {
            let one = |(third, bits): (u8, u8)| format!("{first}.{third}.0.0/{bits}");
            nets.into_iter().map(one).collect::<Vec<_>>()
        })
    };
    let id = |name: &str| select(vec![String::new(), format!("{name}.example.com"), format!("{name}@example.com")]);
    let version = select(vec![(Term::Ikev2, Term::Main), (Term::Ikev1, Term::Main), (Term::Ikev1, Term::Aggressive)]);
    (0..5_u8, version, [settings(), settings()], nets(10), nets(172), id("gw"), id("branch")).prop_map(
        |(cloud, (version, mode), [first, second], own, peer, id, peer_id)| {
            let text = ["alibaba@cn-x/vco-1ab", "alibaba@cn-x/vco-2cd", "huawei@cn-y/1-2-3", "huawei@cn-y/4-5-6", "tencent@ap-z/vpnx-9"];
            let mut one = Connection::new(Ref::parse(text[usize::from(cloud)]).unwrap());
            one.gateway_address = Some("192.0.2.1".to_owned());
            first.iter().for_each(|(key, value)| one.settings.set(*key, value.clone()));
            one.settings.set(Key::IkeVersion, Value::term(version));
            one.settings.set(Key::IkeMode, Value::term(mode));
            let address = |id: String, address: &str| Value::Text(if id.is_empty() { address.to_owned() } else { id });
            one.settings.set(Key::LocalId, address(id, "192.0.2.1"));
            one.settings.set(Key::RemoteId, address(peer_id, "198.51.100.1"));
            match cloud {
                3 => drop(one.extra.insert("style".to_owned(), "STATIC".into())),
                2 | 4 => {
                    let rule = |net: &String| PolicyRule::parse(&format!("{net}={}", peer.join(","))).unwrap();
                    one.settings.set(Key::PolicyRules, Value::Rules(own.iter().map(rule).collect()));
                }
                _ => {
                    one.settings.set(Key::LocalSubnets, Value::List(own));
                    one.settings.set(Key::RemoteSubnets, Value::List(peer));
                }
            }
            if cloud == 1 {
                let mut own = one.settings.clone();
                second.iter().for_each(|(key, value)| own.set(*key, value.clone()));
                for (role, address, settings) in [("master", "192.0.2.1", one.settings.clone()), ("slave", "192.0.2.9", own)] {
                    let gateway_address = Some(address.to_owned());
                    let mut settings = settings;
                    if role == "slave" {
                        settings.set(Key::LocalId, Value::Text(address.to_owned()));
                    }
                    let (id, role) = (format!("tun-{role}"), Some(role.to_owned()));
                    one.tunnels.push(Tunnel { id, role, gateway_address, settings, status: Status::default() });
                }
            }
            one
        },
    )
}

#[test]
fn every_format_accepts_the_common_case_of_both_versions_and_is_read_back() {
    let mut wrong = Vec::new();
    for version in [Term::Ikev1, Term::Ikev2] {
        for format in FORMATS {
            let one = super::connection(version);
            let given = Given { include_key: true, ..Given::default() };
            let exported = export(&one, format, &given).unwrap();
            assert!(exported.files[0].text.len() > 500);
            wrong.extend(compare(&one, format, &exported).err().map(|error| format!("{version} {error}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Versions, proposals, lifetimes, identities, addresses, networks and key: what is read back is the cloud's end, mirrored.
    /// What a format cannot hold is refused by the field's name.
    #[test]
    fn every_format_is_read_back_as_the_end_that_was_exported(one in connection()) {
        for format in FORMATS {
            match export(&one, format, &Given { include_key: true, ..Given::default() }) {
                Ok(exported) => compare(&one, format, &exported)?,
                Err(faults) => {
                    let named = ["ike.", "ipsec.", "psk: ", "traffic selectors "];
                    prop_assert!(faults.iter().all(|fault| named.iter().any(|name| fault.starts_with(name))), "{:?}", faults);
                }
            }
        }
    }
}
