//! Tunnels that are up, with an end that was changed since.

use super::*;

fn run(mode: (Term, Term), change: impl Fn(&mut End)) -> Agreement {
    let (left, mut right) = base(mode.0, mode.1);
    change(&mut right);
    check(&left, &right, &Options { running: true, ..Options::default() })
}

/// Rows: "any IKE value or the key changed on one end", v1 and v2; the changed key of the second table. In IKEv2 rekeys
/// succeed with different keys, so the failure comes only at the next authentication.
#[test]
fn another_ike_value_or_key_fails_at_the_next_authentication() {
    for mode in MODES {
        assert_eq!(run(mode, |end| end.psk = key("x")).verdict, Verdict::UpFailsAtReauth);
        for suite in ["aes128-sha256-modp2048", "aes256-sha1-modp2048", "aes256-sha256-modp3072"] {
            assert_eq!(run(mode, |end| end.ike = ike(suite)).verdict, Verdict::UpFailsAtReauth, "{mode:?} {suite}");
        }
    }
}

/// Row: "ESP proposal changed on one end of a running tunnel", IKEv2.
#[test]
fn another_esp_proposal_in_ikev2_fails_at_the_next_authentication() {
    assert_eq!(run(V2, |end| end.esp = esp("aes128-sha256-modp2048")).verdict, Verdict::UpFailsAtReauth);
}

/// Row: "ESP proposal changed on one end", IKEv1.
#[test]
fn another_esp_proposal_in_ikev1_fails_when_the_other_end_rekeys() {
    for mode in [V1, AGGRESSIVE] {
        let agreement = run(mode, |end| end.esp = esp("aes128-sha256-modp2048"));
        assert_eq!(agreement.verdict, Verdict::UpFailsAtRekey);
        assert!(finding(&agreement, "ipsec.encryption").explanation.contains("the unchanged end starts"));
    }
}

/// Row: "PFS group, or PFS on one end".
#[test]
fn another_pfs_group_fails_at_the_rekey() {
    for mode in MODES {
        for suite in ["aes256-sha256", "aes256-sha256-modp3072"] {
            assert_eq!(run(mode, |end| end.esp = esp(suite)).verdict, Verdict::UpFailsAtRekey, "{mode:?} {suite}");
        }
    }
}

/// Row: "Rekeys between equal ends; different lifetimes on both ends: the same", reauthentication included.
#[test]
fn equal_ends_with_different_lifetimes_stay_up() {
    for mode in MODES {
        assert_eq!(run(mode, |_| {}).verdict, Verdict::Up);
        assert_eq!(run(mode, |end| (end.ike_lifetime_secs, end.reauth) = (Some(3600), true)).verdict, Verdict::Up);
        assert_eq!(run(mode, |end| end.child_lifetime_secs = Some(600)).verdict, Verdict::Up);
    }
}

/// Row: "both changed, nothing reset".
#[test]
fn a_key_changed_on_both_ends_breaks_nothing() {
    let (mut left, mut right) = base(Term::Ikev1, Term::Main);
    (left.psk, right.psk) = (key("new"), key("new"));
    assert_eq!(check(&left, &right, &Options { running: true, ..Options::default() }).verdict, Verdict::Up);
}

#[test]
fn a_configuration_that_does_not_load_fails_at_once() {
    let agreement = run(V1, |end| (end.kind, end.ike) = (Kind::Libreswan, ike("aes256-sha256-modp1024")));
    assert_eq!(agreement.verdict, Verdict::Down { exchange: Exchange::Load });
}
