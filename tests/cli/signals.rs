//! A rotation that is interrupted, cannot print or cannot write: its journal stays correct, and the rotation can be resumed.

use std::fs::File;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use crate::emulator::Served;
use crate::harness::{Ran, World, finish};

const ENDS: [&str; 2] = ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"];
const ROTATE: [&str; 4] = ["rotate", ENDS[0], ENDS[1], "--yes"];

/// Starts the program against served clouds; what it prints is kept.
pub fn start(served: &Served, world: &World, words: &[&str]) -> Child {
    let mut command = world.command();
    command.args(words).envs(served.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub fn ended(child: Child) -> Ran {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Ran { stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap(), code: status.code().unwrap_or(-1) }
}

pub fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// What the journals of a world say, all in one text.
fn journals(world: &World) -> String {
    let entries = std::fs::read_dir(world.state().join("operations")).into_iter().flatten().flatten();
    let journals = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "journal"));
    journals.map(|journal| std::fs::read_to_string(journal.path()).unwrap_or_default()).collect()
}

/// Waits until a record with this text is in a journal; bounded, so that a failing test ends.
#[track_caller]
pub fn recorded(world: &World, text: &str) {
    let began = Instant::now();
    while !journals(world).contains(text) {
        assert!(began.elapsed() < Duration::from_secs(60), "{text} never got on record: {}", journals(world));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The latest operation.
pub fn latest(world: &World) -> Json {
    world.run(&["operation", "list", "-o", "json"]).expect(0).json()["operations"][0].clone()
}

/// Runs the first command that an error suggests.
#[track_caller]
pub fn type_next(served: &Served, world: &World, ran: &Ran, verb: &str) -> Ran {
    let found = ran.stderr.lines().find_map(|line| line.trim().strip_prefix("next:")?.trim().strip_prefix("tunnelctl "));
    let line = found.unwrap_or_else(|| panic!("no command: {}", ran.stderr));
    assert!(line.starts_with(verb), "{line}");
    let words: Vec<&str> = line.split(' ').chain(["--yes"]).collect();
    served.run(world, &words, &[])
}

#[test]
fn a_signal_ends_a_rotation_after_the_request_in_flight_and_resume_finishes_it() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0", "--fault", "delay:1500@ModifyVpnConnectionAttribute"]);
        let child = start(&served, &world, &ROTATE);
        recorded(&world, "\"attempt\"");
        send(&child, signal);
        let ran = ended(child).expect(code);
        // The rotation waited for its reply and began nothing after it.
        let journal = journals(&world);
        assert!(journal.contains("\"acked\"") && journal.matches("\"attempt\"").count() == 1, "{journal}");
        let operation = latest(&world);
        for part in ["interrupted in operation", operation["operation"].as_str().unwrap(), "it accepted the new key", "next:"] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert_eq!(operation["state"], "writing");
        type_next(&served, &world, &ran, "operation resume").expect(0);
        assert_eq!(latest(&world)["state"], "committed");
    }
}

#[test]
fn a_signal_ends_a_wait_at_once() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "2500"]);
    let child = start(&served, &world, &ROTATE);
    recorded(&world, "\"acked\"");
    let began = Instant::now();
    send(&child, Signal::INT);
    let ran = ended(child).expect(130);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    type_next(&served, &world, &ran, "operation resume").expect(0);
    assert_eq!(latest(&world)["state"], "committed");
}

#[test]
fn a_second_signal_ends_it_at_once_and_the_journal_is_correct() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "delay:25000@ModifyVpnConnectionAttribute"]);
    let mut child = start(&served, &world, &ROTATE);
    recorded(&world, "\"attempt\"");
    let began = Instant::now();
    // Two signals at the same instant count as one.
    while child.try_wait().unwrap().is_none() {
        send(&child, Signal::TERM);
        std::thread::sleep(Duration::from_millis(50));
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    ended(child).expect(143);
    let operation = latest(&world);
    assert_eq!(operation["ends"][0]["may_hold"], serde_json::json!(["old", "new"]));
    assert!(operation["ends"][0]["zombie_until"].is_string() && operation["ends"][1]["may_hold"] == serde_json::json!(["old"]));
    served.run(&world, &["operation", "resume", operation["operation"].as_str().unwrap(), "--yes"], &[]).expect(0);
    assert_eq!(latest(&world)["state"], "committed");
}

#[test]
fn an_operation_finishes_although_nobody_reads_its_output() {
    for words in [[].as_slice(), &["-v"], &["-o", "json"]] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0"]);
        let mut command = world.command();
        command.args(ROTATE).args(words).envs(served.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let closed = || {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            writer
        };
        let status = command.stdin(Stdio::null()).stdout(closed()).stderr(closed()).status().unwrap();
        assert_eq!(status.code(), Some(0), "{words:?}");
        assert_eq!(latest(&world)["state"], "committed");
    }
    // So it does when the program was started without stdin, stdout and stderr.
    let world = World::new();
    let ran = world.shell(&format!("tunnelctl {} --emulated <&- >&- 2>&-", ROTATE.join(" ")), "").expect(0);
    assert_eq!(ran.stdout + &ran.stderr, "");
    assert_eq!(latest(&world)["state"], "committed");
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_the_operation_is_finished() {
    let world = World::new();
    let mut command = world.command();
    command.args(ROTATE).arg("--emulated").stdin(Stdio::null()).stderr(Stdio::piped());
    let output = command.stdout(File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
    // What was asked for was done: this is not "the state as it was before".
    assert_eq!(output.status.code(), Some(8));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cannot write the result") && stderr.contains("what was asked for was done"), "{stderr}");
    assert_eq!(latest(&world)["state"], "committed");
}

/// Runs a rotation in a shell after `line` has prepared the state directory; `None` where the system does not allow that.
fn rotated_after(served: &Served, world: &World, line: &str, own_mounts: bool) -> Option<Ran> {
    let program = env!("CARGO_BIN_EXE_tunnelctl");
    let line = format!("{line} && exec {program} {} -v", ROTATE.join(" "));
    let mut command = if own_mounts { Command::new("unshare") } else { Command::new("sh") };
    command.args(if own_mounts { ["-m", "sh", "-c"].as_slice() } else { &["-c"] }).arg(line).env_clear();
    command.env("HOME", world.path()).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir(world.path());
    command.envs(served.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let may =
        || Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status().is_ok_and(|status| status.success());
    if own_mounts && !may() {
        eprintln!("skipped: mounts of its own need root");
        return None;
    }
    Some(finish(command, ""))
}

#[test]
fn a_full_disk_is_noticed_before_anything_is_sent() {
    let state = ".local/state/tunnelctl";
    let small = |size: &str| format!("mount -t tmpfs -o size={size} tmpfs {state}");
    for (line, own_mounts) in [
        // A limit on the size of files, with its signal ignored, as in a user's shell.
        ("trap '' XFSZ; ulimit -f 1".to_owned(), false),
        (small("4k"), true),
        (small("16k"), true),
        (small("40k"), true),
        (format!("mount -t tmpfs -o ro tmpfs {state}"), true),
    ] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0"]);
        let before = served.run(&world, &["show", ENDS[0], "-o", "json"], &[]).expect(0).json();
        let Some(ran) = rotated_after(&served, &world, &line, own_mounts) else { continue };
        assert!([1, 3].contains(&ran.code), "{line}: {} {}", ran.code, ran.stderr);
        assert!(ran.stderr.contains("error: ") && ran.stderr.contains("state:"), "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains("nothing was sent") || ran.stderr.contains("this run did nothing"), "{line}: {}", ran.stderr);
        assert!(!ran.stderr.contains("ModifyVpnConnectionAttribute http") && !ran.stderr.contains("panicked"), "{line}: {}", ran.stderr);
        assert_eq!(served.run(&world, &["show", ENDS[0], "-o", "json"], &[]).expect(0).json(), before);
        // Once there is room again, it blocks nothing.
        served.run(&world, &ROTATE, &[]).expect(0);
    }
}

#[test]
fn without_a_state_directory_nothing_is_sent() {
    for (variable, next) in [("HOME", "XDG_STATE_HOME"), ("XDG_STATE_HOME", "XDG_STATE_HOME"), ("XDG_CONFIG_HOME", "--seal-key-file")] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "0"]);
        let ran = served.run(&world, &[ROTATE.as_slice(), &["-v"]].concat(), &[(variable, "/proc/nowhere")]).expect(3);
        assert!(ran.stderr.contains(next) && ran.stderr.contains("/proc/nowhere"), "{variable}: {}", ran.stderr);
        assert!(!ran.stderr.contains("ModifyVpnConnectionAttribute http"), "{variable}: {}", ran.stderr);
        // A command that only reads needs no state directory.
        served.run(&world, &["operation", "list"], &[(variable, "/proc/nowhere")]).expect(0);
    }
}
