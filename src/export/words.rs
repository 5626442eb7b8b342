//! What the formats share: suites, identities, placeholders.

use std::fmt::Write;
use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::model::{Secret, Term};

/// Stands for an address that is not known; RFC 2606 keeps the name free.
pub(super) const CLOUD_ADDRESS: &str = "cloud-address.invalid";
/// Stands for an identity that is not known.
pub(super) const IDENTITY: &str = "@identity.invalid";
/// Stands for a key.
pub(super) const KEY: &str = "REPLACE-WITH-THE-PRE-SHARED-KEY";

/// The algorithms of a phase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suite {
    /// Cipher.
    pub encryption: Term,
    /// Integrity, in phase 1 the PRF as well; none beside an AEAD cipher in phase 2.
    pub integrity: Option<Term>,
    /// Diffie-Hellman group; none in phase 2 without PFS.
    pub group: Option<Term>,
}

/// Whether a cipher authenticates by itself.
pub(super) const fn is_aead(term: Term) -> bool {
    matches!(term, Term::Aes128Gcm16 | Term::Aes192Gcm16 | Term::Aes256Gcm16)
}

/// What an end calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// An address.
    Address(IpAddr),
    /// A domain name, whatever it looks like.
    Name(String),
    /// An e-mail address.
    Mail(String),
    /// Not known.
    Unknown,
}

impl Identity {
    /// As strongSwan and Libreswan read it: `@` makes a name of anything.
    pub(super) fn daemon(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Name(name) => format!("@{name}"),
            Self::Mail(name) => name.clone(),
            Self::Unknown => IDENTITY.to_owned(),
        }
    }
}

/// An identity out of a cloud's text. Where the cloud has no type, the text tells.
pub(super) fn identity(kind: Option<Term>, text: &str) -> Result<Identity, String> {
    let address = text.parse::<IpAddr>().ok();
    match (kind, address) {
        (Some(Term::Any), _) => return Ok(Identity::Unknown),
        (Some(Term::Ip), None) if !text.is_empty() => return Err("is not an address".to_owned()),
        (Some(Term::Ip) | None, Some(address)) => return Ok(Identity::Address(address)),
        _ if text.is_empty() => return Ok(Identity::Unknown),
        _ => {}
    }
    let safe = |c: char| c.is_ascii_alphanumeric() || "._:@+-".contains(c);
    if text.len() > 253 || text.starts_with(['@', '-']) || !text.chars().all(safe) {
        return Err("holds characters that cannot be written safely into a configuration".to_owned());
    }
    Ok(if kind.is_none() && text.contains('@') { Identity::Mail(text.to_owned()) } else { Identity::Name(text.to_owned()) })
}

/// The bytes of a key as digits, which no format can misread.
pub(super) fn hex(key: &Secret) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(key.expose().len() * 2));
    for byte in key.expose().bytes() {
        // Writing to a string does not fail.
        let _ = write!(*digits, "{byte:02x}");
    }
    digits
}

/// The word of a term in a format's table.
pub(super) fn word(table: &[(Term, &'static str)], term: Term, field: &str, format: &str) -> Result<&'static str, String> {
    let found = table.iter().find(|(row, _)| *row == term).map(|(_, word)| *word);
    found.ok_or_else(|| format!("{field} {term}: {format} has no such algorithm, or refuses it"))
}

/// The field of a phase's group.
pub(super) fn group_field(phase: &str) -> &'static str {
    if phase == "ike" { "ike.dh_group" } else { "ipsec.pfs" }
}

/// A lifetime that a format limits; what is cut is said.
pub(super) fn within(secs: u64, most: u64, field: &str, format: &str, warnings: &mut Vec<String>) -> u64 {
    if secs > most {
        warnings.push(format!("{field} {secs}: {format} takes at most {most}, which is written; the shorter end renews"));
    }
    secs.min(most)
}
