//! No network, no home, a full disk, a closed pipe, damaged state: one clear message, and nothing lost.

use std::fs::File;
use std::process::Stdio;

use crate::harness::{World, finish};

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";

#[test]
fn without_credentials_the_variables_are_named() {
    let world = World::new();
    for (reference, variable) in
        [(ALIBABA, "ALIBABA_CLOUD_ACCESS_KEY_ID"), (TENCENT, "TENCENTCLOUD_SECRET_ID"), (HUAWEI, "HUAWEICLOUD_SDK_AK")]
    {
        let ran = world.run(&["show", reference]).expect(3);
        assert!(ran.stderr.contains(variable), "{}", ran.stderr);
        let ran = world.run_with(&["show", reference], &[(variable, "only-half")], "").expect(3);
        assert!(ran.stderr.contains("incomplete credentials"), "{}", ran.stderr);
    }
}

#[test]
fn without_a_network_nothing_was_changed() {
    let world = World::new();
    let keys = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret-of-the-user")];
    // A port that was free a moment ago, with no listener.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ran = world
        .run_with(&["modify", ALIBABA, "--name", "x", "--yes", "--endpoint", &format!("http://127.0.0.1:{port}")], &keys, "")
        .expect(6);
    assert!(ran.stderr.contains("nothing was sent") && !ran.stderr.contains("secret-of-the-user"), "{}", ran.stderr);
    // The same for a change without a read.
    let ran = world
        .run_with(&["modify", ALIBABA, "--name", "x", "--yes", "--no-read", "--endpoint", &format!("http://127.0.0.1:{port}")], &keys, "")
        .expect(6);
    assert!(ran.stderr.contains("nothing was sent"), "{}", ran.stderr);
}

#[test]
fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command();
    command
        .args(["modify", ALIBABA, "--name", "piped", "--yes", "--emulated", "-q"])
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped());
    let output = command.output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).trim()), (Some(0), ""));
    assert_eq!(world.emulated(&["show", ALIBABA, "-o", "json"]).expect(0).json()["connections"][0]["name"], "piped");

    let mut command = world.command();
    command
        .args(["show", ALIBABA, "--emulated"])
        .stdin(Stdio::null())
        .stdout(File::options().write(true).open("/dev/full").unwrap())
        .stderr(Stdio::piped());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the result"));
}

#[test]
fn without_a_home_commands_that_need_no_state_still_work() {
    let world = World::new();
    let mut command = world.command();
    command
        .env_remove("HOME")
        .args(["modify", ALIBABA, "--name", "x", "--dry-run", "--no-read"])
        .envs([("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret-of-the-user")]);
    finish(command, "").expect(0);
    let mut command = world.command();
    command.env("HOME", "/proc/nonexistent").args(["show", ALIBABA, "--emulated"]);
    let ran = finish(command, "").expect(3);
    assert!(ran.stderr.contains("XDG_STATE_HOME"), "{}", ran.stderr);
}

#[test]
fn a_damaged_emulator_state_is_named_with_its_fix() {
    let world = World::new();
    world.emulated(&["show", ALIBABA]).expect(0);
    let path = world.state().join("emulator/state.json");
    std::fs::write(&path, "{\"things\":").unwrap();
    let ran = world.emulated(&["show", ALIBABA]).expect(3);
    assert!(ran.stderr.contains("rm "), "{}", ran.stderr);
}

#[test]
fn the_emulator_stops_at_once_if_it_cannot_save_or_print() {
    let world = World::new();
    let ran = world.run(&["emulate", "--state", "/proc/nonexistent/state"]).expect(3);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    let mut command = world.command();
    command.arg("emulate").stdin(Stdio::null()).stderr(Stdio::piped());
    assert_eq!(command.stdout(File::options().write(true).open("/dev/full").unwrap()).output().unwrap().status.code(), Some(1));
}
