//! Proposals: an end takes what the other end has, or both take what both have.

use super::super::change::{Mend, Setting};
use super::ends::Ends;
use super::suites::{common, safe, takes, transform};
use crate::agreement::algorithm::{Algorithm, NONE, Transform};
use crate::agreement::end::{Child, End};
use crate::agreement::finding::Finding;
use crate::agreement::proposal::Proposal;
use crate::agreement::side::Side;
use crate::agreement::strength::strength;

/// The proposals of the IKE SA do not match.
pub(super) fn ike(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    let wanted = transform(finding.field);
    let sides = ends.weaker(|end| strongest(&end.ike, wanted));
    let take = |own: &End, other: &End| takes(own, (&own.ike, &other.ike), wanted, true).into_iter().map(Setting::Ike).collect();
    let mut mends: Vec<Mend> = sides.into_iter().flat_map(|side| ends.at(side, take)).collect();
    for proposal in common(ends.left, ends.right, true).into_iter().chain(safe(&ends.left.ike, true)) {
        mends.extend(ends.both(|_, _| Some(Setting::Ike(vec![proposal.clone()]))));
    }
    mends
}

/// The proposals of two children do not match.
pub(super) fn esp(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    let wanted = transform(finding.field);
    let lists = |side: Side| child_list(ends, side, &finding.child);
    let sides = ends.weaker(|end| strongest(&lists(if std::ptr::eq(end, ends.left) { Side::Left } else { Side::Right }).1, wanted));
    let mut mends: Vec<Mend> = Vec::new();
    for side in sides {
        let ((child, own), (_, other)) = (lists(side), lists(side.other()));
        let set = |list: Vec<Proposal>| Mend::one(side, Setting::Esp(child.clone(), list));
        mends.extend(takes(ends.of(side), (&own, &other), wanted, false).into_iter().map(set));
    }
    for proposal in common(ends.left, ends.right, false).into_iter().chain(safe(&ends.left.esp, false)) {
        mends.extend(ends.both(|_, _| Some(Setting::Esp(None, vec![proposal.clone()]))));
    }
    mends
}

/// The groups of PFS do not match: the other end's, or that of the IKE SA at both ends.
pub(super) fn pfs(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    let groups = |list: &[Proposal]| -> Vec<Algorithm> {
        let mut all: Vec<Algorithm> = list.iter().flat_map(|proposal| proposal.groups.iter().flatten().cloned()).collect();
        all.sort_by_key(|group| std::cmp::Reverse(group.term().map_or(0, strength)));
        all.dedup();
        all
    };
    let with = |list: &[Proposal], group: &Algorithm| -> Vec<Proposal> {
        list.iter().map(|proposal| Proposal { groups: Some(vec![group.clone()]), ..proposal.clone() }).collect()
    };
    let lists = |side: Side| child_list(ends, side, &finding.child);
    let side_of = |end: &End| if std::ptr::eq(end, ends.left) { Side::Left } else { Side::Right };
    let mut mends = Vec::new();
    for side in ends.weaker(|end| strongest(&lists(side_of(end)).1, Transform::Group)) {
        let (child, own) = lists(side);
        let wanted = groups(&lists(side.other()).1).into_iter().chain(groups(&ends.of(side.other()).ike));
        let mut tried: Vec<Algorithm> = Vec::new();
        for group in wanted.take(6) {
            if !tried.contains(&group) {
                mends.push(Mend::one(side, Setting::Esp(child.clone(), with(&own, &group))));
                tried.push(group);
            }
        }
        mends.extend(
            takes(ends.of(side), (&own, &lists(side.other()).1), Transform::Group, false)
                .into_iter()
                .map(|list| Mend::one(side, Setting::Esp(child.clone(), list))),
        );
    }
    let shared = groups(&ends.left.ike).into_iter().filter(|group| *group != NONE && groups(&ends.right.ike).contains(group));
    for group in shared.take(2) {
        mends.extend(ends.both(|end, _| Some(Setting::Esp(None, with(&end.esp, &group)))));
    }
    // Where both rekey with the group of the IKE SA, that may be what cannot be shared.
    mends.extend(
        ends.both(|end, _| Some(Setting::Esp(None, with(&end.esp, &NONE))))
            .filter(|_| finding.cause == crate::agreement::Cause::PfsOfIkeSa),
    );
    mends
}

/// The strength of an end's best value of a type.
fn strongest(list: &[Proposal], transform: Transform) -> u8 {
    let values = list.iter().filter_map(|proposal| proposal.values(transform)).flat_map(std::borrow::Cow::into_owned);
    values.filter_map(|value| value.term()).map(strength).max().unwrap_or_default()
}

/// A child of an end by name, or the child that meets the other end's of that name: its name where it has proposals of its own,
/// and its proposals.
fn child_list(ends: &Ends<'_>, side: Side, name: &str) -> (Option<String>, Vec<Proposal>) {
    let children = |side: Side| ends.of(side).children.as_deref().unwrap_or_default();
    let end = ends.of(side);
    let whole = || (None, end.esp.clone());
    if name.is_empty() {
        return whole();
    }
    let named = |side: Side| children(side).iter().find(|child| child.name == name);
    let meets = |one: &Child, other: &Child| {
        let touch = |one: &[ipnet::IpNet], other: &[ipnet::IpNet]| {
            one.iter().any(|one| other.iter().any(|other| one.contains(other) || other.contains(one)))
        };
        touch(&one.local, &other.remote) && touch(&one.remote, &other.local)
    };
    // The left end's name comes first, as in the finding.
    let left = named(Side::Left);
    let own = match (side, left, named(Side::Right)) {
        (Side::Left, Some(child), _) | (Side::Right, None, Some(child)) => Some(child),
        (Side::Left, None, Some(far)) | (Side::Right, Some(far), _) => children(side).iter().find(|child| meets(child, far)),
        _ => None,
    };
    match own {
        Some(child) if !child.esp.is_empty() => (Some(child.name.clone()), child.esp.clone()),
        _ => whole(),
    }
}

/// Proposals without the AEAD ciphers that IKEv1 lacks: where nothing is left, AES in CBC mode.
pub(super) fn without_aead(list: &[Proposal]) -> Vec<Proposal> {
    let plain = |proposal: &Proposal| {
        let mut plain = proposal.clone();
        let ciphers = plain.encryption.get_or_insert_default();
        let had = ciphers.len();
        ciphers.retain(|cipher| !cipher.is_aead());
        if ciphers.len() == had {
            return plain;
        }
        if ciphers.is_empty() {
            ciphers.push(Algorithm::named("aes256"));
        }
        let hashes = plain.integrity.get_or_insert_default();
        hashes.retain(|hash| *hash != NONE);
        if hashes.is_empty() {
            hashes.push(plain.prf.first().cloned().unwrap_or(Algorithm::named("sha256")));
        }
        plain.prf.clear();
        plain
    };
    let mut all: Vec<Proposal> = Vec::new();
    for proposal in list.iter().map(plain) {
        if !all.contains(&proposal) {
            all.push(proposal);
        }
    }
    all
}

/// Proposals as Libreswan loads them.
pub(super) fn loadable(list: &[Proposal], is_ike: bool, v1: bool) -> Vec<Proposal> {
    let group14 = || Algorithm::named("group14");
    let lacks = |group: &Algorithm| match group.group() {
        Some(1 | 2 | 22..=24) => true,
        Some(19..=21 | 25..=32) => v1 && !is_ike,
        _ => false,
    };
    let mut all: Vec<Proposal> = Vec::new();
    for proposal in list {
        let mut mended = proposal.clone();
        if let Some(ciphers) = &mut mended.encryption {
            ciphers.retain(|cipher| cipher.name() != "des");
            if ciphers.is_empty() {
                ciphers.push(Algorithm::named("aes128"));
            }
        }
        if let Some(groups) = &mut mended.groups {
            groups.retain(|group| !lacks(group));
            if groups.is_empty() {
                groups.push(group14());
            }
            groups.truncate(if v1 { 1 } else { usize::MAX });
        }
        if v1 && !is_ike {
            // All proposals need one and the same group.
            mended.groups = all.first().map_or(mended.groups, |first| first.groups.clone());
        }
        if !all.contains(&mended) {
            all.push(mended);
        }
    }
    all
}
