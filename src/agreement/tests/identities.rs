//! Identities and keys.

use super::*;

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
fn each_direction_of_identities_is_checked_on_its_own() {
    for mode in MODES {
        let log = "AUTHENTICATION_FAILED";
        down(mode, "ike.local_id.value", identity(mode), log, |end| end.local_id = Some(Identity::parse("a.example.com")));
        down(mode, "ike.remote_id.value", identity(mode), log, |end| end.remote_id = Some(Identity::parse("a.example.com")));
    }
}

#[test]
fn libreswan_compares_identities_differently() {
    let ends = |mode: (Term, Term), sent: &str, expected: &str| {
        let (mut left, mut right) = base(mode.0, mode.1);
        right.kind = Kind::Libreswan;
        (left.local_id, right.remote_id) = (Some(Identity::parse(sent)), Some(Identity::parse(expected)));
        check(&left, &right, &Options::default())
    };
    assert_eq!(words(&ends(AGGRESSIVE, "Left.example.com", "left.example.com")), ("down", "up"), "it hashes its own spelling");
    assert_eq!(words(&ends(V2, "left.example.com", "%any")), ("down", "down"), "rightid=%any does not accept a name");
    assert!(finding(&ends(V1, "a.example.com", "b.example.com"), "ike.local_id.value").log.contains("timeout"));
    assert!(finding(&ends(AGGRESSIVE, "a.example.com", "b.example.com"), "ike.local_id.value").log.contains("INVALID_ID_INFORMATION"));
}

#[test]
fn an_end_behind_a_nat_must_start_and_be_expected() {
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

#[test]
fn different_keys_time_out_in_main_mode_and_fail_at_once_otherwise() {
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

#[test]
fn behind_a_nat_the_public_address_or_a_name_works_as_identity() {
    for id in ["192.0.2.1", "branch.example.com"] {
        let (mut left, mut right) = base(Term::Ikev2, Term::Main);
        left.address = Address::Known("10.9.9.9".parse().unwrap());
        left.public_address = Some("192.0.2.1".parse().unwrap());
        (left.local_id, right.remote_id) = (Some(Identity::parse(id)), Some(Identity::parse(id)));
        assert_eq!(check(&left, &right, &Options::default()).left_initiates, Verdict::Up, "{id}");
    }
}

#[test]
fn two_keys_help_only_between_two_strongswans_in_ikev2() {
    let ends = |mode: (Term, Term), left: [&str; 2], right: &[&str], kind: Kind| {
        let (mut one, mut other) = base(mode.0, mode.1);
        let secrets = |keys: &[&str]| keys.iter().map(|key| Arc::new(Secret::new(*key))).collect::<Vec<_>>();
        (one.older_keys, one.psk) = (secrets(&left[..1]), key(left[1]));
        (other.older_keys, other.psk) = (secrets(&right[..right.len() - 1]), key(right[right.len() - 1]));
        other.kind = kind;
        check(&one, &other, &Options::default()).verdict.word()
    };
    let swapped = ["new", "old"];
    assert_eq!(ends(V2, ["old", "new"], &swapped, Kind::Strongswan), "up", "both hold both, in any order");
    assert_eq!(ends(V1, ["old", "new"], &swapped, Kind::Strongswan), "down", "in v1 only the last one counts");
    assert_eq!(ends(V1, ["old", "new"], &["old", "new"], Kind::Strongswan), "up");
    assert_eq!(ends(V2, ["old", "new"], &swapped, Kind::Libreswan), "down");
    assert_eq!(ends(V2, ["old", "new"], &["old"], Kind::Strongswan), "down", "the last one must be the other end's only key");
    assert_eq!(ends(V2, ["old", "new"], &["new"], Kind::Strongswan), "up");
}
