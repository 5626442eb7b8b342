//! What a network engineer looks for in a file: nothing collides, nothing is replaced, nothing is left out.

use super::{FORMATS, connection, text};
use crate::export::{Format, Given, export};
use crate::model::{Key, Status, Term, Tunnel, Value};

#[test]
fn a_key_that_a_line_cannot_hold_is_refused_or_written_as_hex() {
    for (key, refused) in
        [("with blank", true), ("what?now", true), ("quo\"ted", true), ("caf\u{e9}-caf\u{e9}", true), ("a\\b$c'd#e", false)]
    {
        let mut one = connection(Term::Ikev2);
        one.settings.set(Key::Psk, Value::secret(key));
        let given = Given { include_key: true, ..Given::default() };
        for format in FORMATS {
            let holds_text = matches!(format, Format::HuaweiUsg | Format::H3cComware);
            match text(&one, format, &given) {
                Ok(written) => assert!(!(holds_text && refused) && (holds_text || !written.contains(key)), "{written}"),
                Err(faults) => assert!(holds_text && refused && faults.concat().starts_with("psk: "), "{faults:?}"),
            }
        }
    }
    // What looks like a key that the device has encrypted would be decrypted.
    let mut one = connection(Term::Ikev2);
    one.settings.set(Key::Psk, Value::secret("%^%#abcdefgh%^%#"));
    assert!(text(&one, Format::HuaweiUsg, &Given { include_key: true, ..Given::default() }).is_err());
}

#[test]
fn two_keys_for_the_same_identities_are_refused_where_the_identities_find_the_key() {
    let mut one = connection(Term::Ikev2);
    for (id, key) in [("a", "first-key"), ("b", "second-key")] {
        let mut settings = one.settings.clone();
        settings.set(Key::Psk, Value::secret(key));
        let status = Status::default();
        one.tunnels.push(Tunnel { id: id.to_owned(), role: None, gateway_address: Some("192.0.2.1".to_owned()), settings, status });
    }
    for format in FORMATS {
        let faults = text(&one, format, &Given { include_key: true, ..Given::default() }).err();
        let by_identity = matches!(format, Format::Swanctl | Format::Libreswan | Format::Vyos);
        assert_eq!(faults.is_some_and(|faults| faults.concat().starts_with("psk: both tunnels")), by_identity, "{format:?}");
    }
}

#[test]
fn warnings_stand_in_the_file_too() {
    let mut one = connection(Term::Ikev2);
    one.gateway_address = None;
    one.settings.remove(Key::LocalId);
    for format in FORMATS {
        let exported = export(&one, format, &Given::default()).unwrap();
        let text = exported.files[0].text.replace(['\n', '#', '!'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!exported.warnings.is_empty());
        for warning in &exported.warnings {
            assert!(text.contains(&format!("warning: {warning}")), "{warning}\n{text}");
        }
    }
}

#[test]
fn nothing_on_a_device_is_replaced_and_numbers_come_from_the_ref() {
    let of = |id: &str, format| {
        let mut one = connection(Term::Ikev1);
        one.reference.id = id.to_owned();
        text(&one, format, &Given::default()).unwrap()
    };
    let line = |text: &str, prefix: &str| text.lines().find(|line| line.starts_with(prefix)).map(str::to_owned).unwrap();
    for (format, prefix) in [
        (Format::CiscoIos, "crypto isakmp policy "),
        (Format::CiscoIos, "crypto map "),
        (Format::HuaweiUsg, "ike proposal "),
        (Format::HuaweiUsg, "acl number "),
        (Format::H3cComware, "ike proposal "),
    ] {
        let [one, again, other] = ["vco-a", "vco-a", "vco-b"].map(|id| line(&of(id, format), prefix));
        assert!(one == again && one != other, "{one} {other}");
    }
    for (format, applied) in
        [(Format::CiscoIos, " crypto map "), (Format::HuaweiUsg, " ipsec policy "), (Format::H3cComware, " ipsec apply")]
    {
        let text = of("vco-a", format);
        assert!(!text.lines().any(|line| line.starts_with(applied)), "{text}");
    }
}

#[test]
fn a_tunnel_interface_has_its_address_its_routes_and_bgp() {
    let mut one = connection(Term::Ikev2);
    one.extra.insert("style".to_owned(), "BGP".into());
    for (key, text) in [(Key::TunnelLocalAddress, "169.254.7.1/30"), (Key::TunnelPeerAddress, "169.254.7.2/30")] {
        one.settings.set(key, Value::Text(text.to_owned()));
    }
    one.settings.set(Key::BgpLocalAsn, Value::Number(64_512));
    one.settings.set(Key::BgpPeerAsn, Value::Number(65_001));
    for (format, inside, neighbor, mss) in [
        (
            Format::CiscoIos,
            " ip address 169.254.7.2 255.255.255.252\n",
            " neighbor 169.254.7.1 remote-as 64512\n",
            " ip tcp adjust-mss 1350\n",
        ),
        (Format::JuniperJunos, " family inet address 169.254.7.2/30\n", " neighbor 169.254.7.1\n", "tcp-mss ipsec-vpn mss 1350\n"),
        (Format::HuaweiUsg, " ip address 169.254.7.2 255.255.255.252\n", " peer 169.254.7.1 as-number 64512\n", "firewall tcp-mss 1350\n"),
        (Format::H3cComware, " ip address 169.254.7.2 255.255.255.252\n", " peer 169.254.7.1 as-number 64512\n", " tcp mss 1350\n"),
        (Format::FortinetFortios, " set remote-ip 169.254.7.1 255.255.255.252\n", " edit \"169.254.7.1\"\n", " set tcp-mss-sender 1350\n"),
        (Format::Vyos, " address '169.254.7.2/30'\n", " neighbor 169.254.7.1 remote-as '64512'\n", " ip adjust-mss '1350'\n"),
    ] {
        let bgp = text(&one, format, &Given::default()).unwrap();
        assert!([inside, neighbor, mss, "172.16.0.0"].iter().all(|wanted| bgp.contains(wanted)), "{bgp}");
        let mut routed = one.clone();
        routed.extra.insert("style".to_owned(), "STATIC".into());
        let routed = text(&routed, format, &Given::default()).unwrap();
        assert!(!routed.contains(neighbor) && routed.contains("10.2.0.0"), "{routed}");
    }
    let faults = text(&one, Format::MikrotikRouteros, &Given::default()).unwrap_err().concat();
    assert!(faults.contains("traffic selectors 0.0.0.0/0"), "{faults}");
    let junos = text(&one, Format::JuniperJunos, &Given::default()).unwrap();
    assert!(junos.contains("host-inbound-traffic system-services ike\n"), "{junos}");
}
