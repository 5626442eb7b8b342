//! Whether what was asked for came true: exit code, first line of the error, and JSON.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::emulator::Served;
use crate::harness::{Ran, World};
use crate::signals::latest;

const TENCENT: &str = "tencent@ap-shanghai/vpnx-partneral01";
const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";

fn first_line(ran: &Ran) -> &str {
    ran.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default()
}

#[test]
fn a_rotation_that_rolls_itself_back_is_an_error_and_names_the_key_that_nobody_uses() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "reset-fails@ResetVpnConnection"]);
    let words =
        ["rotate", TENCENT, ALIBABA, "--yes", "-o", "json", "--on-fail", "rollback", "--timeout", "6s", "--store-key-with", "cat > stored"];
    let ran = served.run(&world, &words, &[]).expect(1);
    assert!(first_line(&ran).contains("the rotation was rolled back: the tunnel did not come up with the new key"), "{}", ran.stderr);
    assert!(ran.stderr.contains("of --store-key-with is used by no end: delete it there"), "{}", ran.stderr);
    let operation = ran.json();
    assert_eq!((&operation["state"], &operation["achieved"]), (&json!("rolled-back"), &json!(false)));
    assert!(operation["unused_key"].as_str().unwrap().contains(operation["keys"]["new"].as_str().unwrap()));
}

#[test]
fn a_rollback_after_which_the_tunnel_is_down_is_an_error() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "reset-fails+1*9@ResetVpnConnection"]);
    served.run(&world, &["rotate", TENCENT, ALIBABA, "--yes", "-q"], &[]).expect(0);
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    let ran = served.run(&world, &["operation", "rollback", &id, "--yes", "-o", "json", "--timeout", "5s"], &[]).expect(8);
    assert!(first_line(&ran).contains("but the tunnel is down"), "{}", ran.stderr);
    assert_eq!((&ran.json()["state"], &ran.json()["achieved"]), (&json!("rolled-back"), &json!(false)));
    // How it ends is on record: `resume --renegotiate` tries again.
    assert!(ran.stderr.contains(&format!("tunnelctl operation resume {id} --renegotiate")), "{}", ran.stderr);
}

#[test]
fn how_a_rotation_was_begun_is_on_record_so_that_resume_does_the_same() {
    let world = World::new();
    world.write("ours", &"0a1b".repeat(16));
    let served = Served::start(
        &world,
        &["--settle-ms", "0", "--fault", "delay:1500@ModifyVpnConnectionAttribute", "--fault", "reset-fails@ResetVpnConnection"],
    );
    let words = ["rotate", TENCENT, ALIBABA, "--yes", "--on-fail", "rollback", "--seal-key-file", "ours"];
    let child = crate::signals::start(&served, &world, &words);
    crate::signals::recorded(&world, "\"attempt\"");
    // It waits for the reply, so that no request is left that a rollback would have to wait for.
    crate::signals::send(&child, rustix::process::Signal::TERM);
    crate::signals::ended(child).expect(143);
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    // The command as it is printed: without the key file, and without --on-fail.
    let ran = served.run(&world, &["operation", "resume", &id, "--timeout", "12s", "-o", "json"], &[]);
    assert_eq!((ran.code, ran.json()["state"].as_str()), (1, Some("rolled-back")), "{}", ran.stderr);
    world.run(&["operation", "show", &id, "--psk-out", "out"]).expect(0);
}

#[test]
fn one_end_by_accident_is_refused_and_the_pair_is_named() {
    let world = World::new();
    let config = format!("[tunnels]\nhq = \"{TENCENT}\"\n[pairs.hq-branch]\nleft = \"hq\"\nright = \"{ALIBABA}\"\n");
    std::fs::create_dir_all(world.path().join(".config/tunnelctl")).unwrap();
    world.write(".config/tunnelctl/config.toml", &config);
    for word in [TENCENT, "hq"] {
        let ran = world.emulated(&["rotate", word, "--yes"]).expect(2);
        for part in ["one end is named", "nothing was sent", "tunnelctl rotate hq-branch", "--psk-out FILE", "--one-end"] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
    }
    let ran = world.emulated(&["rotate", "hq", "--one-end", "--yes", "-o", "json"]).expect(0).json();
    let show = ran["next"][0].as_str().unwrap().split(' ').skip(1).collect::<Vec<_>>();
    world.run(&show).expect(0);
    assert_eq!(std::fs::read_to_string(world.path().join(show[4])).unwrap().trim_end().len(), 44);
    // The plan of a change warns by the other end of the pair.
    let ran = world.emulated(&["modify", ALIBABA, "--ike-dh-group", "group14", "--dry-run"]).expect(0);
    assert!(ran.stderr.contains("checked against hq: the tunnel would not stay up"), "{}", ran.stderr);
}

#[test]
fn an_attachment_that_is_named_as_a_connection_is_refused_before_anything_runs() {
    let world = World::new();
    let ran =
        world.emulated(&["rotate", "alibaba@cn-hangzhou/vco-p0w5112fgnl2ihlmf", "--store-key-with", "cat > stored", "--yes"]).expect(2);
    assert!(ran.stderr.contains("attachment") && ran.stderr.contains("nothing was sent"), "{}", ran.stderr);
    assert!(!world.path().join("stored").exists() && latest(&world) == json!(null));
}

#[test]
fn a_rotation_leaves_effect_immediately_as_it_found_it() {
    let world = World::new();
    let pair = ["alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf", "huawei@cn-east-3/1a2b3c4d-0000-4000-8000-00000000aaaa"];
    let pairs = [pair, [ALIBABA, TENCENT]];
    let now = |end: &str| world.emulated(&["show", end, "-o", "json"]).expect(0).json()["connections"][0]["effect_immediately"].clone();
    for pair in pairs {
        let before = now(pair[0]);
        let ran = world.emulated(&["rotate", pair[0], pair[1], "--yes", "-q"]).expect(0);
        assert!(now(pair[0]) == before || ran.stderr.contains("effect_immediately"), "{before}: {}", ran.stderr);
    }
}

#[test]
fn rolling_back_a_key_file_restores_its_bytes() {
    let world = World::new();
    let swanctl = "# mine\nsecrets {\n  ike-hq {\n    secret = \"a key, quoted\"# odd\n  }\n}\n";
    let ipsec = "@hq @branch : PSK 'a key, quoted'# theirs\n";
    let ends = [
        format!("file:{}", world.write("swanctl.conf", swanctl).display()),
        format!("file:{}", world.write("ipsec.secrets", ipsec).display()),
    ];
    let words = ["rotate", &ends[0], &ends[1], "--yes", "-q", "--no-renegotiate"];
    let path = [("PATH", "/usr/bin:/bin")];
    let ran = world.run_with(&words, &path, "").expect(2);
    assert!(ran.stderr.contains("--reload COMMAND") && ran.stderr.contains("--no-reload"), "{}", ran.stderr);
    world.run_with(&[words.as_slice(), &["--no-reload"]].concat(), &path, "").expect(0);
    let text = |name: &str| std::fs::read_to_string(world.path().join(name)).unwrap();
    assert!(text("swanctl.conf").contains("0x") && text("ipsec.secrets").contains("0x"));
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    world.run_with(&["operation", "rollback", &id, "--yes", "-q"], &path, "").expect(0);
    assert_eq!((text("swanctl.conf").as_str(), text("ipsec.secrets").as_str()), (swanctl, ipsec));
}

#[test]
fn a_key_is_revealed_into_a_private_file_only() {
    let world = World::new();
    let path = world.path().join("shown");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = world.command();
    command.args(["show", TENCENT, "--reveal-psk", "--emulated"]).stdout(std::fs::File::create(&path).unwrap());
    assert!(command.output().unwrap().status.success());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_timeout_bounds_the_wait_for_a_late_request() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "cut*9@ModifyVpnConnectionAttribute"]);
    served.run(&world, &["rotate", TENCENT, ALIBABA, "--yes", "-q", "--timeout", "20s"], &[]).expect(9);
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    let ran = served.run(&world, &["operation", "rollback", &id, "--yes", "-q", "--timeout", "3s"], &[]).expect(9);
    assert!(first_line(&ran).contains("longer than --timeout"), "{}", ran.stderr);
}
