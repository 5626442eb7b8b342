//! strongSwan's words for algorithms.

use std::borrow::Cow;

use crate::agreement::algorithm::{Algorithm, NONE, Transform};
use crate::agreement::proposal::Proposal;

/// Words for groups, with the IANA number.
const GROUPS: &[(&str, u8)] = &[
    ("modp768", 1),
    ("modp1024", 2),
    ("modp1536", 5),
    ("modp2048", 14),
    ("modp3072", 15),
    ("modp4096", 16),
    ("modp6144", 17),
    ("modp8192", 18),
    ("ecp256", 19),
    ("ecp384", 20),
    ("ecp521", 21),
    ("modp1024s160", 22),
    ("modp2048s224", 23),
    ("modp2048s256", 24),
    ("ecp192", 25),
    ("ecp224", 26),
    ("ecp224bp", 27),
    ("ecp256bp", 28),
    ("ecp384bp", 29),
    ("ecp512bp", 30),
    ("curve25519", 31),
    ("x25519", 31),
    ("curve448", 32),
    ("x448", 32),
];

/// The other words, with ours. Of several words for one algorithm the first is written.
const ROWS: &[(Transform, &str, &str)] = &[
    (Transform::Encryption, "des", "des"),
    (Transform::Encryption, "3des", "3des"),
    (Transform::Encryption, "aes128", "aes128"),
    (Transform::Encryption, "aes", "aes128"),
    (Transform::Encryption, "aes192", "aes192"),
    (Transform::Encryption, "aes256", "aes256"),
    (Transform::Encryption, "aes128gcm16", "aes128gcm16"),
    (Transform::Encryption, "aes192gcm16", "aes192gcm16"),
    (Transform::Encryption, "aes256gcm16", "aes256gcm16"),
    (Transform::Encryption, "aes128gmac", "aes128gmac"),
    (Transform::Encryption, "aes192gmac", "aes192gmac"),
    (Transform::Encryption, "aes256gmac", "aes256gmac"),
    (Transform::Encryption, "chacha20poly1305", "chacha20poly1305"),
    (Transform::Encryption, "chacha20poly1305compat", "chacha20poly1305compat"),
    (Transform::Encryption, "camellia128", "camellia128"),
    (Transform::Encryption, "camellia", "camellia128"),
    (Transform::Encryption, "camellia192", "camellia192"),
    (Transform::Encryption, "camellia256", "camellia256"),
    (Transform::Encryption, "cast128", "cast128"),
    (Transform::Encryption, "blowfish128", "blowfish128"),
    (Transform::Encryption, "blowfish", "blowfish128"),
    (Transform::Encryption, "blowfish192", "blowfish192"),
    (Transform::Encryption, "blowfish256", "blowfish256"),
    (Transform::Encryption, "serpent128", "serpent128"),
    (Transform::Encryption, "serpent", "serpent128"),
    (Transform::Encryption, "serpent192", "serpent192"),
    (Transform::Encryption, "serpent256", "serpent256"),
    (Transform::Encryption, "twofish128", "twofish128"),
    (Transform::Encryption, "twofish", "twofish128"),
    (Transform::Encryption, "twofish192", "twofish192"),
    (Transform::Encryption, "twofish256", "twofish256"),
    (Transform::Encryption, "null", "null"),
    (Transform::Integrity, "md5", "md5"),
    (Transform::Integrity, "md5_128", "md5_128"),
    (Transform::Integrity, "sha1", "sha1"),
    (Transform::Integrity, "sha", "sha1"),
    (Transform::Integrity, "sha1_160", "sha1_160"),
    (Transform::Integrity, "sha256", "sha256"),
    (Transform::Integrity, "sha2_256", "sha256"),
    (Transform::Integrity, "sha384", "sha384"),
    (Transform::Integrity, "sha2_384", "sha384"),
    (Transform::Integrity, "sha512", "sha512"),
    (Transform::Integrity, "sha2_512", "sha512"),
    (Transform::Integrity, "sha256_96", "sha256_96"),
    (Transform::Integrity, "sha2_256_96", "sha256_96"),
    (Transform::Integrity, "camelliaxcbc", "camelliaxcbc"),
    (Transform::Integrity, "aesxcbc", "aesxcbc"),
    (Transform::Integrity, "aescmac", "aescmac"),
    (Transform::Prf, "prfmd5", "md5"),
    (Transform::Prf, "prfsha1", "sha1"),
    (Transform::Prf, "prfsha256", "sha256"),
    (Transform::Prf, "prfsha2_256", "sha256"),
    (Transform::Prf, "prfsha384", "sha384"),
    (Transform::Prf, "prfsha2_384", "sha384"),
    (Transform::Prf, "prfsha512", "sha512"),
    (Transform::Prf, "prfsha2_512", "sha512"),
    (Transform::Prf, "prfcamelliaxcbc", "camelliaxcbc"),
    (Transform::Prf, "prfaesxcbc", "aesxcbc"),
    (Transform::Prf, "prfaescmac", "aescmac"),
    (Transform::Group, "modpnone", "none"),
    (Transform::Group, "none", "none"),
    (Transform::Group, "modpnull", "modpnull"),
    (Transform::Group, "ntru112", "ntru112"),
    (Transform::Group, "ntru128", "ntru128"),
    (Transform::Group, "ntru192", "ntru192"),
    (Transform::Group, "ntru256", "ntru256"),
    (Transform::Group, "newhope128", "newhope128"),
    (Transform::Esn, "esn", "esn"),
    (Transform::Esn, "noesn", "noesn"),
];

/// The algorithm of a word, with its type.
#[must_use]
pub fn read(word: &str) -> Option<(Transform, Algorithm)> {
    let word = word.to_ascii_lowercase();
    if let Some((_, number)) = GROUPS.iter().find(|(name, _)| *name == word) {
        return Some((Transform::Group, Algorithm::made(format!("group{number}"))));
    }
    let row = ROWS.iter().find(|(_, theirs, _)| *theirs == word);
    row.map(|(transform, _, ours)| (*transform, Algorithm::named(ours))).or_else(|| Some((Transform::Encryption, in_a_mode(&word)?)))
}

/// A cipher in counter mode, or with a tag of 8, 12 or 16 bytes, which strongSwan also writes in bits: `aes256gcm128`, or leaves
/// out: `aes256gcm`.
fn in_a_mode(word: &str) -> Option<Algorithm> {
    let (name, rest) = ["aes", "camellia"].iter().find_map(|name| Some((*name, word.strip_prefix(name)?)))?;
    let (bits, rest) = ["128", "192", "256"].iter().find_map(|bits| Some((*bits, rest.strip_prefix(bits)?)))?;
    if rest == "ctr" {
        return Some(Algorithm::made(word.to_owned()));
    }
    let (mode, tag) = ["gcm", "ccm"].iter().find_map(|mode| Some((*mode, rest.strip_prefix(mode)?)))?;
    let bytes = match tag {
        "8" | "64" => 8,
        "12" | "96" => 12,
        "16" | "128" | "" => 16,
        _ => return None,
    };
    // Camellia has no GCM.
    (name == "aes" || (mode == "ccm" && !tag.is_empty())).then(|| Algorithm::made(format!("{name}{bits}{mode}{bytes}")))
}

/// The word of an algorithm.
#[must_use]
pub fn write(transform: Transform, algorithm: &Algorithm) -> Option<Cow<'static, str>> {
    if transform == Transform::Group
        && let Some(number) = algorithm.group()
    {
        return GROUPS.iter().find(|(_, known)| *known == number).map(|(name, _)| Cow::Borrowed(*name));
    }
    let row = ROWS.iter().find(|(of, _, ours)| *of == transform && *ours == algorithm.name());
    let in_a_mode = || (in_a_mode(algorithm.name()).as_ref() == Some(algorithm)).then(|| Cow::Owned(algorithm.name().to_owned()));
    row.map(|(_, theirs, _)| Cow::Borrowed(*theirs)).or_else(in_a_mode)
}

/// Reads a proposal such as `aes256-sha256-modp2048`.
///
/// # Errors
/// A word that is not known, with its place in the text.
pub fn proposal(text: &str, is_ike: bool) -> Result<Proposal, (usize, String)> {
    let (mut encryption, mut integrity, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    let mut proposal = Proposal::default();
    let mut offset = 0;
    for word in text.split('-') {
        let Some((transform, algorithm)) = read(word) else { return Err((offset, format!("{word:?} is not a known algorithm"))) };
        match transform {
            Transform::Encryption => encryption.push(algorithm),
            Transform::Integrity => integrity.push(algorithm),
            Transform::Prf => proposal.prf.push(algorithm),
            Transform::Group => groups.push(algorithm),
            Transform::Esn => proposal.esn.push(algorithm),
        }
        offset += word.chars().count() + 1;
    }
    if integrity.is_empty() && encryption.iter().any(Algorithm::is_aead) {
        integrity.push(NONE);
    }
    if groups.is_empty() && !is_ike {
        groups.push(NONE);
    }
    for (set, name) in [(&encryption, "encryption"), (&integrity, "integrity"), (&groups, "group")] {
        if set.is_empty() {
            return Err((0, format!("the proposal has no {name}")));
        }
    }
    (proposal.encryption, proposal.integrity, proposal.groups) = (Some(encryption), Some(integrity), Some(groups));
    Ok(proposal)
}

/// The proposals that a daemon offers for the IKE SA when none are configured.
#[must_use]
pub fn default_ike() -> Vec<Proposal> {
    ["aes128-aes192-aes256-sha256-sha384-sha512-sha1-ecp256-ecp384-ecp521-curve25519-modp3072-modp4096-modp6144-modp8192-modp2048"]
        .iter()
        .filter_map(|text| proposal(text, true).ok())
        .collect()
}

/// The proposals that a daemon offers for Child SAs when none are configured.
#[must_use]
pub fn default_esp() -> Vec<Proposal> {
    ["aes128gcm16-aes192gcm16-aes256gcm16", "aes128-aes192-aes256-sha256-sha384-sha512-sha1"]
        .iter()
        .filter_map(|text| proposal(text, false).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_written() {
        for (transform, theirs, ours) in ROWS {
            assert_eq!(read(theirs).unwrap(), (*transform, Algorithm::named(ours)), "{theirs}");
            let written = write(*transform, &Algorithm::named(ours)).unwrap();
            assert_eq!(read(&written).unwrap().1.name(), *ours);
        }
        for (name, number) in GROUPS {
            assert_eq!(read(name).unwrap().1.group(), Some(*number));
        }
    }

    #[test]
    fn tags_are_written_in_bytes_in_bits_or_not_at_all() {
        for (word, name) in [
            ("aes256gcm", "aes256gcm16"),
            ("aes256gcm128", "aes256gcm16"),
            ("aes192gcm96", "aes192gcm12"),
            ("aes128gcm64", "aes128gcm8"),
            ("aes256ccm128", "aes256ccm16"),
            ("camellia128ccm64", "camellia128ccm8"),
            ("aes256ctr", "aes256ctr"),
        ] {
            let read = read(word).unwrap();
            assert_eq!((read.0, read.1.name()), (Transform::Encryption, name), "{word}");
            assert_eq!(write(Transform::Encryption, &read.1).unwrap(), name);
        }
        for word in ["aes256gcm10", "aes512gcm16", "camellia128gcm16", "aes256cbc"] {
            assert_eq!(read(word), None, "{word}");
        }
    }

    #[test]
    fn an_unknown_word_is_named_with_its_place() {
        assert_eq!(proposal("aes256-sha3-modp2048", true).unwrap_err(), (7, "\"sha3\" is not a known algorithm".to_owned()));
        assert_eq!(proposal("aes256-sha256", true).unwrap_err().1, "the proposal has no group");
        assert_eq!(proposal("aes256-sha256", false).unwrap().groups, Some(vec![NONE]));
    }
}
