//! Reads values of the configuration file, and collects what is wrong with them.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::file::Given;
use crate::model::hint;
use crate::system::home;

/// An error in the configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, the first is 1.
    pub line: usize,
    /// Column in characters, the first is 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.line, self.column, self.rule)
    }
}

/// A value with its place in the text.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The text of the file, its path, and the errors so far.
pub(super) struct Reader<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// The path.
    pub(super) path: &'a Path,
    /// The errors.
    pub(super) faults: Vec<Fault>,
}

impl Reader<'_> {
    /// Line and column where a span begins.
    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    /// Adds an error.
    pub(super) fn fault(&mut self, span: &Range<usize>, rule: impl Into<String>) {
        let (line, column) = self.place(span);
        self.faults.push(Fault { line, column, rule: rule.into() });
    }

    /// A value with the line of its span.
    pub(super) fn given<T>(&self, span: &Range<usize>, value: T) -> Given<T> {
        Given { value, line: self.place(span).0 }
    }

    /// Reports each key that is not one of these.
    pub(super) fn known(&mut self, table: &DeTable<'_>, place: &str, keys: &[&str]) {
        for key in table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            self.fault(&key.span(), format!("{name:?} is not a key of {place}: {}", hint(name, keys.iter().copied())));
        }
    }

    /// The value as a table.
    pub(super) fn table<'v, 't>(&mut self, value: &'v Value<'t>, place: &str) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.fault(&value.span(), format!("{place} must be a table"));
        }
        table
    }

    /// The value as a text that is not empty.
    pub(super) fn text(&mut self, value: &Value<'_>, key: &str) -> Option<Given<String>> {
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(self.given(&value.span(), text.to_owned())),
            Some(_) => {
                self.fault(&value.span(), format!("{key} is empty"));
                None
            }
            None => {
                self.fault(&value.span(), format!("{key} must be a text in quotes"));
                None
            }
        }
    }

    /// The value as a list of texts that is not empty.
    pub(super) fn texts(&mut self, value: &Value<'_>, key: &str) -> Vec<Given<String>> {
        let Some(items) = value.get_ref().as_array().filter(|items| !items.is_empty()) else {
            self.fault(&value.span(), format!("{key} must be a list of texts, [\"...\", ...]"));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.text(item, key)).collect()
    }

    /// The path of a file: `~/` is the home directory; a relative path starts at the configuration file's directory.
    pub(super) fn file(&self, text: &str) -> PathBuf {
        let home = text.strip_prefix("~/").and_then(home);
        home.unwrap_or_else(|| self.path.parent().map_or_else(|| PathBuf::from(text), |directory| directory.join(text)))
    }
}
