//! Versions and modes of IKE.

use super::super::change::{Mend, Setting};
use super::ends::Ends;
use super::proposals::without_aead;
use crate::agreement::end::End;
use crate::agreement::strength::strength;
use crate::model::Term;

/// The ends use different versions.
pub(super) fn versions(ends: &Ends<'_>) -> Vec<Mend> {
    let first = |end: &End| end.versions.as_ref().and_then(|list| list.first().copied());
    let sides = ends.weaker(|end| first(end).map_or(0, strength));
    let take = |_: &End, other: &End| first(other).map(|version| Setting::Versions(vec![version])).into_iter().collect();
    sides.into_iter().flat_map(|side| ends.at(side, take)).chain(newer(ends)).collect()
}

/// Both ends use IKEv2 alone.
pub(super) fn newer(ends: &Ends<'_>) -> Option<Mend> {
    ends.both(|end, _| (end.versions.as_deref() != Some(&[Term::Ikev2])).then(|| Setting::Versions(vec![Term::Ikev2])))
}

/// The ends use different modes.
pub(super) fn modes(ends: &Ends<'_>) -> Vec<Mend> {
    let sides = ends.weaker(|end| u8::from(end.mode == Some(Term::Main)));
    sides.into_iter().flat_map(|side| ends.at(side, |_, other| other.mode.map(Setting::Mode).into_iter().collect())).collect()
}

/// Aggressive mode is refused: main mode at both ends, or IKEv2.
pub(super) fn safe(ends: &Ends<'_>) -> Vec<Mend> {
    let main = ends.both(|end, _| (end.mode == Some(Term::Aggressive)).then_some(Setting::Mode(Term::Main)));
    newer(ends).into_iter().chain(main).collect()
}

/// IKEv1 has no AEAD cipher for the IKE SA.
pub(super) fn aead(ends: &Ends<'_>) -> Vec<Mend> {
    let plain = ends.both(|end, _| {
        let list = without_aead(&end.ike);
        (list != end.ike).then_some(Setting::Ike(list))
    });
    newer(ends).into_iter().chain(plain).collect()
}
