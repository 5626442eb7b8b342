//! What a configuration says of a tunnel, in words that all formats share.

use std::collections::BTreeSet;

use crate::agreement::{Algorithm, End, Identity, Psk};
use crate::model::{Term, hex};

/// What a configuration says, from the peer's side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether IKEv2 is used.
    pub ikev2: bool,
    /// Whether IKEv1 is in aggressive mode.
    pub aggressive: bool,
    /// Cipher, integrity, group of phase 1; an integrity that the format does not say is empty.
    pub ike: [String; 3],
    /// The same of phase 2.
    pub esp: [String; 3],
    /// Lifetime of the IKE SA.
    pub ike_secs: u64,
    /// Lifetime of Child SAs.
    pub ipsec_secs: u64,
    /// The cloud's outer address.
    pub cloud: String,
    /// The peer's identity.
    pub id: String,
    /// The cloud's identity; empty if the format does not say it.
    pub cloud_id: String,
    /// Pairs of networks, the peer's own first.
    pub pairs: BTreeSet<String>,
    /// The key in hex.
    pub key: String,
}

impl Facts {
    /// What an end says.
    pub(super) fn of(end: &End) -> Self {
        let name = |set: &Option<Vec<Algorithm>>| {
            let name = set.iter().flatten().next().map_or("none", Algorithm::name);
            name.to_owned()
        };
        let suite = |proposals: &[crate::agreement::Proposal], aead_has_hash: bool| {
            let one = &proposals[0];
            let aead = one.encryption.iter().flatten().any(Algorithm::is_aead);
            let prf = one.prf.first().map(|prf| prf.name().to_owned());
            let hash = if aead && !aead_has_hash { String::new() } else { prf.unwrap_or_else(|| name(&one.integrity)) };
            [name(&one.encryption), hash, name(&one.groups)]
        };
        let esp = end.children.iter().flatten().find(|child| !child.esp.is_empty()).map_or(&end.esp, |child| &child.esp);
        let id = |id: Option<Identity>| id.map(|id| id.to_string()).unwrap_or_default();
        let mut pairs = BTreeSet::new();
        for child in end.children.iter().flatten() {
            for own in &child.local {
                pairs.extend(child.remote.iter().map(|cloud| pair(own.trunc(), cloud.trunc())));
            }
        }
        Self {
            ikev2: end.versions.as_deref() == Some(&[Term::Ikev2]),
            aggressive: end.versions.as_deref() == Some(&[Term::Ikev1]) && end.mode == Some(Term::Aggressive),
            ike: suite(&end.ike, true),
            esp: suite(esp, false),
            ike_secs: end.ike_lifetime_secs.unwrap_or_default(),
            ipsec_secs: end.child_lifetime_secs.unwrap_or_default(),
            cloud: end.peers.start().map(|address| address.to_string()).unwrap_or_default(),
            id: id(end.sends()),
            cloud_id: id(end.expects()),
            pairs,
            key: match &end.psk {
                Psk::Known(key) => hex(key.expose().as_bytes()).to_string(),
                _ => String::new(),
            },
        }
    }
}

/// A pair of networks as text.
pub(super) fn pair(own: impl ToString, cloud: impl ToString) -> String {
    format!("{}={}", own.to_string(), cloud.to_string())
}

/// The network of an address and a mask.
pub(super) fn net(address: &str, mask: &str) -> String {
    format!("{address}/{}", mask.parse::<std::net::Ipv4Addr>().unwrap().to_bits().leading_ones())
}

/// The network of an address and a wildcard mask.
pub(super) fn wild(address: &str, mask: &str) -> String {
    format!("{address}/{}", (!mask.parse::<std::net::Ipv4Addr>().unwrap().to_bits()).leading_ones())
}

/// Our word for a cipher, however a vendor spells it.
pub(super) fn cipher(word: &str) -> String {
    let number: String = word.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let bits = if number.is_empty() { "128" } else { &number };
    match () {
        () if word.contains("3des") => "3des".to_owned(),
        () if word.contains("des") => "des".to_owned(),
        () if word.contains("null") => "null".to_owned(),
        () if word.contains("gcm") => format!("aes{bits}gcm16"),
        () if word.contains("aes") => format!("aes{bits}"),
        () => panic!("no cipher: {word}"),
    }
}

/// Our word for an integrity algorithm.
pub(super) fn hash(word: &str) -> String {
    let long = ["256", "384", "512"].into_iter().find(|bits| word.contains(bits));
    match long {
        Some(bits) if word.contains("sha") => format!("sha{bits}"),
        _ if word.contains("md5") => "md5".to_owned(),
        _ if word.contains("sha") => "sha1".to_owned(),
        _ => panic!("no integrity algorithm: {word}"),
    }
}

/// Our word for a group, by its number or its size.
pub(super) fn group(word: &str) -> String {
    let sizes = [("modp768", 1), ("modp1024", 2), ("modp1536", 5), ("modp2048", 14), ("modp3072", 15), ("modp4096", 16)];
    let curves = [("ecp256", 19), ("ecp384", 20), ("ecp521", 21)];
    if let Some((_, number)) = sizes.iter().chain(&curves).find(|(known, _)| *known == word) {
        return format!("group{number}");
    }
    if matches!(word, "none" | "disable") {
        return "none".to_owned();
    }
    let number: String = word.chars().filter(char::is_ascii_digit).collect();
    format!("group{}", number.parse::<u8>().unwrap())
}

/// An identity by a vendor's word for its type.
pub(super) fn identity(kind: &str, text: &str) -> String {
    let kind = match kind {
        "address" | "ip" | "inet" => "ip",
        "fqdn" | "hostname" => "fqdn",
        "email" | "user-fqdn" | "user-at-hostname" => "email",
        other => panic!("no type of identity: {other}"),
    };
    format!("{kind} {text}")
}

/// The hex digits of a key that is written as it stands.
pub(super) fn bare(text: &str) -> String {
    hex(text.as_bytes()).to_string()
}
