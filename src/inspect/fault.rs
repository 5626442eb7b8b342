//! A fault in a text, and its place.

/// Why a text cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub text: String,
    /// Line and column, from 1; `None`: the fault has no place.
    pub place: Option<(usize, usize)>,
}

impl Fault {
    /// A fault without a place.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), place: None }
    }

    /// A fault at a byte of the whole text.
    pub(super) fn at(whole: &str, byte: usize, text: impl Into<String>) -> Self {
        let head = whole.get(..byte.min(whole.len())).unwrap_or(whole);
        let line = head.matches('\n').count() + 1;
        let column = head.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { text: text.into(), place: Some((line, column)) }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Some((line, column)) => write!(out, "line {line}, column {column}: {}", self.text),
            None => out.write_str(&self.text),
        }
    }
}
