//! The identity of an end: a type and a text.

use std::fmt;
use std::net::IpAddr;

/// The type of an identity (RFC 7296 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// An IP address.
    Ip,
    /// A domain name.
    Fqdn,
    /// An e-mail address.
    Email,
    /// Opaque bytes.
    KeyId,
    /// A distinguished name.
    Dn,
    /// The address of a host name, which is not known here.
    Host,
    /// Any identity; only as an expectation.
    Any,
}

impl IdKind {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Fqdn => "fqdn",
            Self::Email => "email",
            Self::KeyId => "key-id",
            Self::Dn => "dn",
            Self::Host => "address of",
            Self::Any => "any",
        }
    }
}

/// An identity. Type and text must both match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The type.
    pub kind: IdKind,
    /// The text, without a prefix that forces the type.
    pub text: String,
}

impl Identity {
    /// An address as identity.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self { kind: IdKind::Ip, text: address.to_string() }
    }

    /// Any identity.
    #[must_use]
    pub const fn any() -> Self {
        Self { kind: IdKind::Any, text: String::new() }
    }

    /// Reads an identity as the daemons do: the text decides the type, unless a prefix forces one.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let make = |kind, text: &str| Self { kind, text: text.to_owned() };
        for (prefix, kind) in [
            ("keyid:", IdKind::KeyId),
            ("fqdn:", IdKind::Fqdn),
            ("dns:", IdKind::Fqdn),
            ("email:", IdKind::Email),
            ("userfqdn:", IdKind::Email),
            ("rfc822:", IdKind::Email),
            ("ipv4:", IdKind::Ip),
            ("ipv6:", IdKind::Ip),
            ("asn1dn:", IdKind::Dn),
            ("@#", IdKind::KeyId),
            ("@[", IdKind::KeyId),
            ("@@", IdKind::Email),
            ("@", IdKind::Fqdn),
        ] {
            if let Some(rest) = text.strip_prefix(prefix) {
                return make(kind, if prefix == "@[" { rest.trim_end_matches(']') } else { rest });
            }
        }
        if text.is_empty() || matches!(text, "%any" | "%any6" | "0.0.0.0" | "::" | "*") {
            Self::any()
        } else if let Ok(address) = text.parse::<IpAddr>() {
            Self::address(address)
        } else if text.contains('=') {
            make(IdKind::Dn, text)
        } else if text.contains('@') {
            make(IdKind::Email, text)
        } else {
            make(IdKind::Fqdn, text)
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == IdKind::Any { out.write_str("any") } else { write!(out, "{} {}", self.kind.word(), self.text) }
    }
}
