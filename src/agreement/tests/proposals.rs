//! Proposals with several values.

use super::*;

fn with_ike(mode: (Term, Term), left: &str, right: &str) -> (&'static str, &'static str) {
    let mut ends = base(mode.0, mode.1);
    (ends.0.ike, ends.1.ike) = (ike(left), ike(right));
    words(&check(&ends.0, &ends.1, &Options::default()))
}

fn with_esp(mode: (Term, Term), left: &str, right: &str) -> (&'static str, &'static str) {
    let mut ends = base(mode.0, mode.1);
    (ends.0.esp, ends.1.esp) = (esp(left), esp(right));
    words(&check(&ends.0, &ends.1, &Options::default()))
}

#[test]
fn values_must_match_within_one_proposal() {
    let lists = ("aes128-sha256-modp2048,aes256-sha1-modp2048", "aes256-sha256-modp2048");
    for mode in MODES {
        assert_eq!(with_ike(mode, lists.0, lists.1), ("down", "down"));
    }
}

#[test]
fn a_wrong_guess_of_the_group_is_corrected_in_ikev2() {
    let mut ends = base(Term::Ikev2, Term::Main);
    (ends.0.ike, ends.1.ike) = (ike("aes256-sha256-modp1024-modp2048"), ike("aes256-sha256-modp2048"));
    let agreement = check(&ends.0, &ends.1, &Options::default());
    assert_eq!(agreement.verdict, Verdict::Up);
    let finding = finding(&agreement, "ike.dh_group");
    assert_eq!((finding.log.as_str(), finding.initiator), ("INVALID_KE_PAYLOAD", Some(Side::Left)));
}

#[test]
fn ikev1_sends_only_the_first_value_of_each_type() {
    let list = "aes128-aes256-sha1-sha256-modp1024-modp2048";
    assert_eq!(with_ike(V1, list, "aes256-sha256-modp2048"), ("down", "up"));
    assert_eq!(with_ike(V2, list, "aes256-sha256-modp2048"), ("up", "up"));
    assert_eq!(with_ike(V1, "aes128-sha1-modp1024,aes256-sha256-modp2048", "aes256-sha256-modp2048"), ("up", "up"));
}

#[test]
fn aggressive_mode_is_limited_to_the_group_of_its_first_proposal() {
    let one = "aes256-sha256-modp2048";
    assert_eq!(with_ike(AGGRESSIVE, "aes256-sha256-modp1024,aes256-sha256-modp2048", one), ("down", "up"));
    assert_eq!(with_ike(AGGRESSIVE, "aes128-sha256-modp2048,aes256-sha256-modp2048", one), ("up", "up"));
}

#[test]
fn quick_mode_asks_for_one_pfs_group() {
    let one = "aes256-sha256-modp2048";
    assert_eq!(with_esp(V1, "aes256-sha256-modp1024,aes256-sha256-modp2048", one), ("up", "up"), "the group of phase 1 is preferred");
    assert_eq!(with_esp(V1, "aes256-sha256-modp1024,aes256-sha256-modp3072", "aes256-sha256-modp3072"), ("down", "up"));
    assert_eq!(with_esp(V1, "aes256-sha256-modp2048,aes256-sha256", "aes256-sha256"), ("down", "up"), "no PFS is never offered");
}

#[test]
fn pfs_in_ikev1_depends_on_who_starts_with_libreswan() {
    let ends = |mode: (Term, Term), left: &str, right: &str| {
        let (mut one, mut other) = base(mode.0, mode.1);
        (one.esp, other.esp) = (esp(left), esp(right));
        other.kind = Kind::Libreswan;
        words(&check(&one, &other, &Options::default()))
    };
    let (pfs, other, none) = ("aes256-sha256-modp2048", "aes256-sha256-modp3072", "aes256-sha256");
    assert_eq!(ends(V1, pfs, other), ("up", "down"));
    assert_eq!(ends(V1, pfs, none), ("up", "down"));
    assert_eq!(ends(V1, none, pfs), ("down", "down"), "it insists that PFS is offered");
    assert_eq!(ends(V1, "aes256-sha256-modp1024", pfs).0, "down", "a group that it does not support");
    assert_eq!(ends(V2, other, pfs), ("up-fails-at-rekey", "up-fails-at-rekey"));
}

#[test]
fn a_list_with_and_without_pfs_accepts_both_in_ikev2() {
    for one in ["aes256-sha256-modp2048", "aes256-sha256"] {
        assert_eq!(with_esp(V2, "aes256-sha256-modp2048-modpnone", one), ("up", "up"));
        assert_eq!(with_esp(V2, "aes256-sha256-modp2048,aes256-sha256", one), ("up", "up"));
    }
}
