//! Reads saved calls: replies and requests of any of the clouds, alone, in a list, or inside a log.
//!
//! Text in, documents out; no network, no credentials. The clouds themselves recognise their documents
//! ([`crate::provider::Registration::recognise`]).

mod decode;
mod fault;
mod form;
mod own;
mod scan;

use serde_json::{Map, Value as Json};

use crate::provider::PROVIDERS;
use crate::provider::recognise::{Document, Recognised, Syntax};

pub use decode::decode;
pub use fault::Fault;
pub use own::own;

/// The largest text that is read, in bytes.
pub const LIMIT: u64 = 64 << 20;
/// How many levels inside an unknown object are searched: logs wrap replies in a few levels.
const WRAPPED: usize = 6;
/// How much of the text before a document is considered, in bytes.
const BEFORE: usize = 4096;

/// A recognised document.
#[derive(Debug)]
pub struct Inspected {
    /// What it is.
    pub found: Recognised,
    /// Its syntax.
    pub syntax: Syntax,
    /// The line where it starts.
    pub line: usize,
}

/// All documents of the clouds in a text, in order.
///
/// # Errors
/// That there is none, or that one is incomplete or broken: part of a reply is never taken for the whole.
pub fn inspect(text: &str) -> Result<Vec<Inspected>, Fault> {
    let mut all = Vec::new();
    let (mut last, mut strange, mut lines) = (0, None, Lines::default());
    let mut scan = scan::Scan::new(text);
    while let Some(part) = scan.next_part()? {
        let gap = text.get(last..part.start).unwrap_or_default();
        let before = tail(gap);
        let mut document = Document { root: part.root, syntax: part.syntax, before };
        let syntax = document.syntax.clone();
        let found = recognise(&mut document, WRAPPED);
        if found.is_empty() {
            strange.get_or_insert((part.start, keys(&document.root)));
            continue;
        }
        forms(text, last, part.start, &mut lines, &mut all);
        let line = lines.of(text, part.start);
        all.extend(found.into_iter().map(|found| Inspected { found, syntax: syntax.clone(), line }));
        last = part.end;
    }
    forms(text, last, text.len(), &mut lines, &mut all);
    if !all.is_empty() {
        return Ok(all);
    }
    Err(match (strange, scan.weak()) {
        (_, Some((byte, fault))) => Fault::at(text, byte, fault),
        (Some((start, keys)), None) => {
            let keys = if keys.is_empty() { String::new() } else { format!(" (its fields: {keys})") };
            Fault::at(text, start, format!("this is not a request or reply of a known VPN operation{keys}"))
        }
        (None, None) if text.trim().is_empty() => Fault::new("it is empty"),
        (None, None) => Fault::new("it contains no JSON object, XML document or query of a VPN operation"),
    })
}

/// Asks every cloud, then searches inside, because logs and tools wrap replies. Everything found inside counts.
fn recognise(document: &mut Document<'_>, levels: usize) -> Vec<Recognised> {
    if let Some(found) = PROVIDERS.iter().find_map(|registration| (registration.recognise)(document)) {
        return vec![found];
    }
    if levels == 0 || document.syntax != Syntax::Json {
        return Vec::new();
    }
    let before = document.before;
    let mut all = Vec::new();
    for (name, value) in &mut document.root {
        for mut found in inside(value, before, levels - 1) {
            found.told_by = format!("{}, inside {name:?}", found.told_by);
            all.push(found);
        }
    }
    all
}

/// The documents inside a value, which may be a string that holds JSON or XML.
fn inside(value: &mut Json, before: &str, levels: usize) -> Vec<Recognised> {
    match value {
        Json::Object(fields) => {
            let mut inner = Document { root: std::mem::take(fields), syntax: Syntax::Json, before };
            let found = recognise(&mut inner, levels);
            *fields = inner.root;
            found
        }
        Json::Array(items) if levels > 0 => items.iter_mut().flat_map(|item| inside(item, before, levels - 1)).collect(),
        Json::String(text) => {
            let start = text.trim_start();
            let parsed = if start.starts_with('{') {
                serde_json::from_str::<Map<String, Json>>(start).ok().map(|root| (root, Syntax::Json))
            } else if start.starts_with('<') {
                crate::wire::xml::read(start).ok().map(|xml| (xml.root, Syntax::Xml(xml.name)))
            } else {
                None
            };
            parsed.map(|(root, syntax)| recognise(&mut Document { root, syntax, before }, levels)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Reads the query or form between two documents.
fn forms(text: &str, start: usize, end: usize, lines: &mut Lines, all: &mut Vec<Inspected>) {
    let Some(gap) = text.get(start..end) else { return };
    let Some((first, root)) = form::read(gap) else { return };
    let mut document = Document { root, syntax: Syntax::Form, before: tail(gap) };
    if let Some(found) = PROVIDERS.iter().find_map(|registration| (registration.recognise)(&mut document)) {
        all.push(Inspected { found, syntax: Syntax::Form, line: lines.of(text, start + first) });
    }
}

/// The end of a text, cut between characters.
fn tail(text: &str) -> &str {
    let from = (text.len().saturating_sub(BEFORE)..=text.len()).find(|place| text.is_char_boundary(*place));
    from.and_then(|from| text.get(from..)).unwrap_or_default()
}

/// The names of the first fields, for a message.
fn keys(root: &Map<String, Json>) -> String {
    let mut keys: Vec<String> = root.keys().take(6).map(|key| key.chars().take(40).collect()).collect();
    if root.len() > keys.len() {
        keys.push("...".to_owned());
    }
    keys.join(", ")
}

/// Counts lines up to places that mostly ascend, so that each line is counted once.
#[derive(Default)]
struct Lines {
    byte: usize,
    line: usize,
}

impl Lines {
    fn of(&mut self, text: &str, byte: usize) -> usize {
        if byte < self.byte {
            *self = Self::default();
        }
        self.line += text.get(self.byte..byte).map_or(0, |part| part.matches('\n').count());
        self.byte = byte;
        self.line + 1
    }
}

#[cfg(test)]
mod tests;
