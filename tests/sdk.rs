//! The clouds' own unmodified Python SDKs drive the emulator; tests/sdk/drive.py reports what they find.

#![allow(missing_docs, clippy::missing_docs_in_private_items, unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use emulator::Served;
use harness::{World, finish};

#[allow(dead_code)]
#[path = "cli/emulator.rs"]
mod emulator;
#[allow(dead_code)]
#[path = "cli/harness.rs"]
mod harness;

/// The interpreter with the SDKs that tests/sdk/install installed, if it was run for the current versions.
fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let venv = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into())).join("sdk-venv");
    let installed = std::fs::read(venv.join("installed.txt")).ok()?;
    let wanted = std::fs::read(root.join("tests/sdk/requirements.txt")).unwrap();
    (installed == wanted).then(|| venv.join("bin/python"))
}

#[track_caller]
fn drive(client: &str, settle_ms: &str, checks: usize) {
    let Some(python) = python() else {
        assert!(env::var("TUNNELCTL_REQUIRE_SDK").as_deref() != Ok("1"), "tests/sdk/install has not been run");
        eprintln!("skipped: tests/sdk/install has not been run");
        return;
    };
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", settle_ms]);
    let mut command = Command::new(python);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/drive.py"))
        .arg(client)
        .env_clear()
        .env("HOME", world.path())
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .current_dir(world.path())
        .envs(served.variables.iter().cloned());
    let ran = finish(command, "").expect(0);
    let held = ran.stdout.lines().filter(|line| line.starts_with(&format!("ok {client} "))).count();
    assert_eq!(held, checks, "{}", ran.stdout);
}

#[test]
fn the_classic_client_of_alibaba_cloud() {
    drive("alibaba-classic", "200", 51);
}

#[test]
fn the_current_client_of_alibaba_cloud() {
    drive("alibaba-current", "200", 51);
}

#[test]
fn the_client_of_tencent_clouds_api_2() {
    drive("tencent-v2", "200", 44);
}

#[test]
fn the_client_of_tencent_clouds_api_3() {
    drive("tencent-v3", "200", 50);
}

#[test]
fn the_command_line_tool_of_tencent_cloud() {
    // Each call is a process: a change must take long enough that some calls meet it.
    drive("tccli", "2500", 20);
}

#[test]
fn the_client_of_huawei_cloud() {
    drive("huawei", "200", 36);
}
