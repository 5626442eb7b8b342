//! Proposals: sets of algorithms, one set for each type of transform.

use std::borrow::Cow;
use std::fmt;

use super::algorithm::{Algorithm, Transform};

/// The values of one type of transform, in order of preference; `None`: not known.
pub type Set = Option<Vec<Algorithm>>;

/// A proposal: a list of values for each type of transform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Ciphers with their key lengths.
    pub encryption: Set,
    /// Integrity algorithms. Beside an AEAD cipher they name the PRF of an IKE SA, and mean nothing for a Child SA.
    pub integrity: Set,
    /// PRFs of an IKEv2 SA; empty where they follow from the integrity.
    pub prf: Vec<Algorithm>,
    /// Groups: of the key exchange of an IKE SA, or for PFS of a Child SA, where `none` means no PFS.
    pub groups: Set,
    /// Extended sequence numbers of a Child SA: `esn`, `noesn` or both; empty is `noesn`.
    pub esn: Vec<Algorithm>,
}

impl Proposal {
    /// A proposal with one value of each type.
    #[must_use]
    pub fn single(encryption: &'static str, integrity: &'static str, group: &'static str) -> Self {
        let one = |name| Some(vec![Algorithm::named(name)]);
        Self { encryption: one(encryption), integrity: one(integrity), groups: one(group), ..Self::default() }
    }

    /// The proposal with only the first value of each type, as strongSwan sends it in IKEv1.
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

    /// The values of a type; `None`: not known.
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
