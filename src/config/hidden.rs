//! Secrets of a profile: in a file, printed by a command, or in the configuration file itself.

use std::fmt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::Hidden;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::system::files::read_limited;
use crate::system::private;

/// How long a command may take: it may have to ask somebody.
const COMMAND: Duration = Duration::from_secs(120);
const LIMIT: u64 = 64 << 10;

impl fmt::Display for Hidden {
    /// Where it is, never what. Of a command only the program: its words may hold anything.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(_) => out.write_str("secret in the file itself"),
            Self::File(path) => write!(out, "secret from {}", path.display()),
            Self::Command(words) => write!(out, "secret from the command {}", words.first().map_or("", String::as_str)),
        }
    }
}

/// Whether a key has something in or around it that no key has.
#[must_use]
pub fn is_blemished(text: &str) -> bool {
    text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Reads a secret of a profile. `from` is the place in the configuration file, `limit` the longest to wait for a command.
///
/// # Errors
/// Why it cannot be read. Its text is never part of the message.
pub fn hidden(hidden: &Hidden, from: &str, key: &str, limit: Option<Duration>, output: &Output) -> Result<Secret, Error> {
    let (text, place) = match hidden {
        Hidden::Inline(secret) => {
            output.warn(&format!("{from}: a {key} stands in the configuration file itself; better: {key}_file or {key}_command"));
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
    if is_blemished(line) {
        let error = format!("{place}: the first line is empty, or has blanks or control characters in it: it is no {key}");
        return Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"));
    }
    let secret = Secret::new(line);
    watch(&secret);
    Ok(secret)
}

/// What a command prints. It runs without a shell, and sees nothing of the environment but `PATH` and `HOME`.
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
        // A thread, so that a command that never ends does not keep this program with it.
        std::thread::spawn(move || sender.send(read_limited(stdout, LIMIT)));
    }
    let started = Instant::now();
    let text = receiver.recv_timeout(limit).ok();
    // What it prints may end before it does.
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
    let text = text.map_err(|cause| failed(format!("printed what cannot be read: {cause}")))?;
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
    fn a_command_that_closes_its_output_and_stays_is_ended() {
        let words = ["/bin/sh", "-c", "echo key; exec >&-; sleep 60"].map(str::to_owned);
        let error = run(&words, "c:1", Duration::from_millis(300)).unwrap_err();
        assert!(error.message.contains("did not end"), "{error}");
    }

    #[test]
    fn a_secret_is_the_first_line_that_a_command_prints() {
        let secret = hidden(&command(&["/bin/sh", "-c", "echo first-line; echo second"]), "c:1", "secret", None, &output()).unwrap();
        assert_eq!(secret.expose(), "first-line");
    }

    #[test]
    fn a_command_sees_path_and_home_only() {
        let script = "env | cut -d= -f1 | grep -vE '^(PATH|HOME|PWD|SHLVL|_|OLDPWD)$' | tr '\\n' ,; echo end";
        assert_eq!(hidden(&command(&["/bin/sh", "-c", script]), "c:1", "secret", None, &output()).unwrap().expose(), "end");
    }

    #[test]
    fn a_command_that_fails_or_prints_no_key_is_named() {
        for words in [["/bin/sh", "-c", "exit 3"], ["/bin/sh", "-c", "echo"], ["/bin/sh", "-c", "echo a b"], ["/none/there", "", ""]] {
            let error = hidden(&command(&words), "c:1", "secret", None, &output()).unwrap_err();
            assert!(error.message.contains(words[0]) && error.exit == exit::CREDENTIALS, "{error}");
        }
    }
}
