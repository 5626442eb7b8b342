//! Finds JSON objects and XML documents in any text, in one pass.

use serde_json::{Map, Value as Json};

use super::{DEEPEST, Fault};
use crate::provider::recognise::Syntax;
use crate::wire::xml;

/// A document, and where it stands.
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) root: Map<String, Json>,
    pub(super) syntax: Syntax,
}

/// The way through a text.
pub(super) struct Scan<'a> {
    text: &'a str,
    from: usize,
    weak: Option<(usize, String)>,
}

/// How far into something like JSON an error shows that it was none.
const NEAR: usize = 256;

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, from: 0, weak: None }
    }

    /// The first thing that looked like a document and was none, as place and fault.
    pub(super) fn weak(&self) -> Option<(usize, String)> {
        self.weak.clone()
    }

    /// The next document.
    ///
    /// # Errors
    /// When one begins that is cut, broken or too deep.
    pub(super) fn next_part(&mut self) -> Result<Option<Part>, Fault> {
        while let Some(found) = self.text.get(self.from..).and_then(|rest| rest.find(['{', '<'])) {
            let start = self.from + found;
            let Some(rest) = self.text.get(start..) else { return Ok(None) };
            self.from = start + 1;
            // A value of a query, not a document.
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
                self.weak.get_or_insert((self.text.len(), "the JSON is cut short".to_owned()));
                return Ok(None);
            }
            Opening::Other => return Ok(None),
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Map<String, Json>>();
        match stream.next() {
            Some(Ok(root)) => {
                let end = start + stream.byte_offset();
                if root.values().any(|value| deeper(value, DEEPEST - 1)) {
                    return Err(Fault::at(self.text, start, format!("this JSON nests more than {DEEPEST} levels")));
                }
                Ok(Some(Part { start, end, root, syntax: Syntax::Json }))
            }
            Some(Err(cause)) => {
                let byte = start + byte_of(rest, cause.line(), cause.column());
                let text = plain(&cause);
                // Something like `{"a" b}` in a log is none of ours. A document that is broken further in is.
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
            self.weak.get_or_insert((self.text.len(), "the XML is cut short".to_owned()));
            return Ok(None);
        }
        let named = name == "Error" || (name.ends_with("Response") && name.len() > "Response".len());
        if !named || !tail.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace()) {
            return Ok(None);
        }
        match xml::read(rest) {
            Ok(document) => Ok(Some(Part { start, end: start + document.end, root: document.root, syntax: Syntax::Xml(document.name) })),
            Err(error) => {
                let text = if error.cut { "the XML is cut short".to_owned() } else { format!("the XML is broken: {}", error.text) };
                Err(Fault::at(self.text, start.saturating_add(error.place), text))
            }
        }
    }
}

enum Opening {
    /// A name and a colon, or an end, as a JSON object has them.
    Object,
    /// The text ends before that can be told.
    Cut,
    /// Something else that has a brace.
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

/// The parser's words without its place, which is told in lines of the whole file.
fn plain(cause: &serde_json::Error) -> String {
    if cause.is_eof() {
        return "the JSON is cut short".to_owned();
    }
    let text = cause.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("the JSON is broken: {text}")
}

/// The byte of a line and column that count from 1, in bytes.
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

/// Whether a value nests more than this.
fn deeper(value: &Json, levels: usize) -> bool {
    match value {
        Json::Array(items) => levels == 0 || items.iter().any(|item| deeper(item, levels - 1)),
        Json::Object(fields) => levels == 0 || fields.values().any(|item| deeper(item, levels - 1)),
        _ => false,
    }
}
