//! A mask, such as `(hidden)`, is never taken for a key: not compared, judged, exported, or written.

use crate::harness::World;

const MASKS: [&str; 5] = ["(hidden)", "REDACTED", "<redacted>", "***", "pgw6****n7x5"];

/// An end in TOML.
fn end(address: &str, peer: &str, key: &str) -> String {
    format!(
        "kind = \"strongswan\"\naddress = \"{address}\"\npeer_address = \"{peer}\"\npsk = \"{key}\"\n\
         local_subnets = [\"10.0.0.0/24\"]\nremote_subnets = [\"10.0.0.0/24\"]\nnegotiation = \"active\"\n"
    )
}

/// A world with a reply in which `api` hid the key.
fn hidden() -> World {
    let world = World::new();
    let words = ["api", "tencent", "DescribeVpnConnections", "VpnConnectionIds.0=vpnx-ol6bcqp0", "--region", "ap-guangzhou"];
    let saved = world.emulated(&words).expect(0).stdout;
    assert!(saved.contains("(hidden)"), "{saved}");
    world.write("saved.json", &saved);
    world
}

/// The findings of a check on the key.
fn on_the_key(world: &World, left: &str, right: &str) -> Vec<serde_json::Value> {
    let checks = world.run(&["check", left, right, "-o", "json"]).json();
    let findings = checks["checks"][0]["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["field"] == "psk").cloned().collect()
}

#[test]
fn a_saved_reply_without_its_key_is_an_end_with_an_unknown_key() {
    let world = hidden();
    world.write("end.toml", &end("203.0.113.9", "198.51.100.1", "Real-Key-4711-abcdefgh"));
    world.write("copy.json", &std::fs::read_to_string(world.path().join("saved.json")).unwrap());
    for (left, right) in [("saved.json", "end.toml"), ("saved.json", "copy.json")] {
        let found = on_the_key(&world, left, right);
        assert!(!found.is_empty() && found.iter().all(|finding| finding["severity"] != "error"), "{found:?}");
        assert!(found.iter().all(|finding| finding["left"] == "(not known)"), "{found:?}");
    }
    let audit = world.run(&["audit", "saved.json", "-o", "json"]);
    assert!(!audit.stdout.contains("key-short") && !audit.stdout.contains("key-weak"), "{}", audit.stdout);
}

#[test]
fn a_mask_in_a_file_of_a_daemon_is_an_unknown_key() {
    for mask in MASKS {
        let world = World::new();
        world.write("end.toml", &end("203.0.113.9", "198.51.100.1", "Real-Key-4711-abcdefgh"));
        world.write("masked.toml", &end("198.51.100.1", "203.0.113.9", mask));
        let swanctl = format!(
            "connections {{ a {{ remote_addrs = 203.0.113.9 \n local {{ auth = psk \n id = 198.51.100.1 }} \n remote {{ auth = psk \n id = 203.0.113.9 }} \n children {{ a {{ remote_ts = 10.0.0.0/24 }} }} }} }}\n\
             secrets {{ ike-a {{ secret = \"{mask}\" }} }}\n"
        );
        world.write("swanctl.conf", &swanctl);
        for left in ["masked.toml", "swanctl.conf"] {
            let found = on_the_key(&world, left, "end.toml");
            assert!(!found.is_empty() && found.iter().all(|finding| finding["severity"] != "error"), "{mask} {left}: {found:?}");
        }
    }
}

#[test]
fn a_mask_is_never_sent_or_written() {
    let world = hidden();
    let (tencent, alibaba) = ("tencent@ap-guangzhou/vpnx-ol6bcqp0", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i");
    let before = world.emulated(&["show", tencent, alibaba, "-o", "json"]).expect(0).stdout;
    for mask in MASKS {
        world.write("psk.txt", mask);
        world.write("body.json", &format!("{{\"VpnConnectionId\":\"vpnx-ol6bcqp0\",\"PreShareKey\":\"{mask}\"}}"));
        world.write("ike.json", &format!("{{\"Psk\":\"{mask}\",\"IkeVersion\":\"ikev2\"}}"));
        for words in [
            &["modify", tencent, "--psk-file", "psk.txt", "--yes"][..],
            &["modify", alibaba, "--psk-file", "psk.txt", "--ike-lifetime", "3600", "--yes"],
            &["rotate", tencent, "--one-end", "--psk-file", "psk.txt", "--yes"],
            &["api", "tencent", "ModifyVpnConnectionAttribute", "--body", "@body.json", "--region", "ap-guangzhou"],
            &["api", "tencent", "ModifyVpnConnectionAttribute", "PreShareKey=@psk.txt", "--region", "ap-guangzhou"],
            &["api", "alibaba", "ModifyVpnConnectionAttribute", "IkeConfig=@ike.json", "--region", "cn-shanghai"],
        ] {
            let ran = world.emulated(words).expect(2);
            assert!(
                ran.stderr.contains("a mask in place of a key") && ran.stderr.contains("nothing was sent"),
                "{words:?}: {}",
                ran.stderr
            );
        }
    }
    assert_eq!(world.emulated(&["show", tencent, alibaba, "-o", "json"]).expect(0).stdout, before);
}
