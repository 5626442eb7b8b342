//! Which networks a Child SA gets, by the rules of each daemon.

use ipnet::IpNet;

use super::case::{Case, Daemon};
use crate::agreement::end::Child;
use crate::model::Term;

/// Networks of the starter and of the answerer that one SA connects.
pub(super) type Pair = (IpNet, IpNet);

/// The Child SAs that a daemon sets up: Libreswan one for each pair of networks, strongSwan one for each child.
pub(super) fn as_configured(children: &[Child], daemon: Daemon) -> Vec<Child> {
    let trunc = |nets: &[IpNet]| nets.iter().map(IpNet::trunc).collect::<Vec<_>>();
    match daemon {
        Daemon::Strongswan => {
            children.iter().map(|child| Child { local: trunc(&child.local), remote: trunc(&child.remote), ..child.clone() }).collect()
        }
        Daemon::Libreswan => children
            .iter()
            .flat_map(|child| {
                product(&trunc(&child.local), &trunc(&child.remote)).into_iter().map(|(local, remote)| Child {
                    local: vec![local],
                    remote: vec![remote],
                    ..child.clone()
                })
            })
            .collect(),
    }
}

pub(super) fn product(one: &[IpNet], other: &[IpNet]) -> Vec<Pair> {
    one.iter().flat_map(|left| other.iter().map(|right| (*left, *right))).collect()
}

/// The networks that a Child SA ends up with.
#[derive(Debug)]
pub(super) struct Answer {
    /// The place of the answering child.
    pub(super) by: usize,
    /// On the starter's side.
    pub(super) starter: Vec<IpNet>,
    /// On the answerer's side.
    pub(super) answerer: Vec<IpNet>,
    /// Whether the starter keeps its own, wider networks.
    pub(super) keeps_wide: bool,
}

/// The answer to one Child SA of the starter; `None`: it is refused.
pub(super) fn negotiate(case: &Case<'_>, child: &Child, answers: &[Child]) -> Option<Answer> {
    let v1 = case.is_v1();
    // A Quick Mode carries one pair.
    let take = if v1 { 1 } else { usize::MAX };
    let offered: (Vec<IpNet>, Vec<IpNet>) =
        (child.local.iter().take(take).copied().collect(), child.remote.iter().take(take).copied().collect());
    let (by, starter, answerer) = match case.answerer.daemon {
        Daemon::Strongswan => narrow(answers, &offered, take)?,
        Daemon::Libreswan => exact(case, answers, &offered)?,
    };
    if starter == offered.0 && answerer == offered.1 {
        return Some(Answer { by, starter, answerer, keeps_wide: false });
    }
    match case.starter.daemon {
        Daemon::Strongswan => Some(Answer { by, starter, answerer, keeps_wide: false }),
        Daemon::Libreswan if v1 => Some(Answer { by, starter, answerer, keeps_wide: true }),
        Daemon::Libreswan if case.starter.end.narrowing => Some(Answer { by, starter, answerer, keeps_wide: false }),
        // It refuses a narrowed answer.
        Daemon::Libreswan => None,
    }
}

/// strongSwan: the child that fits best answers with what both ends have in common.
fn narrow(answers: &[Child], offered: &(Vec<IpNet>, Vec<IpNet>), take: usize) -> Option<(usize, Vec<IpNet>, Vec<IpNet>)> {
    let mut best: Option<(usize, usize, &Child)> = None;
    for (place, child) in answers.iter().enumerate() {
        let (starter, answerer) = (score(&child.remote, &offered.0), score(&child.local, &offered.1));
        if starter > 0 && answerer > 0 && best.is_none_or(|(score, ..)| starter + answerer > score) {
            best = Some((starter + answerer, place, child));
        }
    }
    let (_, by, child) = best?;
    let nets = |own: &[IpNet], offered: &[IpNet]| -> Vec<IpNet> {
        let mut nets: Vec<IpNet> = Vec::new();
        for net in own.iter().flat_map(|own| offered.iter().filter_map(|other| meet(*own, *other))) {
            if !nets.contains(&net) {
                nets.push(net);
            }
        }
        nets.truncate(take);
        nets
    };
    Some((by, nets(&child.remote, &offered.0), nets(&child.local, &offered.1)))
}

/// How well a child's networks fit a request: earlier networks count more, and networks within a requested one five times.
pub(super) fn score(own: &[IpNet], offered: &[IpNet]) -> usize {
    let weight = |place: usize| offered.len() - place;
    let fit = |own: &IpNet, (place, other): (usize, &IpNet)| match (other.contains(own), own.contains(other)) {
        (true, _) => weight(place) * 5,
        (false, true) => weight(place),
        _ => 0,
    };
    own.iter().map(|own| offered.iter().enumerate().map(|other| fit(own, other)).sum::<usize>()).sum()
}

/// Libreswan: exactly its own networks, or with narrowing (IKEv2 only) what both ends have in common.
fn exact(case: &Case<'_>, answers: &[Child], offered: &(Vec<IpNet>, Vec<IpNet>)) -> Option<(usize, Vec<IpNet>, Vec<IpNet>)> {
    // Of nested networks strongSwan sends only the widest.
    let merges = case.starter.daemon == Daemon::Strongswan;
    let sent = |nets: &[IpNet]| -> Vec<IpNet> {
        let inside = |net: &IpNet| nets.iter().any(|other| other != net && other.contains(net));
        nets.iter().filter(|net| !(merges && inside(net))).copied().collect()
    };
    let offered = &(sent(&offered.0), sent(&offered.1));
    let pairs = || {
        let all = answers.iter().enumerate();
        all.flat_map(|(by, child)| product(&child.remote, &child.local).into_iter().map(move |(starter, answerer)| (by, starter, answerer)))
    };
    // Of several it takes the narrowest, and of those the last: it searches the newest connection first.
    let fits = |(_, starter, answerer): &(usize, IpNet, IpNet)| offered.0.contains(starter) && offered.1.contains(answerer);
    let equal = pairs().filter(fits).max_by_key(|(_, starter, answerer)| starter.prefix_len() + answerer.prefix_len());
    let narrowing = case.answerer.end.narrowing && case.version == Term::Ikev2;
    let narrowed = || {
        pairs().filter(|_| narrowing).find_map(|(by, starter, answerer)| {
            let first = |own: IpNet, offered: &[IpNet]| offered.iter().find_map(|other| meet(own, *other));
            Some((by, first(starter, &offered.0)?, first(answerer, &offered.1)?))
        })
    };
    equal.or_else(narrowed).map(|(by, starter, answerer)| (by, vec![starter], vec![answerer]))
}

/// The common part of two networks: the smaller one, if the other contains it.
fn meet(one: IpNet, other: IpNet) -> Option<IpNet> {
    if one.contains(&other) {
        Some(other)
    } else if other.contains(&one) {
        Some(one)
    } else {
        None
    }
}

/// Whether the carried pairs together cover a pair. Halves the pair until each part lies within one of them or outside all.
pub(super) fn covers(carried: &[Pair], pair: Pair, depth: u8) -> bool {
    if carried.iter().any(|(one, other)| one.contains(&pair.0) && other.contains(&pair.1)) {
        return true;
    }
    // Each step halves one of the networks: what remains after 24 steps is smaller than any network in real use.
    if depth > 24 {
        return false;
    }
    let Some(part) = carried.iter().find_map(|(one, other)| Some((meet(*one, pair.0)?, meet(*other, pair.1)?))) else { return false };
    let halves = |net: IpNet| net.subnets(net.prefix_len() + 1).ok().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    if part.0 == pair.0 {
        halves(pair.1).into_iter().all(|half| covers(carried, (pair.0, half), depth + 1))
    } else {
        halves(pair.0).into_iter().all(|half| covers(carried, (half, pair.1), depth + 1))
    }
}
