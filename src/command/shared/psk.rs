//! The flags that give a pre-shared key: from a file, standard input, a prompt without echo, or the system's generator.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};

use crate::error::{Error, Violation, exit};
use crate::model::{Secret, is_mask};
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::system::files::{read_limited, read_small};

/// Bytes of a key file.
const LIMIT: u64 = 4096;
/// Characters of a generated key: about 262 bits, legal at every cloud.
const LENGTH: usize = 44;

/// Where the key comes from without a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum Default {
    /// Nowhere: the key stays as it is.
    None,
    /// The generator.
    Generate,
}

/// Adds the flags.
#[must_use]
pub(in crate::command) fn arguments(command: Command, heading: &'static str, default: Default) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).help_heading(heading);
    let out = flag("psk-out").value_name("FILE").value_parser(value_parser!(PathBuf)).help("Write the generated key to this new file");
    let (out, generate) = match default {
        Default::None => (out.requires("psk-generate"), "Set a new random pre-shared key of 44 letters and digits"),
        Default::Generate => {
            (out.conflicts_with_all(["psk-file", "psk-stdin"]), "Set a new random pre-shared key of 44 letters and digits [default]")
        }
    };
    command
        .arg(flag("psk-file").value_name("FILE").value_parser(value_parser!(PathBuf)).help("Set the pre-shared key, read from this file"))
        .arg(
            flag("psk-stdin")
                .action(ArgAction::SetTrue)
                .help("Set the pre-shared key, read from standard input; on a terminal, ask for it without echo"),
        )
        .arg(flag("psk-generate").action(ArgAction::SetTrue).help(generate))
        .arg(out)
        .group(ArgGroup::new("psk").args(["psk-file", "psk-stdin", "psk-generate"]))
}

/// The key that the flags give, if they give one.
///
/// # Errors
/// Why it cannot be read, as a fault of the input. The message never contains the key.
pub(in crate::command) fn read(matches: &ArgMatches, output: &Output) -> Result<Option<String>, Violation> {
    let fault =
        |setting: &str, value: Option<&Path>, rule: String| Violation { setting: setting.to_owned(), value: value.map(shown), rule };
    let key = if let Some(path) = matches.get_one::<PathBuf>("psk-file") {
        Some(from_file(path, output).map_err(|rule| fault("--psk-file", Some(path), rule))?)
    } else if matches.get_flag("psk-stdin") {
        Some(from_stdin().map_err(|rule| fault("--psk-stdin", None, rule))?)
    } else if matches.get_flag("psk-generate") {
        // Checked now, and not only after the confirmation: the file must be new.
        if let Some(path) = matches.get_one::<PathBuf>("psk-out").filter(|path| path.symlink_metadata().is_ok()) {
            return Err(fault("--psk-out", Some(path), "exists already; name a new file".to_owned()));
        }
        Some(generate().ok_or_else(|| fault("--psk-generate", None, "the system's random generator does not answer".to_owned()))?)
    } else {
        None
    };
    if let Some(key) = &key {
        watch(&Secret::new(key.as_str()));
    }
    Ok(key)
}

/// The key of `--psk-file`, for commands without the other flags.
///
/// # Errors
/// Why it cannot be read. The message never contains the key.
pub(in crate::command) fn read_file(matches: &ArgMatches, output: &Output) -> Result<Option<Secret>, Error> {
    matches.get_one::<PathBuf>("psk-file").map(|path| from_path(path, "--psk-file", output)).transpose()
}

/// The key of the file that a flag names.
///
/// # Errors
/// Why it cannot be read. The message never contains the key.
pub(in crate::command) fn from_path(path: &Path, flag: &str, output: &Output) -> Result<Secret, Error> {
    let key =
        from_file(path, output).map_err(|cause| Error::usage(format!("{flag} {}: {cause}", shown(path))).state("nothing was sent"))?;
    let key = Secret::new(key);
    watch(&key);
    Ok(key)
}

/// The key of the file that a flag names, or of standard input for `-`: one line.
///
/// # Errors
/// Why it cannot be read, or is not one key. The message never contains the key.
pub(in crate::command) fn from_file_or_stdin(path: &Path, flag: &str, output: &Output) -> Result<Secret, Error> {
    let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { shown(path) };
    let wrong = |cause: &str| Error::usage(format!("{flag} {name}: {cause}"));
    let text = if path.as_os_str() == "-" { from_stdin() } else { from_file(path, output) };
    let key = Secret::new(text.map_err(|cause| wrong(&cause))?);
    watch(&key);
    match key.expose() {
        "" => Err(wrong("holds no key")),
        text if text.contains(['\n', '\r']) => Err(wrong("holds several lines; a key is one line")),
        text => {
            if text.trim() != text {
                output.warn(&format!("{flag} {name}: the key begins or ends with a blank, which is part of it"));
            }
            Ok(key)
        }
    }
}

/// The path of a key file, for messages. A key that was given in its place is not repeated: what it would be shown as is hidden from
/// here on.
#[must_use]
pub(in crate::command) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if path.symlink_metadata().is_ok() || !looks_like_key(&text) {
        return path.display().to_string();
    }
    watch(&Secret::new(text.as_ref()));
    format!("({} characters that look like a key; the flag takes the name of a file)", text.chars().count())
}

/// Whether a text looks more like a key than like the name of a file: 8 characters and more without a slash or a dot, of three kinds,
/// or of two without a hyphen or underscore.
fn looks_like_key(text: &str) -> bool {
    let has = |class: fn(char) -> bool| usize::from(text.contains(class));
    let separated = has(|c| matches!(c, '-' | '_'));
    let letters = has(|c| c.is_ascii_uppercase()) + has(|c| c.is_ascii_lowercase());
    let kinds = letters + has(|c| c.is_ascii_digit()) + has(|c| c.is_ascii_punctuation());
    text.chars().count() >= 8 && !text.contains(['/', '.']) && (kinds >= 3 || (kinds == 2 && separated == 0))
}

/// The error of a generator that does not answer.
pub(in crate::command) fn silent() -> Error {
    Error::new(exit::FAILED, "the system's random generator does not answer").state("nothing was sent")
}

fn from_file(path: &Path, output: &Output) -> Result<String, String> {
    let file = read_small(path, LIMIT)?;
    if file.exposed {
        output.warn(&format!("{0} can be read by other users; fix it: chmod 600 {0}", path.display()));
    }
    given(one_line(&file.text))
}

fn from_stdin() -> Result<String, String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("Pre-shared key (not shown): ").map_err(|cause| cause.to_string()).and_then(given);
    }
    read_limited(std::io::stdin().lock(), LIMIT).and_then(|text| given(one_line(&text)))
}

/// A key, unless it is what stands in place of a hidden one: copied from a report, it would replace the real key.
fn given(key: String) -> Result<String, String> {
    if is_mask(&key) { Err("holds a mask in place of a key, such as *** or (hidden); give the key itself".to_owned()) } else { Ok(key) }
}

/// The key without the line end that editors and `echo` add. Everything else belongs to the key.
fn one_line(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).to_owned()
}

/// A random key of letters and digits: a letter first, every class present, uniform among all such keys.
#[must_use]
pub(in crate::command) fn generate() -> Option<String> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    loop {
        let mut key = String::with_capacity(LENGTH);
        while key.len() < LENGTH {
            let mut bytes = [0; 64];
            getrandom::fill(&mut bytes).ok()?;
            // A byte of 248 and above would favour the first letters.
            let letters = bytes.iter().filter(|byte| **byte < 248).filter_map(|byte| ALPHABET.get(usize::from(byte % 62)));
            key.extend(letters.map(|letter| char::from(*letter)).take(LENGTH - key.len()));
        }
        let has = |class: fn(&char) -> bool| key.chars().any(|c| class(&c));
        let first = key.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        if first && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit) {
            return Some(key);
        }
    }
}

/// Why a valid key is unwise. Never contains the key.
#[must_use]
pub(in crate::command) fn advice(key: &str) -> Vec<String> {
    const DOCUMENTED: [&str; 5] = ["Test@123", "1234****", "tencenttest", "pgw6dy7d1i8in7x5", "Example-Psk-2026"];
    let mut advice = Vec::new();
    if DOCUMENTED.contains(&key) {
        advice.push("this pre-shared key is printed in a vendor's documentation; everybody knows it".to_owned());
    }
    if key.chars().count() < 32 {
        advice.push(format!(
            "the pre-shared key has {} characters; at least 32 random ones are advised (NIST SP 800-77r1 appendix A)",
            key.chars().count()
        ));
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_starts_with_a_letter_and_has_three_classes() {
        for _ in 0..200 {
            let key = generate().unwrap();
            assert_eq!(key.len(), LENGTH);
            assert!(key.starts_with(|c: char| c.is_ascii_alphabetic()));
            assert!(key.bytes().all(|b| b.is_ascii_alphanumeric()));
            assert!(
                key.bytes().any(|b| b.is_ascii_digit())
                    && key.bytes().any(|b| b.is_ascii_uppercase())
                    && key.bytes().any(|b| b.is_ascii_lowercase())
            );
        }
    }

    #[test]
    fn key_in_place_of_a_file_is_not_repeated() {
        for key in ["pgw6dy7d1i8in7x5", "Canary-Key-2026", "correct-horse-7", "0123456789abcdef", "P@ssw0rd!"] {
            let shown = shown(Path::new(key));
            assert!(!shown.contains(key) && shown.contains(&key.len().to_string()), "{shown}");
        }
        for file in ["missing-key", "psk.txt", "keys/Branch-2026", "./Key1Key1", "key"] {
            assert_eq!(shown(Path::new(file)), file);
        }
    }

    #[test]
    fn one_line_end_is_no_part_of_a_key() {
        assert_eq!(one_line("key\n"), "key");
        assert_eq!(one_line("key\r\n"), "key");
        assert_eq!(one_line("key\n\n"), "key\n");
        assert_eq!(one_line(" key "), " key ");
    }

    #[test]
    fn a_documented_or_short_key_is_warned_of() {
        assert_eq!(advice("tencenttest").len(), 2);
        assert!(advice(&"a".repeat(32)).is_empty());
        assert!(!advice("abc").concat().contains("abc"));
    }
}
