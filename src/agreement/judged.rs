//! An end as subjects for a policy: one for each value, since a daemon's end may have several values of each field.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::algorithm::{Algorithm, NONE};
use super::end::{End, Psk};
use super::proposal::{Proposal, Set};
use crate::model::{Key, Settings, Term, Value, Word};
use crate::policy::{Holder, Place, Subject, Within};

const IKE: [Key; 3] = [Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup];
const IPSEC: [Key; 3] = [Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];

/// Everything to judge in an end: itself, each further IKE version, and each value of each proposal.
#[must_use]
pub fn subjects(end: &End, file: &str) -> Vec<Subject<'static>> {
    let subject = |settings: Settings, keys: Vec<Key>, within: Option<Within>| Subject {
        place: place(end, file),
        settings: Cow::Owned(settings),
        keys: Some(keys),
        within,
        fields: None,
        modify: None,
    };
    let versions = end.versions.clone().unwrap_or_default();
    let mut own = vec![Key::IkeVersion, Key::IkeMode, Key::IkeLifetime, Key::IpsecLifetime, Key::Psk];
    for (proposals, keys) in [(&end.ike, IKE), (&end.esp, IPSEC)] {
        if proposals.is_empty() {
            own.extend(keys);
        }
    }
    let mut subjects = vec![subject(base(end, versions.first().copied()), own, None)];
    subjects.extend(versions.iter().skip(1).map(|version| subject(base(end, Some(*version)), vec![Key::IkeVersion, Key::IkeMode], None)));
    for (proposals, keys) in [(&end.ike, IKE), (&end.esp, IPSEC)] {
        for (place, proposal) in proposals.iter().enumerate() {
            let views = views(proposal, keys);
            let several = proposals.len() > 1 || views.len() > 1;
            let within = several.then(|| Within { number: place + 1, of: proposals.len(), text: proposal.to_string() });
            for mut settings in views {
                let judged = keys.into_iter().filter(|key| settings.has(*key)).collect::<Vec<_>>();
                if let Some(version) = versions.first() {
                    settings.set(Key::IkeVersion, Value::term(*version));
                }
                subjects.push(subject(settings, judged, within.clone()));
            }
            let unread = sets(proposal, keys).into_iter().filter(|(_, set)| set.is_none()).map(|(key, _)| key).collect::<Vec<_>>();
            if !unread.is_empty() {
                subjects.push(subject(Settings::new(), unread, within));
            }
        }
    }
    subjects
}

/// The key of an end, with the outer addresses of both parties; `None` where the key cannot be read.
#[must_use]
pub fn holder(end: &End, file: &str) -> Option<Holder> {
    let Psk::Known(key) = &end.psk else { return None };
    let far = end.mirrored().address.get();
    let addresses = end.seen_address().get().zip(far).map(|(own, far)| BTreeSet::from([own.to_string(), far.to_string()]));
    Some(Holder { place: place(end, file), key: Arc::clone(key), addresses, modify: None })
}

fn place(end: &End, file: &str) -> Place {
    Place { reference: end.name.clone(), tunnel: None, file: Some(file.to_owned()) }
}

/// The settings that an end has only one value of, with one of its versions.
fn base(end: &End, version: Option<Term>) -> Settings {
    let mut settings = Settings::new();
    let numbers = [(Key::IkeLifetime, end.ike_lifetime_secs), (Key::IpsecLifetime, end.child_lifetime_secs)];
    for (key, number) in numbers {
        if let Some(number) = number {
            settings.set(key, Value::Number(number));
        }
    }
    for (key, term) in [(Key::IkeVersion, version), (Key::IkeMode, end.mode)] {
        if let Some(term) = term {
            settings.set(key, Value::term(term));
        }
    }
    if let Psk::Known(key) = &end.psk {
        settings.set(Key::Psk, Value::Secret(Arc::clone(key)));
    }
    settings
}

/// The values of a proposal, by type.
fn sets(proposal: &Proposal, [encryption, integrity, group]: [Key; 3]) -> [(Key, Set); 3] {
    let is_ike = encryption == Key::IkeEncryption;
    let aead = proposal.encryption.as_ref().is_some_and(|ciphers| !ciphers.is_empty() && ciphers.iter().all(Algorithm::is_aead));
    let mut hashes = proposal.integrity.clone();
    if let Some(hashes) = &mut hashes {
        // An AEAD cipher needs no integrity algorithm; beside it, the model means the PRF of the IKE SA.
        hashes.retain(|hash| !aead || (is_ike && *hash != NONE));
        if is_ike {
            hashes.extend(proposal.prf.iter().filter(|prf| !proposal.integrity.iter().flatten().any(|hash| hash == *prf)).cloned());
        }
    }
    [(encryption, proposal.encryption.clone()), (integrity, hashes), (group, proposal.groups.clone())]
}

/// The values of a proposal as settings with one value of each type.
fn views(proposal: &Proposal, keys: [Key; 3]) -> Vec<Settings> {
    let sets = sets(proposal, keys);
    let most = sets.iter().map(|(_, set)| set.as_ref().map_or(0, Vec::len)).max().unwrap_or_default();
    let view = |place: usize| {
        let values = sets.iter().filter_map(|(key, set)| Some((*key, set.as_ref()?.get(place)?)));
        values.map(|(key, value)| (key, word(value))).collect()
    };
    (0..most).map(view).collect()
}

/// An algorithm as a value of the model: its word, or its name where the model has none.
pub(super) fn word(algorithm: &Algorithm) -> Value {
    algorithm.term().map_or_else(|| Value::Word(Word::Foreign(algorithm.name().to_owned())), Value::term)
}

#[cfg(test)]
mod tests {
    use super::super::parse::swanctl;
    use super::*;
    use crate::policy::{Finding, Policy, Severity, findings};

    fn audited(policy: Policy, connection: &str) -> Vec<Finding> {
        let text = format!("connections {{\n a {{\n  remote_addrs = 192.0.2.2\n{connection}\n }}\n}}\n");
        findings(policy, &subjects(&swanctl::read(&text, "a.conf").unwrap().remove(0).1, "a.conf"))
    }

    fn found<'f>(findings: &'f [Finding], rule: &str) -> Vec<(&'f str, Vec<usize>)> {
        let of = findings.iter().filter(|finding| finding.rule.id == rule);
        of.map(|finding| (finding.value.as_str(), finding.within.iter().map(|within| within.number).collect())).collect()
    }

    #[test]
    fn the_weak_proposal_among_several_is_named() {
        let findings = audited(
            Policy::Modern,
            "version = 2
             proposals = aes256-sha256-ecp384,3des-sha1-modp1024,aes256-md5-modp1024-modp1536
             children { n { esp_proposals = aes256gcm16-ecp384,aes256-sha1-ecp384 } }",
        );
        assert_eq!(found(&findings, "modern/3des"), [("3des", vec![2])]);
        assert_eq!(found(&findings, "modern/weak-group"), [("group2", vec![2, 3]), ("group5", vec![3])]);
        assert_eq!(found(&findings, "modern/md5"), [("md5", vec![3])]);
        assert_eq!(found(&findings, "modern/sha1-ipsec"), [("sha1", vec![2])]);
        assert_eq!(
            findings.iter().find(|finding| finding.rule.id == "modern/md5").unwrap().within[0].to_string(),
            "in proposal 3 of 3: aes256-md5-group2-group5"
        );
    }

    #[test]
    fn a_single_proposal_with_one_value_of_each_type_is_not_cited() {
        let findings =
            audited(Policy::Modern, "version = 2\n proposals = 3des-sha256-ecp384\n children { n { esp_proposals = aes256gcm16-ecp384 } }");
        assert_eq!(found(&findings, "modern/3des"), [("3des", vec![])]);
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn beside_an_aead_cipher_only_the_prf_is_judged() {
        let findings = audited(
            Policy::Modern,
            "version = 2\n proposals = aes256gcm16-prfsha1-ecp384\n children { n { esp_proposals = aes256gcm16-ecp384 } }",
        );
        assert_eq!(findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(), ["modern/sha1"]);
    }

    #[test]
    fn every_supported_version_is_judged() {
        let children = "children { n { esp_proposals = aes256gcm16-ecp384 } }";
        for (version, count) in [("2", 0), ("1", 1), ("0", 1)] {
            let findings = audited(Policy::Modern, &format!("version = {version}\n proposals = aes256gcm16-prfsha256-ecp384\n {children}"));
            assert_eq!(found(&findings, "modern/ikev1").len(), count, "{version}");
        }
    }

    #[test]
    fn algorithms_that_only_daemons_have_are_judged() {
        let suite = |words: &str| format!("version = 2\n proposals = {words}\n children {{ n {{ esp_proposals = aes256gcm16-ecp384 }} }}");
        assert!(audited(Policy::Modern, &suite("chacha20poly1305-prfsha256-x25519")).is_empty());
        assert_eq!(found(&audited(Policy::Rfc, &suite("aes256-sha256-modp1024s160")), "rfc/group22"), [("group22", vec![])]);
        assert_eq!(found(&audited(Policy::Nist, &suite("camellia256-sha256-ecp384")), "nist/other-cipher"), [("camellia256", vec![])]);
        assert_eq!(
            found(&audited(Policy::Cnsa, &suite("chacha20poly1305-prfsha384-ecp384")), "cnsa/cipher"),
            [("chacha20poly1305", vec![])]
        );
    }

    #[test]
    fn fields_missing_from_a_description_are_reported() {
        let end = super::super::parse::toml::read("[ike]\nencryption = \"aes256\"\n", "a.toml").unwrap();
        let findings = findings(Policy::Modern, &subjects(&end, "a.toml"));
        let missing = ["ike.version", "ipsec.encryption", "ipsec.integrity", "ipsec.pfs", "ike.integrity", "ike.dh_group"];
        assert_eq!(findings.iter().map(|finding| finding.key.path()).collect::<Vec<_>>(), missing);
        assert!(findings.iter().all(|finding| finding.value == "(not set)" && finding.severity() == Severity::Info));
    }

    #[test]
    fn a_key_shared_by_three_parties_is_found_in_daemon_files() {
        let text = "connections {
            a { local_addrs = 192.0.2.1\n remote_addrs = 192.0.2.2 }
            b { local_addrs = 192.0.2.1\n remote_addrs = 192.0.2.3 }
        }
        secrets { ike { secret = \"one key\" } }";
        let holders: Vec<Holder> = swanctl::read(text, "a.conf").unwrap().iter().filter_map(|(_, end)| holder(end, "a.conf")).collect();
        assert_eq!(crate::policy::shared(&holders).len(), 2);
        assert!(crate::policy::shared(&holders[..1]).is_empty());
    }
}
