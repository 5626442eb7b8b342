//! Traffic selectors: what the tunnel carries, what is cut off, and what is refused.

use ipnet::IpNet;

use super::case::{Case, Daemon, Found, UNREAD};
use super::narrowing::{Answer, Pair, as_configured, covers, negotiate, product, score};
use crate::agreement::cause::Cause;
use crate::agreement::end::Child;
use crate::agreement::side::Side;
use crate::agreement::verdict::Verdict;

const LOCAL: &str = "local_subnets";
const REMOTE: &str = "remote_subnets";

/// Compares the networks of all Child SAs.
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
    let cause = cause(case, &effect, (&starts, &answers), &negotiated);
    let explanation = explain(case, cause, &negotiated).to_owned();
    let mut sides = Vec::new();
    if !same(&starts, |child| &child.local, &answers, |child| &child.remote) {
        sides.push(((LOCAL, REMOTE), true));
    }
    if !same(&starts, |child| &child.remote, &answers, |child| &child.local) {
        sides.push(((REMOTE, LOCAL), false));
    }
    if sides.is_empty() {
        // The networks are equal, but arranged or carried differently: only whole children show it.
        let values = (arranged(ours, false), arranged(theirs, true));
        case.add(Found { cause, fields: (LOCAL, REMOTE), values, effect, log, explanation });
        return;
    }
    for (fields, by_local) in sides {
        let one = nets(starts.iter().flat_map(|child| if by_local { &child.local } else { &child.remote }));
        let other = nets(answers.iter().flat_map(|child| if by_local { &child.remote } else { &child.local }));
        case.add(Found { cause, fields, values: (one, other), effect: effect.clone(), log, explanation: explanation.clone() });
    }
}

/// Children as they are configured, seen from the starter: `its nets with the other end's`.
fn arranged(children: &[Child], swap: bool) -> String {
    let one = |child: &Child| {
        let (own, far) = if swap { (&child.remote, &child.local) } else { (&child.local, &child.remote) };
        format!("{} with {}", nets(own.iter()), nets(far.iter()))
    };
    children.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The pairs of networks of the starter's Child SAs after the first, left to right.
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

/// The text of a pair of networks, left to right.
pub(super) fn arrow(case: &Case<'_>, (one, other): &Pair) -> String {
    if case.starter.side == Side::Left { format!("{one} -> {other}") } else { format!("{other} -> {one}") }
}

/// Whether both ends have the same networks, however they are arranged.
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

/// Why not everything is carried.
fn cause(case: &Case<'_>, effect: &Verdict, (starts, answers): (&[Child], &[Child]), negotiated: &[Option<Answer>]) -> Cause {
    let meets = |one: &Child, other: &Child| score(&other.remote, &one.local) > 0 && score(&other.local, &one.remote) > 0;
    if !starts.iter().any(|child| answers.iter().any(|other| meets(child, other))) {
        return Cause::NoCommonNets;
    }
    let equal = same(starts, |child| &child.local, answers, |child| &child.remote)
        && same(starts, |child| &child.remote, answers, |child| &child.local);
    let several = |child: &Child| child.local.len() > 1 || child.remote.len() > 1;
    if case.is_v1() && starts.iter().any(several) && !matches!(effect, Verdict::Down { .. }) {
        return Cause::OnePairInIkev1;
    }
    if equal {
        return Cause::NetsArranged;
    }
    let alone = |child: &Child| !answers.iter().any(|other| meets(child, other));
    let unasked = |other: &Child| !starts.iter().any(|child| meets(child, other));
    let carried = negotiated.iter().flatten().count() > 0;
    if carried && (starts.iter().any(alone) || answers.iter().any(unasked)) { Cause::ChildLacking } else { Cause::NetsDiffer }
}

/// What the difference means, in a sentence.
fn explain(case: &Case<'_>, cause: Cause, negotiated: &[Option<Answer>]) -> &'static str {
    let (carried, refused) = (negotiated.iter().any(Option::is_some), negotiated.iter().any(Option::is_none));
    let exact = case.answerer.daemon == Daemon::Libreswan;
    match cause {
        Cause::NoCommonNets => {
            "the networks of the ends do not overlap, or local and remote are swapped: the IKE SA comes up, the tunnel does not"
        }
        Cause::OnePairInIkev1 => {
            "IKEv1 carries one pair of networks for each SA: only the first pair of a child passes, and the rest is dropped silently; use \
             IKEv2, or one child for each pair"
        }
        Cause::NetsArranged if carried => {
            "the networks are equal, but the ends arrange them in different children: only what both ends have in one child passes; use one \
             child for each pair at both ends"
        }
        Cause::NetsArranged => {
            "the networks are equal, but the ends arrange them in different children, and none of these is one of the other end's; use one \
             child for each pair at both ends"
        }
        Cause::ChildLacking => "a child of one end has no partner at the other end: its networks are cut off, and the others pass",
        _ if !carried && exact => "the networks overlap but are not equal: the answering end accepts only exactly its own networks",
        _ if !carried => "the networks overlap but are not equal: the first pair is refused, or the starter refuses the narrowed answer",
        _ if negotiated.iter().flatten().any(|answer| answer.keeps_wide) => {
            "both ends show the tunnel as up, but with different networks: traffic outside the common part is lost"
        }
        _ if refused => "some pairs of networks are refused; the others come up",
        _ => "the tunnel comes up with the networks that both ends have in common; a strict peer refuses it",
    }
}
