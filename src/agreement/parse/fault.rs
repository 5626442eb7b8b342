//! A fault in a file, and its place.

use std::fmt;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong. Never contains a secret.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl Fault {
    /// A fault at a place. A long message, which may quote a whole line of the file, is shortened in the middle.
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
