//! Algorithms by name, and proposals as sets of them.
//!
//! A name is the model's word where the model has one ([`Term`]); daemons know more algorithms than the three clouds, so
//! the list is open.

use std::borrow::Cow;
use std::fmt;

use crate::model::{Term, Word};

/// What stands for "no PFS" in a list of groups, and for "no integrity".
pub const NONE: Algorithm = Algorithm(Cow::Borrowed("none"));

/// One algorithm, group or switch of a transform: `aes256`, `sha256`, `group14`, `noesn`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Algorithm(Cow<'static, str>);

impl Algorithm {
    /// An algorithm by its name, as this program writes it.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// An algorithm whose name was made: `group31`.
    #[must_use]
    pub const fn made(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The algorithm of a cloud's word; `None` where it is not known what the word means.
    #[must_use]
    pub fn of(word: &Word) -> Option<Self> {
        match word {
            Word::Known(term) => Some(Self::named(term.word())),
            // A group that a cloud no longer documents has its number in its name.
            Word::Foreign(text) => {
                let number = text.to_ascii_lowercase().trim_start_matches("dh-").strip_prefix("group")?.parse::<u8>().ok()?;
                Some(Self::made(format!("group{number}")))
            }
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The model's word for it.
    #[must_use]
    pub fn term(&self) -> Option<Term> {
        Term::from_word(&self.0)
    }

    /// Whether it encrypts and authenticates in one (RFC 5282, RFC 4106, RFC 7634).
    #[must_use]
    pub fn is_aead(&self) -> bool {
        self.0.contains("gcm") || self.0.contains("ccm") || self.0.starts_with("chacha20poly1305") || self.0.contains("gmac")
    }

    /// The number of a group.
    #[must_use]
    pub fn group(&self) -> Option<u8> {
        self.0.strip_prefix("group")?.parse().ok()
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The values of one type of transform, in order of preference; `None` where they could not be read.
pub type Set = Option<Vec<Algorithm>>;

/// One proposal: a list of values for each type of transform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Ciphers with their key lengths.
    pub encryption: Set,
    /// Integrity; beside an AEAD cipher of the IKE SA it names the PRF, and of a Child SA nothing.
    pub integrity: Set,
    /// PRF of an IKEv2 SA; empty where it follows from the integrity.
    pub prf: Vec<Algorithm>,
    /// Groups: of the key exchange of an IKE SA, or PFS of a Child SA, where [`NONE`] stands for no PFS.
    pub groups: Set,
    /// Extended sequence numbers of a Child SA: `esn`, `noesn` or both; empty is `noesn`.
    pub esn: Vec<Algorithm>,
}

impl Proposal {
    /// A proposal with one value of each type, as a cloud has it.
    #[must_use]
    pub fn single(encryption: &'static str, integrity: &'static str, group: &'static str) -> Self {
        let one = |name| Some(vec![Algorithm::named(name)]);
        Self { encryption: one(encryption), integrity: one(integrity), groups: one(group), ..Self::default() }
    }

    /// Only the first value of each type: what strongSwan sends of it in IKEv1.
    #[must_use]
    pub fn first(&self) -> Self {
        let first = |set: &Set| set.as_ref().map(|set| set.iter().take(1).cloned().collect());
        Self {
            encryption: first(&self.encryption),
            integrity: first(&self.integrity),
            prf: self.prf.clone(),
            groups: first(&self.groups),
            esn: self.esn.iter().take(1).cloned().collect(),
        }
    }

    /// The values of a type.
    #[must_use]
    pub fn values(&self, transform: Transform) -> Option<Cow<'_, [Algorithm]>> {
        let borrow = |set: &'_ Set| -> Option<Cow<'_, [Algorithm]>> { set.as_ref().map(|set| Cow::Owned(set.clone())) };
        match transform {
            Transform::Encryption => borrow(&self.encryption),
            Transform::Integrity => borrow(&self.integrity),
            Transform::Prf if self.prf.is_empty() => borrow(&self.integrity),
            Transform::Prf => Some(Cow::Borrowed(&self.prf)),
            Transform::Group => borrow(&self.groups),
            Transform::Esn if self.esn.is_empty() => Some(Cow::Owned(vec![Algorithm::named("noesn")])),
            Transform::Esn => Some(Cow::Borrowed(&self.esn)),
        }
    }
}

impl fmt::Display for Proposal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [&self.encryption, &self.integrity, &Some(self.prf.clone()), &self.groups, &Some(self.esn.clone())];
        let mut parts = Vec::new();
        for list in lists {
            match list {
                Some(list) => parts.extend(list.iter().map(Algorithm::name)),
                None => parts.push("?"),
            }
        }
        out.write_str(&parts.join("-"))
    }
}

/// A type of transform, in the order in which strongSwan looks for common values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transform {
    /// Encryption with its key length.
    Encryption,
    /// Integrity.
    Integrity,
    /// Pseudo-random function.
    Prf,
    /// Key exchange.
    Group,
    /// Extended sequence numbers.
    Esn,
}

/// What two proposals have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Common {
    /// The first common value of each type that both ends have to agree on.
    pub(super) chosen: Vec<(Transform, Algorithm)>,
    /// Types without a common value.
    pub(super) missing: Vec<Transform>,
    /// Types that could not be read on an end.
    pub(super) unknown: Vec<Transform>,
}

impl Common {
    /// Whether the proposals match.
    #[must_use]
    pub(super) const fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.unknown.is_empty()
    }

    /// The chosen value of a type.
    #[must_use]
    pub(super) fn get(&self, transform: Transform) -> Option<&Algorithm> {
        self.chosen.iter().find(|(chosen, _)| *chosen == transform).map(|(_, algorithm)| algorithm)
    }
}

/// Compares two proposals in these types; the values of `own` come first, as a responder prefers them.
#[must_use]
pub(super) fn common(own: &Proposal, other: &Proposal, transforms: &[Transform]) -> Common {
    let mut common = Common::default();
    let mut aead = false;
    for transform in transforms {
        // With an AEAD cipher there is no integrity transform; the PRF stays.
        if *transform == Transform::Integrity && aead {
            continue;
        }
        // Where both PRFs follow from the integrity they differ exactly when that differs.
        if *transform == Transform::Prf && !aead && own.prf.is_empty() && other.prf.is_empty() {
            continue;
        }
        match (own.values(*transform), other.values(*transform)) {
            (Some(ours), Some(theirs)) => match ours.iter().find(|value| theirs.contains(value)) {
                Some(value) => {
                    aead |= *transform == Transform::Encryption && value.is_aead();
                    common.chosen.push((*transform, value.clone()));
                }
                None => {
                    // Nothing can be said about the integrity of a cipher that authenticates by itself.
                    let all_aead = |set: &[Algorithm]| !set.is_empty() && set.iter().all(Algorithm::is_aead);
                    aead |= *transform == Transform::Encryption && (all_aead(&ours) || all_aead(&theirs));
                    common.missing.push(*transform);
                }
            },
            _ => common.unknown.push(*transform),
        }
    }
    common
}

/// The first match of two lists of proposals, or the pair that comes closest.
#[must_use]
pub(super) fn closest(own: &[Proposal], other: &[Proposal], transforms: &[Transform]) -> Option<Common> {
    let mut best: Option<Common> = None;
    for ours in own {
        for theirs in other {
            let found = common(ours, theirs, transforms);
            if found.is_whole() {
                return Some(found);
            }
            let faults = |common: &Common| common.missing.len() * 2 + common.unknown.len();
            if best.as_ref().is_none_or(|best| faults(&found) < faults(best)) {
                best = Some(found);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const IKE: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Prf, Transform::Group];

    #[test]
    fn a_value_of_every_type_must_be_common_within_one_proposal() {
        let offered = [Proposal::single("aes128", "sha256", "group14"), Proposal::single("aes256", "sha1", "group14")];
        let wanted = [Proposal::single("aes256", "sha256", "group14")];
        let found = closest(&wanted, &offered, IKE).unwrap();
        assert_eq!(found.missing, [Transform::Encryption]);
    }

    #[test]
    fn all_missing_types_are_named_at_once() {
        let found = common(&Proposal::single("aes256", "sha256", "group14"), &Proposal::single("aes128", "sha1", "group2"), IKE);
        assert_eq!(found.missing, [Transform::Encryption, Transform::Integrity, Transform::Group]);
    }

    #[test]
    fn beside_an_aead_cipher_the_integrity_names_the_prf() {
        let found =
            common(&Proposal::single("aes256gcm16", "sha256", "group14"), &Proposal::single("aes256gcm16", "sha512", "group14"), IKE);
        assert_eq!(found.missing, [Transform::Prf]);
    }

    #[test]
    fn a_group_without_a_row_is_known_by_its_number() {
        assert_eq!(Algorithm::of(&Word::Foreign("GROUP24".into())).unwrap().name(), "group24");
        assert_eq!(Algorithm::of(&Word::Foreign("aes-512".into())), None);
    }
}
