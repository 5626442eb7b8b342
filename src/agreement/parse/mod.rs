//! Ends out of files: `swanctl.conf`, Libreswan's `ipsec.conf`, descriptions in TOML. Pure: text in, ends out.
//!
//! What is written wrong is refused with line and column. A secret is never part of a message.

use std::fmt;

use super::{End, Kind};

pub mod libreswan;
pub mod swanctl;
pub mod toml;
pub mod words;

/// The most that is read of a file.
pub const LIMIT: u64 = 4 << 20;
/// The longest line: nobody writes a longer one, and messages stay short.
const LONGEST_LINE: usize = 64 << 10;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong. Never a secret.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl Fault {
    /// A fault at a place. What a message repeats of the file may be a whole line: it is cut in the middle.
    pub(crate) fn new(line: usize, column: usize, message: impl Into<String>) -> Self {
        const SHOWN: usize = 100;
        let mut message = message.into();
        let count = message.chars().count();
        if count > 3 * SHOWN {
            let (head, tail): (String, String) = (message.chars().take(SHOWN).collect(), message.chars().skip(count - SHOWN).collect());
            message = format!("{head} ... {tail}");
        }
        Self { line, column, message }
    }

    /// A fault at a byte offset.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset.min(text.len())).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self::new(line, column, message)
    }
}

/// The text of a file, unless it is none.
///
/// # Errors
/// Where it is not text, or has a line that nobody wrote by hand.
pub fn text(bytes: &[u8]) -> Result<&str, Fault> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or_default();
            return Err(Fault::at(good, good.len(), "is not text (UTF-8)"));
        }
    };
    for (number, line) in text.lines().enumerate() {
        if line.len() > LONGEST_LINE {
            return Err(Fault::new(number + 1, 1, format!("the line has {} bytes; at most {LONGEST_LINE} are read", line.len())));
        }
        if let Some(place) = line.chars().position(|c| c.is_control() && c != '\t' && c != '\r') {
            return Err(Fault::new(number + 1, place + 1, "a control character: this is no configuration file"));
        }
    }
    Ok(text)
}

/// The kind of a file, by what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A cloud's reply: JSON or XML.
    Reply,
    /// Libreswan's `ipsec.conf`.
    Libreswan,
    /// `swanctl.conf`.
    Swanctl,
    /// A description in TOML.
    Toml,
}

/// Guesses the form of a text.
#[must_use]
pub fn form(name: &str, text: &str) -> Form {
    if name.ends_with(".toml") {
        return Form::Toml;
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    if first.starts_with(['{', '[', '<']) {
        Form::Reply
    } else if ["conn ", "config ", "version "].iter().any(|word| first.starts_with(word)) {
        Form::Libreswan
    } else {
        Form::Swanctl
    }
}

/// The connections of a file: the named one, or all, which are one at least.
///
/// # Errors
/// What there is to choose from.
pub fn choose(mut ends: Vec<(String, End)>, wanted: Option<&str>) -> Result<Vec<End>, String> {
    let names = || ends.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    match wanted {
        Some(wanted) => match ends.iter().position(|(name, _)| name == wanted) {
            Some(place) => Ok(vec![ends.swap_remove(place).1]),
            None if ends.is_empty() => Err("there is no connection in it".to_owned()),
            None => Err(format!("there is no connection {wanted:?}; there are: {}", names())),
        },
        None if ends.is_empty() => Err("there is no connection in it".to_owned()),
        None => Ok(ends.into_iter().map(|(_, end)| end).collect()),
    }
}

/// Reads a duration as the daemons write it: a number of seconds, or with `s`, `m`, `h`, `d`.
fn seconds(text: &str) -> Option<u64> {
    Some(crate::provider::field::parse_duration_ms(text).filter(|_| !text.ends_with("ms"))? / 1000)
}

/// A new end of a daemon.
fn daemon(name: &str, kind: Kind) -> End {
    End::new(name, kind)
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_and_endless_lines_are_refused_with_their_place() {
        assert_eq!(text(b"a\nb\xff").unwrap_err().to_string(), "line 2, column 2: is not text (UTF-8)");
        assert_eq!(text(b"ab\x00").unwrap_err().to_string(), "line 1, column 3: a control character: this is no configuration file");
        let long = format!("a\n{}", "x".repeat(1 << 20));
        assert!(text(long.as_bytes()).unwrap_err().to_string().starts_with("line 2, column 1: the line has 1048576 bytes"));
    }

    #[test]
    fn the_form_follows_from_the_first_line() {
        assert_eq!(form("a", "# x\n\nconn a\n"), Form::Libreswan);
        assert_eq!(form("a", "config setup\n"), Form::Libreswan);
        assert_eq!(form("a", "connections {\n"), Form::Swanctl);
        assert_eq!(form("a", "{\"a\":1}"), Form::Reply);
        assert_eq!(form("a.toml", "{"), Form::Toml);
    }
}
