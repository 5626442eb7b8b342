//! Where Libreswan differs from the common rows of the tables.

use super::*;

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
fn of_nested_networks_strongswan_sends_only_the_widest() {
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
    // The group of the IKE SA is modp2048.
    let (same, other, none) = ("aes256-sha256-modp2048", "aes256-sha256-modp3072", "aes256-sha256");
    let up = ("up", "up");
    let fails = ("up-fails-at-rekey", "up-fails-at-rekey");
    assert_eq!(words(&ends(same, other, Kind::Libreswan)), up, "the configured group does not count");
    assert_eq!(words(&ends(other, other, Kind::Libreswan)), fails, "equal groups, but it uses another one");
    assert_eq!(words(&ends(none, other, Kind::Libreswan)), fails);
    assert_eq!(words(&ends(none, none, Kind::Libreswan)), up);
    assert_eq!(words(&ends(other, other, Kind::Cloud("alibaba".into()))), up, "a cloud is not judged by a fault of some versions");
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
    let (mut one, mut two) = base(V2.0, V2.1);
    (one.esp, two.esp, two.kind) = (esp(other), esp(other), Kind::Libreswan);
    let mends = mends(&one, &two, "ipsec.pfs");
    // Alone, either end would leave a difference in the configuration.
    let texts: Vec<String> = mends[0].changes.iter().map(|change| lines(change.side.of((&one, &two)), change).join(" ")).collect();
    assert!(texts[0].contains("esp_proposals = aes256-sha256-modp2048") && texts[1].contains("esp=aes256-sha2_256;modp2048"), "{texts:?}");
}
