//! `emulate`: commands that run inside, and the file of variables.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{Ran, World, finish};

const SHOW: &str = "show huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3 -q --query connections[0].name";

fn inside(world: &World, words: &[&str]) -> Ran {
    let mut command = world.command();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_tunnelctl")).parent().unwrap();
    command.args(["emulate", "--"]).args(words).env("PATH", format!("{}:/usr/bin:/bin", program.display()));
    // What belongs to real clouds must not meet the emulated ones.
    command.env("ALIBABA_CLOUD_SECURITY_TOKEN", "canary-token").env("HUAWEICLOUD_SDK_PROJECT_ID", "00000000000000000000000000000000");
    finish(command, "")
}

#[test]
fn a_command_inside_reaches_every_region_of_the_emulated_clouds_and_no_other() {
    let world = World::new();
    let script = "tunnelctl show huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3 huawei@cn-east-3/1a2b3c4d-0000-4000-8000-00000000aaaa \
                  alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i tencent@ap-guangzhou/vpnx-ol6bcqp0 -q --query 'length(connections)'";
    let ran = inside(&world, &["sh", "-c", script]).expect(0);
    assert_eq!(ran.stdout, "4\n", "{}", ran.stderr);
}

#[test]
fn the_code_of_a_command_inside_is_returned() {
    let world = World::new();
    assert_eq!(inside(&world, &["sh", "-c", "exit 7"]).code, 7);
    assert_eq!(inside(&world, &["sh", "-c", "kill -9 $$"]).code, 137);
    let ran = inside(&world, &["nothing-of-this-name"]).expect(127);
    assert!(ran.stderr.contains("the command nothing-of-this-name cannot be run"), "{}", ran.stderr);
}

#[test]
fn a_signal_to_end_is_passed_on_to_the_command_inside() {
    let world = World::new();
    let mut command = world.command();
    command.args(["emulate", "--", "/bin/sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
    let mut line = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn whoever_finds_the_file_of_variables_finds_clouds_that_listen() {
    let world = World::new();
    let line = format!(
        "tunnelctl emulate --env-file emulator.env -q & pid=$!; while ! test -e emulator.env; do :; done; \
         set -a; . ./emulator.env; set +a; tunnelctl {SHOW}; kill $pid"
    );
    let ran = world.shell(&line, "").expect(0);
    assert_eq!(ran.stdout, "vpn-1655\n", "{}", ran.stderr);
    use std::os::unix::fs::MetadataExt;
    assert_eq!(world.path().join("emulator.env").metadata().unwrap().mode() & 0o777, 0o600);
}
