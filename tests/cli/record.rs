//! Every change is on record with the settings that it found: it can be rolled back or resumed. `--no-record` leaves it out.

use crate::harness::World;
use crate::served::Served;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
const PSK: &str = "Canary-Recorded-Psk-2026-7f3b";

fn configuration(world: &World, reference: &str) -> serde_json::Value {
    let shown = world.emulated(&["show", reference, "-o", "json"]).expect(0).json();
    let mut connection = shown["connections"][0].clone();
    for moves in ["updated", "status", "extra"] {
        connection.as_object_mut().unwrap().remove(moves);
    }
    connection
}

#[test]
fn a_rollback_restores_every_setting_and_the_key() {
    for (reference, settings) in [
        (ALIBABA, ["--ike-lifetime", "2h", "--remote-subnet", "10.77.0.0/16"]),
        (TENCENT, ["--policy-rule", "10.0.0.0/24=10.77.0.0/16", "--dpd", "on"]),
        ("alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf", ["--health-check-interval", "5s", "--ipsec-pfs", "group14"]),
    ] {
        let world = World::new();
        world.write("psk", PSK);
        let before = configuration(&world, reference);
        let words = [["modify", reference, "--psk-file", "psk", "--yes", "--allow-down", "-o", "json"].as_slice(), &settings].concat();
        let ran = world.emulated(&words).expect(0);
        let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
        assert!(ran.stderr.contains(&format!("operation {id}; roll it back: tunnelctl operation rollback {id}")), "{}", ran.stderr);
        assert_ne!(configuration(&world, reference), before);
        let shown = world.run(&["operation", "show", &id, "-o", "json"]).expect(0).json();
        assert_eq!((shown["state"].as_str(), shown["way_back"].as_bool()), (Some("committed"), Some(true)));
        assert_eq!(shown["change"]["psk"]["state"], "set");
        // There is nobody to confirm.
        world.run(&["operation", "rollback", &id]).expect(2);
        let ran = world.run(&["operation", "rollback", &id, "--yes", "-o", "json"]).expect(0);
        assert_eq!(ran.json()["state"], "rolled-back");
        assert_eq!(configuration(&world, reference), before, "{reference}");
    }
}

#[test]
fn a_value_that_was_not_known_before_is_not_restored_and_is_named() {
    let world = World::new();
    world.write("psk", PSK);
    let ran = world.emulated(&["modify", HUAWEI, "--psk-file", "psk", "--name", "new-name", "--yes", "-o", "json"]).expect(0);
    let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
    let ran = world.run(&["operation", "rollback", &id, "--yes"]).expect(1);
    let next = format!("tunnelctl operation rollback {id} --without psk");
    assert!(ran.stderr.contains("cannot roll back psk") && ran.stderr.contains(&next), "{}", ran.stderr);
    world.run(&["operation", "rollback", &id, "--yes", "--without", "psk,mtu"]).expect(2);
    world.run(&["operation", "rollback", &id, "--yes", "--without", "psk"]).expect(0);
    assert_ne!(configuration(&world, HUAWEI)["name"], "new-name");
    // Nothing was read, so nothing can be rolled back; the operation can still be shown.
    let ran = world.emulated(&["modify", TENCENT, "--name", "blind", "--yes", "--no-read", "-o", "json"]).expect(0);
    let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
    assert_eq!(world.run(&["operation", "show", &id, "-o", "json"]).expect(0).json()["way_back"], false);
    world.run(&["operation", "rollback", &id, "--yes"]).expect(1);
}

#[test]
fn a_change_that_was_not_waited_for_is_finished_by_resume_and_blocks_no_other() {
    for reference in [ALIBABA, TENCENT, HUAWEI] {
        let world = World::new();
        let ran = world.emulated(&["modify", reference, "--name", "first", "--yes", "--no-wait", "-o", "json"]).expect(0);
        let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
        assert!(ran.stderr.contains(&format!("resume it: tunnelctl operation resume {id}")), "{}", ran.stderr);
        let ran = world.run(&["operation", "resume", &id, "-o", "json"]).expect(0);
        assert_eq!(ran.json()["state"], "committed", "{reference}");
        world.emulated(&["modify", reference, "--name", "second", "--yes", "--no-wait"]).expect(0);
        world.emulated(&["modify", reference, "--name", "third", "--yes"]).expect(0);
        // The first finished long ago: what somebody has set since is not overwritten.
        let ran = world.run(&["operation", "rollback", &id, "--yes"]).expect(1);
        assert!(ran.stderr.contains("somebody else has changed") && ran.stderr.contains("--take-over"), "{}", ran.stderr);
        world.run(&["operation", "rollback", &id, "--yes", "--take-over"]).expect(0);
        assert_ne!(configuration(&world, reference)["name"], "third");
    }
}

#[test]
fn without_a_record_nothing_is_sent_except_with_no_record() {
    let world = World::new();
    let file = world.write("file", "");
    let served = Served::start(&world, &["--settle-ms", "50"]);
    let state = ("XDG_STATE_HOME", file.to_str().unwrap());
    let words = ["modify", TENCENT, "--name", "unrecorded", "--yes", "-v"];
    let ran = served.run(&world, &words, &[state]).expect(3);
    for part in ["cannot be put on record", "XDG_STATE_HOME", "--no-record", "nothing was sent"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("ModifyVpnConnectionAttribute http"), "{}", ran.stderr);
    let ran = served.run(&world, &[words.as_slice(), &["--no-record", "-o", "json"]].concat(), &[state]).expect(0);
    assert_eq!((ran.json()["outcome"].as_str(), ran.json().get("operation_id")), (Some("configured"), None));
    // A dry run leaves no trace.
    served.run(&world, &["modify", TENCENT, "--name", "x", "--dry-run"], &[]).expect(0);
    assert!(!world.state().join("operations").exists() && !world.state().join("locks").exists());
}

#[test]
fn resume_finds_out_what_became_of_a_lost_reply_without_a_read() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "50", "--fault", "lose-reply@ModifyVpnConnectionAttribute"]);
    let ran = served.run(&world, &["modify", TENCENT, "--name", "lost", "--yes", "--no-read"], &[]).expect(9);
    let line = ran.stderr.lines().find(|line| line.contains("tunnelctl operation resume")).unwrap();
    let id = line.rsplit(' ').next().unwrap();
    let shown = world.run(&["operation", "show", id, "-o", "json"]).expect(0).json();
    assert_eq!(shown["ends"][0]["may_hold"], serde_json::json!(["old", "new"]));
    let ran = served.run(&world, &["operation", "resume", id, "-o", "json"], &[]).expect(0);
    assert_eq!(ran.json()["state"], "committed");
}

#[test]
fn a_key_on_record_is_in_no_file_and_no_output() {
    let world = World::new();
    world.write("psk", PSK);
    let ran = world.emulated(&["modify", ALIBABA, "--psk-file", "psk", "--yes", "-o", "json", "-vvv"]).expect(0);
    let id = ran.json()["operation_id"].as_str().unwrap().to_owned();
    let shown = world.run(&["operation", "show", &id, "-vvv"]).expect(0);
    let rolled_back = world.run(&["operation", "rollback", &id, "--yes", "-vvv"]).expect(0);
    // Except where the user asks for it.
    world.run(&["operation", "show", &id, "--psk-out", "out"]).expect(0);
    assert_eq!(std::fs::read_to_string(world.path().join("out")).unwrap().trim(), PSK);
    for ran in [&ran, &shown, &rolled_back] {
        assert!(!ran.stdout.contains("Canary-") && !ran.stderr.contains("Canary-"), "{}\n{}", ran.stdout, ran.stderr);
    }
    let mut files = 0;
    for directory in ["operations", "locks"] {
        for entry in std::fs::read_dir(world.state().join(directory)).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("Canary-") && !text.contains("Emulated"), "{text}");
            files += 1;
        }
    }
    assert!(files >= 3, "{files}");
}
