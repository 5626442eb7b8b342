//! Lists of algorithms in Libreswan's words: what `ike=` and `esp=` take.

use super::words::{cipher_word, group_word, hash_word};
use crate::agreement::{Algorithm, NONE, Proposal};

/// Proposals as a list; `None` where Libreswan has no word for an algorithm, or does not load it.
#[must_use]
pub fn list(proposals: &[Proposal], is_ike: bool) -> Option<String> {
    if !is_ike && !go_together(proposals) {
        return None;
    }
    proposals.iter().map(|proposal| one(proposal, is_ike)).collect::<Option<Vec<_>>>().map(|all| all.join(","))
}

/// Whether Libreswan loads these proposals of Child SAs in one list: all of them name the same group first, or none names one. (In
/// IKEv1 it loads more, which is not written here.)
#[must_use]
pub fn go_together(proposals: &[Proposal]) -> bool {
    let first = |proposal: &Proposal| proposal.groups.iter().flatten().find(|group| **group != NONE).cloned();
    proposals.iter().all(|proposal| Some(first(proposal)) == proposals.first().map(first))
}

fn one(proposal: &Proposal, is_ike: bool) -> Option<String> {
    let joined = |words: Option<Vec<String>>| words.filter(|words| !words.is_empty()).map(|words| words.join("+"));
    let ciphers = proposal.encryption.as_ref()?;
    if ciphers.iter().any(|cipher| cipher.name() == "des") {
        return None;
    }
    let aead = ciphers.iter().all(Algorithm::is_aead);
    // One word names the hash and the PRF.
    let apart = !aead && !proposal.prf.is_empty() && proposal.integrity.as_ref() != Some(&proposal.prf);
    if is_ike && apart {
        return None;
    }
    let hashes: Vec<&Algorithm> = match (aead, is_ike, proposal.prf.is_empty()) {
        (true, false, _) => Vec::new(),
        (true, true, false) => proposal.prf.iter().collect(),
        _ => proposal.integrity.as_ref()?.iter().filter(|hash| **hash != NONE).collect(),
    };
    let hashes = if hashes.is_empty() {
        Some("null".to_owned())
    } else {
        joined(hashes.into_iter().map(|hash| hash_word(hash.name()).map(str::to_owned)).collect())
    };
    let mut text = format!("{}-{}", joined(ciphers.iter().map(|cipher| cipher_word(cipher.name())).collect())?, hashes?);
    let groups: Vec<&Algorithm> = proposal.groups.as_ref()?.iter().filter(|group| **group != NONE).collect();
    if !groups.is_empty() {
        text.push(';');
        text.push_str(&joined(groups.into_iter().map(|group| group_word(group.group()?)).collect())?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::algorithms::{Place, algorithms};
    use super::super::file::Setting;
    use super::*;

    #[test]
    fn what_is_written_reads_as_it_was() {
        for (text, ike) in [
            ("aes256-sha2_256;modp2048", true),
            ("aes256+aes128-sha2_512+sha1;modp3072+dh20", true),
            ("aes_gcm256-sha2_256;dh19", true),
            ("aes_gcm128-null", false),
            ("3des-md5", false),
            ("aes128-sha1;modp1536", false),
        ] {
            let setting = Setting { name: "ike".to_owned(), value: text.to_owned(), line: 1, column: 1, start: 0, origin: None };
            let mut read = algorithms(&setting, Place { ike, v1: false, pfs: text.contains(';') }).unwrap();
            // Without a group of its own, a Child SA has none here: the connection has pfs=no.
            for proposal in &mut read {
                proposal.groups.get_or_insert_with(|| vec![NONE]);
            }
            assert_eq!(list(&read, ike).as_deref(), Some(text));
        }
        let apart = [Proposal::single("aes256", "sha256", "group14"), Proposal::single("aes256", "sha256", "group15")];
        assert_eq!(list(&apart, false), None, "it wants one group first");
        assert!(list(&apart, true).is_some());
        assert_eq!(list(&[Proposal::single("aes256", "sha256", "group2")], true), None, "it does not load that group");
    }
}
