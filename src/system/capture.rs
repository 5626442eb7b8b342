//! Runs a command of the user's that prints a secret, and returns what it prints.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use super::environment::passed;

/// How often to look whether it has ended.
const TICK: Duration = Duration::from_millis(2);
/// How long to read what it printed after it has ended: a process that it left behind can keep the pipe open.
const DRAIN: Duration = Duration::from_millis(200);
/// How many bytes are read at once.
const CHUNK: usize = 4 << 10;
/// The variables that it sees.
const SEEN: [&str; 2] = ["PATH", "HOME"];

/// Runs a program without a shell, and returns what it prints: at most `most` bytes of UTF-8 within `limit`. Its environment
/// holds `PATH`, `HOME` and what the user passes on. If it takes longer, or prints more, it is stopped with the processes that it
/// started; on a terminal only the program itself, which shares the terminal with us and may ask for a passphrase there.
///
/// # Errors
/// How it failed, to be written behind its name.
pub fn capture(words: &[String], limit: Duration, most: usize) -> Result<Zeroizing<String>, String> {
    let mut command = Command::new(words.first().map_or("", String::as_str));
    command.args(words.iter().skip(1)).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).envs(passed(&SEEN));
    let alone = std::fs::File::open("/dev/tty").is_err();
    if alone {
        command.process_group(0);
    }
    let mut child = command.spawn().map_err(|cause| format!("cannot be run: {cause}"))?;
    let text = child
        .stdout
        .take()
        .map(read)
        .ok_or_else(|| "has no output".to_owned())
        .and_then(|chunks| collect(&mut child, &chunks, limit, most));
    if text.is_err() {
        stop(&mut child, alone);
    }
    text
}

/// Starts a thread that reads: a command that never ends must not block this program.
fn read(mut stdout: ChildStdout) -> Receiver<Zeroizing<Vec<u8>>> {
    let (sender, chunks) = sync_channel(1);
    std::thread::spawn(move || {
        loop {
            let mut chunk = Zeroizing::new(vec![0; CHUNK]);
            let Ok(count @ 1..) = stdout.read(&mut chunk) else { return };
            chunk.truncate(count);
            if sender.send(chunk).is_err() {
                return;
            }
        }
    });
    chunks
}

/// What a command prints until it ends.
fn collect(child: &mut Child, chunks: &Receiver<Zeroizing<Vec<u8>>>, limit: Duration, most: usize) -> Result<Zeroizing<String>, String> {
    let end = Instant::now() + limit;
    // Large enough from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + CHUNK));
    let (mut ended, mut closed) = (None, false);
    loop {
        match chunks.recv_timeout(TICK) {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(RecvTimeoutError::Timeout) => {}
            // It can close its output and keep running.
            Err(RecvTimeoutError::Disconnected) if closed => std::thread::sleep(TICK),
            Err(RecvTimeoutError::Disconnected) => closed = true,
        }
        if bytes.len() > most {
            return Err(format!("printed more than {most} bytes and was stopped"));
        }
        if ended.is_none() {
            let status = child.try_wait().map_err(|cause| format!("cannot be waited for: {cause}"))?;
            ended = status.map(|status| (status, Instant::now() + DRAIN));
        }
        match ended {
            Some((status, _)) if !status.success() => return Err(format!("failed: {status}")),
            Some((_, drained)) if closed || Instant::now() >= drained => break,
            None if Instant::now() >= end => return Err(format!("did not end within {} s and was stopped", limit.as_secs())),
            _ => {}
        }
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err("printed something that is not text (UTF-8)".to_owned()),
    }
}

/// Ends it, with its process group where it has one of its own.
fn stop(child: &mut Child, alone: bool) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).filter(|_| alone);
    // An error means that it has ended already.
    let _ = match group {
        Some(group) => kill_process_group(group, Signal::KILL).map_err(Into::into),
        None => child.kill(),
    };
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn shell(script: &str, limit: Duration) -> Result<String, String> {
        let words = ["/bin/sh", "-c", script].map(str::to_owned);
        capture(&words, limit, 64 << 10).map(|text| text.to_string())
    }

    #[test]
    fn command_that_closes_its_output_and_keeps_running_is_ended() {
        let error = shell("echo key; exec >&-; sleep 60", Duration::from_millis(300)).unwrap_err();
        assert!(error.contains("did not end"), "{error}");
    }

    #[test]
    fn what_it_printed_counts_though_a_process_that_it_left_behind_keeps_the_pipe_open() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("go");
        let script = format!("mkfifo {0}; (read -r line < {0}) & echo key", pipe.display());
        assert_eq!(shell(&script, LONG).unwrap(), "key\n");
        std::fs::write(&pipe, "end\n").unwrap();
    }

    #[test]
    fn command_that_prints_without_end_is_stopped_at_the_limit() {
        let error = shell("exec yes", LONG).unwrap_err();
        assert!(error.contains("printed more than 65536 bytes"), "{error}");
    }

    #[test]
    fn command_sees_only_path_and_home() {
        let script = "env | cut -d= -f1 | grep -vE '^(PATH|HOME|PWD|SHLVL|_|OLDPWD)$' | tr '\\n' ,; echo end";
        assert_eq!(shell(script, LONG).unwrap(), "end\n");
    }
}
