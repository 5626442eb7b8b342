//! What two proposals have in common.

use super::algorithm::{Algorithm, Transform};
use super::proposal::Proposal;

/// What two proposals have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Common {
    /// The first common value of each type.
    pub(super) chosen: Vec<(Transform, Algorithm)>,
    /// Types without a common value.
    pub(super) missing: Vec<Transform>,
    /// Types whose values are not known at an end.
    pub(super) unknown: Vec<Transform>,
}

impl Common {
    /// Whether the proposals match in all types.
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

/// Compares two proposals in these types; the order of `own`, the responder's, decides.
#[must_use]
pub(super) fn common(own: &Proposal, other: &Proposal, transforms: &[Transform]) -> Common {
    let mut common = Common::default();
    let mut aead = false;
    for transform in transforms {
        // With an AEAD cipher there is no integrity transform, but still a PRF.
        if *transform == Transform::Integrity && aead {
            continue;
        }
        // Where both PRFs follow from the integrity, they differ exactly when it differs.
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
                    // There is no integrity to compare where one end has only AEAD ciphers.
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

/// The first match of two lists of proposals, or the comparison with the fewest faults.
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
    fn values_match_only_within_one_proposal() {
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
}
