//! An end is an end wherever it comes from: what `show` and `list` printed, one tunnel of two, a key from a file or from a record.

use serde_json::{Value as Json, json};

use crate::harness::World;

const TENCENT: &str = "tencent@ap-beijing/vpnx-partnerhw01";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
const SINGLE: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const DUAL: &str = "alibaba@cn-beijing/vco-2zedualtunnel00001";
/// The key of the tunnel between the first two.
const KEY: &str = "Huawei-Seed-2022";

/// Saves what a command prints into a file.
fn save(world: &World, words: &str, file: &str) {
    world.shell(&format!("tunnelctl {words} --emulated -q > {file}"), "").expect(0);
}

fn verdict(world: &World, words: &[&str]) -> String {
    let ran = world.emulated(&[&["check"], words, &["--policy", "off", "--query", "verdict"]].concat());
    assert!([0, 10].contains(&ran.code), "{}", ran.stderr);
    ran.stdout.trim().to_owned()
}

#[test]
fn what_show_and_list_printed_is_an_end_like_the_connection_itself() {
    let world = World::new();
    let id = |reference: &str| reference.rsplit('/').next().unwrap().to_owned();
    save(&world, &format!("show {TENCENT} {HUAWEI} {SINGLE} {DUAL} -o json --reveal-psk"), "all.json");
    save(&world, &format!("show {TENCENT} {HUAWEI} {SINGLE} {DUAL} -o jsonl --reveal-psk"), "all.jsonl");
    save(&world, "list tencent@ap-beijing -o json", "list.json");
    for (one, other) in [(TENCENT, HUAWEI), (SINGLE, TENCENT), (DUAL, TENCENT)] {
        let live = verdict(&world, &[one, other]);
        for file in ["all.json", "all.jsonl"] {
            let [one, other] = [one, other].map(|end| format!("./{file}:{}", id(end)));
            assert_eq!(verdict(&world, &[&one, &other]), live, "{one} {other}");
        }
    }
    for reference in [TENCENT, HUAWEI, SINGLE, DUAL] {
        let saved = format!("all.json:{}", id(reference));
        let audit = |end: &str| world.emulated(&["audit", end, "-o", "json", "--query", "findings"]).json();
        assert_eq!(audit(&saved), audit(reference));
        let export = |end: &str| world.emulated(&["export", end, "-f", "swanctl"]);
        let (offline, live) = (export(&saved).expect(0), export(reference).expect(0));
        assert_eq!(offline.stdout, live.stdout);
        assert!(offline.stderr.contains("those that were last read") && !live.stderr.contains("last read"), "{}", offline.stderr);
    }
    assert_eq!(verdict(&world, &["list.json", HUAWEI]), "unknown", "a fingerprint is no key");
    world.run(&["audit", "all.jsonl"]).expect(10);
}

#[test]
fn a_placeholder_in_a_saved_document_is_no_key() {
    let world = World::new();
    save(&world, &format!("show {TENCENT} -o json"), "saved.json");
    let mut saved: Json = serde_json::from_str(&std::fs::read_to_string(world.path().join("saved.json")).unwrap()).unwrap();
    saved["connections"][0]["psk"]["value"] = json!("(hidden)");
    world.write("masked.json", &saved.to_string());
    for file in ["saved.json", "masked.json"] {
        let ran = world.emulated(&["check", file, TENCENT, "-o", "json"]);
        assert_eq!(ran.json()["checks"][0]["judged"]["left"]["key"]["from"], "none");
        world.emulated(&["export", file, "-f", "swanctl", "--include-key", "-O", "out", "--force"]).expect(0);
        let text = std::fs::read_to_string(world.path().join("out")).unwrap();
        assert!(text.contains("REPLACE-WITH-THE-PRE-SHARED-KEY") && !text.contains("(hidden)"), "{text}");
    }
}

#[test]
fn a_part_of_a_connection_is_refused_with_what_is_missing() {
    let world = World::new();
    save(&world, "list tencent@ap-beijing -o json --query 'connections[].{ref: ref, ike: ike, status: status}'", "part.json");
    save(&world, &format!("show {TENCENT} -o yaml"), "saved.yaml");
    save(&world, &format!("show {TENCENT} -o csv"), "saved.csv");
    save(&world, &format!("show {TENCENT} {HUAWEI} -o json"), "two.json");
    world.shell("head -c 900 two.json > cut.json; cat two.json two.json > twice.json", "").expect(0);
    for (file, message) in [
        ("part.json", format!("{TENCENT}: its ipsec settings are missing; save all of it: tunnelctl show {TENCENT} -o json")),
        ("saved.yaml", "it is YAML that tunnelctl printed: save it with -o json".to_owned()),
        ("saved.csv", "it is CSV that tunnelctl printed: save it with -o json".to_owned()),
        ("cut.json", "incomplete".to_owned()),
        ("two.json", "there are several connections; name one after a colon".to_owned()),
        ("two.json:vpnx-none", "there is no connection \"vpnx-none\"; there are: vpnx-partnerhw01, 98c5af8a".to_owned()),
        ("twice.json:vpnx-partnerhw01", format!("{TENCENT} is in it 2 times")),
    ] {
        for words in [&["check", file, "two.json:vpnx-partnerhw01"][..], &["export", file, "-f", "swanctl"]] {
            let ran = world.run(words).expect(2);
            assert!(ran.stderr.contains(&message), "{words:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_connection_that_is_being_changed_is_named_with_whose_values_are_judged() {
    let world = World::new();
    for (reference, state) in [(TENCENT, "State PENDING"), (HUAWEI, "status PENDING_UPDATE"), (SINGLE, "State updating")] {
        let ran = world.emulated(&["modify", reference, "--ike-lifetime", "2h", "--yes", "--no-wait", "-o", "json"]).expect(0);
        let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
        let mut judged = Vec::new();
        for words in [&["check", reference, DUAL][..], &["audit", reference], &["export", reference, "-f", "swanctl"]] {
            let ran = world.emulated(&[words, &["-o", "json"]].concat());
            assert!(ran.stderr.contains(&format!("{reference} is being changed ({state}")), "{words:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("the values are those that were last read"), "{}", ran.stderr);
            assert!(ran.stderr.contains(&format!("operation {id} on {reference} is not finished")), "{}", ran.stderr);
            let json = ran.json();
            judged.push(if words[0] == "check" { json["checks"][0]["judged"]["left"].clone() } else { json["judged"][0].clone() });
        }
        for one in &judged {
            assert_eq!((&one["values"], &one["change"], &one["operations"]), (&json!("last-read"), &json!("changing"), &json!([id])));
        }
        save(&world, &format!("show {reference} -o json"), "changing.json");
        world.emulated(&["wait", reference, "-q"]).expect(0);
        let ran = world.emulated(&["audit", "changing.json", "-o", "json"]);
        assert!(ran.stderr.contains("was being changed") || ran.stderr.contains("those that were last read"), "{}", ran.stderr);
        world.run(&["operation", "resume", &id, "-q"]).expect(0);
        let ran = world.emulated(&["audit", reference, "-o", "json"]);
        assert_eq!(ran.json()["judged"][0]["values"], "in-effect");
        assert!(!ran.stderr.contains(reference), "{}", ran.stderr);
    }
}

#[test]
fn a_key_from_a_file_lets_a_check_pass_or_fail() {
    let world = World::new();
    world.write("key", &format!("{KEY}\n"));
    world.write("other", "Another-Key-2026\n");
    world.write("lines", "one\ntwo\n");
    world.write("empty", "\n");
    save(&world, &format!("show {TENCENT} -o json"), "saved.json");
    assert_eq!(verdict(&world, &[TENCENT, HUAWEI]), "unknown");
    assert_eq!(verdict(&world, &[TENCENT, HUAWEI, "--right-psk-file", "key"]), "up");
    assert_eq!(verdict(&world, &[TENCENT, HUAWEI, "--left-psk-file", "key", "--right-psk-file", "other"]), "down");
    assert_eq!(verdict(&world, &["saved.json", HUAWEI, "--left-psk-file", "key", "--right-psk-file", "key"]), "up");
    let words = ["check", HUAWEI, TENCENT, "--policy", "off", "--emulated", "--left-psk-file", "-"];
    let ran = world.run_with(&words, &[], &format!("{KEY}\r\n")).expect(0);
    assert!(ran.stdout.contains("left  the key in --left-psk-file") && !ran.stdout.contains(KEY), "{}", ran.stdout);
    for (words, message) in [
        (vec!["--left-psk-file", "-", "--right-psk-file", "-"], "standard input holds one key"),
        (vec!["--right-psk-file", "lines"], "--right-psk-file lines: holds several lines; a key is one line"),
        (vec!["--right-psk-file", "empty"], "--right-psk-file empty: holds no key"),
        (vec!["--right-psk-file", "absent"], "--right-psk-file absent: "),
        (vec!["--left-psk-file", "other"], "--left-psk-file holds another key"),
    ] {
        let ran = world.emulated(&[&["check", TENCENT, HUAWEI], words.as_slice()].concat()).expect(2);
        assert!(ran.stderr.contains(message) && !ran.stderr.contains("Another-Key"), "{}", ran.stderr);
    }
    let ran = world.emulated(&["check", HUAWEI, DUAL, "--right-psk-file", "key"]).expect(2);
    assert!(ran.stderr.contains("--right-psk-file states one key") && ran.stderr.contains(&format!("{DUAL}#tun-")), "{}", ran.stderr);
}

#[test]
fn the_key_on_record_lets_a_check_pass_and_the_verdict_says_so() {
    let world = World::new();
    world.write("key", "Another-Key-2026-For-Huawei\n");
    let ran = world.emulated(&["rotate", TENCENT, HUAWEI, "--yes", "-o", "json", "-q"]).expect(0);
    let id = ran.json()["operation"].as_str().unwrap().to_owned();
    let check = || world.emulated(&["check", TENCENT, HUAWEI, "--policy", "off", "-o", "json"]);
    let json = check().expect(0).json();
    let key = &json["checks"][0]["judged"]["right"]["key"];
    assert_eq!((&key["from"], &key["operation"]), (&json!("record"), &json!(id)), "{key}");
    assert!(key["age_secs"].is_u64() && key["set"].is_string());
    let rests = json["checks"][0]["rests_on"][0]["on"].as_str().unwrap().to_owned();
    assert!(rests.starts_with(&format!("the key that operation {id} set ")) && rests.contains(" ago; it is not known"), "{rests}");
    // A saved document of the same connection has the same record; the emulated cloud's record is of no other.
    save(&world, &format!("show {HUAWEI} -o json"), "saved.json");
    assert_eq!(verdict(&world, &[TENCENT, "saved.json"]), "up");
    save(&world, &format!("show {TENCENT} -o json --reveal-psk"), "tencent.json");
    assert_eq!(world.run(&["check", "tencent.json", "saved.json", "--query", "verdict"]).expect(10).stdout, "unknown\n");
    // Another sealing key opens nothing.
    world.write("seal", &"5a".repeat(32));
    let ran = world.emulated(&["check", TENCENT, HUAWEI, "--seal-key-file", "seal"]).expect(10);
    assert!(
        ran.stderr.contains(&format!("operation {id} set the key of {HUAWEI}")) && ran.stderr.contains("cannot be opened"),
        "{}",
        ran.stderr
    );
    // A later change of the connection is told; a later key takes its place; a rolled back one gives way to the one before.
    world.emulated(&["modify", HUAWEI, "--name", "renamed", "--yes", "-q"]).expect(0);
    let rests = check().expect(0).json()["checks"][0]["rests_on"][0]["on"].as_str().unwrap().to_owned();
    assert!(rests.contains("the connection was changed after that, at "), "{rests}");
    world.emulated(&["modify", HUAWEI, "--psk-file", "key", "--yes", "-q"]).expect(0);
    assert_eq!(verdict(&world, &[TENCENT, HUAWEI]), "down");
    assert_eq!(verdict(&world, &[TENCENT, HUAWEI, "--right-psk-file", "key"]), "down");
}

#[test]
fn a_key_whose_operation_is_not_finished_is_not_taken() {
    let world = World::new();
    world.write("key", &format!("{KEY}-new\n"));
    let ran = world.emulated(&["modify", HUAWEI, "--psk-file", "key", "--yes", "--no-wait", "-o", "json"]).expect(0);
    let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
    let ran = world.emulated(&["check", TENCENT, HUAWEI, "--query", "verdict"]).expect(10);
    assert_eq!(ran.stdout, "unknown\n");
    assert!(ran.stderr.contains(&format!("operation {id} on {HUAWEI} is not finished")), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("the key of {HUAWEI} cannot be read: --right-psk-file FILE gives it")), "{}", ran.stderr);
}

#[test]
fn one_tunnel_of_a_dual_connection_is_an_end() {
    let world = World::new();
    save(&world, &format!("show {DUAL} -o json"), "dual.json");
    world.write("key", "A-key-of-one-tunnel-2026\n");
    for end in [DUAL, "dual.json", "dual.json:vco-2zedualtunnel00001"] {
        for (name, id) in [("master", "tun-2zemaster000001"), ("slave", "tun-2zeslave0000001"), ("2", "tun-2zeslave0000001")] {
            let word = format!("{end}#{name}");
            let export = world.emulated(&["export", &word, "-f", "swanctl", "--local-address", "192.0.2.9"]).expect(0).stdout;
            assert!(export.contains("remote_addrs = 192.0.2.9") && export.matches("remote_addrs").count() == 1, "{export}");
            assert_eq!(export.contains("vco-2zedualtunnel00001-2"), id.contains("slave"), "{export}");
            world.write("peer.conf", &export);
            let json = world.emulated(&["check", &word, "./peer.conf", "-o", "json"]).json();
            assert_eq!((json["checks"].as_array().unwrap().len(), &json["without_partner"]), (1, &json!([])), "{json}");
            let judged = world.emulated(&["audit", &word, "-o", "json"]).json()["judged"].clone();
            assert_eq!((judged.as_array().unwrap().len(), &judged[0]["tunnel"]), (1, &json!(id)));
        }
        for (name, code, message) in [("third", 4, "there are: master, slave"), ("", 2, "the name of a tunnel is missing after #")] {
            if end == DUAL || !name.is_empty() {
                let ran = world.emulated(&["check", &format!("{end}#{name}"), TENCENT]).expect(code);
                assert!(ran.stderr.contains(message), "{}", ran.stderr);
            }
        }
    }
    let ran = world.emulated(&["export", DUAL, "-f", "swanctl", "--local-address", "192.0.2.9"]).expect(5);
    assert!(ran.stderr.contains("--local-address") && ran.stderr.contains(&format!("{DUAL}#1")), "{}", ran.stderr);
    let ran = world.emulated(&["check", &format!("{TENCENT}#1"), HUAWEI]).expect(2);
    assert!(ran.stderr.contains("has one tunnel: leave #1 out"), "{}", ran.stderr);
}
