//! The strongest suite that two ends accept.

use super::algorithm::{Algorithm, NONE, Transform};
use super::end::{End, Kind};
use super::mend::{Change, Setting};
use super::proposal::Proposal;
use super::settable::can_set;
use super::side::Side;
use super::strength::strength;
use crate::model::{Key, Settings, Term, Value};

/// The settings that make up a suite.
const SUITE: &[Key] =
    &[Key::IkeVersion, Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup, Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];

/// What an end can be set to: for each setting of a suite, the values it accepts.
struct Capabilities(Vec<(Key, Vec<Term>)>);

impl Capabilities {
    fn of(&self, key: Key) -> &[Term] {
        self.0.iter().find(|(known, _)| *known == key).map_or(&[], |(_, terms)| terms.as_slice())
    }
}

/// A suite, and what each end must change for it.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The suite.
    pub suite: Settings,
    /// The changes of each end; an end that already has the suite is left out.
    pub changes: Vec<Change>,
}

/// What an end accepts: a cloud by its tables, a daemon by its proposals.
fn capabilities(end: &End) -> Capabilities {
    let is_cloud = matches!(end.kind, Kind::Cloud(_));
    let now = |key: Key| -> Vec<Term> {
        let of = |phase1: bool, transform: Transform| {
            let proposals = if phase1 { &end.ike } else { &end.esp };
            let values = proposals.iter().filter_map(|proposal| proposal.values(transform)).flat_map(|values| values.into_owned());
            values.filter_map(|value: Algorithm| value.term()).collect()
        };
        match key {
            Key::IkeVersion => end.versions.clone().unwrap_or_default(),
            Key::IkeEncryption => of(true, Transform::Encryption),
            Key::IkeIntegrity => of(true, Transform::Integrity),
            Key::IkeDhGroup => of(true, Transform::Group),
            Key::IpsecEncryption => of(false, Transform::Encryption),
            Key::IpsecIntegrity => of(false, Transform::Integrity),
            Key::IpsecPfs => of(false, Transform::Group),
            _ => Vec::new(),
        }
    };
    let has = |key: Key| {
        let now = now(key);
        if !is_cloud {
            return now;
        }
        // Tencent accepts GCM on gateways of version 4.0 only, and returns no version: suggest it only to an end that uses it.
        let doubtful =
            |term: &Term| end.kind == Kind::Cloud("tencent".to_owned()) && Algorithm::named(term.word()).is_aead() && !now.contains(term);
        Term::ALL.iter().copied().filter(|term| strength(*term) > 0 && !doubtful(term) && can_set(end, key, &Value::term(*term))).collect()
    };
    Capabilities(SUITE.iter().map(|key| (*key, has(*key))).collect())
}

/// The strongest suite that both ends accept; `None` where a setting has no common value.
#[must_use]
pub fn suggest(left: &End, right: &End) -> Option<Suggestion> {
    let (ours, theirs) = (capabilities(left), capabilities(right));
    let mut suite = Settings::new();
    for key in SUITE {
        let v1 = suite.term(Key::IkeVersion) == Some(Term::Ikev1);
        // IKEv1 has no AEAD for the IKE SA.
        let usable = |term: &Term| strength(*term) > 0 && !(v1 && *key == Key::IkeEncryption && Algorithm::named(term.word()).is_aead());
        let common = ours.of(*key).iter().copied().filter(|term| theirs.of(*key).contains(term)).filter(usable);
        match common.max_by_key(|term| strength(*term)) {
            Some(best) => suite.set(*key, Value::term(best)),
            // An AEAD cipher needs no integrity algorithm.
            None if *key == Key::IpsecIntegrity
                && suite.term(Key::IpsecEncryption).is_some_and(|term| Algorithm::named(term.word()).is_aead()) => {}
            None => return None,
        }
    }
    let changes =
        Side::BOTH.into_iter().map(|side| change(side, side.of((left, right)), &suite)).filter(|change| !change.settings.is_empty());
    let changes = changes.collect();
    Some(Suggestion { suite, changes })
}

/// What an end changes for a suite.
fn change(side: Side, end: &End, suite: &Settings) -> Change {
    let differs = |keys: &[Key]| suite.iter().any(|(key, value)| keys.contains(&key) && end_value(end, key).as_ref() != Some(value));
    let one = |term: Option<Term>| term.map_or(vec![NONE], |term| vec![Algorithm::named(term.word())]);
    let proposal = |[encryption, integrity, group]: [Key; 3]| Proposal {
        encryption: Some(one(suite.term(encryption))),
        integrity: Some(one(suite.term(integrity))),
        groups: Some(one(suite.term(group).filter(|term| *term != Term::None))),
        ..Proposal::default()
    };
    let ike = [Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup];
    let esp = [Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];
    let version = suite.term(Key::IkeVersion).filter(|_| differs(&[Key::IkeVersion]));
    let version = version.map(|version| Setting::Versions(vec![version]));
    let ike = differs(&ike).then(|| Setting::Ike(vec![proposal(ike)]));
    let esp = differs(&esp).then(|| Setting::Esp(None, vec![proposal(esp)]));
    Change { side, settings: version.into_iter().chain(ike).chain(esp).collect() }
}

/// The current value of an end, where it has only one.
fn end_value(end: &End, key: Key) -> Option<Value> {
    let one = |proposals: &[Proposal], transform: Transform| match proposals {
        [proposal] => match proposal.values(transform)?.as_ref() {
            [value] => value.term().map(Value::term),
            _ => None,
        },
        _ => None,
    };
    match key {
        Key::IkeVersion => match end.versions.as_deref()? {
            [version] => Some(Value::term(*version)),
            _ => None,
        },
        Key::IkeEncryption => one(&end.ike, Transform::Encryption),
        Key::IkeIntegrity => one(&end.ike, Transform::Integrity),
        Key::IkeDhGroup => one(&end.ike, Transform::Group),
        Key::IpsecEncryption => one(&end.esp, Transform::Encryption),
        Key::IpsecIntegrity => one(&end.esp, Transform::Integrity),
        Key::IpsecPfs => one(&end.esp, Transform::Group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(provider: &str) -> End {
        End::new(provider, Kind::Cloud(provider.to_owned()))
    }

    fn words(one: &str, other: &str) -> String {
        let suggestion = suggest(&cloud(one), &cloud(other)).unwrap();
        suggestion.suite.iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_strongest_common_suites_are_those_of_the_policy() {
        assert_eq!(words("alibaba", "huawei"), "ikev2 aes256 sha512 group14 aes256 sha512 group14");
        assert_eq!(words("tencent", "huawei"), "ikev2 aes256 sha512 group20 aes256 sha512 group20");
        assert_eq!(words("huawei", "huawei"), "ikev2 aes256gcm16 sha512 group20 aes256gcm16 sha512 group20");
    }

    #[test]
    fn an_end_that_has_the_suite_changes_nothing() {
        let mut end = End::new("a", Kind::Strongswan);
        end.versions = Some(vec![Term::Ikev2]);
        end.ike = vec![Proposal::single("aes256", "sha256", "group14")];
        end.esp = end.ike.clone();
        let found = suggest(&end, &cloud("alibaba")).unwrap();
        assert_eq!(found.changes.len(), 1);
        assert_eq!(found.changes[0].side, Side::Right);
    }
}
