//! Rules that more than one cloud has.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::field::Rule;

/// An IPv4 network in CIDR form; host bits are accepted, since the clouds' own examples have them.
pub const IPV4_NETWORK: Rule = Rule { text: "an IPv4 network such as 10.0.0.0/24", check: |text| text.parse::<Ipv4Net>().is_ok() };

/// An IPv6 network in CIDR form.
pub const IPV6_NETWORK: Rule = Rule { text: "an IPv6 network such as fd00::/64", check: |text| matches!(text.parse(), Ok(IpNet::V6(_))) };

/// An IPv4 address.
pub const IPV4_ADDRESS: Rule = Rule { text: "an IPv4 address", check: |text| text.parse::<Ipv4Addr>().is_ok() };

/// Whether a text is an IP address of either family.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Whether two networks share an address.
#[must_use]
pub fn overlap(left: &str, right: &str) -> bool {
    match (left.parse::<IpNet>(), right.parse::<IpNet>()) {
        (Ok(left), Ok(right)) => left.contains(&right.trunc()) || right.contains(&left.trunc()),
        _ => false,
    }
}

/// Whether two texts are the same network, host bits aside, or the same text.
#[must_use]
pub fn same_network(left: &str, right: &str) -> bool {
    let network = |text: &str| text.parse::<IpNet>().map(|network| network.trunc());
    left == right || matches!((network(left), network(right)), (Ok(left), Ok(right)) if left == right)
}

/// A UUID of 36 characters, as Huawei's ids are.
pub const UUID: Rule = Rule { text: "a UUID of 36 characters", check: |text| text.len() == 36 && uuid::Uuid::try_parse(text).is_ok() };

/// Letters, digits and hyphens after a fixed prefix: what Alibaba's and Tencent's ids are made of.
#[must_use]
pub fn prefixed(text: &str, prefix: &str) -> bool {
    text.len() <= 64 && text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_overlap_when_one_holds_the_other() {
        assert!(overlap("10.0.0.0/8", "10.1.0.0/16"));
        assert!(overlap("10.1.2.3/16", "10.1.0.0/24"));
        assert!(!overlap("10.0.0.0/24", "10.0.1.0/24"));
        assert!(!overlap("10.0.0.0/24", "nonsense"));
    }

    #[test]
    fn an_id_has_its_prefix_and_no_path() {
        assert!(prefixed("vco-bp1bbi27hojx80nck9k1i", "vco-"));
        for text in ["vco-", "vpn-1", "vco-a/b", "vco-a\n", "vco-..", ""] {
            assert!(!prefixed(text, "vco-"), "{text:?}");
        }
    }
}
