//! What a plan says beside the change: when it takes effect, what it interrupts, what is weak.

use super::settings::is_doubtful_in_psk;
use crate::model::{Group, Key, Settings, Term, Value, Word};

/// Adds the warnings of a change. `after` holds the settings as they will be.
pub(super) fn add(change: &Settings, after: &Settings, warnings: &mut Vec<String>) {
    let version = after.term(Key::IkeVersion);
    if let Some(Value::Secret(psk)) = change.get(Key::Psk) {
        warnings.push(key_change(change, version));
        if psk.expose().contains(is_doubtful_in_psk) {
            warnings.push("the key contains a space or an asterisk, which not every edition of the vendor's page allows".to_owned());
        }
    }
    warnings.extend(interruption(change));
    warnings.extend(delay(change, version));
    if change.has(Key::IkeMode) && version == Some(Term::Ikev2) {
        warnings.push("--ike-mode takes effect for IKEv1 only, and the connection uses IKEv2".to_owned());
    }
    if change.number(Key::IpsecLifetime).is_some_and(|seconds| seconds < 60) {
        warnings.push("--ipsec-lifetime below 60 s: other pages of the vendor give 60 s as the minimum".to_owned());
    }
    warnings.extend(weak(change));
}

fn key_change(change: &Settings, version: Option<Term>) -> String {
    const REMEDY: &str =
        "to make it effective, send an IKE setting with it and reset the connection, or delete and recreate the connection";
    let others: Vec<Key> = change.iter().map(|(key, _)| key).filter(|key| *key != Key::Psk).collect();
    let condition = if version.is_none() { "if the connection uses IKEv2 (its version was not read), " } else { "with IKEv2, " };
    match version {
        Some(Term::Ikev1) => "with IKEv1, the new key is used from the next negotiation on; the peer must have it by then".to_owned(),
        _ if others.is_empty() => {
            format!("{condition}a change of only the key does not take effect until the connection is re-established: {REMEDY}")
        }
        _ if !others.iter().any(is_policy_setting) => {
            format!(
                "{condition}a change of only the key does not take effect until the connection is re-established, and the vendor does not say whether the other settings of this change alter that: {REMEDY}"
            )
        }
        _ => format!("{condition}the new key takes effect once the connection is re-established: reset it after the change"),
    }
}

/// Whether a key belongs to `ikepolicy` or `ipsecpolicy`.
fn is_policy_setting(key: &Key) -> bool {
    matches!(key.group(), Group::Ike | Group::Dpd | Group::Ipsec)
}

fn interruption(change: &Settings) -> Option<String> {
    const INTERRUPTING: &[Key] = &[Key::CustomerGateway, Key::TunnelLocalAddress, Key::TunnelPeerAddress, Key::IkeVersion];
    let interrupting: Vec<String> = INTERRUPTING.iter().filter(|key| change.has(**key)).map(|key| key.named()).collect();
    (!interrupting.is_empty())
        .then(|| format!("{} takes effect at once: traffic stops until the tunnel is renegotiated", interrupting.join(", ")))
}

fn delay(change: &Settings, version: Option<Term>) -> Vec<String> {
    const PHASE1: &[Key] = &[Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup, Key::IkeLifetime];
    const PHASE2: &[Key] = &[Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs, Key::IpsecLifetime];
    const IDENTITIES: &[Key] = &[Key::LocalIdType, Key::LocalId, Key::RemoteIdType, Key::RemoteId];
    let given = |keys: &[Key]| keys.iter().filter(|key| change.has(**key)).map(|key| key.named()).collect::<Vec<_>>().join(", ");
    let when = match version {
        Some(Term::Ikev1) => "from the next negotiation on",
        Some(Term::Ikev2) => "once the connection is re-established",
        _ => "from the next negotiation on (IKEv1) or once the connection is re-established (IKEv2)",
    };
    [
        (given(PHASE1), "only after the current IKE SA expires"),
        (given(PHASE2), "only after the current Child SA expires"),
        (given(IDENTITIES), when),
    ]
    .into_iter()
    .filter(|(keys, _)| !keys.is_empty())
    .map(|(keys, when)| format!("{keys}: takes effect {when}"))
    .collect()
}

fn weak(change: &Settings) -> Option<String> {
    const WEAK: &[Term] = &[Term::Des, Term::TripleDes, Term::Md5, Term::Sha1, Term::Group1, Term::Group2, Term::Group5, Term::Group14];
    let found: Vec<String> = change
        .iter()
        .filter_map(|(key, value)| match value {
            Value::Word(Word::Known(term)) if WEAK.contains(term) => Some(format!("{} {term}", key.named())),
            _ => None,
        })
        .collect();
    (!found.is_empty()).then(|| format!("the vendor calls these weak: {}", found.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::huawei::testing::settings;

    fn warnings(change: &[(Key, &str)], version: &str) -> String {
        let change = settings(change);
        let stored = if version.is_empty() { Settings::new() } else { settings(&[(Key::IkeVersion, version)]) };
        let mut warnings = Vec::new();
        add(&change, &stored.with(&change), &mut warnings);
        warnings.join("\n")
    }

    #[test]
    fn change_of_only_the_key_has_no_effect_with_ikev2() {
        let psk = (Key::Psk, "Canary-1234");
        for version in ["ikev2", ""] {
            let alone = warnings(&[psk], version);
            assert!(alone.contains("does not take effect") && alone.contains("reset") && alone.contains("delete and recreate"), "{alone}");
            assert_eq!(alone.contains("was not read"), version.is_empty());
            assert!(warnings(&[psk, (Key::Name, "x")], version).contains("does not take effect"));
            let along = warnings(&[psk, (Key::DpdInterval, "60")], version);
            assert!(!along.contains("does not take effect") && along.contains("reset"), "{along}");
        }
        assert!(warnings(&[psk], "ikev1").contains("next negotiation"));
        assert!(warnings(&[psk, (Key::IkeVersion, "ikev1")], "ikev2").contains("next negotiation"));
        assert!(!warnings(&[psk], "ikev2").contains("Canary"));
    }

    #[test]
    fn doubtful_characters_of_a_key_are_warned_about() {
        assert!(warnings(&[(Key::Psk, "Canary 1234")], "ikev1").contains("space or an asterisk"));
        assert!(warnings(&[(Key::Psk, "Canary*1234")], "ikev1").contains("space or an asterisk"));
        assert!(!warnings(&[(Key::Psk, "Canary-1234")], "ikev1").contains("asterisk"));
    }

    #[test]
    fn warnings_say_when_a_change_takes_effect() {
        let text = warnings(&[(Key::IkeEncryption, "aes256"), (Key::IpsecPfs, "none"), (Key::LocalId, "a")], "ikev2");
        assert!(text.contains("--ike-encryption: takes effect only after the current IKE SA"), "{text}");
        assert!(text.contains("--ipsec-pfs: takes effect only after the current Child SA"), "{text}");
        assert!(text.contains("--local-id: takes effect once the connection is re-established"), "{text}");
        assert!(warnings(&[(Key::IkeVersion, "ikev1")], "ikev2").contains("--ike-version takes effect at once"));
        assert!(warnings(&[(Key::IkeMode, "main")], "ikev2").contains("IKEv1 only"));
        assert_eq!(warnings(&[(Key::IkeMode, "main")], "ikev1"), "");
    }

    #[test]
    fn weak_algorithms_are_named_in_one_warning() {
        let text = warnings(&[(Key::IkeEncryption, "3des"), (Key::IkeDhGroup, "group2"), (Key::IpsecIntegrity, "md5")], "ikev2");
        assert_eq!(text.lines().filter(|line| line.contains("weak")).count(), 1, "{text}");
        assert!(text.contains("--ike-encryption 3des, --ike-dh-group group2, --ipsec-integrity md5"), "{text}");
        assert!(!warnings(&[(Key::IkeDhGroup, "group15")], "ikev2").contains("weak"));
    }

    #[test]
    fn ipsec_lifetime_below_a_minute_is_warned_about() {
        assert!(warnings(&[(Key::IpsecLifetime, "59")], "").contains("60 s"));
        assert!(!warnings(&[(Key::IpsecLifetime, "60")], "").contains("below 60 s"));
    }
}
