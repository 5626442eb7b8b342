//! Networks: what the other end has, mirrored; a child that is lacking; one child for each pair.

use ipnet::IpNet;

use super::super::change::{Mend, Setting};
use super::ends::Ends;
use super::versions::newer;
use crate::agreement::end::{Child, End};

/// What may make the networks of both ends fit.
pub(super) fn nets(ends: &Ends<'_>) -> Vec<Mend> {
    let mut mends = ends.each(|own, other| lacking(own, other).map(Setting::Children).into_iter().collect());
    mends.extend(ends.each(|own, other| mirrored(own, other).map(Setting::Children).into_iter().collect()));
    mends.extend(newer(ends));
    // One pair in each child, the same at both ends.
    let apart = |list: &[Child]| named(list.iter().flat_map(one_each).collect());
    mends.extend(ends.each(|own, _| own.children.as_deref().map(|list| Setting::Children(apart(list))).into_iter().collect()));
    mends.extend(ends.both(|own, _| own.children.as_deref().map(|list| Setting::Children(apart(list)))));
    mends.extend(ends.each(|own, other| mirrored(own, other).map(|list| Setting::Children(apart(&list))).into_iter().collect()));
    // Both ends as the left one has it, or as the right one has it.
    for one in [ends.left, ends.right] {
        mends.extend(ends.both(|end, _| {
            let list = if std::ptr::eq(end, one) { one.children.clone()? } else { mirrored(end, one)? };
            Some(Setting::Children(apart(&list)))
        }));
    }
    mends
}

/// An end's children, and one more for each of the other end's that has none to meet: a child of its own, never longer lists,
/// which stand for every pair of their members.
fn lacking(own: &End, other: &End) -> Option<Vec<Child>> {
    let (mine, theirs) = (own.children.as_ref()?, other.children.as_ref()?);
    let touch = |one: &[IpNet], other: &[IpNet]| one.iter().any(|one| other.iter().any(|other| one.contains(other) || other.contains(one)));
    let meets = |child: &Child| mine.iter().any(|own| touch(&own.local, &child.remote) && touch(&own.remote, &child.local));
    let added: Vec<Child> = theirs.iter().filter(|child| !meets(child)).map(|child| mirror(child, mine.first())).collect();
    (!added.is_empty() && added.len() < theirs.len()).then(|| named(mine.iter().cloned().chain(added).collect()))
}

/// The other end's children, mirrored. A child that it had keeps its name and proposals.
fn mirrored(own: &End, other: &End) -> Option<Vec<Child>> {
    let (mine, theirs) = (own.children.as_ref()?, other.children.as_ref()?);
    let list: Vec<Child> = theirs.iter().enumerate().map(|(place, child)| mirror(child, mine.get(place).or(mine.first()))).collect();
    (list != *mine && !list.is_empty()).then(|| named(list))
}

/// Children with different names.
fn named(mut list: Vec<Child>) -> Vec<Child> {
    for place in 1..list.len() {
        let (before, rest) = list.split_at_mut(place);
        let Some(child) = rest.first_mut() else { break };
        let name = child.name.clone();
        let mut number = 1;
        while !child.name.is_empty() && before.iter().any(|known| known.name == child.name) {
            number += 1;
            child.name = format!("{name}-{number}");
        }
    }
    list
}

/// A child of the other end, seen from this one.
fn mirror(child: &Child, like: Option<&Child>) -> Child {
    let name = if child.name.is_empty() { like.map(|like| like.name.clone()).unwrap_or_default() } else { child.name.clone() };
    Child {
        name,
        local: child.remote.iter().map(IpNet::trunc).collect(),
        remote: child.local.iter().map(IpNet::trunc).collect(),
        transport: like.is_some_and(|like| like.transport),
        esp: like.map(|like| like.esp.clone()).unwrap_or_default(),
    }
}

/// A child for each pair of networks.
fn one_each(child: &Child) -> Vec<Child> {
    let pairs: Vec<(IpNet, IpNet)> = child.local.iter().flat_map(|one| child.remote.iter().map(move |other| (*one, *other))).collect();
    pairs.iter().map(|(local, remote)| Child { local: vec![local.trunc()], remote: vec![remote.trunc()], ..child.clone() }).collect()
}
