//! Runs the user's commands, which reload a daemon, store a key, or renegotiate.
//!
//! A command runs through `sh -c` in its own process group, so that a signal to this program does not interrupt it. Its
//! environment has only `PATH`, `HOME`, `USER`, `LANG`, `TZ`, `TERM`, what the user passes on, and `TUNNELCTL_OPERATION` with the
//! operation's id. It gets a key only on its standard input. What it prints goes to stderr, with secrets hidden.

use std::io::{self, BufRead, BufReader, PipeReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, timeout, timeout_at};

use super::environment::passed;
use super::runtime::needed;
use crate::error::{Error, exit, one_line};
use crate::model::Secret;
use crate::print::gate::scrub;
use crate::print::output::Output;

/// A word that a shell takes as one, in quotes where it needs them: what a cloud or a file said may hold anything.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@=,+%".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// How long a command may take.
pub const LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);
/// How long to read its output after it has ended: a process that it left behind can keep the pipe open.
const DRAIN: Duration = Duration::from_millis(500);
/// The variables that it sees.
const SEEN: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "TZ", "TERM"];
/// The longest line that is shown, in bytes. A longer one is left out, not cut: the gate would not recognise half a key.
const LONGEST: u64 = 16 << 10;
/// How many bytes of its output are shown; the rest is read and dropped, so that it does not wait for us.
const SHOWN: usize = 256 << 10;
/// How many lines wait to be shown, at most.
const WAITING: usize = 64;
/// The longest input, in bytes: it must fit into a pipe before anybody reads.
const MOST: usize = 32 << 10;

/// An event of a running command.
enum News {
    /// It printed a line; true for stderr.
    Line(String, bool),
    /// It ended.
    Ended,
}

/// Runs a command to its end. `input` goes to its standard input, without a line end. A command that does not read all of it
/// has failed, whatever its exit code.
///
/// # Errors
/// How it failed, with the last line of its stderr.
pub async fn run(command: &str, operation: &str, input: Option<&Secret>, output: &Output) -> Result<(), Error> {
    run_within(command, operation, input, output, LIMIT).await
}

/// [`run`] within a time limit.
async fn run_within(command: &str, operation: &str, input: Option<&Secret>, output: &Output, limit: Duration) -> Result<(), Error> {
    let program = program(command);
    let failed = |cause: String| Error::new(exit::FAILED, format!("{program} {cause}"));
    let (mut child, unread) = spawn(command, operation, input).map_err(|cause| failed(format!("cannot be run: {cause}")))?;
    needed().await;
    let mut news = listen(&mut child);
    let end = Instant::now() + limit;
    let mut told = Told { output, last: String::new(), bytes: 0 };
    let ended = told.follow(&mut news, end).await;
    if !ended {
        stop(&child, &mut news).await;
    }
    let status = child.wait();
    // The rest of its output, until the pipes close.
    told.follow(&mut news, Instant::now() + DRAIN).await;
    let last = if told.last.is_empty() { String::new() } else { format!("; its last line: {}", told.last) };
    if !ended {
        return Err(
            failed(format!("did not end within {} s and was stopped{last}", limit.as_secs())).state("what it did before is not known")
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

/// Its name in messages: only the program, because arguments and variables can hold secrets.
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

/// Starts it. Returns the pipe with its input as well, to find out what was not read.
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
    shell.envs(passed(&SEEN)).env("TUNNELCTL_OPERATION", operation);
    Ok((shell.spawn()?, unread))
}

/// Starts threads that report what it prints and when it ends. They end with the command, or with this program.
fn listen(child: &mut Child) -> Receiver<News> {
    let (sender, news) = channel(WAITING);
    if let Some(stdout) = child.stdout.take() {
        lines(stdout, false, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        lines(stderr, true, sender.clone());
    }
    let pid = pid(child);
    std::thread::spawn(move || {
        // It is not reaped here: until whoever may have to stop it does so, no other process can get its process id.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while pid.is_some_and(|pid| matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR))) {}
        drop(sender.blocking_send(News::Ended));
    });
    news
}

/// Its process id.
fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Starts a thread that reports lines.
fn lines(source: impl Read + Send + 'static, is_error: bool, sender: Sender<News>) {
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
            if sender.blocking_send(News::Line(text, is_error)).is_err() {
                return;
            }
        }
    });
}

/// What was shown of its output.
struct Told<'a> {
    /// Where it is shown.
    output: &'a Output,
    /// The last line of its stderr.
    last: String,
    /// The bytes so far.
    bytes: usize,
}

impl Told<'_> {
    /// Shows what it prints until it ends, which is true, or until a time. The time is looked at after every line: a command that
    /// always prints would never let a timer speak.
    async fn follow(&mut self, news: &mut Receiver<News>, until: Instant) -> bool {
        while Instant::now() < until
            && let Ok(Some(what)) = timeout_at(until, news.recv()).await
        {
            match what {
                News::Line(line, is_error) => self.tell(&line, is_error),
                News::Ended => return true,
            }
        }
        false
    }

    /// Shows a line, and keeps it if it is from stderr.
    fn tell(&mut self, line: &str, is_error: bool) {
        if line.is_empty() {
            return;
        }
        if self.bytes <= SHOWN {
            self.bytes += line.len();
            let rest = "(it printed more, which is not shown)";
            self.output.note(&format!("  | {}", if self.bytes <= SHOWN { line } else { rest }));
        }
        if is_error {
            // Scrubbed before it is cut: the gate would not recognise half a key.
            self.last = one_line(&scrub(line)).chars().take(200).collect();
        }
    }
}

/// Ends the whole process group: SIGTERM first, SIGKILL if that does not help.
async fn stop(child: &Child, news: &mut Receiver<News>) {
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
    // This also ends processes that it did not wait for.
    let _ = kill_process_group(group, Signal::KILL);
}

#[cfg(test)]
mod tests;
