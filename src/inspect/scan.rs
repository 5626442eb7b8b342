//! Finds JSON objects and XML documents in any text, in one pass, however they are written there.

use serde_json::{Map, Value as Json};

use super::fault::Fault;
use super::form::MARKS;
use super::layer::Layer;
use super::read::{Read, read_json, read_xml};
use super::spelling::{Opening, above_xml, opening};
use super::unwrapped::Unwrapped;
use super::{lines, unwrap};
use crate::provider::recognise::Syntax;

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
    /// Where it was cut, and what is wrong there: then only a part of the content is here.
    pub(super) cut: Option<(usize, String)>,
}

/// A scan in progress.
pub(super) struct Scan<'a> {
    text: &'a str,
    from: usize,
    weak: Option<(usize, String)>,
}

/// An error within this many bytes shows that something was not meant as JSON.
const NEAR: usize = 256;
/// How much of a text is unwrapped at first, in bytes; most documents end in it.
const WINDOW: usize = 4 << 10;
/// How far back the word or the line of a document is looked at, in bytes: a log of one line is not read again at every brace.
const BACK: usize = 4 << 10;
/// What a document can begin with: a brace or a tag, or an escape of one.
const STARTS: [char; 4] = ['{', '<', '%', '&'];

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, from: 0, weak: None }
    }

    /// The first thing that looked like a document but was none: byte and fault.
    pub(super) fn weak(&self) -> Option<(usize, String)> {
        self.weak.clone()
    }

    /// The next document, whole or cut.
    ///
    /// # Errors
    /// That a document is broken or nested too deeply.
    pub(super) fn next_part(&mut self) -> Result<Option<Part>, Fault> {
        while let Some(found) = self.text.get(self.from..).and_then(|rest| rest.find(STARTS)) {
            let start = self.from + found;
            let Some(rest) = self.text.get(start..) else { return Ok(None) };
            self.from = start + 1;
            let part = match (first(rest), self.parameter(start)) {
                (Some('{'), None) => self.json(start, rest)?,
                (Some(_), None) => self.xml(start, rest)?,
                (Some(_), Some(end)) => {
                    self.from = end;
                    None
                }
                (None, _) => None,
            };
            if let Some(part) = part {
                self.from = part.end;
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// The end of a parameter whose value begins here, in a query or form that is itself a request. `body={...}` of a log is none.
    fn parameter(&self, start: usize) -> Option<usize> {
        let word = last(self.text.get(..start)?, BACK).rsplit(char::is_whitespace).next()?;
        let is_request = word.ends_with('=') && MARKS.iter().any(|mark| word.contains(mark));
        let rest = self.text.get(start..)?;
        is_request.then(|| start + rest.find(char::is_whitespace).unwrap_or(rest.len()))
    }

    fn json(&mut self, start: usize, rest: &str) -> Result<Option<Part>, Fault> {
        let head = last(self.text.get(..start).unwrap_or_default(), BACK).rsplit('\n').next().unwrap_or_default();
        let prefix = lines::prefix(head, rest).map(Layer::Lines);
        let mut layers = match (opening(rest), &prefix) {
            (Opening::Object(layers), _) => layers,
            (_, Some(prefix)) => match opening(&unwrap::unwrap(clip(rest, WINDOW), prefix).text) {
                Opening::Object(layers) => [vec![prefix.clone()], layers].concat(),
                _ => return Ok(None),
            },
            (Opening::Cut, None) => {
                // A brace alone at the end of a log is nothing; with a name it is a document.
                self.weak.get_or_insert((self.text.trim_end().len(), "the JSON is incomplete".to_owned()));
                return Ok(None);
            }
            (Opening::Other, None) => return Ok(None),
        };
        if layers.is_empty() && head.ends_with('\'') && printed_by_python(rest) {
            layers.push(Layer::String('\''));
        }
        let mut read = through(rest, &layers, read_json);
        if let (Read::Cut { .. } | Read::Broken { .. }, Some(prefix)) = (&read, prefix)
            && layers.first() != Some(&prefix)
        {
            let below = [vec![prefix], layers].concat();
            let again = through(rest, &below, read_json);
            if again.reach() > read.reach() {
                read = again;
            }
        }
        self.take(start, read)
    }

    fn xml(&mut self, start: usize, rest: &str) -> Result<Option<Part>, Fault> {
        let Some(layers) = above_xml(rest) else { return Ok(None) };
        // Most of what looks like a tag is none of a cloud.
        if !layers.is_empty() && matches!(through(clip(rest, NEAR), &layers, read_xml), Read::Other) {
            return Ok(None);
        }
        let read = through(rest, &layers, read_xml);
        self.take(start, read)
    }

    fn take(&mut self, start: usize, read: Read) -> Result<Option<Part>, Fault> {
        Ok(match read {
            Read::Whole { root, syntax, end } => Some(Part { start, end: start + end, root, syntax, cut: None }),
            Read::Cut { root, syntax, at, text } => {
                Some(Part { start, end: start + at.max(1), root, syntax, cut: Some((start + at, text)) })
            }
            Read::Broken { at, text } => {
                let byte = start + at;
                // Something like `{"a" b}` in a log was not meant as JSON. A document that breaks further in was.
                let line = self.text.get(start..byte).unwrap_or_default();
                if at < NEAR && !line.contains('\n') && self.text.len() - start > NEAR && line.matches('"').count() <= 2 {
                    self.weak.get_or_insert((byte, text));
                    return Ok(None);
                }
                return Err(Fault::at(self.text, byte, text));
            }
            Read::Deep => return Err(Fault::at(self.text, start, super::read::TOO_DEEP)),
            Read::Short(text) => {
                self.weak.get_or_insert((self.text.trim_end().len(), text));
                None
            }
            Read::Other => None,
        })
    }
}

/// The brace or the tag that a text begins with, as it is or escaped.
fn first(rest: &str) -> Option<char> {
    let lower = rest.get(..rest.len().min(12)).map(str::to_ascii_lowercase);
    let lower = lower.unwrap_or_else(|| rest.chars().next().map(String::from).unwrap_or_default());
    match lower.chars().next()? {
        c @ ('{' | '<') => Some(c),
        '%' => {
            let code = lower.trim_start_matches('%').trim_start_matches("25");
            if code.starts_with("7b") { Some('{') } else { code.starts_with("3c").then_some('<') }
        }
        _ => {
            let mut name = lower.strip_prefix('&')?;
            while let Some(below) = name.strip_prefix("amp;") {
                name = below;
            }
            match unwrap::entity(name.get(..name.find(';')?)?)? {
                c @ ('{' | '<') => Some(c),
                _ => None,
            }
        }
    }
}

/// Whether a text in single quotes is how Python prints a text: it doubles the backslashes of the JSON in it.
fn printed_by_python(rest: &str) -> bool {
    let rest = clip(rest, 16 * WINDOW);
    let end = rest.find('\'').unwrap_or(rest.len());
    let inside = rest.get(..end).unwrap_or_default();
    let doubled = ["\\\\\"", "\\\\/", "\\\\u"].iter().any(|mark| inside.contains(mark));
    let single = inside.replace("\\\\", "");
    doubled && !["\\\"", "\\/", "\\u"].iter().any(|mark| single.contains(mark))
}

/// Reads a document below some layers, the outermost first.
fn through(rest: &str, layers: &[Layer], read: fn(&str) -> Read) -> Read {
    if layers.is_empty() {
        return read(rest);
    }
    let mut window = WINDOW;
    loop {
        let part = clip(rest, window);
        let whole = part.len() == rest.len();
        let mut below = Vec::with_capacity(layers.len());
        for layer in layers {
            let text = below.last().map_or(part, |above: &Unwrapped| above.text.as_str());
            below.push(unwrap::unwrap(text, layer));
        }
        let text = below.last().map_or(part, |last| last.text.as_str());
        let found = read(text);
        // Where something else follows the cut, more text changes nothing. The window may end inside an escape.
        let more = match found {
            Read::Cut { at, .. } | Read::Broken { at, .. } => at + NEAR >= text.trim_end().len(),
            Read::Short(_) => true,
            _ => false,
        };
        if !whole && more {
            window = window.saturating_mul(8);
            continue;
        }
        return found.moved(|byte| below.iter().rev().fold(byte, |byte, layer| layer.stood(byte)));
    }
}

/// The beginning of a text.
fn clip(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

/// The end of a text.
fn last(text: &str, most: usize) -> &str {
    let start = (text.len().saturating_sub(most)..=text.len()).find(|start| text.is_char_boundary(*start)).unwrap_or_default();
    text.get(start..).unwrap_or_default()
}
