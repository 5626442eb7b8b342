//! Traffic selectors.

use super::*;

fn with_children(mode: (Term, Term), left: Vec<Child>, right: Vec<Child>) -> Agreement {
    let (mut one, mut other) = base(mode.0, mode.1);
    (one.children, other.children) = (Some(left), Some(right));
    check(&one, &other, &Options::default())
}

pub(super) const A: &str = "10.1.0.0/24";
pub(super) const B: &str = "10.2.0.0/24";

#[test]
fn equal_networks_are_up_in_any_order_and_with_host_bits() {
    for mode in MODES {
        assert_eq!(with_children(mode, vec![child("10.1.0.5/24", B)], vec![child(B, A)]).verdict, Verdict::Up);
    }
    let agreement = with_children(V2, vec![child("10.1.0.0/24,10.3.0.0/24", B)], vec![child(B, "10.3.0.0/24,10.1.0.0/24")]);
    assert_eq!(agreement.verdict, Verdict::Up);
}

#[test]
fn a_wider_network_is_narrowed() {
    for mode in MODES {
        for (left, right) in [
            (child("10.1.0.0/16", B), child(B, A)),
            (child(A, B), child(B, "10.1.0.0/16")),
            (child(A, "10.2.0.0/16"), child(B, A)),
            (child("10.1.0.0/16", B), child("10.2.0.0/16", A)),
            (child("0.0.0.0/0", "0.0.0.0/0"), child(B, A)),
        ] {
            let agreement = with_children(mode, vec![left], vec![right]);
            assert_eq!(words(&agreement), ("up-narrowed", "up-narrowed"), "{mode:?}");
        }
        let everything = child("0.0.0.0/0", "0.0.0.0/0");
        assert_eq!(with_children(mode, vec![everything.clone()], vec![everything]).verdict, Verdict::Up);
    }
    let agreement = with_children(V2, vec![child("10.1.0.0/16", B)], vec![child(B, A)]);
    assert_eq!(agreement.verdict, Verdict::UpNarrowed { cut: vec!["10.1.0.0/16 -> 10.2.0.0/24".to_owned()] });
}

#[test]
fn disjoint_or_swapped_networks_are_refused() {
    for mode in MODES {
        let log = if mode == V2 { "TS_UNACCEPTABLE" } else { "INVALID_ID_INFORMATION" };
        for right in [child("172.16.0.0/24", A), child(A, B)] {
            let agreement = with_children(mode, vec![child(A, B)], vec![right]);
            assert_eq!(agreement.verdict, Verdict::Down { exchange: phase2(mode) });
            assert_eq!(agreement.findings[0].log, log);
        }
    }
}

#[test]
fn ikev1_carries_only_the_first_pair_of_a_child() {
    let two = "10.1.0.0/24,10.3.0.0/24";
    let same = |mode| with_children(mode, vec![child(two, B)], vec![child(B, two)]);
    assert_eq!(same(V2).verdict, Verdict::Up);
    for mode in [V1, AGGRESSIVE] {
        assert_eq!(same(mode).verdict, Verdict::UpNarrowed { cut: vec!["10.3.0.0/24 -> 10.2.0.0/24".to_owned()] });
    }
    // With one network in common, that one must come first in IKEv1.
    let common = |mode, left: &str| words(&with_children(mode, vec![child(left, B)], vec![child(B, "10.3.0.0/24,10.4.0.0/24")])).0;
    assert_eq!(common(V2, "10.1.0.0/24,10.3.0.0/24"), "up-narrowed");
    assert_eq!(common(V1, "10.1.0.0/24,10.3.0.0/24"), "down");
    assert_eq!(common(V1, "10.3.0.0/24,10.1.0.0/24"), "up-narrowed");
}

#[test]
fn one_child_for_each_pair_carries_all() {
    let pairs = |flip: bool| {
        let pair = |net: &str| if flip { child(B, net) } else { child(net, B) };
        vec![pair("10.1.0.0/24"), pair("10.3.0.0/24")]
    };
    let both = vec![child(B, "10.1.0.0/24,10.3.0.0/24")];
    for mode in MODES {
        assert_eq!(with_children(mode, pairs(false), pairs(true)).verdict, Verdict::Up, "{mode:?}");
        let agreement = with_children(mode, pairs(false), both.clone());
        assert_eq!(words(&agreement), ("up", "up-narrowed"), "{mode:?}: two children may start towards one, but not the reverse");
    }
}

#[test]
fn libreswan_insists_on_its_own_networks() {
    let ends = |mode: (Term, Term), right: Child, narrowing: bool| {
        let (left, mut other) = base(mode.0, mode.1);
        other.kind = Kind::Libreswan;
        (other.children, other.narrowing) = (Some(vec![right]), narrowing);
        words(&check(&left, &other, &Options::default()))
    };
    let wider = || child(B, "10.1.0.0/16");
    let narrower = || child(B, "10.1.0.0/25");
    assert_eq!(ends(V2, wider(), false), ("down", "down"), "as starter it refuses the narrowed answer");
    assert_eq!(ends(V1, wider(), false), ("down", "up-narrowed"), "in v1 it takes the answer and keeps its own");
    assert_eq!(ends(V2, narrower(), false), ("down", "up-narrowed"));
    assert_eq!(ends(V1, narrower(), false), ("down", "up-narrowed"));
    assert_eq!(ends(V2, narrower(), true), ("up-narrowed", "up-narrowed"));
    assert_eq!(ends(V2, child(B, A), false), ("up", "up"));
}

#[test]
fn libreswan_sets_up_one_tunnel_for_each_pair() {
    let two = || child("10.1.0.0/24,10.3.0.0/24", B);
    let ends = |mode: (Term, Term), left: Vec<Child>| {
        let (mut one, mut other) = base(mode.0, mode.1);
        (one.children, other.children, other.kind) = (Some(left), Some(vec![child(B, "10.1.0.0/24,10.3.0.0/24")]), Kind::Libreswan);
        words(&check(&one, &other, &Options::default()))
    };
    let pairs = || vec![child(A, B), child("10.3.0.0/24", B)];
    for mode in [V1, V2] {
        assert_eq!(ends(mode, vec![two()]).0, "up-narrowed", "{mode:?}: one child with both nets carries one pair");
        assert_eq!(ends(mode, pairs()), ("up", "up"), "{mode:?}: one child for each pair carries all");
    }
}

#[test]
fn all_traffic_against_networks_is_refused_where_libreswan_must_narrow() {
    let (mut left, mut right) = base(Term::Ikev2, Term::Main);
    left.children = Some(vec![child("0.0.0.0/0", "0.0.0.0/0")]);
    right.kind = Kind::Libreswan;
    assert_eq!(check(&left, &right, &Options::default()).left_initiates, Verdict::Down { exchange: Exchange::IkeAuth });
}

#[test]
fn several_networks_in_ikev1_are_mended_by_one_child_for_each_pair_or_by_ikev2() {
    let two = "10.1.0.0/24,10.3.0.0/24";
    let first = |left: Kind, right: Kind| {
        let (mut one, mut other) = base(Term::Ikev1, Term::Main);
        (one.kind, other.kind) = (left, right);
        (one.children, other.children) = (Some(vec![child(two, B)]), Some(vec![child(B, two)]));
        let mends = mends(&one, &other, "local_subnets");
        mends.into_iter().next().unwrap()
    };
    {
        let mend = first(Kind::Strongswan, Kind::Strongswan);
        assert_eq!(mend.changes.iter().map(|change| change.side).collect::<Vec<_>>(), Side::BOTH, "only together");
        let to_v2 = |setting: &Setting| matches!(setting, Setting::Versions(list) if *list == [Term::Ikev2]);
        assert!(mend.changes.iter().all(|change| matches!(change.settings.as_slice(), [setting] if to_v2(setting))));
    }
}

#[test]
fn a_child_that_the_peer_lacks_is_mended_by_a_child_never_by_longer_lists() {
    let (mut one, mut other) = base(Term::Ikev2, Term::Main);
    let named = |name: &str, local: &str, remote: &str| Child { name: name.to_owned(), ..child(local, remote) };
    one.children = Some(vec![named("voice", "10.5.0.0/24", "10.6.0.0/24"), named("data", A, B)]);
    other.children = Some(vec![named("all", B, A)]);
    let mends = mends(&one, &other, "local_subnets");
    let Some(Setting::Children(children)) = mends[0].at(Side::Right).map(|change| &change.settings[0]) else { panic!("{mends:?}") };
    let texts: Vec<String> = children.iter().map(|child| format!("{:?} {:?}", child.local, child.remote)).collect();
    assert_eq!(texts, [format!("[{B}] [{A}]"), "[10.6.0.0/24] [10.5.0.0/24]".to_owned()]);
}
