//! `swanctl.conf`.

use serde_json::Value as Json;

use super::{edit, folder, world};
use crate::harness::{Ran, World};

/// What a check says.
struct Checked(Json);

impl Checked {
    fn of(ran: &Ran) -> Self {
        Self(ran.json())
    }

    /// The verdict as `down ike_auth`; when one end starts, or the worse one.
    fn verdict(&self, starter: Option<&str>) -> String {
        let place = match starter {
            None => &self.0["checks"][0],
            Some(side) => &self.0["checks"][0][format!("{side}_initiates")],
        };
        let exchange = place["exchange"].as_str().map(|exchange| format!(" {exchange}")).unwrap_or_default();
        format!("{}{exchange}", place["verdict"].as_str().unwrap())
    }

    fn findings(&self) -> impl Iterator<Item = &Json> {
        self.0["checks"][0]["findings"].as_array().unwrap().iter()
    }

    /// The findings on a field.
    fn on(&self, field: &str) -> Vec<&Json> {
        self.findings().filter(|finding| finding["field"] == field).collect()
    }

    /// The fields of the findings that keep the tunnel down.
    fn errors(&self) -> Vec<&str> {
        self.findings().filter(|finding| finding["severity"] == "error").map(|finding| finding["field"].as_str().unwrap()).collect()
    }
}

/// Checks two ends among the files of a case.
fn check(case: &str, words: &[&str]) -> Checked {
    Checked::of(&world(case).run(&[&["check", "-o", "json"], words].concat()))
}

#[test]
fn the_word_default_holds_aead_ciphers() {
    let checked = check("default-proposals-and-gcm-peer", &["peer.toml", "swanctl.conf"]);
    assert_eq!(checked.verdict(None), "up");
    assert!(checked.on("ike.encryption").is_empty());
}

#[test]
fn a_key_for_the_peer_is_not_found_by_a_starter_that_does_not_name_the_peer() {
    const CASE: &str = "secret-for-the-peer-address-remote-without-id";
    let checked = check(CASE, &["cloud.toml", "swanctl.conf"]);
    assert_eq!((checked.verdict(Some("left")), checked.verdict(Some("right"))), ("up".to_owned(), "down ike_auth".to_owned()));
    let [finding] = checked.on("psk")[..] else { panic!("{}", checked.0) };
    assert_eq!((finding["right"].as_str(), finding["initiator"].as_str()), (Some("none"), Some("right")));
    // Each of these finds it.
    let world = world(CASE);
    let text = std::fs::read_to_string(world.path().join("swanctl.conf")).unwrap();
    for ids in ["", "id = %any", "id-1 = 198.51.100.1\n        id-2 = 192.0.2.1", "id = 192.0.2.1"] {
        world.write("swanctl.conf", &text.replace("id = 198.51.100.1", ids));
        let checked = Checked::of(&world.run(&["check", "cloud.toml", "swanctl.conf", "--initiator", "right", "-o", "json"]));
        assert_eq!(checked.verdict(None), "up", "{ids}");
    }
}

#[test]
fn a_key_for_anybody_is_a_key() {
    let checked = check("secret-with-id-any", &["cloud.toml", "swanctl.conf", "--initiator", "right"]);
    assert_eq!(checked.verdict(None), "up");
}

#[test]
fn the_key_that_counts_is_the_one_that_strongswan_takes() {
    const CASE: &str = "swanctl-secrets-which-section-counts";
    let world = world(CASE);
    let mut count = 0;
    for entry in std::fs::read_dir(folder(CASE).join("files")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let words: Vec<&str> = name.split('-').skip(1).collect();
        let text = std::fs::read_to_string(&path).unwrap();
        world.write("gw.conf", &text);
        let checked = Checked::of(&world.run(&["check", "cloud.toml", "gw.conf", "-o", "json"]));
        for (side, wanted) in [("right", words[0]), ("left", words[1])] {
            let verdict = checked.verdict(Some(side));
            // Whether the peer names our end is not known: a key for our own id alone depends on it.
            let depends = side == "left" && wanted == "down" && words[0] == "up" && verdict == "depends-on-peer";
            assert!(verdict.split(' ').next() == Some(wanted) || depends, "{name}, {side} starts: {verdict}");
        }
        count += 1;
    }
    assert_eq!(count, 25);
}

#[test]
fn a_strongswan_that_names_its_peer_finds_a_key_for_the_peer_alone() {
    // The other end is known to be strongSwan: whether it names us is known too.
    const CONF: &str = "connections {\n s {\n  version = 2\n  local_addrs = OWN\n  remote_addrs = FAR\n  proposals = aes256-sha256-modp2048\n  local {\n   auth = psk\n   id = OWN\n  }\n  \
        remote {\n   auth = psk\n   REMOTE\n  }\n  children {\n   n {\n    esp_proposals = aes256-sha256\n   }\n  }\n }\n}\nsecrets {\n ike {\n  KEY\n  secret = a-made-up-key\n }\n}\n";
    let conf = |own: &str, far: &str, remote: &str, key: &str| {
        CONF.replace("OWN", own).replace("FAR", far).replace("REMOTE", remote).replace("KEY", key)
    };
    let world = World::new();
    for (remote, wanted) in [("id = 192.0.2.1", "up"), ("", "down ike_auth"), ("id = %any", "down ike_auth")] {
        world.write("a.conf", &conf("192.0.2.1", "198.51.100.1", "id = 198.51.100.1", "id = 192.0.2.1"));
        world.write("b.conf", &conf("198.51.100.1", "192.0.2.1", remote, ""));
        let checked = Checked::of(&world.run(&["check", "a.conf", "b.conf", "--initiator", "right", "-o", "json"]));
        assert_eq!(checked.verdict(None), wanted, "{remote}");
    }
}

#[test]
fn the_include_of_the_distribution_is_followed_or_noted() {
    use std::os::unix::fs::PermissionsExt;
    const CASE: &str = "swanctl-conf-with-the-distributions-include";
    let world = world(CASE);
    let words = ["check", "cloud.toml", "swanctl.conf:site-to-site", "-o", "json"];
    let ran = world.run(&words);
    assert_eq!(Checked::of(&ran).verdict(None), "up");
    assert_eq!(ran.stderr.trim(), "swanctl.conf: line 44, column 1: conf.d/*.conf includes no file that is there");
    // The key moves into an included file.
    let text = std::fs::read_to_string(world.path().join("swanctl.conf")).unwrap();
    let (connections, secrets) = text.split_at(text.find("secrets {").unwrap());
    let (secrets, include) = secrets.split_at(secrets.find("# Include").unwrap());
    world.write("swanctl.conf", &format!("{connections}{include}"));
    // The folder is there and empty: the key is nowhere, and nothing was passed over.
    std::fs::create_dir(world.path().join("conf.d")).unwrap();
    let ran = world.run(&words);
    assert_eq!((Checked::of(&ran).verdict(None).as_str(), ran.stderr.as_str()), ("down ike_auth", ""));
    let file = world.write("conf.d/keys.conf", secrets);
    let ran = world.run(&words);
    assert_eq!((Checked::of(&ran).verdict(None).as_str(), ran.stderr.as_str()), ("up", ""));
    // Others can read it: it is not read, and the key is not known.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = world.run(&words);
    assert_eq!(Checked::of(&ran).verdict(None), "unknown");
    assert!(ran.stderr.contains("can be read by other users") && ran.stderr.contains("chmod 600 conf.d/keys.conf"), "{}", ran.stderr);
}

#[test]
fn sections_of_one_name_are_one() {
    let checked = check("two-connections-sections-in-one-file", &["cloud.toml", "swanctl.conf:second"]);
    assert_eq!(checked.verdict(None), "up");
    let ran = world("two-connections-sections-in-one-file").run(&["audit", "swanctl.conf", "-o", "json"]);
    assert!(ran.stdout.contains("swanctl.conf:first") && ran.stdout.contains("swanctl.conf:second"), "{}", ran.stdout);
}

#[test]
fn certificates_are_no_key() {
    let checked = check("certificates-on-one-end-psk-on-the-other", &["cloud.toml", "swanctl.conf"]);
    assert_eq!((checked.verdict(None).as_str(), checked.errors()), ("down ike_auth", vec!["ike.authentication"]));
}

#[test]
fn the_mode_is_part_of_the_proposal_in_ikev1_and_a_wish_in_ikev2() {
    const CASE: &str = "transport-mode-against-a-cloud";
    let checked = check(CASE, &["cloud.toml", "swanctl.conf"]);
    assert_eq!((checked.verdict(None).as_str(), checked.errors()), ("down quick_mode", vec!["ipsec.mode"]));
    let world = world(CASE);
    edit(&world, "cloud.toml", "ikev1", "ikev2");
    edit(&world, "swanctl.conf", "version = 1", "version = 2");
    let words = ["check", "cloud.toml", "swanctl.conf", "-o", "json"];
    let checked = Checked::of(&world.run(&words));
    assert_eq!(checked.verdict(None), "up");
    assert_eq!(checked.on("ipsec.mode").len(), 1);
    // In transport mode the networks behind the hosts are out of reach.
    for file in ["cloud.toml", "swanctl.conf"] {
        edit(&world, file, "192.0.2.1/32", "10.1.0.0/24");
        edit(&world, file, "198.51.100.1/32", "10.2.0.0/24");
    }
    let checked = Checked::of(&world.run(&words));
    assert_eq!((checked.verdict(None).as_str(), checked.errors()), ("down ike_auth", vec!["ipsec.mode"]));
}

#[test]
fn children_keep_their_own_proposals() {
    const CASE: &str = "several-children-with-different-suites";
    let checked = check(CASE, &["peer.toml", "swanctl.conf"]);
    assert_eq!(checked.verdict(None), "down ike_auth");
    assert_eq!(checked.errors(), ["ipsec.encryption"]);
    assert_eq!(checked.on("ipsec.encryption")[0]["right"], "aes256gcm16");
    // With the suite in the right child it comes up; that of the other child does not matter.
    let world = world(CASE);
    edit(&world, "swanctl.conf", "aes128-sha1", "3des-md5");
    edit(&world, "swanctl.conf", "aes256gcm16", "aes128-sha1");
    let checked = Checked::of(&world.run(&["check", "peer.toml", "swanctl.conf", "--initiator", "left", "-o", "json"]));
    assert_eq!(checked.verdict(None), "up-narrowed", "the peer has no net for the other child");
    assert!(checked.errors().is_empty());
    assert_eq!(checked.0["checks"][0]["negotiated"]["ipsec.encryption"], "aes128");
}

#[test]
fn zero_is_never_and_lists_of_addresses_are_read() {
    let checked = check("swanctl-values-of-zero-and-lists", &["cloud.toml", "swanctl.conf"]);
    assert_eq!(checked.verdict(None), "up");
    assert!(checked.on("ike.lifetime_secs").is_empty() && checked.on("ipsec.lifetime_secs").is_empty(), "{}", checked.0);
}

#[test]
fn words_are_taken_and_refused_as_by_swanctl() {
    const CASE: &str = "swanctl-words-for-algorithms";
    const CONF: &str = "connections {\n x {\n  version = 2\n  local_addrs = 192.0.2.1\n  remote_addrs = 198.51.100.1\n  proposals = IKE\n  local {\n   auth = psk\n  }\n  \
        remote {\n   auth = psk\n  }\n  children {\n   n {\n    local_ts = 10.1.0.0/24\n    remote_ts = 10.2.0.0/24\n    esp_proposals = ESP\n   }\n  }\n }\n}\n\
        secrets {\n ike-1 {\n  secret = a-made-up-key-for-this-case-0001\n }\n}\n";
    let world = world(CASE);
    let words = std::fs::read_to_string(folder(CASE).join("words")).unwrap();
    assert_eq!(words.lines().count(), 41);
    for line in words.lines() {
        let (real, setting) = line.split_once(' ').unwrap();
        let (ike, esp) = match setting.split_once(" = ").unwrap() {
            ("proposals", text) => (text, "aes256-sha256"),
            (_, text) => ("aes256-sha256-modp2048", text),
        };
        world.write("gw.conf", &CONF.replace("IKE", ike).replace("ESP", esp));
        let ran = world.run(&["check", "peer.toml", "gw.conf", "-o", "json"]);
        let place = format!("error: gw.conf: line {}, column ", if setting.starts_with("esp") { 17 } else { 6 });
        assert_eq!(ran.stderr.starts_with(&place), real == "refused", "{line}: {}", ran.stderr);
    }
}

#[test]
fn an_address_that_a_file_leaves_open_is_the_one_that_the_other_end_names_or_that_is_stated() {
    const CASE: &str = "secret-with-id-any";
    let world = world(CASE);
    let text = std::fs::read_to_string(world.path().join("swanctl.conf")).unwrap();
    for own in ["", "local_addrs = 0.0.0.0", "local_addrs = %any"] {
        world.write("swanctl.conf", &text.replace("local_addrs = 192.0.2.1", own));
        let checked = Checked::of(&world.run(&["check", "cloud.toml", "swanctl.conf", "-o", "json"]));
        assert_eq!(checked.verdict(None), "up", "{own}");
        assert_eq!(checked.on("peer_address").len(), 1, "it is noted: {own}");
    }
    let words = ["check", "cloud.toml", "swanctl.conf", "-o", "json", "--right-address"];
    let checked = |address: &str| Checked::of(&world.run(&[&words[..], &[address]].concat()));
    assert_eq!(checked("192.0.2.1").verdict(None), "up");
    assert_eq!(checked("192.0.2.7").verdict(None), "down ike_sa_init");
}
