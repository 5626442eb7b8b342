//! Commands that the user names: what reloads a daemon, stores a key, renegotiates.
//!
//! A command runs through `sh -c` in a process group of its own, so that a signal to this program does not stop it half-way.
//! It sees of the environment `PATH`, `HOME`, `USER`, `LANG`, `TZ`, `TERM` and `TUNNELCTL_OPERATION`, the operation's id; a
//! key reaches it by its standard input only. What it prints goes to stderr, with every live secret hidden.

use std::io::{self, BufRead, BufReader, PipeReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::one_line;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::print::gate::scrub;
use crate::print::output::Output;
use crate::system::runtime::needed;

/// How long a command may take.
pub const LIMIT: Duration = Duration::from_secs(60);
/// How long one that was told to end may take for it.
const GRACE: Duration = Duration::from_secs(2);
/// How long what is printed is waited for once the command has ended: a process that it left behind may keep the pipe.
const DRAIN: Duration = Duration::from_millis(500);
/// What is seen of the environment.
const SEEN: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "TZ", "TERM"];
/// The longest line that is shown. A longer one is not cut but left out: a cut would take a key apart, which the gate then
/// does not know.
const LONGEST: u64 = 16 << 10;
/// The most that fits into a pipe that nobody reads yet.
const MOST: usize = 32 << 10;

/// Something that a running command did.
enum News {
    /// It printed a line; whether to its stderr.
    Line(String, bool),
    /// It ended.
    Ended,
}

/// Runs a command to its end. `input` goes to its standard input, byte for byte and without a line end; a command that
/// leaves some of it unread has failed, whatever it says.
///
/// # Errors
/// How it failed, with the last line of its stderr.
pub async fn run(command: &str, operation: &str, input: Option<&Secret>, output: &Output) -> Result<(), Error> {
    run_within(command, operation, input, output, LIMIT).await
}

async fn run_within(command: &str, operation: &str, input: Option<&Secret>, output: &Output, limit: Duration) -> Result<(), Error> {
    let program = program(command);
    let failed = |cause: String| Error::new(exit::FAILED, format!("{program} {cause}"));
    let (mut child, unread) = spawn(command, operation, input).map_err(|cause| failed(format!("cannot be run: {cause}")))?;
    needed().await;
    let mut news = listen(&mut child);
    let end = Instant::now() + limit;
    let (mut last, mut ended) = (String::new(), false);
    while let Ok(Some(what)) = timeout_at(end, news.recv()).await {
        match what {
            News::Line(line, is_error) => tell(&line, is_error, &mut last, output),
            News::Ended => {
                ended = true;
                break;
            }
        }
    }
    if !ended {
        stop(&child, &mut news).await;
    }
    let status = child.wait();
    // What it still printed, until the pipes close.
    let drained = Instant::now() + DRAIN;
    while let Ok(Some(what)) = timeout_at(drained, news.recv()).await {
        if let News::Line(line, is_error) = what {
            tell(&line, is_error, &mut last, output);
        }
    }
    let last = if last.is_empty() { String::new() } else { format!("; its last line: {last}") };
    if !ended {
        return Err(
            failed(format!("did not end within {} s and was stopped{last}", limit.as_secs())).state("what it did until then is not known")
        );
    }
    let status = status.map_err(|cause| failed(format!("cannot be waited for: {cause}")))?;
    if let Some(cause) = cause(status) {
        return Err(failed(format!("{cause}{last}")));
    }
    if unread.is_some_and(|reader| rustix::io::ioctl_fionread(&reader).is_ok_and(|left| left > 0)) {
        return Err(failed(format!("did not read the key from its standard input{last}")));
    }
    Ok(())
}

/// What it is called in messages: its program. Its other words may hold anything, and so may what it sets before.
fn program(command: &str) -> String {
    match command.split_whitespace().next().filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))) {
        Some(word) => format!("the command {}", word.chars().take(80).collect::<String>()),
        None => "the command".to_owned(),
    }
}

/// How it failed, if it did.
fn cause(status: ExitStatus) -> Option<String> {
    match (status.code(), status.signal()) {
        (Some(0), _) => None,
        (Some(126), _) => Some("failed: exit code 126 (found, but it cannot be run)".to_owned()),
        (Some(127), _) => Some("failed: exit code 127 (there is no such command)".to_owned()),
        (Some(code), _) => Some(format!("failed: exit code {code}")),
        (None, Some(signal)) => Some(format!("was ended by signal {signal}")),
        (None, None) => Some("failed".to_owned()),
    }
}

/// Starts it. The pipe with its input is kept, to see what it leaves unread.
fn spawn(command: &str, operation: &str, input: Option<&Secret>) -> io::Result<(Child, Option<PipeReader>)> {
    let (stdin, unread) = match input {
        None => (Stdio::null(), None),
        Some(input) if input.expose().len() > MOST => return Err(io::Error::other("its input is too long")),
        Some(input) => {
            let (reader, mut writer) = io::pipe()?;
            writer.write_all(input.expose().as_bytes())?;
            (Stdio::from(reader.try_clone()?), Some(reader))
        }
    };
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).env_clear().process_group(0).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.envs(SEEN.iter().filter_map(|name| Some((name, std::env::var_os(name)?)))).env("TUNNELCTL_OPERATION", operation);
    Ok((shell.spawn()?, unread))
}

/// Threads that tell what it prints and when it ends. They end with it, or with this program.
fn listen(child: &mut Child) -> UnboundedReceiver<News> {
    let (sender, news) = unbounded_channel();
    if let Some(stdout) = child.stdout.take() {
        lines(stdout, false, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        lines(stderr, true, sender.clone());
    }
    let pid = pid(child);
    std::thread::spawn(move || {
        // It is left to be reaped by who may have to stop it: until then no other process can get its number.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while pid.is_some_and(|pid| matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR))) {}
        drop(sender.send(News::Ended));
    });
    news
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

fn lines(source: impl Read + Send + 'static, is_error: bool, sender: UnboundedSender<News>) {
    std::thread::spawn(move || {
        let mut source = BufReader::new(source);
        loop {
            let mut line = Vec::new();
            let read = (&mut source).take(LONGEST).read_until(b'\n', &mut line);
            if !read.is_ok_and(|read| read > 0) {
                return;
            }
            if line.last() != Some(&b'\n') && line.len() as u64 == LONGEST {
                line = format!("(a line of more than {LONGEST} bytes is not shown)").into_bytes();
                if source.skip_until(b'\n').is_err() {
                    return;
                }
            }
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(News::Line(text, is_error)).is_err() {
                return;
            }
        }
    });
}

fn tell(line: &str, is_error: bool, last: &mut String, output: &Output) {
    if line.is_empty() {
        return;
    }
    output.note(&format!("  | {line}"));
    if is_error {
        // Scrubbed now: cut, a key would no longer be known.
        *last = one_line(&scrub(line)).chars().take(200).collect();
    }
}

/// Tells the whole group to end, and makes it when it does not.
async fn stop(child: &Child, news: &mut UnboundedReceiver<News>) {
    let Some(group) = pid(child) else { return };
    let _ = kill_process_group(group, Signal::TERM);
    let ended = async {
        while let Some(what) = news.recv().await {
            if matches!(what, News::Ended) {
                break;
            }
        }
    };
    let _ = timeout(GRACE, ended).await;
    // Also what it started and did not wait for.
    let _ = kill_process_group(group, Signal::KILL);
}

#[cfg(test)]
mod tests {
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
    fn a_key_goes_to_standard_input_as_it_is_and_nowhere_else() {
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
    fn a_command_that_leaves_the_key_unread_has_failed() {
        let key = Secret::new("canary-5f1e-unread");
        assert!(run("true", Some(&key), LONG).unwrap_err().ends_with("did not read the key from its standard input"));
        assert!(run("head -c 3 > /dev/null", Some(&Secret::new("x".repeat(20_000))), LONG).is_err());
    }

    #[test]
    fn a_command_sees_little_of_the_environment_and_the_operation() {
        let seen = "env | cut -d= -f1 | grep -vE '^(PATH|HOME|USER|LANG|TZ|TERM|PWD|SHLVL|_|OLDPWD|TUNNELCTL_OPERATION)$' && exit 9; \
                    test \"$TUNNELCTL_OPERATION\" = op-1";
        run(seen, None, LONG).unwrap();
    }

    #[test]
    fn a_failure_is_told_with_its_code_or_signal_and_the_last_line() {
        let error = run("echo out; echo first >&2; echo 'no such group' >&2; exit 3", None, LONG).unwrap_err();
        assert!(error.ends_with("failed: exit code 3; its last line: no such group"), "{error}");
        assert!(run("kill -9 $$", None, LONG).unwrap_err().ends_with("was ended by signal 9"));
        assert!(run("nothing-of-this-name", None, LONG).unwrap_err().contains("exit code 127 (there is no such command)"));
    }

    #[test]
    fn what_it_prints_is_scrubbed_before_it_is_cut() {
        let key = Secret::new("canary-77aa-printed-by-the-command");
        watch(&key);
        let error = run("read -r key; printf '%0190d%s\\n' 0 \"$key\" >&2; exit 1", Some(&key), LONG).unwrap_err();
        assert!(!error.contains("canary"), "{error}");
        let error = run("read -r key; printf '%017000d%s\\n' 0 \"$key\" >&2; exit 1", Some(&key), LONG).unwrap_err();
        assert!(error.contains("is not shown") && !error.contains("canary"), "{error}");
    }

    #[test]
    fn what_does_not_end_is_stopped_with_all_that_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let command = format!("trap '' TERM; sleep 600 & echo $! > {}; wait; wait", file.display());
        let error = run(&command, None, Duration::from_millis(400)).unwrap_err();
        assert!(error.contains("did not end within"), "{error}");
        let pid = std::fs::read_to_string(file).unwrap();
        let until = Instant::now() + LONG;
        let alive = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "));
        while alive() {
            assert!(Instant::now() < until, "the process {pid} goes on");
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_it_leaves_behind_is_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("go");
        // The process that stays keeps the pipes, and ends when the test does.
        let command = format!("mkfifo {0}; (read -r line < {0}) & exit 0", pipe.display());
        run(&command, None, LONG).unwrap();
        std::fs::write(&pipe, "end\n").unwrap();
    }
}
