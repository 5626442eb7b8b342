//! Clouds, which may behave like either daemon, and what surrounds the negotiation.

use super::super::beside::Bgp;
use super::*;

#[test]
fn narrowing_by_a_cloud_depends_unless_its_kind_is_known() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.kind = Kind::Cloud("huawei".to_owned());
    right.children = Some(vec![child(nets::B, "10.1.0.0/16")]);
    let told = |kind| check(&left, &right, &Options { right_kind: kind, ..Options::default() });
    let agreement = told(None);
    assert_eq!(agreement.left_initiates.word(), "depends-on-peer");
    assert!(matches!(&agreement.verdict, Verdict::DependsOnPeer { on } if on.contains(&"local_subnets")));
    assert_eq!(told(Some(Daemon::Strongswan)).verdict.word(), "up-narrowed");
    assert_eq!(told(Some(Daemon::Libreswan)).verdict.word(), "down");
}

#[test]
fn a_failure_with_both_daemons_does_not_depend() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.kind = Kind::Cloud("huawei".to_owned());
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up);
    right.psk = key("x");
    assert_eq!(check(&left, &right, &Options::default()).verdict.word(), "down");
}

#[test]
fn two_ends_that_only_answer_never_come_up() {
    let (mut left, mut right) = base(Term::Ikev2, Term::Main);
    (left.start, right.start) = (Some(Start::Never), Some(Start::Never));
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.verdict, Verdict::Down { exchange: Exchange::Start });
    left.start = Some(Start::Always);
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up);
}

#[test]
fn bgp_numbers_and_addresses_must_mirror() {
    let (mut left, mut right) = base(Term::Ikev2, Term::Main);
    left.bgp = Bgp { enabled: Some(true), local_asn: Some(65001), local_address: Some("169.254.1.1".into()), ..Bgp::default() };
    right.bgp = Bgp { enabled: Some(true), peer_asn: Some(65002), peer_address: Some("169.254.1.1".into()), ..Bgp::default() };
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.verdict, Verdict::Up, "the tunnel itself comes up");
    assert_eq!(finding(&agreement, "bgp.local_asn").severity, Severity::Error);
}

#[test]
fn configurations_that_libreswan_does_not_load_are_reported() {
    let (mut left, mut right) = base(Term::Ikev1, Term::Main);
    (left.ike, right.ike) = (ike("aes256-sha256-modp1024"), ike("aes256-sha256-modp1024"));
    right.kind = Kind::Libreswan;
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Down { exchange: Exchange::Load });
    let mut newer = left.clone();
    newer.versions = Some(vec![Term::Ikev2]);
    let verdict = check(&newer, &right, &Options::default()).verdict;
    assert_eq!(verdict, Verdict::Down { exchange: Exchange::Load }, "before the versions are compared");
    right.kind = Kind::Cloud("alibaba".to_owned());
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up, "a cloud may support the group");
}

#[test]
fn a_mend_sets_the_other_ends_value_at_the_end_that_accepts_it() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.kind = Kind::Cloud("alibaba".to_owned());
    right.ike = ike("aes128-sha256-modp2048");
    let mends = mends(&left, &right, "ike.encryption");
    let (settings, words) = flags(&right, mends[0].at(Side::Right).unwrap());
    assert_eq!(settings.term(crate::model::Key::IkeEncryption), Some(Term::Aes256));
    assert_eq!(words, [("ike-encryption", "aes256".to_owned())]);
}
