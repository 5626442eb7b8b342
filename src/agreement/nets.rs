//! Traffic selectors: what is carried, what is cut off, what is refused.

use ipnet::IpNet;

use super::case::{Case, Daemon, Found, UNREAD};
use super::end::Child;
use super::verdict::Verdict;
use crate::model::Term;

/// Nets that are carried: on the starter's side, on the answerer's side.
type Pair = (IpNet, IpNet);

const LOCAL: &str = "local_subnets";
const REMOTE: &str = "remote_subnets";

/// Compares the nets of all Child SAs.
pub(super) fn compare(case: &mut Case<'_>) {
    let (Some(ours), Some(theirs)) = (&case.starter.end.children, &case.answerer.end.children) else {
        let text = |children: &Option<Vec<Child>>| {
            children.as_ref().map_or_else(|| UNREAD.to_owned(), |list| nets(list.iter().flat_map(|child| &child.local)))
        };
        let values = (text(&case.starter.end.children), text(&case.answerer.end.children));
        case.unread((LOCAL, REMOTE), values, "the traffic selectors of an end are not known");
        return;
    };
    let starts = as_configured(ours, case.starter.daemon);
    let answers = as_configured(theirs, case.answerer.daemon);
    let negotiated: Vec<Option<Answer>> = starts.iter().map(|child| negotiate(case, child, &answers)).collect();
    let carried: Vec<Pair> = negotiated.iter().flatten().flat_map(|answer| product(&answer.starter, &answer.answerer)).collect();
    let refused = negotiated.iter().filter(|answer| answer.is_none()).count();
    let wanted: Vec<Pair> = starts.iter().flat_map(|child| product(&child.local, &child.remote)).collect();
    let expected: Vec<Pair> = answers.iter().flat_map(|child| product(&child.remote, &child.local)).collect();
    let mut cut: Vec<Pair> = Vec::new();
    for pair in wanted.iter().chain(&expected) {
        if !covers(&carried, *pair, 0) && !cut.contains(pair) {
            cut.push(*pair);
        }
    }
    if cut.is_empty() && refused == 0 {
        return;
    }
    let effect = if carried.is_empty() {
        Verdict::Down { exchange: case.child_exchange() }
    } else {
        Verdict::UpNarrowed { cut: cut.iter().map(|pair| arrow(case, pair)).collect() }
    };
    let log = match (&effect, case.is_v1()) {
        (Verdict::Down { .. }, true) => "INVALID_ID_INFORMATION",
        (Verdict::Down { .. }, false) => "TS_UNACCEPTABLE",
        _ => "",
    };
    let explanation = explain(case, &effect, &starts, &answers, &negotiated);
    let mut sides = Vec::new();
    if !same(&starts, |child| &child.local, &answers, |child| &child.remote) {
        sides.push(((LOCAL, REMOTE), true));
    }
    if !same(&starts, |child| &child.remote, &answers, |child| &child.local) {
        sides.push(((REMOTE, LOCAL), false));
    }
    if sides.is_empty() {
        // The nets are equal, and arranged or carried differently.
        sides.push(((LOCAL, REMOTE), true));
    }
    for (fields, by_local) in sides {
        let one = nets(starts.iter().flat_map(|child| if by_local { &child.local } else { &child.remote }));
        let other = nets(answers.iter().flat_map(|child| if by_local { &child.remote } else { &child.local }));
        case.add(Found { fields, values: (one, other), effect: effect.clone(), log, explanation: explanation.clone() });
    }
}

/// The pairs of nets, left to right, of the starter's Child SAs after the first.
pub(super) fn after_the_first(case: &Case<'_>) -> Vec<String> {
    let children = as_configured(case.starter.end.children.as_deref().unwrap_or_default(), case.starter.daemon);
    let mut pairs: Vec<Pair> = Vec::new();
    for pair in children.iter().skip(1).flat_map(|child| product(&child.local, &child.remote)) {
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs.iter().map(|pair| arrow(case, pair)).collect()
}

/// A pair of nets, left to right.
fn arrow(case: &Case<'_>, (one, other): &Pair) -> String {
    if case.starter.side == super::Side::Left { format!("{one} -> {other}") } else { format!("{other} -> {one}") }
}

/// Libreswan makes a tunnel of every pair of nets; strongSwan carries a child's nets together.
fn as_configured(children: &[Child], daemon: Daemon) -> Vec<Child> {
    let trunc = |nets: &[IpNet]| nets.iter().map(IpNet::trunc).collect::<Vec<_>>();
    match daemon {
        Daemon::Strongswan => children
            .iter()
            .map(|child| Child { name: child.name.clone(), local: trunc(&child.local), remote: trunc(&child.remote) })
            .collect(),
        Daemon::Libreswan => children
            .iter()
            .flat_map(|child| {
                product(&trunc(&child.local), &trunc(&child.remote)).into_iter().map(|(local, remote)| Child {
                    name: child.name.clone(),
                    local: vec![local],
                    remote: vec![remote],
                })
            })
            .collect(),
    }
}

fn product(one: &[IpNet], other: &[IpNet]) -> Vec<Pair> {
    one.iter().flat_map(|left| other.iter().map(|right| (*left, *right))).collect()
}

#[derive(Debug)]
struct Answer {
    starter: Vec<IpNet>,
    answerer: Vec<IpNet>,
    /// Whether the starter keeps its own wider nets.
    keeps_wide: bool,
}

/// What one Child SA of the starter becomes.
fn negotiate(case: &Case<'_>, child: &Child, answers: &[Child]) -> Option<Answer> {
    let v1 = case.is_v1();
    // One Quick Mode carries one pair.
    let take = if v1 { 1 } else { usize::MAX };
    let offered: (Vec<IpNet>, Vec<IpNet>) =
        (child.local.iter().take(take).copied().collect(), child.remote.iter().take(take).copied().collect());
    let (starter, answerer) = match case.answerer.daemon {
        Daemon::Strongswan => narrow(answers, &offered, take)?,
        Daemon::Libreswan => exact(case, answers, &offered)?,
    };
    if starter == offered.0 && answerer == offered.1 {
        return Some(Answer { starter, answerer, keeps_wide: false });
    }
    match case.starter.daemon {
        Daemon::Strongswan => Some(Answer { starter, answerer, keeps_wide: false }),
        Daemon::Libreswan if v1 => Some(Answer { starter, answerer, keeps_wide: true }),
        Daemon::Libreswan if case.starter.end.narrowing => Some(Answer { starter, answerer, keeps_wide: false }),
        // It refuses the narrowed answer.
        Daemon::Libreswan => None,
    }
}

/// strongSwan: the child that fits best answers with what both have.
fn narrow(answers: &[Child], offered: &(Vec<IpNet>, Vec<IpNet>), take: usize) -> Option<(Vec<IpNet>, Vec<IpNet>)> {
    let mut best: Option<(usize, &Child)> = None;
    for child in answers {
        let (starter, answerer) = (score(&child.remote, &offered.0), score(&child.local, &offered.1));
        if starter > 0 && answerer > 0 && best.is_none_or(|(score, _)| starter + answerer > score) {
            best = Some((starter + answerer, child));
        }
    }
    let child = best?.1;
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
    Some((nets(&child.remote, &offered.0), nets(&child.local, &offered.1)))
}

/// How well a child's nets fit a request: nets that stand first count more, nets that lie within the request most.
fn score(own: &[IpNet], offered: &[IpNet]) -> usize {
    let weight = |place: usize| offered.len() - place;
    let fit = |own: &IpNet, (place, other): (usize, &IpNet)| match (other.contains(own), own.contains(other)) {
        (true, _) => weight(place) * 5,
        (false, true) => weight(place),
        _ => 0,
    };
    own.iter().map(|own| offered.iter().enumerate().map(|other| fit(own, other)).sum::<usize>()).sum()
}

/// Libreswan: the very nets, or with narrowing (IKEv2 only) what both have.
fn exact(case: &Case<'_>, answers: &[Child], offered: &(Vec<IpNet>, Vec<IpNet>)) -> Option<(Vec<IpNet>, Vec<IpNet>)> {
    // Of nets that lie in each other strongSwan sends the widest alone.
    let merges = case.starter.daemon == Daemon::Strongswan;
    let sent = |nets: &[IpNet]| -> Vec<IpNet> {
        let inside = |net: &IpNet| nets.iter().any(|other| other != net && other.contains(net));
        nets.iter().filter(|net| !(merges && inside(net))).copied().collect()
    };
    let offered = &(sent(&offered.0), sent(&offered.1));
    let pairs = || answers.iter().flat_map(|child| product(&child.remote, &child.local));
    // Of several it takes the narrowest, and of those the last: it looks at the newest connection first.
    let fits = |(starter, answerer): &Pair| offered.0.contains(starter) && offered.1.contains(answerer);
    let equal = pairs().filter(fits).max_by_key(|(starter, answerer)| starter.prefix_len() + answerer.prefix_len());
    let narrowing = case.answerer.end.narrowing && case.version == Term::Ikev2;
    let narrowed = || {
        pairs().filter(|_| narrowing).find_map(|(starter, answerer)| {
            let first = |own: IpNet, offered: &[IpNet]| offered.iter().find_map(|other| meet(own, *other));
            Some((first(starter, &offered.0)?, first(answerer, &offered.1)?))
        })
    };
    equal.or_else(narrowed).map(|(starter, answerer)| (vec![starter], vec![answerer]))
}

/// What two nets have in common: the smaller one, if it lies in the other.
fn meet(one: IpNet, other: IpNet) -> Option<IpNet> {
    if one.contains(&other) {
        Some(other)
    } else if other.contains(&one) {
        Some(one)
    } else {
        None
    }
}

/// Whether pairs of nets together cover a pair. Halves it until the parts lie within one of them or outside all.
fn covers(carried: &[Pair], pair: Pair, depth: u8) -> bool {
    if carried.iter().any(|(one, other)| one.contains(&pair.0) && other.contains(&pair.1)) {
        return true;
    }
    // Each step halves one of two nets: what is left then is far below any net that somebody configures.
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

fn same(one: &[Child], ours: fn(&Child) -> &Vec<IpNet>, other: &[Child], theirs: fn(&Child) -> &Vec<IpNet>) -> bool {
    let set = |children: &[Child], nets: fn(&Child) -> &Vec<IpNet>| {
        let mut set: Vec<IpNet> = IpNet::aggregate(&children.iter().flat_map(|child| nets(child).clone()).collect());
        set.sort();
        set
    };
    set(one, ours) == set(other, theirs)
}

fn nets<'n>(nets: impl Iterator<Item = &'n IpNet>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for net in nets {
        let text = net.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

fn explain(case: &Case<'_>, effect: &Verdict, starts: &[Child], answers: &[Child], negotiated: &[Option<Answer>]) -> String {
    let touches =
        |child: &Child| answers.iter().any(|other| score(&other.remote, &child.local) > 0 && score(&other.local, &child.remote) > 0);
    if matches!(effect, Verdict::Down { .. }) {
        return if !starts.iter().any(touches) {
            "the nets of the ends have nothing in common, or local and remote are swapped: the IKE SA comes up, the tunnel does not"
                .to_owned()
        } else if case.answerer.daemon == Daemon::Libreswan {
            "the nets overlap and are not equal: this answerer refuses what is not exactly its own".to_owned()
        } else {
            "the nets overlap and are not equal: the first pair is refused, or the starter refuses the narrowed answer".to_owned()
        };
    }
    let several = starts.iter().any(|child| child.local.len() > 1 || child.remote.len() > 1);
    if negotiated.iter().flatten().any(|answer| answer.keeps_wide) {
        "both ends show the tunnel up, with different nets: what lies outside the common part vanishes".to_owned()
    } else if case.is_v1() && several {
        "IKEv1 carries one pair of nets for each SA: only the first pair of a child passes, the rest is dropped in silence; IKEv2, or a child for each pair, carries all".to_owned()
    } else if negotiated.iter().any(Option::is_none) {
        "some pairs of nets are refused, the others come up".to_owned()
    } else {
        "the tunnel comes up with what both ends have; a strict peer refuses it".to_owned()
    }
}
