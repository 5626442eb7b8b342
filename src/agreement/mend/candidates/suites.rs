//! Lists of proposals that an end may take.

use crate::agreement::algorithm::{Algorithm, NONE, Transform};
use crate::agreement::common::common as compared;
use crate::agreement::end::{End, Kind};
use crate::agreement::proposal::Proposal;
use crate::agreement::settable::can_set;
use crate::agreement::strength::strength;
use crate::agreement::suggest::suggest;
use crate::model::{Key, Settings, Term, Value};

/// How many of the other end's proposals are tried.
const TRIED: usize = 4;

/// The type of transform that a field is about.
pub(super) fn transform(field: &str) -> Transform {
    match field {
        "ike.encryption" | "ipsec.encryption" => Transform::Encryption,
        "ike.prf" => Transform::Prf,
        "ike.dh_group" | "ipsec.pfs" => Transform::Group,
        "ipsec.esn" => Transform::Esn,
        _ => Transform::Integrity,
    }
}

/// The keys of a phase: encryption, integrity, group.
const fn keys(is_ike: bool) -> [Key; 3] {
    if is_ike {
        [Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup]
    } else {
        [Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs]
    }
}

/// Lists for an end that match one of the other end's proposals: with one type changed in the closest of its own, with a whole
/// proposal in its place, beside its own, and alone.
pub(super) fn takes(end: &End, (own, other): (&[Proposal], &[Proposal]), wanted: Transform, is_ike: bool) -> Vec<Vec<Proposal>> {
    const ALL: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Prf, Transform::Group, Transform::Esn];
    let faults = |one: &Proposal, theirs: &Proposal| compared(one, theirs, ALL).missing.len();
    let mut targets: Vec<&Proposal> = other.iter().collect();
    targets.sort_by_key(|theirs| own.iter().map(|one| faults(one, theirs)).min().unwrap_or_default());
    let mut lists: Vec<Vec<Proposal>> = Vec::new();
    let mut add = |list: Vec<Proposal>| {
        if list.as_slice() != own && !lists.contains(&list) {
            lists.push(list);
        }
    };
    for theirs in targets.into_iter().take(TRIED) {
        let Some(place) = (0..own.len()).min_by_key(|place| own.get(*place).map_or(usize::MAX, |one| faults(one, theirs))) else {
            continue;
        };
        let replaced = |proposal: Proposal| -> Vec<Proposal> {
            own.iter().enumerate().map(|(at, one)| if at == place { proposal.clone() } else { one.clone() }).collect()
        };
        let whole = single(end, theirs, is_ike);
        if let Some(one) = own.get(place) {
            add(replaced(changed(one, &whole, wanted)));
        }
        add(replaced(whole.clone()));
        if !matches!(end.kind, Kind::Cloud(_)) {
            add(std::iter::once(whole.clone()).chain(own.iter().cloned()).collect());
        }
        add(vec![whole]);
        add(vec![theirs.first()]);
    }
    lists
}

/// A proposal with one type taken from another one.
fn changed(one: &Proposal, from: &Proposal, wanted: Transform) -> Proposal {
    let mut changed = one.clone();
    match wanted {
        Transform::Encryption => changed.encryption.clone_from(&from.encryption),
        Transform::Integrity => changed.integrity.clone_from(&from.integrity),
        Transform::Prf => changed.prf = from.values(Transform::Prf).map(std::borrow::Cow::into_owned).unwrap_or_default(),
        Transform::Group => changed.groups.clone_from(&from.groups),
        Transform::Esn => changed.esn.clone_from(&from.esn),
    }
    // What goes with the cipher follows it.
    let is_aead = |proposal: &Proposal| proposal.encryption.iter().flatten().any(Algorithm::is_aead);
    if is_aead(&changed) != is_aead(one) {
        changed.integrity.clone_from(&from.integrity);
        changed.prf.clone_from(&from.prf);
    }
    changed
}

/// A proposal with one value of each type: the strongest that an end can be set to.
fn single(end: &End, proposal: &Proposal, is_ike: bool) -> Proposal {
    let [encryption, integrity, group] = keys(is_ike);
    let best = |set: &Option<Vec<Algorithm>>, key: Key| {
        let mut values = set.clone()?;
        let can = |value: &Algorithm| value.term().is_some_and(|term| can_set(end, key, &Value::term(term)));
        if matches!(end.kind, Kind::Cloud(_)) && values.iter().any(can) {
            values.retain(can);
        }
        // No group, or no integrity beside an AEAD cipher, goes first: it is what the other end prefers.
        if values.first() != Some(&NONE) {
            values.sort_by_key(|value| std::cmp::Reverse(value.term().map_or(0, strength)));
        }
        values.truncate(1);
        Some(values)
    };
    Proposal {
        encryption: best(&proposal.encryption, encryption),
        integrity: best(&proposal.integrity, integrity),
        prf: proposal.prf.iter().take(1).cloned().collect(),
        groups: best(&proposal.groups, group),
        esn: proposal.esn.iter().take(1).cloned().collect(),
    }
}

/// The strongest suite that both ends accept, for one phase.
pub(super) fn common(left: &End, right: &End, is_ike: bool) -> Option<Proposal> {
    proposal(&suggest(left, right)?.suite, is_ike)
}

/// One proposal from settings.
fn proposal(suite: &Settings, is_ike: bool) -> Option<Proposal> {
    let [encryption, integrity, group] = keys(is_ike);
    let one = |term: Term| Some(vec![Algorithm::named(term.word())]);
    let hash = suite.term(integrity).map_or_else(|| Some(vec![NONE]), one);
    Some(Proposal { encryption: one(suite.term(encryption)?), integrity: hash, groups: one(suite.term(group)?), ..Proposal::default() })
}

/// Suites that nearly every end has; PFS only where there is some.
pub(super) fn safe(now: &[Proposal], is_ike: bool) -> Vec<Proposal> {
    let pfs = is_ike || now.iter().any(|proposal| proposal.groups.iter().flatten().any(|group| *group != NONE));
    let group = if pfs { "group14" } else { "none" };
    [("aes256", "sha256"), ("aes128", "sha1")].into_iter().map(|(cipher, hash)| Proposal::single(cipher, hash, group)).collect()
}
