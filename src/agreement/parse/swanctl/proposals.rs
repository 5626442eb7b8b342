//! Proposals, as strict as strongSwan: a connection with a proposal that it refuses is not loaded.

use super::section::Section;
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::words;
use crate::agreement::{Algorithm, NONE, Proposal, Transform};

/// The AEAD ciphers that strongSwan offers by default for the IKE SA. What it really offers depends on its plugins; these are
/// those of Debian's packages.
const AEAD: &str = "aes128gcm16-aes192gcm16-aes256gcm16-aes128ccm16-aes192ccm16-aes256ccm16-chacha20poly1305-\
aes128gcm12-aes192gcm12-aes256gcm12-aes128gcm8-aes192gcm8-aes256gcm8-aes128ccm12-aes192ccm12-aes256ccm12-\
aes128ccm8-aes192ccm8-aes256ccm8";
/// The other ciphers, with the integrity.
const CLASSIC: &str = "aes128-aes192-aes256-aes128ctr-aes192ctr-aes256ctr-camellia128-camellia192-camellia256-\
camellia128ctr-camellia192ctr-camellia256ctr-3des-sha256-sha384-sha512-sha1";
const PRF: &str = "prfsha256-prfsha384-prfsha512-prfsha1";
const GROUPS: &str = "x25519-x448-ecp256-ecp384-ecp521-ecp256bp-ecp384bp-ecp512bp-modp3072-modp4096-modp6144-modp8192-modp2048";

/// The proposals of the IKE SA where none are set, or for the word `default`: one with AEAD ciphers, one without.
pub(super) fn default_ike() -> Vec<Proposal> {
    read_all(&[&format!("{CLASSIC}-{PRF}-{GROUPS}"), &format!("{AEAD}-{PRF}-{GROUPS}")], true)
}

/// The proposals of a Child SA where none are set, or for the word `default`.
pub(super) fn default_esp() -> Vec<Proposal> {
    read_all(&["aes128-aes192-aes256-sha256-sha384-sha512-sha1-aesxcbc", "aes128gcm16-aes192gcm16-aes256gcm16"], false)
}

fn read_all(texts: &[&str], is_ike: bool) -> Vec<Proposal> {
    texts.iter().filter_map(|text| proposal(text, is_ike).ok()).collect()
}

/// The proposals of a setting; `None`: it is not set.
pub(super) fn proposals(section: &Section, name: &str, is_ike: bool) -> Result<Option<Vec<Proposal>>, Fault> {
    let Some(setting) = section.get(name) else { return Ok(None) };
    let (mut proposals, mut offset) = (Vec::new(), 0);
    for item in setting.value.split(',') {
        let lead = item.chars().count() - item.trim_start().chars().count();
        match item.trim() {
            "default" => proposals.extend(if is_ike { default_ike() } else { default_esp() }),
            text => {
                let read = proposal(text, is_ike);
                proposals.push(read.map_err(|(place, message)| setting.fault_after(offset + lead + place, message))?);
            }
        }
        offset += item.chars().count() + 1;
    }
    Ok(Some(proposals))
}

/// Reads a proposal such as `aes256-sha256-modp2048`.
///
/// # Errors
/// What strongSwan does not load, with its place in the text.
fn proposal(text: &str, is_ike: bool) -> Result<Proposal, (usize, String)> {
    let (mut encryption, mut integrity, mut prf, mut groups, mut esn) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut offset = 0;
    for word in text.split('-') {
        let lower = word.to_ascii_lowercase();
        let Some((transform, algorithm)) = words::read(&lower) else {
            let meant = meant(&lower).map(|meant| format!(": write {meant:?}")).unwrap_or_default();
            return Err((offset, format!("{word:?} is not a known algorithm{meant}")));
        };
        if lower != word {
            return Err((offset, format!("strongSwan does not load {word:?}, which has capitals: write {lower:?}")));
        }
        match transform {
            Transform::Encryption => encryption.push(algorithm),
            Transform::Integrity => integrity.push(algorithm),
            Transform::Prf => prf.push(algorithm),
            Transform::Group => groups.push(algorithm),
            Transform::Esn => esn.push(algorithm),
        }
        offset += word.chars().count() + 1;
    }
    if is_ike {
        groups.retain(|group| *group != NONE);
        // Extended sequence numbers belong to Child SAs.
        esn.clear();
    } else {
        prf.clear();
        if groups.is_empty() {
            groups.push(NONE);
        }
    }
    let aead = encryption.iter().filter(|cipher| cipher.is_aead()).count();
    let is_mixed = aead != 0 && aead != encryption.len();
    let aead = aead != 0;
    let lacking = if encryption.is_empty() {
        "it has no encryption algorithm, such as aes256"
    } else if is_mixed {
        "AEAD ciphers, such as aes256gcm16, and others need a proposal each"
    } else if is_ike && groups.is_empty() {
        "the IKE SA needs a Diffie-Hellman group, such as modp2048"
    } else if is_ike && integrity.is_empty() && !aead {
        "the IKE SA needs an integrity algorithm, such as sha256"
    } else if is_ike && integrity.is_empty() && prf.is_empty() {
        "beside an AEAD cipher the IKE SA needs a PRF, such as prfsha256"
    } else if is_ike && prf.is_empty() && integrity.iter().all(|integrity| integrity.name() == "sha256_96") {
        "no PRF follows from sha256_96: the IKE SA needs one, such as prfsha256"
    } else {
        ""
    };
    if !lacking.is_empty() {
        return Err((0, format!("strongSwan does not load this proposal: {lacking}")));
    }
    // With an AEAD cipher an integrity algorithm only names the PRF of an IKE SA.
    if integrity.is_empty() || (aead && (!is_ike || !prf.is_empty())) {
        integrity = vec![NONE];
    }
    Ok(Proposal { encryption: Some(encryption), integrity: Some(integrity), prf, groups: Some(groups), esn })
}

/// What a word of another daemon most likely means.
fn meant(word: &str) -> Option<String> {
    let word = word.trim_end_matches('!').trim();
    if words::read(word).is_some() {
        return Some(word.to_owned());
    }
    let group = word.strip_prefix("dh").or_else(|| word.strip_prefix("group")).and_then(|number| number.parse::<u8>().ok());
    match (group, word) {
        (Some(number), _) => words::write(Transform::Group, &Algorithm::made(format!("group{number}"))).map(|word| word.into_owned()),
        (None, "sha2") => Some("sha256".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, is_ike: bool) -> String {
        proposal(text, is_ike).map_or_else(|(place, message)| format!("{place}: {message}"), |proposal| proposal.to_string())
    }

    #[test]
    fn words_are_taken_as_by_strongswan() {
        for (text, wanted) in [
            ("aes-sha1-modp1024", "aes128-sha1-group2"),
            ("aes256-sha2_256-modp2048", "aes256-sha256-group14"),
            ("aes256gcm128-prfsha256-ecp256", "aes256gcm16-none-sha256-group19"),
            ("aes256gcm-prfsha256-ecp256", "aes256gcm16-none-sha256-group19"),
            ("chacha20poly1305-sha256-x25519", "chacha20poly1305-sha256-group31"),
            ("aes256gcm16-sha256-prfsha512-ecp256", "aes256gcm16-none-sha512-group19"),
            ("null-sha1-modp2048", "null-sha1-group14"),
            ("noesn-aes256-sha256-modp2048", "aes256-sha256-group14"),
            ("aes256-sha256-ecp521-modpnull", "aes256-sha256-group21-modpnull"),
            ("aes256-sha256-none", "0: strongSwan does not load this proposal: the IKE SA needs a Diffie-Hellman group, such as modp2048"),
            (
                "aes256-prfsha256-modp2048",
                "0: strongSwan does not load this proposal: the IKE SA needs an integrity algorithm, such as sha256",
            ),
            (
                "aes256-sha256_96-modp2048",
                "0: strongSwan does not load this proposal: no PRF follows from sha256_96: the IKE SA needs one, such as prfsha256",
            ),
            (
                "aes256gcm16-modp2048",
                "0: strongSwan does not load this proposal: beside an AEAD cipher the IKE SA needs a PRF, such as prfsha256",
            ),
            (
                "aes256gcm16-aes256-sha256-modp2048",
                "0: strongSwan does not load this proposal: AEAD ciphers, such as aes256gcm16, and others need a proposal each",
            ),
            ("aes256-sha256-dh14", "14: \"dh14\" is not a known algorithm: write \"modp2048\""),
            ("aes256-sha256-modp2048!", "14: \"modp2048!\" is not a known algorithm: write \"modp2048\""),
            ("aes256-sha2-modp2048", "7: \"sha2\" is not a known algorithm: write \"sha256\""),
            ("aes256-SHA256-modp2048", "7: strongSwan does not load \"SHA256\", which has capitals: write \"sha256\""),
        ] {
            assert_eq!(shown(text, true), wanted, "{text}");
        }
    }

    #[test]
    fn a_child_needs_a_cipher_only() {
        for (text, wanted) in [
            ("aes256", "aes256-none-none"),
            ("aes256gcm128-sha256", "aes256gcm16-none-none"),
            ("aes256gcm16-prfsha256-ecp256", "aes256gcm16-none-group19"),
            ("aes256-sha256-esn-noesn", "aes256-sha256-none-esn-noesn"),
            ("aes256-sha256-modp2048-none", "aes256-sha256-group14-none"),
            ("sha256", "0: strongSwan does not load this proposal: it has no encryption algorithm, such as aes256"),
        ] {
            assert_eq!(shown(text, false), wanted, "{text}");
        }
    }

    #[test]
    fn the_defaults_are_loaded() {
        assert_eq!((default_ike().len(), default_esp().len()), (2, 2));
        assert!(default_ike()[1].encryption.iter().flatten().all(Algorithm::is_aead));
    }
}
