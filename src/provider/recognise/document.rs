//! One document of a saved text, with what stands before it.

use serde_json::{Map, Value as Json};

use crate::wire::Reply;

/// How a document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Syntax {
    /// A JSON object.
    Json,
    /// An XML document, with the name of its root.
    Xml(String),
    /// A query or form; names are nested at their dots.
    Form,
}

/// One document of a saved text, with the text before it: a log often names the operation, the host and the status.
#[derive(Debug)]
pub struct Document<'a> {
    /// Its fields. A recogniser takes them out once it knows the document.
    pub root: Map<String, Json>,
    /// How it is written.
    pub syntax: Syntax,
    /// The text before it.
    pub before: &'a str,
    /// Whether it was cut: then what it lacks tells nothing.
    pub cut: bool,
}

impl Document<'_> {
    /// The last of these names that stands as a word of its own before the document.
    #[must_use]
    pub fn named(&self, names: &[&'static str]) -> Option<&'static str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let places = names.iter().flat_map(|name| self.before.match_indices(name).map(move |(place, _)| (place, *name)));
        let whole = places.filter(|(place, name)| {
            let (head, tail) = (self.before.get(..*place), self.before.get(place + name.len()..));
            !head.is_some_and(|head| head.ends_with(is_word)) && !tail.is_some_and(|tail| tail.starts_with(is_word))
        });
        whole.max_by_key(|(place, _)| *place).map(|(_, name)| name)
    }

    /// The HTTP status in the last status line before the document.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let (_, rest) = self.before.rsplit_once("HTTP/")?;
        let mut words = rest.split_ascii_whitespace();
        words.next()?;
        words.next()?.parse().ok().filter(|status| (100..600).contains(status))
    }

    /// The word of letters, digits and hyphens between two marks before the document, the last there is.
    #[must_use]
    pub fn between(&self, start: &str, end: &str) -> Option<String> {
        let rest = self.before.get(self.before.to_ascii_lowercase().rfind(&start.to_ascii_lowercase())? + start.len()..)?.trim_start();
        let word = rest.get(..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len()))?;
        (!word.is_empty() && rest.get(word.len()..)?.starts_with(end)).then(|| word.to_owned())
    }

    /// Whether the text before it names one of these, in any case: a vendor's host, tool or library.
    #[must_use]
    pub fn mentions(&self, marks: &[&str]) -> bool {
        let before = self.before.to_ascii_lowercase();
        marks.iter().any(|mark| before.contains(mark))
    }

    /// The text of a field, unless it is empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.root.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The document as a reply, for the cloud's reader of errors.
    #[must_use]
    pub fn reply(&self, status: u16) -> Reply {
        Reply { status, headers: Vec::new(), body: serde_json::to_vec(&self.root).unwrap_or_default() }
    }
}
