//! What the program shows as a fix, done: what it found is gone, and nothing else is worse.

use serde_json::Value as Json;

use super::{check, edit, fields, verdict, world};
use crate::harness::World;

/// Does what the first mend of a field's finding says in a file; `place` says where its lines go.
fn mend(world: &World, checked: &Json, field: &str, file: &str, place: impl Fn(&str, &str) -> String) {
    let finding = checked["findings"].as_array().unwrap().iter().find(|finding| finding["field"] == field).unwrap();
    let changes = finding["mends"][0]["changes"].as_array().unwrap_or_else(|| panic!("no mend: {finding}"));
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    let lines: Vec<&str> = change["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let text = std::fs::read_to_string(world.path().join(file)).unwrap();
    world.write(file, &place(&text, &lines.join("\n")));
}

fn appended(text: &str, lines: &str) -> String {
    format!("{text}\n{lines}\n")
}

#[test]
fn a_child_that_the_peer_lacks_is_added_and_nothing_is_lost() {
    let world = world("child-that-the-other-end-lacks");
    let before = check(&world, "peer.toml", "hub.conf");
    assert_eq!(verdict(&before), ("up-narrowed", ""));
    assert_eq!(before["cut_off"], serde_json::json!(["10.6.0.0/24 -> 10.5.0.0/24"]));
    mend(&world, &before, "local_subnets", "peer.toml", |text, lines| format!("{lines}\n{text}"));
    let text = std::fs::read_to_string(world.path().join("peer.toml")).unwrap();
    assert!(text.starts_with("policy_rules = [\"10.2.0.0/24=10.1.0.0/24\", \"10.6.0.0/24=10.5.0.0/24\"]"), "{text}");
    assert_eq!(verdict(&check(&world, "peer.toml", "hub.conf")), ("up", ""));
}

#[test]
fn a_key_that_is_not_found_is_found_once_the_peer_is_named() {
    let world = world("secret-for-the-peer-address-remote-without-id");
    mend(&world, &check(&world, "cloud.toml", "swanctl.conf"), "psk", "swanctl.conf", appended);
    assert_eq!(verdict(&check(&world, "cloud.toml", "swanctl.conf")), ("up", ""));
}

#[test]
fn transport_mode_against_a_cloud_is_mended_by_tunnel_mode() {
    let world = world("transport-mode-against-a-cloud");
    mend(&world, &check(&world, "cloud.toml", "swanctl.conf"), "ipsec.mode", "swanctl.conf", appended);
    assert_eq!(verdict(&check(&world, "cloud.toml", "swanctl.conf")), ("up", ""));
}

#[test]
fn a_child_of_several_is_mended_by_its_own_proposals() {
    let world = world("several-children-with-different-suites");
    let before = check(&world, "peer.toml", "swanctl.conf");
    let of = |text: &str| std::fs::read_to_string(world.path().join(text)).unwrap();
    let peer = of("peer.toml");
    mend(&world, &before, "ipsec.encryption", "peer.toml", |text, lines| {
        let proposals = lines.lines().find(|line| line.starts_with("proposals")).unwrap();
        text.replace("proposals = [\"aes128-sha1\"]", proposals)
    });
    assert_ne!(of("peer.toml"), peer);
    let after = check(&world, "peer.toml", "swanctl.conf");
    assert_eq!((verdict(&after).0, fields(&after, "error")), ("up-narrowed", vec![]), "the child for another net has no partner");
}

#[test]
fn a_group_that_libreswan_lacks_changes_at_both_ends_together() {
    let world = world("group-2-in-a-libreswan-file");
    let checked = check(&world, "cloud.toml", "gateway.conf");
    for finding in checked["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error") {
        for mend in finding["mends"].as_array().unwrap() {
            let ends: Vec<&str> = mend["changes"].as_array().unwrap().iter().map(|change| change["end"].as_str().unwrap()).collect();
            assert!(ends.contains(&"right"), "the healthy end is not mended alone: {mend}");
            assert!(!mend.to_string().contains("group2") && !mend.to_string().contains("modp1024"), "{mend}");
        }
    }
    // Doing what it says, line by line, brings the tunnel up.
    for (file, from, to) in [
        ("cloud.toml", "dh_group = \"group2\"", "dh_group = \"group14\""),
        ("cloud.toml", "pfs = \"group2\"", "pfs = \"group14\""),
        ("gateway.conf", "ike=aes128-sha1;modp1024", "ike=aes128-sha1;modp2048"),
        ("gateway.conf", "esp=aes128-sha1;modp1024", "esp=aes128-sha1;modp2048"),
    ] {
        edit(&world, file, from, to);
    }
    assert_ne!(verdict(&check(&world, "cloud.toml", "gateway.conf")), ("down", "load"));
}

#[test]
fn commands_are_whole() {
    let world = World::new();
    world.write("swanctl.conf", include_str!("../../../fixtures/ends/swanctl.conf"));
    let words =
        ["check", "tencent@ap-guangzhou/vpnx-ol6bcqp0", "swanctl.conf:idc", "--project-id", "p-1", "--signature", "tc3", "-o", "json"];
    let checked = world.emulated(&words).json()["checks"][0].clone();
    let all = checked["fixes"].as_array().unwrap().iter().flat_map(|fix| fix["changes"].as_array().unwrap());
    let commands: Vec<&str> = all.filter_map(|change| change["command"].as_str()).collect();
    assert!(commands.len() > 2, "{checked}");
    for command in commands {
        assert!(command.ends_with(" --project-id p-1 --signature tc3 --emulated"), "{command}");
    }
}
