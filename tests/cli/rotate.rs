//! The outcomes of rotations and operations on record: the exit code, the message, and that the suggested command works.

use serde_json::json;

use crate::emulator::Served;
use crate::harness::{Ran, World};
use crate::signals::{ended, latest, recorded, start, type_next};

const TENCENT: &str = "tencent@ap-shanghai/vpnx-partneral01";
const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
const STATIC: &str = "huawei@cn-north-4/1a2b3c4d-0000-4000-8000-00000000cccc";
const DUAL: &str = "alibaba@cn-beijing/vco-2zedualtunnel00001";
const ROTATE: [&str; 4] = ["rotate", TENCENT, ALIBABA, "--yes"];
const KEY: &str = "Rotated-By-Test-2026-key-0123456789abcdef";

#[track_caller]
fn says(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

/// The `tunnelctl` commands that an error suggests.
fn next(ran: &Ran) -> Vec<String> {
    let lines = ran.stderr.lines().filter_map(|line| line.trim().strip_prefix("next:")?.trim().strip_prefix("tunnelctl "));
    lines.map(|line| line.split(" #").next().unwrap().trim().to_owned()).filter(|line| !line.contains("...")).collect()
}

#[test]
fn an_invalid_request_is_refused_before_anything_is_sent() {
    let world = World::new();
    world.write("latin", "Good-Key-With-\u{e9}-0123456789-0123456789");
    world.write("curly", "Good-Key-\u{201c}0123456789-0123456789");
    world.write("blank", "Key With-Blank-0123456789-0123456789");
    world.write("edge", " Key-Blank-0123456789-0123456789");
    world.write("tab", "Key\tTab-0123456789-0123456789-01234");
    world.write("short", "Short1!");
    world.write("weak", "lowercaseonlylowercaseonlylowercase");
    world.write("ampersand", "Ampersand-0123&456789-0123456789");
    world.write("known", "pgw6dy7d1i8in7x5");
    world.write("good", KEY);
    world.write("empty", "");
    let spelled = ALIBABA.replace("/vco", "/connection/vco");
    let rows: &[(&[&str], i32, &[&str])] = &[
        (&[TENCENT, TENCENT, "--yes"], 2, &["given twice", "nothing was sent"]),
        (&[ALIBABA, &spelled, "--yes"], 2, &["given twice", "nothing was sent"]),
        (&[&format!("{DUAL}#slave"), &format!("{DUAL}#tun-2zeslave0000001"), "--yes"], 2, &["given twice"]),
        (&["no-such-pair", "--yes"], 2, &["no-such-pair"]),
        (&["oracle@x/y", "--yes"], 2, &["oracle"]),
        (&[TENCENT, ALIBABA], 2, &["--yes", "not a terminal", "nothing was sent"]),
        (&[TENCENT, ALIBABA, "--psk-file", "latin", "--yes"], 2, &["character 15 is not ASCII", "nothing was sent"]),
        (&[TENCENT, ALIBABA, "--psk-file", "curly", "--yes"], 2, &["character 10 is a curly quotation mark"]),
        (&[TENCENT, ALIBABA, "--psk-file", "blank", "--yes"], 2, &[ALIBABA, "character 4 is not allowed"]),
        (&[TENCENT, ALIBABA, "--psk-file", "edge", "--yes"], 2, &["begins or ends with a blank"]),
        (&[TENCENT, ALIBABA, "--psk-file", "tab", "--yes"], 2, &["character 4 is a control character"]),
        (&[TENCENT, ALIBABA, "--psk-file", "empty", "--yes"], 2, &["it is empty"]),
        (&[TENCENT, ALIBABA, "--psk-file", "known", "--yes"], 2, &["documentation"]),
        (&[TENCENT, ALIBABA, "--psk-file", "missing", "--yes"], 2, &["--psk-file", "missing", "nothing was sent"]),
        (&[STATIC, "--psk-file", "short", "--no-way-back", "--yes"], 2, &["8 to 128", "nothing was sent"]),
        (&[STATIC, "--psk-file", "weak", "--no-way-back", "--yes"], 2, &["at least three of"]),
        (&[STATIC, "--psk-file", "ampersand", "--no-way-back", "--yes"], 2, &["character 15 is not allowed"]),
        (&[STATIC, "--psk-file", "good", "--yes"], 2, &["a rollback is not possible", "--old-key-file", "--no-way-back"]),
        (&[TENCENT, ALIBABA, "--old-key-file", "good", "--yes"], 2, &["--old-key-file holds another key", "nothing was sent"]),
        (&[TENCENT, ALIBABA, "--psk-file", "good", "--psk-out", "new", "--yes"], 2, &["--psk-out"]),
        (&[TENCENT, ALIBABA, "--psk-out", "good", "--yes"], 2, &["exists already"]),
        (&[TENCENT, ALIBABA, "--renegotiate", "--no-renegotiate", "--yes"], 2, &["--no-renegotiate"]),
        (&[TENCENT, ALIBABA, "--reload", "true", "--yes"], 2, &["--reload"]),
        (&[DUAL, "--yes"], 2, &["2 tunnels", "tun-2zeslave0000001", "# slave", "tun-2zemaster000001"]),
        (&[&format!("{DUAL}#third"), "--yes"], 4, &["no tunnel third", "tun-2zeslave0000001"]),
        (&["tencent@ap-shanghai/vpnx-missing", "--yes"], 4, &["vpnx-missing", "check the id"]),
        (&["huawei@cn-north-4/ipsec-server/iss-1", "--yes"], 5, &["ipsec-server"]),
        (&[STATIC, "huawei@cn-north-4/1a2b3c4d-0000-4000-8000-00000000bbbb", "--yes"], 1, &["would not come up", "--allow-down"]),
    ];
    for (words, code, parts) in rows {
        let one_end: &[&str] = if words[1..].first().is_none_or(|word| word.starts_with("--")) { &["--one-end"] } else { &[] };
        let ran = world.emulated(&[["rotate", "-v"].as_slice(), words, one_end].concat()).expect(*code);
        says(&ran, parts);
        for call in ["ModifyVpnConnectionAttribute http", "UpdateVpnConnection http", "ModifyTunnelAttribute http"] {
            assert!(!ran.stderr.contains(call), "{words:?}: {}", ran.stderr);
        }
        for command in next(&ran) {
            let words: Vec<&str> = command.split(' ').collect();
            let dry: &[&str] = if words[0] == "rotate" { &["--dry-run"] } else { &[] };
            let typed = world.run(&[words.as_slice(), dry].concat());
            assert!([0, 10].contains(&typed.code), "{command}: {} {}", typed.code, typed.stderr);
        }
    }
    assert!(world.run(&["operation", "list", "-o", "json"]).expect(0).json()["operations"].as_array().unwrap().is_empty());
    // The standby tunnel comes first.
    let ran = world.emulated(&["rotate", DUAL, "--one-end", "--yes"]).expect(2);
    assert!(ran.stderr.find("slave").unwrap() < ran.stderr.find("# master").unwrap(), "{}", ran.stderr);
}

#[test]
fn a_plan_is_shown_and_nothing_is_sent() {
    let world = World::new();
    for (more, code) in [([].as_slice(), 0), (&["--exit-code"], 10)] {
        let ran = world.emulated(&[["rotate", TENCENT, ALIBABA, "--dry-run", "-o", "json"].as_slice(), more].concat()).expect(code);
        assert_eq!((&ran.json()["outcome"], &ran.json()["way_back"]), (&json!("planned"), &json!(true)));
    }
    assert!(!world.state().join("operations").exists());
}

#[test]
fn without_credentials_or_a_network_no_operation_begins() {
    let world = World::new();
    says(&world.run(&ROTATE).expect(3), &["TENCENTCLOUD_SECRET_ID", "nothing was sent"]);
    let keys = [("TENCENTCLOUD_SECRET_ID", "id"), ("TENCENTCLOUD_SECRET_KEY", "secret-of-the-user")];
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let ran = world.run_with(&["rotate", TENCENT, "--one-end", "--yes", "--endpoint", &endpoint], &keys, "").expect(6);
    says(&ran, &["cannot reach tencent", "nothing was sent"]);
    assert_eq!(latest(&world), json!(null));
}

#[test]
fn ends_with_different_keys_are_left_alone() {
    let world = World::new();
    world.write("good", KEY);
    world.emulated(&["modify", TENCENT, "--psk-file", "good", "--yes", "-q"]).expect(0);
    let ran = world.emulated(&ROTATE).expect(1);
    says(&ran, &["hold different keys now", "fp ", "nothing was sent"]);
    assert!(!ran.stderr.contains(KEY));
    // The end already holds this key.
    let ran = world.emulated(&["rotate", TENCENT, "--psk-file", "good", "--one-end", "--yes"]).expect(2);
    says(&ran, &["this key already"]);
}

#[test]
fn an_end_of_each_kind_that_has_a_key_gets_a_new_one() {
    let world = World::new();
    world.write("old", "Huawei-Seed-2024\n");
    for words in [
        ["alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll"].as_slice(),
        &[&format!("{DUAL}#slave")],
        &["alibaba@cn-beijing/attachment/vco-2zedualattach00001#2"],
        &[STATIC, "--old-key-file", "old"],
        &[HUAWEI, "tencent@ap-beijing/vpnx-partnerhw01"],
    ] {
        let ran = world.emulated(&[["rotate", "--one-end", "--yes", "-o", "json"].as_slice(), words].concat()).expect(0);
        let operation = ran.json();
        assert_eq!((&operation["state"], &operation["way_back"]), (&json!("committed"), &json!(true)), "{words:?}");
        for command in operation["next"].as_array().unwrap() {
            let mut words: Vec<&str> = command.as_str().unwrap().split(' ').skip(1).collect();
            if words[1] == "show" {
                world.run(&words).expect(0);
                assert_eq!(std::fs::read_to_string(world.path().join(words[4])).unwrap().trim_end().len(), 44);
                continue;
            }
            words.push("--yes");
            world.run(&words).expect(0);
        }
        assert_eq!(latest(&world)["state"], "rolled-back");
    }
}

#[test]
fn a_record_is_opened_only_with_its_own_sealing_key() {
    let world = World::new();
    for (name, byte) in [("ours", "01"), ("theirs", "02")] {
        world.write(name, &byte.repeat(31).replace("0101", "0a01").chars().chain("ff".chars()).collect::<String>());
    }
    world.emulated(&[ROTATE.as_slice(), &["--seal-key-file", "ours"]].concat()).expect(0);
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    let show = |more: &[&str]| world.run(&[["operation", "show", &id, "--psk-out", "out"].as_slice(), more].concat());
    says(&show(&["--seal-key-file", "absent"]).expect(3), &["absent", "no such file"]);
    says(&show(&["--seal-key-file", "theirs"]).expect(3), &["sealed under the sealing key", "--seal-key-file"]);
    says(&world.run(&["operation", "rollback", &id, "--yes", "--seal-key-file", "theirs"]).expect(3), &["sealed under"]);
    assert!(!world.path().join("out").exists());
    // Its own one is on record, as long as it is there.
    show(&[]).expect(0);
    std::fs::remove_file(world.path().join("out")).unwrap();
    std::fs::rename(world.path().join("ours"), world.path().join("moved")).unwrap();
    says(&show(&[]).expect(3), &["sealing key", "--seal-key-file"]);
    show(&["--seal-key-file", "moved"]).expect(0);
    std::fs::rename(world.path().join("moved"), world.path().join("ours")).unwrap();
    let by_variable = [("TUNNELCTL_SEAL_KEY_FILE", "ours")];
    world.run_with(&["operation", "rollback", &id, "--yes"], &by_variable, "").expect(0);
    assert_eq!(latest(&world)["state"], "rolled-back");
}

#[test]
fn a_damaged_record_is_named_and_not_acted_on() {
    let world = World::new();
    world.emulated(&ROTATE).expect(0);
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    let place = |end: &str| world.state().join("operations").join(format!("{id}.{end}"));
    let whole = std::fs::read(place("journal")).unwrap();
    for at in [0, 30, 200, whole.len() / 2, whole.len() * 3 / 4] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(place("journal"), &bytes).unwrap();
        for words in [
            ["operation", "list"].as_slice(),
            &["operation", "show", &id],
            &["operation", "resume", &id, "--yes"],
            &["operation", "rollback", &id, "--yes"],
            &[ROTATE.as_slice(), &["--emulated"]].concat(),
        ] {
            says(&world.run(words).expect(9), &[&id, "damaged", "state:", "next:", "mv "]);
        }
        // The keys can still be opened.
        let _ = std::fs::remove_file(world.path().join("saved"));
        world.run(&["operation", "show", &id, "--psk-out", "saved"]).expect(9);
        assert_eq!(std::fs::read_to_string(world.path().join("saved")).unwrap().trim_end().len(), 44);
        // It blocks no other tunnel.
        world.emulated(&["rotate", "tencent@ap-guangzhou/vpnx-ol6bcqp0", "--one-end", "--dry-run"]).expect(0);
    }
    std::fs::write(place("journal"), &whole).unwrap();
    let sealed = std::fs::read(place("keys")).unwrap();
    for at in [sealed.len() / 2, sealed.len() - 20] {
        let mut bytes = sealed.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        std::fs::write(place("keys"), &bytes).unwrap();
        let ran = world.run(&["operation", "rollback", &id, "--yes"]);
        assert!([1, 3, 8, 9].contains(&ran.code), "{at}: {} {}", ran.code, ran.stderr);
        says(&ran, &[&id]);
        assert_eq!(latest(&world)["state"], "committed");
    }
}

#[test]
fn an_unknown_operation_is_not_found() {
    let world = World::new();
    for words in [["show"].as_slice(), &["resume", "--yes"], &["rollback", "--yes"]] {
        let words = [["operation"].as_slice(), words, &["20260101-000000-abcd"]].concat();
        says(&world.run(&words).expect(4), &["20260101-000000-abcd", "operation list"]);
    }
    world.run(&["operation", "show", "../../etc/passwd"]).expect(2);
}

#[test]
fn an_operation_can_be_resumed_only_where_it_began() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "delay:20000@ModifyVpnConnectionAttribute"]);
    let mut child = start(&served, &world, &ROTATE);
    recorded(&world, "\"attempt\"");
    child.kill().unwrap();
    ended(child);
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    let other = Served::start(&world, &[]);
    let ran = other.run(&world, &["operation", "resume", &id, "--yes"], &[]).expect(3);
    says(&ran, &["when the operation was begun", "nothing was sent", "next:"]);
    served.run(&world, &["operation", "resume", &id, "--yes"], &[]).expect(0);
}

#[test]
fn an_unknown_outcome_is_reported_and_the_suggested_command_finds_it_out() {
    for (fault, code, parts) in [
        ("internal*4@ModifyVpnConnectionAttribute", 9, ["gave no usable reply, several times", "got no reply"]),
        ("cut*4@ModifyVpnConnectionAttribute", 9, ["gave no usable reply, several times", "may be executed until"]),
        ("late:200*4@ModifyVpnConnectionAttribute", 9, ["gave no usable reply, several times", "may be executed until"]),
        ("ignore*4@ModifyVpnConnectionAttribute", 8, ["accepted the key several times", "it accepted the new key"]),
    ] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0", "--fault", fault]);
        let ran = served.run(&world, &[ROTATE.as_slice(), &["--timeout", "8s"]].concat(), &[]).expect(code);
        says(&ran, &parts);
        says(&ran, &["state: operation ", "traffic:", "operation resume", "operation rollback"]);
        assert_eq!(next(&ran).len(), 2, "{}", ran.stderr);
        assert_eq!(latest(&world)["ends"][0]["may_hold"], json!(["old", "new"]));
        type_next(&served, &world, &ran, "operation resume").expect(0);
        assert_eq!(latest(&world)["state"], "committed", "{fault}");
    }
}

#[test]
fn a_key_that_somebody_else_wrote_is_left_alone_until_it_is_taken_over() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "delay:4000@ModifyVpnConnectionAttribute#vpnx-partneral01"]);
    let child = start(&served, &world, &ROTATE);
    recorded(&world, "\"attempt\"");
    // Somebody at another machine: on this machine, the locks would stop them.
    let elsewhere = World::new();
    elsewhere.write("third", "Third-Party-Key-2026-0123456789-abcdef");
    served.run(&world, &["modify", ALIBABA, "--name", "x", "--yes"], &[]).expect(7);
    served.run(&elsewhere, &["modify", ALIBABA, "--psk-file", "third", "--yes", "-q"], &[]).expect(0);
    let ran = ended(child).expect(8);
    says(&ran, &["that this operation never wrote", "somebody else changed it", "--take-over"]);
    assert_eq!(latest(&world)["state"], "conflict");
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    // Their key stays until `--take-over`; the suggested `show` command works.
    served.run(&world, &["operation", "resume", &id, "--yes"], &[]).expect(8);
    let show = next(&ran).into_iter().find(|command| command.starts_with("show ")).unwrap();
    served.run(&world, &show.split(' ').collect::<Vec<_>>(), &[]).expect(0);
    served.run(&world, &["operation", "resume", &id, "--take-over", "--yes"], &[]).expect(0);
    assert_eq!(latest(&world)["state"], "committed");
}
