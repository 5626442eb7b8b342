//! The secrets of a profile: from a file, from a command, or from the configuration file itself.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::file::Hidden;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::system::capture::capture;
use crate::system::private;

/// How long a command may take: it may ask the user for a passphrase.
const COMMAND: Duration = Duration::from_secs(120);
/// The most that a command may print, in bytes.
const LIMIT: usize = 64 << 10;

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
            let program = words.first().map_or("", String::as_str);
            let text = capture(words, limit.unwrap_or(COMMAND).min(COMMAND), LIMIT).map_err(|cause| {
                Error::new(exit::CREDENTIALS, format!("{from}: the command {program} {cause}")).state("nothing was sent")
            })?;
            (text, format!("what {program} prints"))
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
    fn secret_is_the_first_line_that_a_command_prints() {
        let secret = hidden(&command(&["/bin/sh", "-c", "echo first-line; echo second"]), "c:1", "secret", None, &output()).unwrap();
        assert_eq!(secret.expose(), "first-line");
    }

    #[test]
    fn command_that_fails_or_prints_no_key_is_named() {
        for words in [["/bin/sh", "-c", "exit 3"], ["/bin/sh", "-c", "echo"], ["/bin/sh", "-c", "echo a b"], ["/none/there", "", ""]] {
            let error = hidden(&command(&words), "c:1", "secret", None, &output()).unwrap_err();
            assert!(error.message.contains(words[0]) && error.exit == exit::CREDENTIALS, "{error}");
        }
    }
}
