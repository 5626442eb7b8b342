//! The settings of `UpdateVpnConnection`: the place of each in requests and replies, and its allowed values.

use std::net::Ipv4Addr;

use super::vocabulary as words;
use crate::model::Key;
use crate::provider::field::{Field, Form, Rule, Shape};
use crate::provider::rule::{IPV4_NETWORK, IPV6_NETWORK, UUID, overlap};

/// Networks that cannot be customer subnets. Some regions refuse more.
const RESERVED: &[&str] = &["100.64.0.0/10", "214.0.0.0/8"];

const NAME: Rule = Rule {
    text: "1 to 64 letters, digits, underscores, hyphens and periods",
    check: |text| {
        // The Chinese edition of the page also admits U+4E00 to U+9FA5.
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{4e00}'..='\u{9fa5}');
        (1..=64).contains(&text.chars().count()) && text.chars().all(allowed)
    },
};

const PEER_SUBNET: Rule = Rule {
    text: "an IPv4 network such as 192.168.1.0/24, outside 100.64.0.0/10 and 214.0.0.0/8, which the VPC reserves",
    check: |text| (IPV4_NETWORK.check)(text) && !RESERVED.iter().any(|reserved| overlap(text, reserved)),
};

const TUNNEL_ADDRESS: Rule = Rule {
    text: "a host address with mask length 30 in 169.254.0.0/16 and not in 169.254.195.0/24, such as 169.254.76.1/30",
    check: |text| tunnel_address(text).is_some(),
};

const IDENTITY: Rule = Rule {
    text: r"1 to 255 letters, digits and special characters without blanks and without any of & < > [ ] \",
    check: |text| {
        (1..=255).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'&' | b'<' | b'>' | b'[' | b']' | b'\\'))
    },
};

const PSK: Rule = Rule {
    text: "8 to 128 characters with at least three of: upper-case letters, lower-case letters, digits, special characters; \
           of these ~!@#$%^()-_+={},./:; are allowed",
    check: |text| {
        let classes: [fn(&u8) -> bool; 4] = [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit, is_special];
        (8..=128).contains(&text.len())
            && text.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || is_special(b))
            && classes.iter().filter(|class| text.as_bytes().iter().any(*class)).count() >= 3
    },
};

/// Whether only some editions of the vendor's page allow a character in a key: it passes, with a warning.
#[must_use]
pub(super) fn is_doubtful_in_psk(c: char) -> bool {
    matches!(c, ' ' | '*')
}

/// Special characters that a key may contain.
const SPECIAL: &[u8] = b"~!@#$%^()-_+={},./:; *";

fn is_special(byte: &u8) -> bool {
    SPECIAL.contains(byte)
}

/// The address of a tunnel interface: a host of a /30 in the vendor's range. `None` when the text breaks that rule.
#[must_use]
pub(super) fn tunnel_address(text: &str) -> Option<Ipv4Addr> {
    let address: Ipv4Addr = text.strip_suffix("/30")?.parse().ok()?;
    let [a, b, c, d] = address.octets();
    (a == 169 && b == 254 && c != 195 && matches!(d % 4, 1 | 2)).then_some(address)
}

const IKE_SECONDS: Shape = Shape::Duration { min: 60, max: 604_800, unit_ms: 1000, form: Form::Native };
const IPSEC_SECONDS: Shape = Shape::Duration { min: 30, max: 604_800, unit_ms: 1000, form: Form::Native };
const DPD_TIMEOUT: Shape = Shape::Duration { min: 2, max: 60, unit_ms: 1000, form: Form::Native };
const DPD_INTERVAL: Shape = Shape::Duration { min: 10, max: 3600, unit_ms: 1000, form: Form::Native };
const POLICY_NAMES: (&str, &str, Option<&str>) = ("source", "destination", Some("rule_index"));

const fn rules(network: Rule) -> Shape {
    Shape::Rules { max: 5, max_destinations: 50, network, names: POLICY_NAMES }
}

macro_rules! fields {
    ($($key:ident $write:literal [$($read:literal),*] $shape:expr, $default:literal;)*) => {
        &[$(Field { key: Key::$key, write: $write, read: &[$($read),*], shape: $shape, default: $default },)*]
    };
}

/// The settings. `write` is a place inside `vpn_connection`; rows without it are read only.
pub(super) static FIELDS: &[Field] = fields! {
    Name "name" ["name"] Shape::Text(NAME), "";
    CustomerGateway "cgw_id" ["cgw_id"] Shape::Text(UUID), "";
    RemoteSubnets "peer_subnets" ["peer_subnets"] Shape::List { max: 50, each: PEER_SUBNET, comma: false }, "";
    RemoteSubnetsV6 "peer_subnets_v6" ["peer_subnets_v6"] Shape::List { max: 50, each: IPV6_NETWORK, comma: false }, "";
    PolicyRules "policy_rules" ["policy_rules"] rules(IPV4_NETWORK), "";
    PolicyRulesV6 "policy_rules_v6" ["policy_rules_v6"] rules(IPV6_NETWORK), "";
    TunnelLocalAddress "tunnel_local_address" ["tunnel_local_address"] Shape::Text(TUNNEL_ADDRESS), "";
    TunnelPeerAddress "tunnel_peer_address" ["tunnel_peer_address"] Shape::Text(TUNNEL_ADDRESS), "";
    Hub "enable_hub" ["enable_hub"] Shape::Switch(Form::Native), "off";
    Psk "psk" [] Shape::Secret(PSK), "";
    IkeVersion "ikepolicy.ike_version" ["ikepolicy.ike_version"] Shape::Words(&words::IKE_VERSION), "ikev2";
    IkeMode "ikepolicy.phase1_negotiation_mode" ["ikepolicy.phase1_negotiation_mode"] Shape::Words(&words::IKE_MODE), "main";
    IkeEncryption "ikepolicy.encryption_algorithm" ["ikepolicy.encryption_algorithm"] Shape::Words(&words::ENCRYPTION), "aes128";
    IkeIntegrity "ikepolicy.authentication_algorithm" ["ikepolicy.authentication_algorithm"] Shape::Words(&words::INTEGRITY), "sha256";
    // Replies to old clients name it `pfs`.
    IkeDhGroup "ikepolicy.dh_group" ["ikepolicy.dh_group", "ikepolicy.pfs"] Shape::Words(&words::DH_GROUP), "group15";
    IkeLifetime "ikepolicy.lifetime_seconds" ["ikepolicy.lifetime_seconds"] IKE_SECONDS, "86400";
    IkeAuthentication "" ["ikepolicy.authentication_method"] Shape::Words(&words::AUTHENTICATION), "psk";
    LocalIdType "ikepolicy.local_id_type" ["ikepolicy.local_id_type"] Shape::Words(&words::ID_TYPE), "ip";
    LocalId "ikepolicy.local_id" ["ikepolicy.local_id"] Shape::Text(IDENTITY), "";
    RemoteIdType "ikepolicy.peer_id_type" ["ikepolicy.peer_id_type"] Shape::Words(&words::ID_TYPE), "ip";
    RemoteId "ikepolicy.peer_id" ["ikepolicy.peer_id"] Shape::Text(IDENTITY), "";
    DpdTimeout "ikepolicy.dpd.timeout" ["ikepolicy.dpd.timeout"] DPD_TIMEOUT, "15";
    DpdInterval "ikepolicy.dpd.interval" ["ikepolicy.dpd.interval"] DPD_INTERVAL, "30";
    DpdMessage "ikepolicy.dpd.msg" ["ikepolicy.dpd.msg"] Shape::Words(&words::DPD_MESSAGE), "seq-hash-notify";
    IpsecEncryption "ipsecpolicy.encryption_algorithm" ["ipsecpolicy.encryption_algorithm"] Shape::Words(&words::ENCRYPTION), "aes128";
    IpsecIntegrity "ipsecpolicy.authentication_algorithm" ["ipsecpolicy.authentication_algorithm"] Shape::Words(&words::INTEGRITY), "sha256";
    IpsecPfs "ipsecpolicy.pfs" ["ipsecpolicy.pfs"] Shape::Words(&words::PFS), "group15";
    IpsecLifetime "ipsecpolicy.lifetime_seconds" ["ipsecpolicy.lifetime_seconds"] IPSEC_SECONDS, "3600";
    IpsecEncapsulation "ipsecpolicy.encapsulation_mode" ["ipsecpolicy.encapsulation_mode"] Shape::Words(&words::ENCAPSULATION), "tunnel";
    IpsecProtocol "ipsecpolicy.transform_protocol" ["ipsecpolicy.transform_protocol"] Shape::Words(&words::PROTOCOL), "esp";
    BgpPeerAsn "" ["bgp_peer.peer_asn"] Shape::Asn(Form::Native), "";
    BgpPeerAddress "" ["bgp_peer.peer_ip_address"] Shape::Text(ANYTHING), "";
    BgpState "" ["bgp_peer.state"] Shape::Words(&words::BGP_STATE), "";
};

const ANYTHING: Rule = Rule { text: "any text", check: |_| true };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;
    use crate::provider::field::field;

    fn parse(key: Key, texts: &[&str]) -> Result<Value, String> {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        field(FIELDS, key).unwrap().parse(&texts).map_err(|violation| violation.to_string())
    }

    fn takes(key: Key, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(parse(key, &[text]).is_ok(), "{key:?} {text:?}: {:?}", parse(key, &[text]));
        }
        for text in bad {
            assert!(parse(key, &[text]).is_err(), "{key:?} {text:?}");
        }
    }

    #[test]
    fn numbers_are_bounded_on_both_sides() {
        takes(Key::IkeLifetime, &["60", "604800", "7d"], &["59", "604801", "0", "x"]);
        takes(Key::IpsecLifetime, &["30", "604800"], &["29", "604801"]);
        takes(Key::DpdTimeout, &["2", "60"], &["1", "61"]);
        takes(Key::DpdInterval, &["10", "3600"], &["9", "3601"]);
    }

    #[test]
    fn names_and_ids_are_bounded_on_both_sides() {
        let (long, longer) = ("a".repeat(64), "a".repeat(65));
        takes(Key::Name, &["a", &long, "hq_to-branch.01", "总部"], &["", &longer, "a b", "a/b", "é"]);
        let (long, longer) = ("a".repeat(255), "a".repeat(256));
        for key in [Key::LocalId, Key::RemoteId] {
            takes(key, &["a", &long, "branch-1.example.com", "a?b", "user@x"], &["", &longer, "a b", "a&b", "<", ">", "[", "]", "\\", "é"]);
        }
        takes(
            Key::CustomerGateway,
            &["5247ae10-1111-4222-8333-dd36659a7f5d"],
            &["", "5247ae1011114222833 3dd36659a7f5d", "5247ae10111142228333dd36659a7f5d", "{247ae10-1111-4222-8333-dd36659a7f5}"],
        );
    }

    #[test]
    fn key_needs_three_of_four_classes_and_a_valid_length() {
        let (long, longer) = ("Aa1".repeat(42) + "Aa", "Aa1".repeat(43));
        takes(
            Key::Psk,
            &["Abcdefg1", &long, "abc-1234", "Aa1~!@#$%^()-_+={},./:;", "Aa1 bcde", "Aa1*bcde"],
            &["Abcdef1", &longer, "abcdefg1", "ABCDEFG1", "abc-defg", "12345678"],
        );
        for wrong in "&<>[]\\'\"?|`é\n\t\u{7f}".chars() {
            let violation = parse(Key::Psk, &[&format!("Canary12{wrong}")]).unwrap_err();
            assert!(violation.contains("three of") && !violation.contains("Canary"), "{violation}");
        }
    }

    #[test]
    fn tunnel_address_is_a_host_of_a_link_local_slash_30() {
        takes(
            Key::TunnelLocalAddress,
            &["169.254.76.1/30", "169.254.76.2/30", "169.254.194.5/30", "169.254.196.6/30", "169.254.0.1/30", "169.254.255.254/30"],
            &[
                "169.254.76.0/30",
                "169.254.76.3/30",
                "169.254.76.4/30",
                "169.254.195.1/30",
                "169.253.76.1/30",
                "169.255.76.1/30",
                "170.254.76.1/30",
                "169.254.76.1",
                "169.254.76.1/29",
                "169.254.76.1/31",
                "169.254.076.1/30",
                "x/30",
            ],
        );
    }

    #[test]
    fn reserved_networks_cannot_be_customer_subnets() {
        takes(
            Key::RemoteSubnets,
            &["192.168.1.0/24", "100.63.255.0/24", "100.128.0.0/10", "213.0.0.0/8", "215.0.0.0/8", "100.0.0.0/10"],
            &[
                "100.64.0.0/10",
                "100.64.0.0/12",
                "100.127.255.255/32",
                "100.0.0.0/8",
                "214.0.0.0/8",
                "214.255.0.0/16",
                "10.0.0.0",
                "fd00::/64",
            ],
        );
        takes(Key::RemoteSubnetsV6, &["fd00::/64"], &["10.0.0.0/8", "fd00::"]);
    }

    #[test]
    fn counts_are_bounded_on_both_sides() {
        let networks = |count: usize| (0..count).map(|n| format!("10.0.{n}.0/24")).collect::<Vec<_>>().join(",");
        takes(Key::RemoteSubnets, &[&networks(50)], &[&networks(51), "10.0.0.0/24,10.0.0.0/24"]);
        takes(Key::PolicyRules, &[&format!("10.0.0.0/8={}", networks(50))], &[&format!("10.0.0.0/8={}", networks(51))]);
        let rules: Vec<String> = (0..6).map(|n| format!("{}:10.{n}.0.0/16=1.0.0.0/8", n * 10)).collect();
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        assert!(parse(Key::PolicyRules, &rules[..5]).is_ok());
        assert!(parse(Key::PolicyRules, &rules).is_err());
        takes(Key::PolicyRules, &["50:10.0.0.0/8=1.0.0.0/8", "0:0.0.0.0/0=1.0.0.0/8"], &["51:10.0.0.0/8=1.0.0.0/8", "fd00::/64=fd01::/64"]);
        takes(Key::PolicyRulesV6, &["fd00::/64=fd01::/64"], &["10.0.0.0/8=1.0.0.0/8"]);
    }

    #[test]
    fn defaults_are_valid() {
        for field in FIELDS.iter().filter(|field| !field.default.is_empty()) {
            assert!(field.parse(&[field.default.to_owned()]).is_ok(), "{:?}", field.key);
        }
    }
}
