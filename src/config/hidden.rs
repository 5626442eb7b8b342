//! The secrets of a profile: from a file, from a command, or from the configuration file itself.

use std::fmt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::file::Hidden;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::system::files::read_limited;
use crate::system::private;

/// How long a command may take: it may ask the user for a passphrase.
const COMMAND: Duration = Duration::from_secs(120);
/// The most that a command may print, in bytes.
const LIMIT: u64 = 64 << 10;

impl fmt::Display for Hidden {
    /// Where the secret is, never the secret. Of a command only the program: its arguments can hold secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(_) => out.write_str("secret in the configuration file"),
            Self::File(path) => write!(out, "secret from {}", path.display()),
            Self::Command(words) => write!(out, "secret from the command {}", words.first().map_or("", String::as_str)),
        }
    }
}

/// Whether a text cannot be a key: it is empty, or has blanks or control characters.
#[must_use]
pub fn is_malformed(text: &str) -> bool {
    text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Reads a secret of a profile. `from` is its place in the configuration file, `limit` the longest wait for a command.
///
/// # Errors
/// When it cannot be read. The message never contains the secret.
pub fn hidden(hidden: &Hidden, from: &str, key: &str, limit: Option<Duration>, output: &Output) -> Result<Secret, Error> {
    let (text, place) = match hidden {
        Hidden::Inline(secret) => {
            output.warn(&format!("{from}: the configuration file itself holds a {key}; {key}_file or {key}_command would be safer"));
            (Zeroizing::new(secret.expose().to_owned()), from.to_owned())
        }
        Hidden::File(path) => {
            let missing =
                || Error::new(exit::CREDENTIALS, format!("{from}: there is no file {}", path.display())).state("nothing was sent");
            (private::read(path, private::Shelter::None)?.ok_or_else(missing)?, path.display().to_string())
        }
        Hidden::Command(words) => {
            (run(words, from, limit.unwrap_or(COMMAND).min(COMMAND))?, format!("what {} prints", words.first().map_or("", String::as_str)))
        }
    };
    let line = text.lines().next().unwrap_or_default().trim_end();
    if is_malformed(line) {
        let error = format!("{place}: the first line is not a {key}: it is empty, or has blanks or control characters");
        return Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"));
    }
    let secret = Secret::new(line);
    watch(&secret);
    Ok(secret)
}

/// Runs a command, and returns what it prints. It runs without a shell, and its environment holds only `PATH` and `HOME`.
fn run(words: &[String], from: &str, limit: Duration) -> Result<Zeroizing<String>, Error> {
    let program = words.first().map_or("", String::as_str);
    let failed = |cause: String| Error::new(exit::CREDENTIALS, format!("{from}: the command {program} {cause}")).state("nothing was sent");
    let mut command = Command::new(program);
    command.args(words.iter().skip(1)).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
    for name in ["PATH", "HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let mut child = command.spawn().map_err(|cause| failed(format!("cannot be run: {cause}")))?;
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        // A thread: a command that never ends must not block this program.
        std::thread::spawn(move || sender.send(read_limited(stdout, LIMIT)));
    }
    let started = Instant::now();
    let text = receiver.recv_timeout(limit).ok();
    // It can close its output and keep running.
    let status = loop {
        match child.try_wait().map_err(|cause| failed(format!("cannot be waited for: {cause}")))? {
            Some(status) => break Some(status),
            None if started.elapsed() >= limit => break None,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let (Some(text), Some(status)) = (text, status) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("did not end within {} s", limit.as_secs())));
    };
    let text = text.map_err(|cause| failed(format!("printed something that cannot be read: {cause}")))?;
    if status.success() { Ok(text) } else { Err(failed(format!("failed: {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::output::Color;

    fn output() -> Output {
        Output::new(crate::print::shape::Shape::default(), Color::Never, true, 0)
    }

    fn command(words: &[&str]) -> Hidden {
        Hidden::Command(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn command_that_closes_its_output_and_keeps_running_is_ended() {
        let words = ["/bin/sh", "-c", "echo key; exec >&-; sleep 60"].map(str::to_owned);
        let error = run(&words, "c:1", Duration::from_millis(300)).unwrap_err();
        assert!(error.message.contains("did not end"), "{error}");
    }

    #[test]
    fn secret_is_the_first_line_that_a_command_prints() {
        let secret = hidden(&command(&["/bin/sh", "-c", "echo first-line; echo second"]), "c:1", "secret", None, &output()).unwrap();
        assert_eq!(secret.expose(), "first-line");
    }

    #[test]
    fn command_sees_only_path_and_home() {
        let script = "env | cut -d= -f1 | grep -vE '^(PATH|HOME|PWD|SHLVL|_|OLDPWD)$' | tr '\\n' ,; echo end";
        assert_eq!(hidden(&command(&["/bin/sh", "-c", script]), "c:1", "secret", None, &output()).unwrap().expose(), "end");
    }

    #[test]
    fn command_that_fails_or_prints_no_key_is_named() {
        for words in [["/bin/sh", "-c", "exit 3"], ["/bin/sh", "-c", "echo"], ["/bin/sh", "-c", "echo a b"], ["/none/there", "", ""]] {
            let error = hidden(&command(&words), "c:1", "secret", None, &output()).unwrap_err();
            assert!(error.message.contains(words[0]) && error.exit == exit::CREDENTIALS, "{error}");
        }
    }
}
