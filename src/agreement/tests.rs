//! The measured tables, a test for each row.

use ipnet::IpNet;
use proptest::prelude::*;

use super::*;
use crate::model::{Secret, Term};
use std::sync::Arc;

fn nets(text: &str) -> Vec<IpNet> {
    text.split(',').map(|net| net.parse().unwrap()).collect()
}

fn child(local: &str, remote: &str) -> Child {
    Child { name: String::new(), local: nets(local), remote: nets(remote) }
}

fn key(text: &str) -> Psk {
    Psk::Known(Arc::new(Secret::new(text)))
}

/// The base of all measurements.
fn base(version: Term, mode: Term) -> (End, End) {
    let mut left = End::new("left", Kind::Strongswan);
    left.address = Address::Known("192.0.2.1".parse().unwrap());
    left.peers = Peers::Listed(nets("192.0.2.2/32"));
    left.versions = Some(vec![version]);
    left.mode = Some(mode);
    left.ike = vec![Proposal::single("aes256", "sha256", "group14")];
    left.esp = vec![Proposal::single("aes256", "sha256", "group14")];
    left.psk = key("lab key");
    left.children = Some(vec![child("10.1.0.0/24", "10.2.0.0/24")]);
    left.ike_lifetime_secs = Some(86_400);
    left.child_lifetime_secs = Some(3600);
    left.dpd.enabled = Some(true);
    left.encapsulation = Some(Encapsulation::Auto);
    left.start = Some(Start::Always);
    let mut right = left.mirrored();
    right.name = "right".to_owned();
    (left, right)
}

const V1: (Term, Term) = (Term::Ikev1, Term::Main);
const AGGRESSIVE: (Term, Term) = (Term::Ikev1, Term::Aggressive);
const V2: (Term, Term) = (Term::Ikev2, Term::Main);
const MODES: [(Term, Term); 3] = [V1, AGGRESSIVE, V2];

/// Changes the left end, then the right one, and gives both agreements.
fn changed(mode: (Term, Term), change: impl Fn(&mut End)) -> [Agreement; 2] {
    let (mut left, right) = base(mode.0, mode.1);
    change(&mut left);
    let one = check(&left, &right, &Options::default());
    let (left, mut right) = base(mode.0, mode.1);
    change(&mut right);
    [one, check(&left, &right, &Options::default())]
}

fn words(agreement: &Agreement) -> (&'static str, &'static str) {
    (agreement.left_initiates.word(), agreement.right_initiates.word())
}

#[track_caller]
fn finding<'a>(agreement: &'a Agreement, field: &str) -> &'a Finding {
    let found = agreement.findings.iter().find(|finding| finding.field == field || finding.right_field == field);
    found.unwrap_or_else(|| panic!("no finding of {field}: {:?}", agreement.findings))
}

/// Both ends in turn and both starters: the field fails at this exchange with this log.
#[track_caller]
fn down(mode: (Term, Term), field: &str, exchange: Exchange, log: &str, change: impl Fn(&mut End)) {
    for agreement in changed(mode, change) {
        assert_eq!(words(&agreement), ("down", "down"), "{mode:?} {field} {:?}", agreement.findings);
        assert_eq!(agreement.verdict, Verdict::Down { exchange }, "{mode:?} {field}");
        let finding = finding(&agreement, field);
        assert_eq!((finding.log.as_str(), finding.severity), (log, Severity::Error), "{mode:?} {field}");
        let errors = agreement.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        assert_eq!(errors, 1, "{mode:?} {field} {:?}", agreement.findings);
    }
}

fn first(mode: (Term, Term)) -> Exchange {
    if mode == V2 { Exchange::IkeSaInit } else { identity(mode) }
}

fn identity(mode: (Term, Term)) -> Exchange {
    match mode {
        V2 => Exchange::IkeAuth,
        V1 => Exchange::MainMode,
        _ => Exchange::AggressiveMode,
    }
}

fn phase2(mode: (Term, Term)) -> Exchange {
    if mode == V2 { Exchange::IkeAuth } else { Exchange::QuickMode }
}

#[test]
fn equal_ends_are_up_in_all_modes() {
    for mode in MODES {
        let (left, right) = base(mode.0, mode.1);
        let agreement = check(&left, &right, &Options::default());
        assert_eq!((agreement.verdict, agreement.findings), (Verdict::Up, Vec::new()));
        assert_eq!(agreement.suite.len(), 6);
    }
}

// Section 1.

#[test]
fn another_ike_version_fails_at_once() {
    let (left, mut right) = base(Term::Ikev1, Term::Main);
    right.versions = Some(vec![Term::Ikev2]);
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(words(&agreement), ("down", "down"));
    assert_eq!(finding(&agreement, "ike.version").log, "NO_PROPOSAL_CHOSEN");
    right.kind = Kind::Libreswan;
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.left_initiates, Verdict::Down { exchange: Exchange::MainMode });
    assert!(finding(&agreement, "ike.version").log.contains("timeout"), "Libreswan drops the v1 message in silence");
}

#[test]
fn an_end_that_speaks_both_versions_starts_with_the_newer_one() {
    let (left, mut right) = base(Term::Ikev1, Term::Main);
    right.versions = Some(vec![Term::Ikev2, Term::Ikev1]);
    assert_eq!(words(&check(&left, &right, &Options::default())), ("up", "down"));
}

#[test]
fn another_exchange_mode_fails_at_once() {
    let (left, mut right) = base(Term::Ikev1, Term::Main);
    right.mode = Some(Term::Aggressive);
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.left_initiates, Verdict::Down { exchange: Exchange::MainMode });
    assert_eq!(agreement.right_initiates, Verdict::Down { exchange: Exchange::AggressiveMode });
    assert_eq!(finding(&agreement, "ike.mode").log, "AUTHENTICATION_FAILED");
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.mode = Some(Term::Aggressive);
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up, "IKEv2 has no modes");
}

#[test]
fn another_ike_encryption_key_length_hash_or_group_fails_at_once() {
    for mode in MODES {
        let log = "NO_PROPOSAL_CHOSEN";
        for (field, encryption, integrity, group) in [
            ("ike.encryption", "3des", "sha256", "group14"),
            ("ike.encryption", "aes128", "sha256", "group14"),
            ("ike.integrity", "aes256", "sha512", "group14"),
            ("ike.dh_group", "aes256", "sha256", "group15"),
        ] {
            down(mode, field, first(mode), log, |end| end.ike = vec![Proposal::single(encryption, integrity, group)]);
        }
    }
}

#[test]
fn another_prf_fails_in_ikev2_and_is_nothing_in_ikev1() {
    let change = |end: &mut End| end.ike[0].prf = vec![Algorithm::named("sha512")];
    down(V2, "ike.prf", Exchange::IkeSaInit, "NO_PROPOSAL_CHOSEN", change);
    assert!(changed(V1, change).iter().all(|agreement| agreement.verdict == Verdict::Up));
}

#[test]
fn gcm_for_the_ike_sa_never_works_in_ikev1_and_works_in_ikev2() {
    for mode in MODES {
        let (mut left, mut right) = base(mode.0, mode.1);
        for end in [&mut left, &mut right] {
            end.ike = vec![Proposal::single("aes256gcm16", "sha256", "group14")];
        }
        let agreement = check(&left, &right, &Options::default());
        if mode == V2 {
            assert_eq!(agreement.verdict, Verdict::Up);
        } else {
            assert_eq!(agreement.verdict, Verdict::Down { exchange: first(mode) });
            assert_eq!(finding(&agreement, "ike.encryption").log, "NO_PROPOSAL_CHOSEN");
        }
    }
}

#[test]
fn a_peer_at_another_address_is_not_answered() {
    for mode in MODES {
        let (mut left, right) = base(mode.0, mode.1);
        left.peers = Peers::Listed(nets("192.0.2.9/32"));
        left.remote_id = Some(Identity::parse("192.0.2.2"));
        let agreement = check(&left, &right, &Options::default());
        assert_eq!(words(&agreement), ("down", "down"));
        assert!(finding(&agreement, "peer_address").log.contains("NO_PROPOSAL_CHOSEN"));
    }
}

#[test]
fn another_esp_cipher_or_integrity_fails_after_the_ike_sa_is_up() {
    for mode in MODES {
        let log = "NO_PROPOSAL_CHOSEN";
        for (field, encryption, integrity) in
            [("ipsec.encryption", "aes128", "sha256"), ("ipsec.encryption", "null", "sha256"), ("ipsec.integrity", "aes256", "sha1")]
        {
            down(mode, field, phase2(mode), log, |end| end.esp = vec![Proposal::single(encryption, integrity, "group14")]);
        }
        // With GCM on one end there is nothing to say about the integrity.
        down(mode, "ipsec.encryption", phase2(mode), log, |end| end.esp = vec![Proposal::single("aes256gcm16", "none", "group14")]);
    }
}

#[test]
fn another_pfs_group_fails_at_once_in_ikev1_and_at_the_rekey_in_ikev2() {
    for group in ["group15", "none", "group2"] {
        let change = |end: &mut End| end.esp = vec![Proposal::single("aes256", "sha256", group)];
        down(V1, "ipsec.pfs", Exchange::QuickMode, "NO_PROPOSAL_CHOSEN", change);
        down(AGGRESSIVE, "ipsec.pfs", Exchange::QuickMode, "NO_PROPOSAL_CHOSEN", change);
        for agreement in changed(V2, change) {
            assert_eq!(words(&agreement), ("up-fails-at-rekey", "up-fails-at-rekey"));
            assert_eq!(finding(&agreement, "ipsec.pfs").exchange, Some(Exchange::CreateChildSa));
        }
    }
}

#[test]
fn extended_sequence_numbers_on_one_end_fail() {
    for mode in MODES {
        down(mode, "ipsec.esn", phase2(mode), "NO_PROPOSAL_CHOSEN", |end| end.esp[0].esn = vec![Algorithm::named("esn")]);
    }
}

#[test]
fn lifetimes_dpd_and_forced_encapsulation_break_nothing() {
    for mode in MODES {
        let changes: [fn(&mut End); 6] = [
            |end| end.ike_lifetime_secs = Some(3600),
            |end| end.child_lifetime_secs = Some(1800),
            |end| end.child_lifetime_kb = Some(1000),
            |end| end.dpd.enabled = Some(false),
            |end| end.dpd.action = Some(Term::Clear),
            |end| end.encapsulation = Some(Encapsulation::Forced),
        ];
        for (place, change) in changes.iter().enumerate() {
            for agreement in changed(mode, change) {
                assert_eq!(words(&agreement), ("up", "up"), "{mode:?} change {place}");
            }
        }
        let severity = finding(&changed(mode, changes[0])[0], "ike.lifetime_secs").severity;
        assert_eq!(severity, if mode == V2 { Severity::Info } else { Severity::Warn });
    }
}

#[test]
fn encapsulation_forced_against_refused_carries_nothing_with_libreswan() {
    let ends = |mode: (Term, Term)| {
        let (mut left, mut right) = base(mode.0, mode.1);
        left.encapsulation = Some(Encapsulation::Forced);
        right.encapsulation = Some(Encapsulation::Off);
        right.kind = Kind::Libreswan;
        words(&check(&left, &right, &Options::default()))
    };
    assert_eq!(ends(V2), ("up-no-traffic", "up-no-traffic"));
    assert_eq!(ends(V1), ("up-no-traffic", "up"), "started by the end that refuses it, v1 carries traffic");
}

#[test]
fn sha256_cut_on_one_end_carries_nothing() {
    for mode in MODES {
        for agreement in changed(mode, |end| end.truncates_sha256 = true) {
            assert_eq!(words(&agreement), ("up-no-traffic", "up-no-traffic"));
        }
    }
}

#[test]
fn compression_asked_for_by_libreswan_in_ikev1_is_refused() {
    let ends = |mode: (Term, Term)| {
        let (left, mut right) = base(mode.0, mode.1);
        right.kind = Kind::Libreswan;
        right.compress = true;
        words(&check(&left, &right, &Options::default()))
    };
    assert_eq!(ends(V1), ("up", "down"));
    assert_eq!(ends(V2), ("up", "up"));
}

#[test]
fn all_faults_are_named_at_once() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.ike = vec![Proposal::single("aes128", "sha1", "group2")];
    right.esp = vec![Proposal::single("aes128", "sha1", "group2")];
    right.psk = key("other");
    right.children = Some(vec![child("172.16.0.0/24", "10.1.0.0/24")]);
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.verdict, Verdict::Down { exchange: Exchange::IkeSaInit });
    for field in
        ["ike.encryption", "ike.integrity", "ike.dh_group", "psk", "ipsec.encryption", "ipsec.integrity", "ipsec.pfs", "remote_subnets"]
    {
        finding(&agreement, field);
    }
}

// Section 2.

fn ike(texts: &str) -> Vec<Proposal> {
    texts.split(',').map(|text| parse::words::proposal(text, true).unwrap()).collect()
}

fn esp(texts: &str) -> Vec<Proposal> {
    texts.split(',').map(|text| parse::words::proposal(text, false).unwrap()).collect()
}

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
fn values_must_be_common_within_one_proposal() {
    let lists = ("aes128-sha256-modp2048,aes256-sha1-modp2048", "aes256-sha256-modp2048");
    for mode in MODES {
        assert_eq!(with_ike(mode, lists.0, lists.1), ("down", "down"));
    }
}

#[test]
fn a_wrong_guess_of_the_group_is_repaired_in_ikev2() {
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
fn aggressive_mode_is_bound_to_the_group_of_its_first_proposal() {
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
    assert_eq!(ends(V1, none, pfs), ("down", "down"), "it insists on PFS being offered");
    assert_eq!(ends(V1, "aes256-sha256-modp1024", pfs).0, "down", "a group that it does not have");
    assert_eq!(ends(V2, other, pfs), ("up-fails-at-rekey", "up-fails-at-rekey"));
}

#[test]
fn libreswan_answers_with_the_narrowest_of_several_pairs_or_the_last() {
    let cut = |texts: [&str; 2]| {
        let (mut left, mut right) = base(V2.0, V2.1);
        right.kind = Kind::Libreswan;
        let nets = texts.map(|text| text.parse::<ipnet::IpNet>().unwrap()).to_vec();
        left.children.as_mut().unwrap()[0].local.clone_from(&nets);
        right.children.as_mut().unwrap()[0].remote = nets;
        let verdict = check(&left, &right, &Options { initiator: Initiator::Left, ..Options::default() }).verdict;
        let Verdict::UpNarrowed { cut } = verdict else { panic!("{verdict:?}") };
        cut.concat().split(' ').next().unwrap().to_owned()
    };
    assert_eq!(cut(["10.1.0.0/24", "10.1.1.0/24"]), "10.1.0.0/24");
    assert_eq!(cut(["10.1.1.0/24", "10.1.2.0/23"]), "10.1.2.0/23");
}

#[test]
fn of_nets_in_each_other_strongswan_sends_the_widest_alone() {
    let (mut left, mut right) = base(V2.0, V2.1);
    right.kind = Kind::Libreswan;
    let nets = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<ipnet::IpNet>>();
    left.children.as_mut().unwrap()[0].remote = nets(&["10.2.0.0/16", "10.2.4.0/22"]);
    right.children.as_mut().unwrap()[0].local = nets(&["10.2.2.0/23", "10.2.4.0/22"]);
    let verdict = check(&left, &right, &Options { initiator: Initiator::Left, ..Options::default() }).verdict;
    assert_eq!(verdict, Verdict::Down { exchange: Exchange::IkeAuth });
}

#[test]
fn libreswan_rekeys_in_ikev2_with_the_group_of_the_ike_sa() {
    let ends = |left: &str, right: &str, kind: Kind| {
        let (mut one, mut other) = base(V2.0, V2.1);
        (one.esp, other.esp) = (esp(left), esp(right));
        other.kind = kind;
        check(&one, &other, &Options::default())
    };
    // The IKE SA has modp2048.
    let (same, other, none) = ("aes256-sha256-modp2048", "aes256-sha256-modp3072", "aes256-sha256");
    let up = ("up", "up");
    let fails = ("up-fails-at-rekey", "up-fails-at-rekey");
    assert_eq!(words(&ends(same, other, Kind::Libreswan)), up, "the group that it names does not count");
    assert_eq!(words(&ends(other, other, Kind::Libreswan)), fails, "equal groups, and it uses another");
    assert_eq!(words(&ends(none, other, Kind::Libreswan)), fails);
    assert_eq!(words(&ends(none, none, Kind::Libreswan)), up);
    assert_eq!(words(&ends(other, other, Kind::Cloud("alibaba".into()))), up, "a cloud is not held to a fault of some versions");
    let (mut one, mut two) = base(V2.0, V2.1);
    (one.kind, two.kind, one.esp, two.esp) = (Kind::Libreswan, Kind::Libreswan, esp(same), esp(other));
    assert_eq!(words(&check(&one, &two, &Options::default())), up);
    let more: ipnet::IpNet = "10.1.8.0/24".parse().unwrap();
    one.children.as_mut().unwrap()[0].local.push(more);
    two.children.as_mut().unwrap()[0].remote.push(more);
    assert_eq!(words(&check(&one, &two, &Options::default())), ("up-narrowed", "up-narrowed"), "a new Child SA uses its own group");
    let agreement = ends(other, other, Kind::Libreswan);
    let found = finding(&agreement, "ipsec.pfs");
    assert_eq!((found.left.as_str(), found.right.as_str()), ("group15", "group14"));
    assert!(found.explanation.contains("Libreswan 4.5 to 4.11"), "{}", found.explanation);
    let mend = &found.mends[0];
    assert_eq!((mend.side, mend.settings.term(crate::model::Key::IpsecPfs)), (Side::Left, Some(Term::Group14)));
    assert_eq!(found.mends.len(), 1, "another group in esp= changes nothing");
}

#[test]
fn a_list_with_and_without_pfs_accepts_both_in_ikev2() {
    for one in ["aes256-sha256-modp2048", "aes256-sha256"] {
        assert_eq!(with_esp(V2, "aes256-sha256-modp2048-modpnone", one), ("up", "up"));
        assert_eq!(with_esp(V2, "aes256-sha256-modp2048,aes256-sha256", one), ("up", "up"));
    }
}

// Section 3.

fn with_ids(mode: (Term, Term), sent: &str, expected: &str) -> (&'static str, &'static str) {
    let (mut left, mut right) = base(mode.0, mode.1);
    (left.local_id, right.remote_id) = (Some(Identity::parse(sent)), Some(Identity::parse(expected)));
    words(&check(&left, &right, &Options::default()))
}

#[test]
fn identities_match_by_type_and_text() {
    for mode in MODES {
        for (sent, expected, up) in [
            ("left.example.com", "left.example.com", true),
            ("a@example.com", "a@example.com", true),
            ("keyid:tunnel-1", "keyid:tunnel-1", true),
            ("Left.Example.COM", "left.example.com", true),
            ("@left.example.com", "left.example.com", true),
            ("keyid:tunnel-1", "fqdn:tunnel-1", false),
            ("a@example.com", "fqdn:a@example.com", false),
            ("left.example.com", "192.0.2.1", false),
            ("left.example.com", "right.example.com", false),
            ("203.0.113.9", "203.0.113.9", true),
            ("left.example.com", "%any", true),
            ("left.example.com", "*.example.com", true),
        ] {
            let word = if up { "up" } else { "down" };
            assert_eq!(with_ids(mode, sent, expected), (word, word), "{mode:?} {sent} {expected}");
        }
    }
}

#[test]
fn each_direction_of_identities_is_checked_by_itself() {
    for mode in MODES {
        let log = "AUTHENTICATION_FAILED";
        down(mode, "ike.local_id.value", identity(mode), log, |end| end.local_id = Some(Identity::parse("a.example.com")));
        down(mode, "ike.remote_id.value", identity(mode), log, |end| end.remote_id = Some(Identity::parse("a.example.com")));
    }
}

#[test]
fn libreswan_takes_identities_otherwise() {
    let ends = |mode: (Term, Term), sent: &str, expected: &str| {
        let (mut left, mut right) = base(mode.0, mode.1);
        right.kind = Kind::Libreswan;
        (left.local_id, right.remote_id) = (Some(Identity::parse(sent)), Some(Identity::parse(expected)));
        check(&left, &right, &Options::default())
    };
    assert_eq!(words(&ends(AGGRESSIVE, "Left.example.com", "left.example.com")), ("down", "up"), "it hashes its own spelling");
    assert_eq!(words(&ends(V2, "left.example.com", "%any")), ("down", "down"), "rightid=%any does not take a name");
    assert!(finding(&ends(V1, "a.example.com", "b.example.com"), "ike.local_id.value").log.contains("timeout"));
    assert!(finding(&ends(AGGRESSIVE, "a.example.com", "b.example.com"), "ike.local_id.value").log.contains("INVALID_ID_INFORMATION"));
}

#[test]
fn behind_a_nat_an_end_must_start_and_be_expected() {
    let (mut left, mut right) = base(Term::Ikev2, Term::Main);
    left.address = Address::Known("10.9.9.9".parse().unwrap());
    left.public_address = Some("192.0.2.1".parse().unwrap());
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(words(&agreement), ("down", "down"), "its identity is its private address");
    right.remote_id = Some(Identity::parse("10.9.9.9"));
    let agreement = check(&left, &right, &Options::default());
    assert_eq!((words(&agreement), agreement.verdict), (("up", "down"), Verdict::Up), "only the left end can start");
    right.peers = Peers::Listed(nets("10.9.9.9/32"));
    assert_eq!(check(&left, &right, &Options::default()).left_initiates.word(), "down", "the private address is not seen");
    right.peers = Peers::Any;
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up);
}

// Section 4.

#[test]
fn other_keys_time_out_in_main_mode_and_fail_at_once_elsewhere() {
    for other in ["Lab key", "lab key ", "x"] {
        for mode in MODES {
            let log = if mode == V1 { "timeout" } else { "AUTHENTICATION_FAILED" };
            down(mode, "psk", identity(mode), log, |end| end.psk = key(other));
        }
    }
}

#[test]
fn no_key_for_the_peer_is_an_authentication_failure() {
    for mode in MODES {
        down(mode, "psk", identity(mode), "AUTHENTICATION_FAILED", |end| end.psk = Psk::Missing);
    }
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    (right.kind, right.psk) = (Kind::Libreswan, Psk::Missing);
    assert!(finding(&check(&left, &right, &Options::default()), "psk").log.contains("NO_PROPOSAL_CHOSEN"));
}

#[test]
fn a_key_that_cannot_be_read_is_unknown_and_never_up() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.psk = Psk::Unreadable;
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.verdict, Verdict::Unknown { fields: vec!["psk"] });
}

// Section 5.

fn with_children(mode: (Term, Term), left: Vec<Child>, right: Vec<Child>) -> Agreement {
    let (mut one, mut other) = base(mode.0, mode.1);
    (one.children, other.children) = (Some(left), Some(right));
    check(&one, &other, &Options::default())
}

const A: &str = "10.1.0.0/24";
const B: &str = "10.2.0.0/24";

#[test]
fn equal_nets_are_up_in_any_order_and_with_host_bits() {
    for mode in MODES {
        assert_eq!(with_children(mode, vec![child("10.1.0.5/24", B)], vec![child(B, A)]).verdict, Verdict::Up);
    }
    let agreement = with_children(V2, vec![child("10.1.0.0/24,10.3.0.0/24", B)], vec![child(B, "10.3.0.0/24,10.1.0.0/24")]);
    assert_eq!(agreement.verdict, Verdict::Up);
}

#[test]
fn a_net_inside_the_others_is_narrowed() {
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
fn disjoint_or_swapped_nets_are_refused() {
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
    // One in common: in IKEv1 it must stand first.
    let common = |mode, left: &str| words(&with_children(mode, vec![child(left, B)], vec![child(B, "10.3.0.0/24,10.4.0.0/24")])).0;
    assert_eq!(common(V2, "10.1.0.0/24,10.3.0.0/24"), "up-narrowed");
    assert_eq!(common(V1, "10.1.0.0/24,10.3.0.0/24"), "down");
    assert_eq!(common(V1, "10.3.0.0/24,10.1.0.0/24"), "up-narrowed");
}

#[test]
fn one_child_a_pair_carries_all() {
    let pairs = |flip: bool| {
        let pair = |net: &str| if flip { child(B, net) } else { child(net, B) };
        vec![pair("10.1.0.0/24"), pair("10.3.0.0/24")]
    };
    let both = vec![child(B, "10.1.0.0/24,10.3.0.0/24")];
    for mode in MODES {
        assert_eq!(with_children(mode, pairs(false), pairs(true)).verdict, Verdict::Up, "{mode:?}");
        let agreement = with_children(mode, pairs(false), both.clone());
        assert_eq!(words(&agreement), ("up", "up-narrowed"), "{mode:?}: two children may start against one, not the reverse");
    }
}

#[test]
fn libreswan_wants_its_own_nets() {
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

// Sections 6 and 7: what happens to a tunnel that is up.

#[test]
fn on_a_running_tunnel_faults_wait_for_the_next_authentication() {
    let running = Options { running: true, ..Options::default() };
    let run = |mode: (Term, Term), change: fn(&mut End)| {
        let (left, mut right) = base(mode.0, mode.1);
        change(&mut right);
        check(&left, &right, &running).verdict.word()
    };
    for mode in MODES {
        assert_eq!(run(mode, |end| end.psk = key("x")), "up-fails-at-reauth");
        assert_eq!(run(mode, |end| end.ike = ike("aes128-sha256-modp2048")), "up-fails-at-reauth");
    }
    assert_eq!(run(V2, |end| end.esp = esp("aes128-sha256-modp2048")), "up-fails-at-reauth");
    assert_eq!(run(V1, |end| end.esp = esp("aes128-sha256-modp2048")), "up-fails-at-rekey");
    assert_eq!(run(V2, |end| end.esp = esp("aes256-sha256")), "up-fails-at-rekey");
}

// Clouds: neither daemon is taken for granted.

#[test]
fn a_clouds_narrowing_depends_until_its_kind_is_told() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.kind = Kind::Cloud("huawei".to_owned());
    right.children = Some(vec![child(B, "10.1.0.0/16")]);
    let told = |kind| check(&left, &right, &Options { right_kind: kind, ..Options::default() });
    let agreement = told(None);
    assert_eq!(agreement.left_initiates.word(), "depends-on-peer");
    assert!(matches!(&agreement.verdict, Verdict::DependsOnPeer { on } if on.contains(&"local_subnets")));
    assert_eq!(told(Some(Daemon::Strongswan)).verdict.word(), "up-narrowed");
    assert_eq!(told(Some(Daemon::Libreswan)).verdict.word(), "down");
}

#[test]
fn what_fails_with_either_daemon_does_not_depend() {
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
fn bgp_numbers_and_addresses_mirror() {
    let (mut left, mut right) = base(Term::Ikev2, Term::Main);
    left.bgp = Bgp { enabled: Some(true), local_asn: Some(65001), local_address: Some("169.254.1.1".into()), ..Bgp::default() };
    right.bgp = Bgp { enabled: Some(true), peer_asn: Some(65002), peer_address: Some("169.254.1.1".into()), ..Bgp::default() };
    let agreement = check(&left, &right, &Options::default());
    assert_eq!(agreement.verdict, Verdict::Up, "the tunnel itself comes up");
    assert_eq!(finding(&agreement, "bgp.local_asn").severity, Severity::Error);
}

#[test]
fn what_libreswan_does_not_load_is_said() {
    let (mut left, mut right) = base(Term::Ikev1, Term::Main);
    (left.ike, right.ike) = (ike("aes256-sha256-modp1024"), ike("aes256-sha256-modp1024"));
    right.kind = Kind::Libreswan;
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Down { exchange: Exchange::Load });
    let mut newer = left.clone();
    newer.versions = Some(vec![Term::Ikev2]);
    let verdict = check(&newer, &right, &Options::default()).verdict;
    assert_eq!(verdict, Verdict::Down { exchange: Exchange::Load }, "before the versions are compared");
    right.kind = Kind::Cloud("alibaba".to_owned());
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up, "a cloud that has the group has it");
}

#[test]
fn a_mend_is_the_other_ends_value_at_the_end_that_can_take_it() {
    let (left, mut right) = base(Term::Ikev2, Term::Main);
    right.kind = Kind::Cloud("alibaba".to_owned());
    right.ike = ike("aes128-sha256-modp2048");
    let agreement = check(&left, &right, &Options::default());
    let mend = &finding(&agreement, "ike.encryption").mends[0];
    assert_eq!((mend.side, mend.settings.term(crate::model::Key::IkeEncryption)), (Side::Right, Some(Term::Aes256)));
}

// Any pair of ends.

fn any_proposal() -> impl Strategy<Value = Proposal> {
    let encryption = prop::sample::select(vec!["aes128", "aes256", "3des", "aes256gcm16"]);
    let integrity = prop::sample::select(vec!["sha1", "sha256", "sha512"]);
    (encryption, integrity, prop::sample::select(vec!["group2", "group14", "group19"])).prop_map(|(a, b, c)| Proposal::single(a, b, c))
}

fn any_end() -> impl Strategy<Value = End> {
    let net = || prop::sample::select(vec!["10.1.0.0/24", "10.1.0.0/16", "10.2.0.0/24", "0.0.0.0/0", "10.1.0.0/25"]);
    (
        prop::sample::select(vec![V1, AGGRESSIVE, V2]),
        prop::collection::vec(any_proposal(), 1..3),
        any_proposal(),
        prop::sample::select(vec!["one", "two"]),
        (net(), net()),
        prop::sample::select(vec![Kind::Strongswan, Kind::Libreswan, Kind::Unknown]),
    )
        .prop_map(|(mode, ike, esp, psk, (local, remote), kind)| {
            let mut end = base(mode.0, mode.1).0;
            (end.kind, end.ike, end.esp, end.psk) = (kind, ike, vec![esp], key(psk));
            end.children = Some(vec![child(local, remote)]);
            end
        })
}

proptest! {
    #[test]
    fn a_check_does_not_care_which_end_is_left(left in any_end(), mut right in any_end()) {
        right = right.mirrored();
        let (one, other) = (check(&left, &right, &Options::default()), check(&right, &left, &Options::default()));
        prop_assert_eq!(one.left_initiates.word(), other.right_initiates.word());
        prop_assert_eq!(one.right_initiates.word(), other.left_initiates.word());
        prop_assert_eq!(one.verdict.word(), other.verdict.word());
        prop_assert_eq!(one.findings.len(), other.findings.len());
    }

    #[test]
    fn an_end_and_its_mirror_are_up(mut end in any_end()) {
        end.kind = Kind::Strongswan;
        end.ike.truncate(1);
        let aead = end.ike[0].encryption.iter().flatten().any(Algorithm::is_aead);
        prop_assume!(!(aead && end.versions == Some(vec![Term::Ikev1])));
        let agreement = check(&end, &end.mirrored(), &Options::default());
        prop_assert_eq!(agreement.verdict, Verdict::Up);
    }

    #[test]
    fn every_finding_that_is_down_makes_the_verdict_down(left in any_end(), right in any_end()) {
        let agreement = check(&left, &right.mirrored(), &Options::default());
        let certain = agreement.findings.iter().any(|finding| matches!(finding.effect, Verdict::Down { .. }) && finding.initiator.is_none());
        prop_assert!(!certain || agreement.verdict.word() == "down");
    }

    #[test]
    fn what_is_written_as_swanctl_reads_as_the_same_end(mut end in any_end()) {
        end.kind = Kind::Strongswan;
        let text = to_swanctl(&end).unwrap();
        let read = parse::swanctl::read(&text, "a").unwrap().remove(0).1;
        prop_assert_eq!(check(&read, &end.mirrored(), &Options::default()).verdict.word(), check(&end, &end.mirrored(), &Options::default()).verdict.word());
    }
}
