//! Rules for the values of settings, shared by both APIs.

use crate::provider::field::{Rule, Shape};
use crate::provider::rule::{IPV4_NETWORK, prefixed};

/// Most characters of a name.
pub const NAME_MAX: usize = 60;

/// A name.
pub const NAME: Rule = Rule {
    text: "1 to 60 characters",
    check: |text| (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control),
};

/// A pre-shared key. The vendor documents no rule, so only what could be lost or altered in transit is refused.
pub const PSK: Rule = Rule {
    text: "printable ASCII characters without a blank at either end",
    check: |text| !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text,
};

/// The id of a customer gateway.
pub const CUSTOMER_GATEWAY: Rule =
    Rule { text: "the id of a customer gateway, such as cgw-idc00001", check: |text| prefixed(text, "cgw-") };

/// An identity: an address or a name, as its type says.
pub const IDENTITY: Rule = Rule {
    text: "an IPv4 address or a name of 1 to 255 printable characters without blanks",
    check: |text| (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// The network of a BGP tunnel.
pub const SLASH_30: Rule = Rule {
    text: "an IPv4 network of length 30, such as 169.254.128.0/30",
    check: |text| text.parse::<ipnet::Ipv4Net>().is_ok_and(|net| net.prefix_len() == 30),
};

/// IPv4 networks, any number of them.
pub const SUBNETS: Shape = Shape::List { max: usize::MAX, each: IPV4_NETWORK, comma: false };
