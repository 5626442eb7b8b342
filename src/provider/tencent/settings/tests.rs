use super::{V2, V3};
use crate::model::Key;
use crate::provider::field::{Field, field};

fn accepts(fields: &'static [Field], key: Key, text: &str) -> bool {
    field(fields, key).unwrap().parse(&[text.to_owned()]).is_ok()
}

#[test]
fn every_bound_holds_on_both_sides() {
    for fields in [V3, V2] {
        let name = "n".repeat(60);
        for (key, good, bad) in [
            (Key::Name, vec!["n", &name], vec!["", "n\n"]),
            (Key::IkeLifetime, vec!["60", "604800"], vec!["59", "604801"]),
            (Key::IpsecLifetime, vec!["180", "604800"], vec!["179", "604801"]),
            (Key::IpsecLifetimeKb, vec!["2560", "604801", "4294967295"], vec!["2559", "4294967296"]),
            (Key::Psk, vec!["x", "a b+c*d~e%f/g=h&i"], vec!["", " x", "x ", "x\n", "x\u{e9}"]),
            (Key::LocalId, vec!["203.0.113.7", "idc.example.test"], vec!["", "a b"]),
            (Key::PolicyRules, vec!["10.0.0.5/24=172.123.10.5/16"], vec!["10.0.0.0/33=1.1.1.0/24", "10.0.0.0/24"]),
            (Key::IkeIntegrity, vec!["md5", "sha1"], vec!["sha384", "sm3"]),
        ] {
            good.iter().for_each(|text| assert!(accepts(fields, key, text), "{key:?} {text}"));
            bad.iter().for_each(|text| assert!(!accepts(fields, key, text), "{key:?} {text:?}"));
        }
        assert!(!accepts(fields, Key::Name, &"n".repeat(61)));
        assert!(accepts(fields, Key::Name, &"\u{4e2d}".repeat(60)));
    }
    for (key, good, bad) in [
        (Key::DpdTimeout, vec!["30", "60"], vec!["29", "61"]),
        (Key::HealthCheckInterval, vec!["1000ms", "5"], vec!["999ms", "5001ms"]),
        (Key::HealthCheckTimeout, vec!["10ms", "5"], vec!["9ms", "5001ms"]),
        (Key::HealthCheckRetries, vec!["3", "8"], vec!["2", "9"]),
        (Key::BgpTunnelCidr, vec!["169.254.128.0/30"], vec!["169.254.128.0/29", "169.254.128.0/31", "x"]),
        (Key::CustomerGateway, vec!["cgw-idc00001"], vec!["cgw-", "vpngw-1", "cgw-a/b"]),
    ] {
        good.iter().for_each(|text| assert!(accepts(V3, key, text), "{key:?} {text}"));
        bad.iter().for_each(|text| assert!(!accepts(V3, key, text), "{key:?} {text}"));
    }
    assert!(!accepts(V2, Key::IkeDhGroup, "group15"));
    assert!(accepts(V3, Key::IkeDhGroup, "group15"));
}

#[test]
fn every_default_is_a_value_of_its_field() {
    for field in V3.iter().chain(V2).filter(|field| !field.default.is_empty()) {
        assert!(field.parse(&[field.default.to_owned()]).is_ok(), "{:?}", field.key);
    }
}
