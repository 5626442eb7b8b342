//! Finds JSON objects and XML documents in any text, in one pass.

use serde_json::{Map, Value as Json};

use super::fault::Fault;
use crate::provider::recognise::Syntax;
use crate::wire::xml;

/// The deepest that JSON and XML may nest.
const DEEPEST: usize = 64;

/// A document, and its place.
pub(super) struct Part {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after it.
    pub(super) end: usize,
    /// Its content.
    pub(super) root: Map<String, Json>,
    /// Its syntax.
    pub(super) syntax: Syntax,
}

/// A scan in progress.
pub(super) struct Scan<'a> {
    text: &'a str,
    from: usize,
    weak: Option<(usize, String)>,
}

/// An error within this many bytes shows that something was not meant as JSON.
const NEAR: usize = 256;

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, from: 0, weak: None }
    }

    /// The first thing that looked like a document but was none: byte and fault.
    pub(super) fn weak(&self) -> Option<(usize, String)> {
        self.weak.clone()
    }

    /// The next document.
    ///
    /// # Errors
    /// That a document is incomplete, broken or nested too deeply.
    pub(super) fn next_part(&mut self) -> Result<Option<Part>, Fault> {
        while let Some(found) = self.text.get(self.from..).and_then(|rest| rest.find(['{', '<'])) {
            let start = self.from + found;
            let Some(rest) = self.text.get(start..) else { return Ok(None) };
            self.from = start + 1;
            // This is the value of a query parameter, not a document.
            if self.text.get(..start).is_some_and(|head| head.ends_with('=')) {
                continue;
            }
            let part = if rest.starts_with('{') { self.json(start, rest)? } else { self.xml(start, rest)? };
            if let Some(part) = part {
                self.from = part.end;
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    fn json(&mut self, start: usize, rest: &str) -> Result<Option<Part>, Fault> {
        match opening(rest) {
            Opening::Object => {}
            Opening::Cut => {
                self.weak.get_or_insert((self.text.len(), "the JSON is incomplete".to_owned()));
                return Ok(None);
            }
            Opening::Other => return Ok(None),
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Map<String, Json>>();
        match stream.next() {
            Some(Ok(root)) => {
                let end = start + stream.byte_offset();
                if root.values().any(|value| deeper(value, DEEPEST - 1)) {
                    return Err(Fault::at(self.text, start, format!("the JSON is nested more than {DEEPEST} levels deep")));
                }
                Ok(Some(Part { start, end, root, syntax: Syntax::Json }))
            }
            Some(Err(cause)) => {
                let byte = start + byte_of(rest, cause.line(), cause.column());
                let text = plain(&cause);
                // Something like `{"a" b}` in a log was not meant as JSON. A document that breaks further in was.
                if cause.is_syntax()
                    && byte - start < NEAR
                    && !self.text.get(start..byte).unwrap_or_default().contains('\n')
                    && self.text.len() - start > NEAR
                {
                    self.weak.get_or_insert((byte, text));
                    return Ok(None);
                }
                Err(Fault::at(self.text, byte, text))
            }
            None => Ok(None),
        }
    }

    fn xml(&mut self, start: usize, rest: &str) -> Result<Option<Part>, Fault> {
        let name = rest.get(1..).and_then(|name| name.split(|c: char| !c.is_ascii_alphanumeric()).next()).unwrap_or_default();
        let tail = rest.get(1 + name.len()..).unwrap_or_default();
        if tail.is_empty() && !name.is_empty() {
            self.weak.get_or_insert((self.text.len(), "the XML is incomplete".to_owned()));
            return Ok(None);
        }
        let named = name == "Error" || (name.ends_with("Response") && name.len() > "Response".len());
        if !named || !tail.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace()) {
            return Ok(None);
        }
        match xml::read(rest) {
            Ok(document) => Ok(Some(Part { start, end: start + document.end, root: document.root, syntax: Syntax::Xml(document.name) })),
            Err(error) => {
                let text = if error.cut { "the XML is incomplete".to_owned() } else { format!("the XML is broken: {}", error.text) };
                Err(Fault::at(self.text, start.saturating_add(error.place), text))
            }
        }
    }
}

/// What an opening brace starts.
enum Opening {
    /// A JSON object: a name and a colon follow.
    Object,
    /// The text ends before that is clear.
    Cut,
    /// Something else with a brace.
    Other,
}

fn opening(rest: &str) -> Opening {
    let inside = rest.get(1..).unwrap_or_default().trim_start();
    let Some(name) = inside.strip_prefix('"') else {
        return if inside.is_empty() { Opening::Cut } else { Opening::Other };
    };
    match name.find(['"', '\n']) {
        None => Opening::Cut,
        Some(end) => match name.get(end..).unwrap_or_default().strip_prefix('"').map(str::trim_start) {
            Some("") => Opening::Cut,
            Some(behind) if behind.starts_with(':') || name.get(..end).is_some_and(|name| name.ends_with('\\')) => Opening::Object,
            _ => Opening::Other,
        },
    }
}

/// The parser's message without its place, which counts lines from the start of the document.
fn plain(cause: &serde_json::Error) -> String {
    if cause.is_eof() {
        return "the JSON is incomplete".to_owned();
    }
    let text = cause.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("the JSON is broken: {text}")
}

/// The byte at a line and column, which count from 1 and in bytes.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(place, _)| place + 1),
    };
    let mut byte = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// Whether a value nests deeper than this many levels.
fn deeper(value: &Json, levels: usize) -> bool {
    match value {
        Json::Array(items) => levels == 0 || items.iter().any(|item| deeper(item, levels - 1)),
        Json::Object(fields) => levels == 0 || fields.values().any(|item| deeper(item, levels - 1)),
        _ => false,
    }
}
