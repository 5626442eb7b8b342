use super::*;
use crate::model::{Key, Ref, Term, Value, Word};

const ALL: [Policy; 7] = [Policy::Modern, Policy::Rfc, Policy::Nist, Policy::Cnsa, Policy::Bsi, Policy::Gm, Policy::Off];

fn connection(provider: &str, terms: &[(Key, Term)]) -> Connection {
    let mut connection = Connection::new(Ref::parse(&format!("{provider}@x/id-1")).unwrap());
    let base = [
        (Key::IkeVersion, Term::Ikev2),
        (Key::IkeMode, Term::Main),
        (Key::IkeEncryption, Term::Aes256Gcm16),
        (Key::IkeIntegrity, Term::Sha512),
        (Key::IkeDhGroup, Term::Group20),
        (Key::IpsecEncryption, Term::Aes256Gcm16),
        (Key::IpsecIntegrity, Term::Sha512),
        (Key::IpsecPfs, Term::Group20),
    ];
    for (key, term) in base.iter().chain(terms) {
        connection.settings.set(*key, Value::term(*term));
    }
    connection
}

fn found(policy: Policy, connection: &Connection) -> Vec<(&'static str, Severity)> {
    audit(policy, connection).iter().map(|finding| (finding.rule.id, finding.severity())).collect()
}

#[test]
fn ids_are_unique_and_start_with_their_policy() {
    for policy in ALL {
        let ids: Vec<&str> = policy.rules().iter().map(|rule| rule.id).collect();
        assert!(ids.iter().all(|id| id.starts_with(&format!("{}/", policy.word()))), "{ids:?}");
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        assert_eq!(Policy::from_word(policy.word()), Some(policy));
    }
}

#[test]
fn rules_of_unread_standards_are_never_errors() {
    for rule in Policy::Bsi.rules().iter().chain(Policy::Gm.rules()) {
        assert!(rule.severity <= Severity::Warn && rule.what.contains("unverified reading"), "{}", rule.id);
    }
}

#[test]
fn a_strong_suite_has_no_findings() {
    for policy in [Policy::Modern, Policy::Nist, Policy::Cnsa, Policy::Bsi] {
        assert_eq!(found(policy, &connection("huawei", &[])), [], "{policy:?}");
    }
    assert!(found(Policy::Rfc, &connection("huawei", &[])).iter().all(|(_, severity)| *severity == Severity::Info));
}

#[test]
fn every_rule_of_the_default_policy_finds_its_word() {
    use Severity::{Error, Info, Warn};
    let rows: &[(Key, Term, &str, Severity)] = &[
        (Key::IkeEncryption, Term::Des, "modern/des", Error),
        (Key::IpsecEncryption, Term::Null, "modern/null", Error),
        (Key::IpsecEncryption, Term::TripleDes, "modern/3des", Warn),
        (Key::IkeEncryption, Term::Aes128, "modern/aes128", Info),
        (Key::IkeEncryption, Term::Aes256, "modern/cbc", Info),
        (Key::IkeIntegrity, Term::Md5, "modern/md5", Error),
        (Key::IkeIntegrity, Term::Sha1, "modern/sha1", Warn),
        (Key::IkeIntegrity, Term::Sha384, "modern/sha384", Info),
        (Key::IkeDhGroup, Term::Group2, "modern/weak-group", Error),
        (Key::IpsecPfs, Term::Group5, "modern/weak-group", Error),
        (Key::IkeDhGroup, Term::Group24, "modern/group24", Warn),
        (Key::IkeDhGroup, Term::Group14, "modern/group14", Info),
        (Key::IpsecPfs, Term::None, "modern/no-pfs", Warn),
    ];
    for (key, term, id, severity) in rows {
        assert_eq!(found(Policy::Modern, &connection("huawei", &[(*key, *term)])), [(*id, *severity)], "{key:?} {term}");
    }
}

#[test]
fn integrity_beside_an_aead_cipher_is_not_judged() {
    let weak = (Key::IpsecIntegrity, Term::Md5);
    assert_eq!(found(Policy::Modern, &connection("huawei", &[weak])), []);
    let plain = connection("huawei", &[weak, (Key::IpsecEncryption, Term::Aes256)]);
    assert!(found(Policy::Modern, &plain).contains(&("modern/md5-ipsec", Severity::Error)));
}

#[test]
fn aggressive_mode_counts_with_ikev1_only() {
    let mode = (Key::IkeMode, Term::Aggressive);
    assert_eq!(found(Policy::Modern, &connection("huawei", &[mode])), []);
    let old = connection("huawei", &[mode, (Key::IkeVersion, Term::Ikev1), (Key::IkeEncryption, Term::Aes256)]);
    assert!(found(Policy::Modern, &old).contains(&("modern/aggressive", Severity::Error)));
}

#[test]
fn the_cloud_accepts_every_replacement() {
    let weak = [(Key::IkeDhGroup, Term::Group2), (Key::IkeEncryption, Term::TripleDes)];
    let replacement = |provider: &str, key: Key| {
        let findings = audit(Policy::Modern, &connection(provider, &weak));
        findings.into_iter().find(|finding| finding.key == key).and_then(|finding| finding.replacement).unwrap()
    };
    assert_eq!(replacement("alibaba", Key::IkeDhGroup), "group14");
    assert_eq!(replacement("huawei", Key::IkeDhGroup), "group20");
    assert_eq!(replacement("alibaba", Key::IkeEncryption), "aes256");
    assert_eq!(replacement("huawei", Key::IkeEncryption), "aes256gcm16");
}

#[test]
fn no_aead_cipher_replaces_one_of_an_ikev1_ike_sa() {
    let old = connection("huawei", &[(Key::IkeVersion, Term::Ikev1), (Key::IkeEncryption, Term::TripleDes)]);
    let finding = audit(Policy::Modern, &old).into_iter().find(|finding| finding.key == Key::IkeEncryption).unwrap();
    assert_eq!(finding.replacement.as_deref(), Some("aes256"));
}

#[test]
fn unknown_and_missing_values_are_reported() {
    let mut odd = connection("huawei", &[]);
    odd.settings.set(Key::IkeEncryption, Value::Word(Word::Foreign("rot13".to_owned())));
    odd.settings.remove(Key::IkeVersion);
    assert_eq!(found(Policy::Modern, &odd), [("audit/not-returned", Severity::Info), ("audit/unknown-value", Severity::Warn)]);
    assert_eq!(found(Policy::Off, &odd), []);
}

#[test]
fn national_algorithms_are_judged_only_by_their_own_policy() {
    let national = [(Key::IkeEncryption, Term::Sm4), (Key::IkeIntegrity, Term::Sm3)];
    for policy in [Policy::Modern, Policy::Cnsa, Policy::Bsi] {
        let ids = found(policy, &connection("huawei", &national));
        assert!(ids.iter().all(|(id, severity)| *id == "audit/national-algorithm" && *severity == Severity::Info), "{ids:?}");
    }
    assert!(found(Policy::Gm, &connection("huawei", &[])).contains(&("gm/cipher", Severity::Warn)));
}

#[test]
fn lifetimes_are_judged_at_their_limits() {
    let mut one = connection("huawei", &[]);
    for (secs, ids) in [(28_800, &[][..]), (28_801, &["modern/ipsec-lifetime"]), (0, &["modern/no-lifetime"])] {
        one.settings.set(Key::IpsecLifetime, Value::Number(secs));
        let found: Vec<&str> = found(Policy::Modern, &one).into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, ids, "{secs}");
    }
}

#[test]
fn a_key_is_judged_but_never_shown() {
    let keys = |key: &str| {
        let mut one = connection("huawei", &[]);
        one.settings.set(Key::Psk, Value::secret(key));
        let findings = audit(Policy::Modern, &one);
        assert!(!format!("{findings:?}").contains(key));
        findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(keys("Kx7Qm2Zp9Lw4Ns8Vt3Rb6Yc1Hd5Jf0GgAaUuEeIi"), Vec::<&str>::new());
    assert_eq!(keys("Short-Key-1"), ["modern/key-short", "modern/key-weak"]);
    assert_eq!(keys("tencenttest"), ["modern/key-documented", "modern/key-short", "modern/key-weak", "modern/key-one-class"]);
    assert_eq!(keys("abababababababababababababababababab"), ["modern/key-weak", "modern/key-one-class"]);
    assert_eq!(keys("0sKx7Qm2Zp9Lw4Ns8Vt3Rb6Yc1Hd5Jf0Gg"), ["modern/key-prefix"]);
    assert_eq!(keys("Kx7Qm2Zp9Lw4Ns8Vt3Rb6Yc1Hd5Jf0GgAaUu "), ["modern/key-pasted"]);
}

#[test]
fn three_parties_must_not_share_a_key_but_both_ends_of_a_tunnel_may() {
    let end = |local: &str, remote: &str| {
        let mut one = connection("huawei", &[]);
        one.reference.id = format!("{local}-{remote}");
        one.settings.set(Key::Psk, Value::secret("one-key"));
        one.settings.set(Key::LocalId, Value::Text(local.to_owned()));
        one.settings.set(Key::RemoteId, Value::Text(remote.to_owned()));
        one
    };
    let pair = [end("192.0.2.1", "192.0.2.2"), end("192.0.2.2", "192.0.2.1")];
    let shared = |all: &[Connection]| super::shared(&all.iter().flat_map(holders).collect::<Vec<_>>());
    assert!(shared(&pair).is_empty());
    let three = [pair[0].clone(), pair[1].clone(), end("192.0.2.1", "192.0.2.3")];
    assert_eq!(shared(&three).len(), 3);
}
