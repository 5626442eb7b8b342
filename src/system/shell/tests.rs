use std::time::Instant;

use super::*;
use crate::print::gate::watch;
use crate::print::output::Color;

fn run(command: &str, input: Option<&Secret>, limit: Duration) -> Result<(), String> {
    let output = Output::new(crate::print::shape::Shape::default(), Color::Never, true, 0);
    crate::system::runtime::run(run_within(command, "op-1", input, &output, limit)).unwrap().map_err(|error| error.message)
}

const LONG: Duration = Duration::from_secs(30);

#[test]
fn key_goes_unchanged_to_standard_input_and_nowhere_else() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("stored");
    let key = Secret::new("canary-5f1e 'x'");
    run(
        &format!(
            "cat > {0} && tr '\\0' '\\n' < /proc/self/environ > {0}.env && tr '\\0' ' ' < /proc/$$/cmdline > {0}.words",
            file.display()
        ),
        Some(&key),
        LONG,
    )
    .unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), key.expose());
    for ending in ["env", "words"] {
        let text = std::fs::read_to_string(file.with_extension(ending)).unwrap();
        assert!(!text.is_empty() && !text.contains("canary"), "{text}");
    }
}

#[test]
fn command_that_does_not_read_the_key_has_failed() {
    let key = Secret::new("canary-5f1e-unread");
    assert!(run("true", Some(&key), LONG).unwrap_err().ends_with("did not read the key from its standard input"));
    assert!(run("head -c 3 > /dev/null", Some(&Secret::new("x".repeat(20_000))), LONG).is_err());
}

#[test]
fn command_sees_few_variables_and_the_operation() {
    let seen = "env | cut -d= -f1 | grep -vE '^(PATH|HOME|USER|LANG|TZ|TERM|PWD|SHLVL|_|OLDPWD|TUNNELCTL_OPERATION)$' && exit 9; \
                test \"$TUNNELCTL_OPERATION\" = op-1";
    run(seen, None, LONG).unwrap();
}

#[test]
fn failure_is_reported_with_code_or_signal_and_the_last_line() {
    let error = run("echo out; echo first >&2; echo 'no such group' >&2; exit 3", None, LONG).unwrap_err();
    assert!(error.ends_with("failed: exit code 3; its last line: no such group"), "{error}");
    assert!(run("kill -9 $$", None, LONG).unwrap_err().ends_with("was ended by signal 9"));
    assert!(run("nothing-of-this-name", None, LONG).unwrap_err().contains("exit code 127 (there is no such command)"));
}

#[test]
fn output_is_scrubbed_before_it_is_cut() {
    let key = Secret::new("canary-77aa-printed-by-the-command");
    watch(&key);
    let error = run("read -r key; printf '%0190d%s\\n' 0 \"$key\" >&2; exit 1", Some(&key), LONG).unwrap_err();
    assert!(!error.contains("canary"), "{error}");
    let error = run("read -r key; printf '%017000d%s\\n' 0 \"$key\" >&2; exit 1", Some(&key), LONG).unwrap_err();
    assert!(error.contains("is not shown") && !error.contains("canary"), "{error}");
}

#[test]
fn command_that_does_not_end_is_stopped_with_all_its_processes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pid");
    let command = format!("trap '' TERM; sleep 600 & echo $! > {}; wait; wait", file.display());
    let error = run(&command, None, Duration::from_millis(400)).unwrap_err();
    assert!(error.contains("did not end within"), "{error}");
    let pid = std::fs::read_to_string(file).unwrap();
    let until = Instant::now() + LONG;
    let alive = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "));
    while alive() {
        assert!(Instant::now() < until, "process {pid} is still running");
        std::thread::yield_now();
    }
}

#[test]
fn process_left_behind_is_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("go");
    // The process left behind keeps the pipes open, and ends with the test.
    let command = format!("mkfifo {0}; (read -r line < {0}) & exit 0", pipe.display());
    run(&command, None, LONG).unwrap();
    std::fs::write(&pipe, "end\n").unwrap();
}

#[test]
fn command_that_prints_without_end_is_stopped_in_time() {
    let error = run("exec yes", None, Duration::from_millis(400)).unwrap_err();
    assert!(error.contains("did not end within"), "{error}");
}
