//! What the formats share: algorithms, identities, placeholders.

use std::fmt::Write;
use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::model::{Secret, Term};

/// Stands for an address that is not known. RFC 2606 reserves `.invalid`.
pub(super) const CLOUD_ADDRESS: &str = "cloud-address.invalid";
/// Stands for an identity that is not known.
pub(super) const IDENTITY: &str = "@identity.invalid";
/// Stands for the pre-shared key.
pub(super) const KEY: &str = "REPLACE-WITH-THE-PRE-SHARED-KEY";

/// The algorithms of a phase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suite {
    /// The cipher.
    pub encryption: Term,
    /// The integrity algorithm, in phase 1 also the PRF; `None` beside an AEAD cipher in phase 2.
    pub integrity: Option<Term>,
    /// The Diffie-Hellman group; `None` in phase 2 without PFS.
    pub group: Option<Term>,
}

/// Whether a word is an AEAD cipher.
pub(super) const fn is_aead(term: Term) -> bool {
    matches!(term, Term::Aes128Gcm16 | Term::Aes192Gcm16 | Term::Aes256Gcm16)
}

/// The identity of an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// An address.
    Address(IpAddr),
    /// A domain name, even if it looks like an address.
    Name(String),
    /// An e-mail address.
    Mail(String),
    /// Not known.
    Unknown,
}

impl Identity {
    /// The text that strongSwan and Libreswan read as this identity. `@` makes it a name.
    pub(super) fn daemon(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Name(name) => format!("@{name}"),
            Self::Mail(name) => name.clone(),
            Self::Unknown => IDENTITY.to_owned(),
        }
    }
}

/// Reads a cloud's identity. Where the cloud has no types, the text tells the type.
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
        return Err("contains characters that cannot be written safely into a configuration".to_owned());
    }
    Ok(if kind.is_none() && text.contains('@') { Identity::Mail(text.to_owned()) } else { Identity::Name(text.to_owned()) })
}

/// The bytes of a key as hex digits, which no format can misread.
pub(super) fn hex(key: &Secret) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(key.expose().len() * 2));
    for byte in key.expose().bytes() {
        // Writing to a string does not fail.
        let _ = write!(*digits, "{byte:02x}");
    }
    digits
}

/// The format's word for an algorithm.
pub(super) fn word(table: &[(Term, &'static str)], term: Term, field: &str, format: &str) -> Result<&'static str, String> {
    let found = table.iter().find(|(row, _)| *row == term).map(|(_, word)| *word);
    found.ok_or_else(|| format!("{field} {term}: {format} does not support this algorithm"))
}

/// A format's words: of ciphers, integrity algorithms and groups.
pub(super) struct Table {
    /// Its name in messages.
    pub name: &'static str,
    /// Its ciphers.
    pub ciphers: &'static [(Term, &'static str)],
    /// Its integrity algorithms.
    pub hashes: &'static [(Term, &'static str)],
    /// Its groups.
    pub groups: &'static [(Term, &'static str)],
}

impl Table {
    /// The words of a phase: cipher, integrity (or the PRF beside an AEAD cipher), group.
    pub(super) fn words(&self, phase: &str, suite: &Suite) -> Result<(&'static str, Option<&'static str>, Option<&'static str>), String> {
        let integrity = suite.integrity.map(|hash| word(self.hashes, hash, &format!("{phase}.integrity"), self.name));
        let group = suite.group.map(|group| word(self.groups, group, group_field(phase), self.name));
        Ok((word(self.ciphers, suite.encryption, &format!("{phase}.encryption"), self.name)?, integrity.transpose()?, group.transpose()?))
    }
}

/// A key as it stands, for a format that reads neither hex nor escapes: visible ASCII, without what the format gives a meaning.
pub(super) fn bare<'a>(key: &'a Secret, without: &str, most: usize, format: &str) -> Result<&'a str, String> {
    let text = key.expose();
    let fits = text.len() <= most && text.chars().all(|c| c.is_ascii_graphic() && !without.contains(c));
    if fits { Ok(text) } else { Err(format!("psk: {format} cannot read this key in a line; leave out --include-key, or use another key")) }
}

/// The largest segment of TCP that fits into ESP over a path of 1500 bytes, NAT traversal included.
pub(super) const MSS: u16 = 1350;
/// The packet that belongs to it, with room for options.
pub(super) const MTU: u16 = 1400;

/// The name of a phase's group field.
pub(super) fn group_field(phase: &str) -> &'static str {
    if phase == "ike" { "ike.dh_group" } else { "ipsec.pfs" }
}

/// A lifetime within the limit of a format; warns where it is shortened.
pub(super) fn within(secs: u64, most: u64, field: &str, format: &str, warnings: &mut Vec<String>) -> u64 {
    if secs > most {
        warnings
            .push(format!("{field} {secs}: {format} accepts at most {most}, which is written; the end with the shorter lifetime rekeys"));
    }
    secs.min(most)
}
