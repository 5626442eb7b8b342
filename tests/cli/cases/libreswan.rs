//! Libreswan's files.

use super::{check, edit, fields, folder, verdict, world};

#[test]
fn a_line_for_somebody_else_gives_no_key() {
    let world = world("secrets-name-another-peer");
    let checked = check(&world, "client.conf", "server.toml");
    assert_eq!(verdict(&checked), ("down", "ike_auth"));
    assert_eq!(fields(&checked, "error"), ["psk"]);
    assert_eq!(checked["findings"][0]["left"], "none");
    edit(&world, "client.conf.secrets", "192.0.2.1 203.0.113.77 :", "203.0.113.77 192.0.2.1 198.51.100.1:");
    assert_eq!(verdict(&check(&world, "client.conf", "server.toml")), ("up", ""));
}

#[test]
fn a_private_address_with_a_public_identity_stands_behind_a_nat() {
    let world = world("libreswan-on-a-machine-with-an-elastic-ip");
    let checked = check(&world, "cloud.toml", "gateway.conf");
    assert_eq!(verdict(&checked), ("up", ""));
    assert_eq!(fields(&checked, "error"), [""; 0]);
    assert!(fields(&checked, "info").contains(&"nat_traversal".to_owned()));
    // The file may stand the other way round.
    let swapped = check(&world, "gateway.conf", "cloud.toml");
    assert_eq!(verdict(&swapped), ("up", ""));
    // A public address that the peer does not know is a fault.
    edit(&world, "gateway.conf", "left=172.31.24.85", "left=203.0.113.9");
    assert_eq!(fields(&check(&world, "cloud.toml", "gateway.conf"), "error"), ["peer_address"]);
}

#[test]
fn strongswans_ipsec_conf_is_refused_by_its_name() {
    for (name, words) in [
        ("strongswan-stroke-file-no-pfs", ["check", "cloud.toml", "ipsec.conf"].as_slice()),
        ("strongswan-stroke-file-no-pfs", &["audit", "ipsec.conf:NIT1"]),
        ("strongswan-stroke-file-with-strict-flag", &["audit", "ipsec.conf"]),
    ] {
        let ran = world(name).run(words).expect(2);
        let told = ["error: ipsec.conf: line ", "this is strongSwan's ipsec.conf, not Libreswan's", "swanctl.conf"];
        assert!(told.iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
    }
}

#[test]
fn comments_stand_behind_everything() {
    let world = world("trailing-comments-in-ipsec-conf");
    let checked = check(&world, "cloud.toml", "gateway.conf");
    assert_eq!(verdict(&checked), ("up", ""), "{checked}");
    assert_eq!(fields(&checked, "error"), [""; 0]);
}

#[test]
fn a_group_that_libreswan_lacks_is_named_once_a_phase() {
    let world = world("group-2-in-a-libreswan-file");
    let checked = check(&world, "cloud.toml", "gateway.conf");
    assert_eq!(verdict(&checked), ("down", "load"));
    assert_eq!(fields(&checked, "error"), ["ike.dh_group", "ipsec.pfs"]);
    for finding in checked["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"].is_null()) {
        assert_ne!(finding["left"], finding["right"], "{finding}");
    }
}

#[test]
fn what_is_left_out_is_offered_with_gcm_first() {
    let world = world("libreswan-nothing-said-of-algorithms");
    let checked = check(&world, "peer.toml", "gateway.conf");
    assert_eq!(verdict(&checked), ("up", ""));
    assert_eq!(checked["negotiated"]["ike.encryption"], "aes256gcm16");
    for (suite, up) in [
        ("aes128-sha256-modp8192", true),
        ("aes256-sha1-modp2048", false),
        ("aes256-sha256-modp1536", false),
        ("aes192-sha256-modp2048", false),
    ] {
        let world = super::world("libreswan-nothing-said-of-algorithms");
        edit(&world, "peer.toml", "aes256gcm16-prfsha512-ecp256", suite);
        assert_eq!(verdict(&check(&world, "peer.toml", "gateway.conf")).0, if up { "up" } else { "down" }, "{suite}");
    }
}

#[test]
fn ikev1_follows_the_policy_of_the_setup() {
    for (policy, expected) in [
        ("ikev1-policy=drop", ("down", "load")),
        ("ikev1-policy = reject # as asked", ("down", "load")),
        ("ikev1-policy=accept", ("up", "")),
        ("nhelpers=0", ("depends-on-peer", "")),
    ] {
        let world = world("libreswan-ikev1-policy-drop");
        edit(&world, "gateway.conf", "ikev1-policy=drop", policy);
        let checked = check(&world, "cloud.toml", "gateway.conf");
        assert_eq!(verdict(&checked), expected, "{policy}");
        let named =
            checked["findings"].as_array().unwrap().iter().any(|finding| finding["field"] == "ike.version" && finding["effect"] != "up");
        assert_eq!(named, expected.0 != "up", "{policy}");
    }
}

#[test]
fn the_right_line_of_the_secrets_counts() {
    let name = "libreswan-secrets-which-line-counts";
    for entry in std::fs::read_dir(folder(name).join("secrets")).unwrap() {
        let path = entry.unwrap().path();
        let world = world(name);
        world.write("gateway.conf.secrets", &std::fs::read_to_string(&path).unwrap());
        let checked = check(&world, "cloud.toml", "gateway.conf");
        let findings = checked["findings"].as_array().unwrap().iter();
        let key = findings.filter(|finding| finding["field"] == "psk").map(|finding| finding["right"].as_str().unwrap());
        let found = match key.collect::<Vec<_>>().as_slice() {
            [] => "up",
            ["none"] => "none",
            _ => "differ",
        };
        assert!(path.to_str().unwrap().ends_with(found), "{}: {found}", path.display());
    }
}

#[test]
fn the_words_for_algorithms_are_libreswans() {
    let name = "libreswan-words-for-algorithms";
    let words = std::fs::read_to_string(folder(name).join("words")).unwrap();
    for line in words.lines() {
        let (done, setting) = line.split_once(' ').unwrap();
        let other = if setting.starts_with("esp=") { "ike=aes256-sha1;modp2048" } else { "esp=aes256-sha1" };
        let world = world(name);
        let conf = format!(
            "conn x\n  authby=secret\n  ikev2=insist\n  pfs=no\n  left=192.0.2.1\n  leftsubnet=10.1.0.0/24\n  right=198.51.100.1\n  \
             rightsubnet=10.2.0.0/24\n  {setting}\n  {other}\n"
        );
        world.write("gw.conf", &conf);
        world.write("gw.conf.secrets", ": PSK \"a-made-up-key-for-this-case-0001\"\n");
        let ran = world.run(&["check", "peer.toml", "gw.conf", "-o", "json"]);
        let refused = ran.stderr.contains("error:") || verdict(&ran.json()["checks"][0]) == ("down", "load");
        assert_eq!(refused, done == "refused", "{line}: {}{}", ran.stdout, ran.stderr);
    }
}
