//! Reads one document at the beginning of a text: whole, cut, or broken.

use serde_json::{Map, Value as Json};

use super::salvage;
use crate::provider::recognise::Syntax;
use crate::wire::xml;

/// The deepest that JSON and XML may nest.
const DEEPEST: usize = 64;
/// The fault of a document that nests deeper.
pub(super) const TOO_DEEP: &str = "the JSON is nested more than 64 levels deep";
/// The fault of a document that ends too early.
pub(super) const INCOMPLETE: &str = "the JSON is incomplete";

/// What stands at the beginning of a text.
pub(super) enum Read {
    /// A document.
    Whole {
        /// Its content.
        root: Map<String, Json>,
        /// Its syntax.
        syntax: Syntax,
        /// The byte after it.
        end: usize,
    },
    /// A document that was cut.
    Cut {
        /// What is complete of its content.
        root: Map<String, Json>,
        /// Its syntax.
        syntax: Syntax,
        /// The byte where it was cut.
        at: usize,
        /// What is wrong.
        text: String,
    },
    /// Something that breaks the rules of its syntax.
    Broken {
        /// Where.
        at: usize,
        /// How.
        text: String,
    },
    /// A document that nests too deeply.
    Deep,
    /// A document of which nothing is there but its beginning, and what is wrong.
    Short(String),
    /// No document.
    Other,
}

impl Read {
    /// The same with other places.
    pub(super) fn moved(self, place: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Whole { root, syntax, end } => Self::Whole { root, syntax, end: place(end.saturating_sub(1)) + 1 },
            Self::Cut { root, syntax, at, text } => Self::Cut { root, syntax, at: place(at), text },
            Self::Broken { at, text } => Self::Broken { at: place(at), text },
            other => other,
        }
    }

    /// How far the reader came: the whole document is the furthest.
    pub(super) const fn reach(&self) -> usize {
        match self {
            Self::Whole { .. } => usize::MAX,
            Self::Cut { at, .. } | Self::Broken { at, .. } => *at,
            Self::Deep | Self::Short(_) | Self::Other => 0,
        }
    }
}

/// Reads a JSON object.
pub(super) fn read_json(text: &str) -> Read {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Json>>();
    match stream.next() {
        Some(Ok(root)) if root.values().any(|value| deeper(value, DEEPEST - 1)) => Read::Deep,
        Some(Ok(root)) => Read::Whole { root, syntax: Syntax::Json, end: stream.byte_offset() },
        None => Read::Other,
        Some(Err(cause)) => {
            let byte = byte_of(text, cause.line(), cause.column());
            let cut = if cause.is_eof() { Some(text.trim_end().len()) } else { cut_before(text, byte) };
            let Some(at) = cut else { return Read::Broken { at: byte, text: plain(&cause) } };
            let root = salvage::json(text.get(..at).unwrap_or_default()).unwrap_or_default();
            Read::Cut { root, syntax: Syntax::Json, at, text: INCOMPLETE.to_owned() }
        }
    }
}

/// The end of the document, where the line of a fault is no JSON at all: the document was cut, and something else follows.
fn cut_before(text: &str, byte: usize) -> Option<usize> {
    let head = text.get(..byte)?;
    // In a string, a line end is the fault itself.
    if text.get(byte..).is_some_and(|rest| rest.starts_with('\n')) || head.ends_with('\n') && is_inside_string(head) {
        return Some(head.trim_end().len());
    }
    let start = head.rfind('\n')? + 1;
    let line = text.get(start..)?.lines().next()?;
    let word = line.trim_start();
    let number = word.trim_end().trim_end_matches(',');
    let goes_on = word.starts_with(['"', '}', ']', '[', ',', ':'])
        || (word.starts_with('{') && word.len() < line.len())
        || ["true", "false", "null"].contains(&number)
        || number.parse::<f64>().is_ok();
    (!goes_on).then(|| text.get(..start).unwrap_or_default().trim_end().len())
}

/// Whether a text ends inside a string.
fn is_inside_string(text: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    inside
}

/// Reads an XML document of a cloud.
pub(super) fn read_xml(text: &str) -> Read {
    let name = text.get(1..).and_then(|name| name.split(|c: char| !c.is_ascii_alphanumeric()).next()).unwrap_or_default();
    let tail = text.get(1 + name.len()..).unwrap_or_default();
    if tail.is_empty() && !name.is_empty() {
        return Read::Short("the XML is incomplete".to_owned());
    }
    let named = name == "Error" || (name.ends_with("Response") && name.len() > "Response".len());
    if !named || !tail.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace()) {
        return Read::Other;
    }
    // A document that was cut ends where the next one begins.
    let next = ["<?xml".to_owned(), format!("<{name}>")];
    let end = next.iter().filter_map(|mark| tail.find(mark.as_str())).min().map_or(text.len(), |found| 1 + name.len() + found);
    let text = text.get(..end).unwrap_or(text);
    match xml::read(text) {
        Ok(document) => Read::Whole { root: document.root, syntax: Syntax::Xml(document.name), end: document.end },
        Err(error) if error.cut => {
            let at = text.trim_end().len();
            let (root, syntax) =
                salvage::xml(text).map_or_else(|| (Map::new(), Syntax::Xml(name.to_owned())), |xml| (xml.root, Syntax::Xml(xml.name)));
            Read::Cut { root, syntax, at, text: "the XML is incomplete".to_owned() }
        }
        Err(error) => Read::Broken { at: error.place.min(text.len()), text: format!("the XML is broken: {}", error.text) },
    }
}

/// The parser's message without its place, which counts lines from the start of the document.
fn plain(cause: &serde_json::Error) -> String {
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
