//! Ends that differ in one field.

use super::*;

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
    assert!(finding(&agreement, "ike.version").log.contains("timeout"), "Libreswan silently drops the v1 message");
}

#[test]
fn an_end_with_both_versions_starts_with_the_newer_one() {
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
fn another_prf_fails_in_ikev2_and_in_ikev1_at_strongswan() {
    let change = |end: &mut End| end.ike[0].prf = vec![Algorithm::named("sha512")];
    down(V2, "ike.prf", Exchange::IkeSaInit, "NO_PROPOSAL_CHOSEN", change);
    // Both ends alike fail too: the PRF of IKEv1 is that of the hash.
    let (mut left, mut right) = base(V1.0, V1.1);
    change(&mut left);
    change(&mut right);
    for (kind, wanted) in [(Kind::Strongswan, Verdict::Down { exchange: Exchange::MainMode }), (Kind::Libreswan, Verdict::Up)] {
        (left.kind, right.kind) = (kind.clone(), kind);
        assert_eq!(check(&left, &right, &Options::default()).verdict, wanted);
    }
    (left.kind, right.kind) = (Kind::Strongswan, Kind::Strongswan);
    for end in [&mut left, &mut right] {
        end.ike[0].prf.push(Algorithm::named("sha256"));
    }
    assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up, "the hash is among the PRFs");
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
        // With GCM on one end there is no integrity algorithm to compare.
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
fn forced_against_refused_encapsulation_carries_nothing_with_libreswan() {
    let ends = |mode: (Term, Term)| {
        let (mut left, mut right) = base(mode.0, mode.1);
        left.encapsulation = Some(Encapsulation::Forced);
        right.encapsulation = Some(Encapsulation::Off);
        right.kind = Kind::Libreswan;
        words(&check(&left, &right, &Options::default()))
    };
    assert_eq!(ends(V2), ("up-no-traffic", "up-no-traffic"));
    assert_eq!(ends(V1), ("up-no-traffic", "up"), "v1 carries traffic when the end that refuses it starts");
}

#[test]
fn sha256_truncated_on_one_end_carries_nothing() {
    for mode in MODES {
        for agreement in changed(mode, |end| end.truncates_sha256 = true) {
            assert_eq!(words(&agreement), ("up-no-traffic", "up-no-traffic"));
        }
    }
}

#[test]
fn compression_requested_by_libreswan_in_ikev1_is_refused() {
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

#[test]
fn equal_algorithms_are_up_whatever_they_are() {
    for mode in MODES {
        let up = |ike: Proposal, esp: Proposal, what: &str| {
            let (mut left, mut right) = base(mode.0, mode.1);
            for end in [&mut left, &mut right] {
                (end.ike, end.esp) = (vec![ike.clone()], vec![esp.clone()]);
            }
            assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Up, "{mode:?} {what}");
        };
        for cipher in ["des", "3des", "aes128", "aes192", "aes256"] {
            up(Proposal::single(cipher, "sha256", "group14"), Proposal::single(cipher, "sha256", "group14"), cipher);
        }
        for hash in ["md5", "sha1", "sha256", "sha384", "sha512"] {
            up(Proposal::single("aes256", hash, "group14"), Proposal::single("aes256", hash, "group14"), hash);
        }
        for group in ["group1", "group2", "group5", "group14", "group15", "group16", "group19", "group20", "group21", "group24", "group31"]
        {
            up(Proposal::single("aes256", "sha256", group), Proposal::single("aes256", "sha256", group), group);
        }
        for (cipher, hash) in [("aes128gcm16", "none"), ("aes256gcm16", "none"), ("null", "sha256")] {
            up(Proposal::single("aes256", "sha256", "group14"), Proposal::single(cipher, hash, "group14"), cipher);
        }
    }
}

#[test]
fn libreswan_ignores_another_mode_and_ikev1_at_an_ikev2_end() {
    for (left_mode, right_mode) in [(AGGRESSIVE, V1), (V1, AGGRESSIVE), (V1, V2)] {
        let left = base(left_mode.0, left_mode.1).0;
        let mut right = base(right_mode.0, right_mode.1).1;
        right.kind = Kind::Libreswan;
        let agreement = check(&left, &right, &Options { initiator: Initiator::Left, ..Options::default() });
        assert_eq!(agreement.verdict, Verdict::Down { exchange: identity(left_mode) });
        assert!(finding(&agreement, if right_mode == V2 { "ike.version" } else { "ike.mode" }).log.contains("timeout"));
    }
}

#[test]
fn libreswan_does_not_load_des_or_gcm_for_an_ikev1_sa() {
    let (mut left, mut right) = base(Term::Ikev1, Term::Main);
    right.kind = Kind::Libreswan;
    for proposal in [Proposal::single("aes256gcm16", "sha256", "group14"), Proposal::single("des", "sha256", "group14")] {
        (left.ike, right.ike) = (vec![proposal.clone()], vec![proposal]);
        assert_eq!(check(&left, &right, &Options::default()).verdict, Verdict::Down { exchange: Exchange::Load });
    }
}

#[test]
fn libreswan_answers_extended_sequence_numbers_in_ikev1_with_bad_syntax() {
    let (mut left, mut right) = base(Term::Ikev1, Term::Main);
    (left.esp[0].esn, right.kind) = (vec![Algorithm::named("esn")], Kind::Libreswan);
    assert!(finding(&check(&left, &right, &Options::default()), "ipsec.esn").log.contains("BAD_PROPOSAL_SYNTAX"));
}

#[test]
fn strongswan_as_answerer_of_aggressive_mode_causes_a_warning() {
    let warns = |left: Kind, right: Kind, told: Option<Daemon>| {
        let mut ends = base(Term::Ikev1, Term::Aggressive);
        (ends.0.kind, ends.1.kind) = (left, right);
        let agreement = check(&ends.0, &ends.1, &Options { right_kind: told, ..Options::default() });
        assert_eq!(agreement.verdict, Verdict::Up);
        let modes = agreement.findings.into_iter().filter(|finding| finding.field == "ike.mode" && finding.severity == Severity::Warn);
        modes.map(|finding| finding.initiator).collect::<Vec<_>>()
    };
    let cloud = || Kind::Cloud("alibaba".to_owned());
    assert_eq!(warns(Kind::Strongswan, Kind::Strongswan, None), [None], "whoever starts");
    assert_eq!(warns(Kind::Libreswan, Kind::Strongswan, None), [Some(Side::Left)], "when the other end starts");
    assert_eq!(warns(Kind::Libreswan, Kind::Unknown, None), [Some(Side::Left)], "it may be one");
    assert_eq!(warns(Kind::Libreswan, cloud(), None), [], "a cloud that offers the mode answers it");
    assert_eq!(warns(Kind::Libreswan, cloud(), Some(Daemon::Strongswan)), [Some(Side::Left)]);
    assert_eq!(warns(Kind::Libreswan, Kind::Libreswan, None), []);
}

#[test]
fn with_another_pfs_group_a_second_child_is_refused_from_the_start() {
    let (mut left, mut right) = base(Term::Ikev2, Term::Main);
    let two = |end: &End| end.children.iter().flatten().flat_map(|child| [child.clone(), child.clone()]).collect();
    (left.children, right.children) = (Some(two(&left)), Some(two(&right)));
    left.esp = vec![Proposal::single("aes256", "sha256", "none")];
    assert!(finding(&check(&left, &right, &Options::default()), "ipsec.pfs").explanation.contains("a second Child SA is refused"));
}
