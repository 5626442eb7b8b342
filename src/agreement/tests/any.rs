//! Properties that hold for any pair of ends.

use proptest::prelude::*;

use super::*;

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
    fn swapping_the_ends_changes_nothing(left in any_end(), mut right in any_end()) {
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
    fn a_finding_that_is_down_makes_the_verdict_down(left in any_end(), right in any_end()) {
        let agreement = check(&left, &right.mirrored(), &Options::default());
        let certain = agreement.findings.iter().any(|finding| matches!(finding.effect, Verdict::Down { .. }) && finding.initiator.is_none());
        prop_assert!(!certain || agreement.verdict.word() == "down");
    }

    #[test]
    fn an_end_written_as_swanctl_reads_as_the_same_end(mut end in any_end()) {
        end.kind = Kind::Strongswan;
        let text = to_swanctl(&end).unwrap();
        let read = parse::swanctl::read(&text, "a").unwrap().remove(0).1;
        prop_assert_eq!(check(&read, &end.mirrored(), &Options::default()).verdict.word(), check(&end, &end.mirrored(), &Options::default()).verdict.word());
    }
}
