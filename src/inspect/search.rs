//! Searches a text, and the texts inside it, for documents that a cloud recognises.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value as Json};

use super::fault::Fault;
use super::form;
use super::inside::{Inner, documents, recognised};
use super::scan::Scan;
use crate::provider::recognise::{Document, Recognised, Syntax};

/// How many texts inside texts are searched.
pub(super) const DEPTH: usize = 5;
/// How many levels inside an unknown object are searched: logs and tools wrap replies in a few levels.
const WRAPPED: usize = 12;
/// How much of the text before a document is considered, in bytes.
const BEFORE: usize = 4096;
/// A shorter text in base64 holds no document.
const SHORT: usize = 24;

/// The most documents in a text: each takes memory, however short it is.
pub(super) const MOST: usize = 10_000;

/// A document that a cloud recognised.
pub(super) struct Hit {
    /// What it is.
    pub(super) found: Recognised,
    /// Its syntax.
    pub(super) syntax: Syntax,
    /// Its first byte in the text.
    pub(super) start: usize,
    /// Where it was cut, and what is wrong there.
    pub(super) cut: Option<(usize, String)>,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Search {
    /// The documents.
    pub(super) hits: Vec<Hit>,
    /// The first document that no cloud knows: its byte, and its fields.
    pub(super) strange: Option<(usize, String)>,
    /// The first thing that looked like a document but was none.
    pub(super) weak: Option<(usize, String)>,
    /// The first document that was cut before it could be recognised.
    pub(super) unknown: Option<(usize, String)>,
}

impl Search {
    /// Searches a text. `before` stands before it; with `open` it may have been cut at its end.
    pub(super) fn text(&mut self, text: &str, before: &str, depth: usize, open: bool) -> Result<(), Fault> {
        let mut last = 0;
        let mut scan = Scan::new(text);
        while let Some(part) = scan.next_part()? {
            let gap = text.get(last..part.start).unwrap_or_default();
            let known = if gap.is_empty() || before.is_empty() { tail(gap).to_owned() } else { format!("{}\n{gap}", tail(before)) };
            let mut document = Document { root: part.root, syntax: part.syntax, before: &known, cut: part.cut.is_some() };
            let syntax = document.syntax.clone();
            let written = text.get(part.start..part.end).unwrap_or_default();
            let mut found = self.document(&mut document, written, part.start, depth);
            if found.is_empty() {
                match part.cut {
                    Some(cut) => drop(self.unknown.get_or_insert(cut)),
                    None => drop(self.strange.get_or_insert_with(|| (part.start, keys(&document.root)))),
                }
                continue;
            }
            for hit in &mut found {
                hit.cut = hit.cut.take().or_else(|| part.cut.clone());
                if hit.cut.is_some() {
                    // A rule may be about what is missing.
                    hit.found.findings.clear();
                    // Of the last row of a list, not even the id may be there.
                    hit.found.connections.retain(|connection| !connection.reference.id.is_empty());
                }
                if hit.syntax == Syntax::Json {
                    hit.syntax = syntax.clone();
                }
            }
            self.forms(text, last, part.start, false);
            self.hits.append(&mut found);
            if self.hits.len() > MOST {
                return Err(Fault::at(text, part.start, format!("it contains more than {MOST} documents; split it")));
            }
            last = part.end;
        }
        self.forms(text, last, text.len(), open);
        if let Some(weak) = scan.weak() {
            self.weak.get_or_insert(weak);
        }
        Ok(())
    }

    /// Asks every cloud, then searches inside, because logs and tools wrap replies. Everything found inside counts.
    fn document(&mut self, document: &mut Document<'_>, written: &str, start: usize, depth: usize) -> Vec<Hit> {
        let hit = |found, cut| Hit { found, syntax: Syntax::Json, start, cut };
        if let Some(found) = recognised(document) {
            return vec![hit(found, None)];
        }
        if depth == 0 || document.syntax != Syntax::Json {
            return Vec::new();
        }
        let mut hits = Vec::new();
        let (before, cut) = (document.before, document.cut);
        documents(&mut document.root, WRAPPED, &mut |name, inner| match inner {
            Inner::Object(root) => {
                let mut inner = Document { root: std::mem::take(root), syntax: Syntax::Json, before, cut };
                let found = recognised(&mut inner);
                *root = inner.root;
                let known = found.is_some();
                hits.extend(found.map(|found| hit(inside(found, name), None)));
                known
            }
            Inner::Text(text) => {
                let mut within = Self::default();
                // What is broken in there may be any text; what was cut is told by what is known of it.
                let _ = within.text(text, before, depth - 1, false);
                if within.hits.is_empty() {
                    within.coded(text);
                }
                for one in within.hits {
                    let cut = one.cut.map(|(byte, fault)| (start + place(written, text.get(..byte).unwrap_or(text)), fault));
                    hits.push(hit(inside(one.found, name), cut));
                }
                true
            }
        });
        hits
    }

    /// Searches a text that is base64 as a whole, and each of its words that is.
    pub(super) fn coded(&mut self, text: &str) {
        let whole: String = text.split_whitespace().collect();
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')' | '<' | '>' | '`'));
        let words = words.filter_map(|word| word.rsplit_once(':').map_or(Some(word), |(_, word)| Some(word)));
        let mut from = 0;
        for word in std::iter::once(whole.as_str()).chain(words) {
            // `body=eyJ...`
            let word = word.trim_start_matches('=').split_once('=').filter(|(_, rest)| rest.len() >= SHORT).map_or(word, |(_, rest)| rest);
            let Some(inner) = decoded(word) else { continue };
            let mut within = Self::default();
            let start = text.get(from..).and_then(|rest| rest.find(word)).map_or(0, |found| from + found);
            from = start;
            let end = if word == whole { text.trim_end().len() } else { start + word.len() };
            // Padding shows that base64 ends.
            let open = !word.ends_with('=') && text.get(end..).is_none_or(|rest| rest.trim().is_empty());
            if within.text(&inner, text.get(..start).unwrap_or_default(), 1, open).is_ok() && !within.hits.is_empty() {
                self.hits.extend(within.hits.into_iter().map(|hit| Hit { start, cut: hit.cut.map(|(_, fault)| (end, fault)), ..hit }));
                return;
            }
        }
    }

    /// Reads the queries and forms between two documents.
    fn forms(&mut self, text: &str, start: usize, end: usize, open: bool) {
        let Some(gap) = text.get(start..end) else { return };
        for (from, to) in form::requests(gap) {
            let is_last = to == gap.len();
            let (request, above) = (gap.get(from..to).unwrap_or_default(), gap.get(..to).unwrap_or_default());
            let Some(form) = form::read(request, open && is_last) else { continue };
            // What is left out is not read from the text either.
            let known = form.left_out.as_ref().and_then(|name| above.get(..above.rfind(&format!("{name}="))?)).unwrap_or(above);
            let mut document = Document { root: form.root, syntax: Syntax::Form, before: tail(known), cut: false };
            if let Some(found) = recognised(&mut document) {
                let cut = form.left_out.map(|name| (end, format!("the text ends inside the value of {name}, which is left out")));
                self.hits.push(Hit { found, syntax: Syntax::Form, start: start + from + form.start, cut });
            }
        }
    }
}

fn inside(mut found: Recognised, name: &str) -> Recognised {
    found.told_by = format!("{}, inside {name:?}", found.told_by);
    found
}

/// Where a text inside a document ends in the document as it is written; at its end, where that cannot be told.
fn place(written: &str, text: &str) -> usize {
    const ENOUGH: usize = 40;
    let from = (text.len().saturating_sub(ENOUGH)..=text.len()).find(|place| text.is_char_boundary(*place)).unwrap_or_default();
    let last = text.get(from..).unwrap_or_default();
    let quoted = serde_json::to_string(last).unwrap_or_default();
    let escaped = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    [escaped, last].iter().find_map(|last| Some(written.rfind(last)? + last.len())).unwrap_or(written.len())
}

/// The text that a word of base64 holds, if it can hold a document.
fn decoded(word: &str) -> Option<String> {
    const ANY: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    if word.len() < SHORT || !word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=')) {
        return None;
    }
    let alphabet = if word.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let bytes = GeneralPurpose::new(alphabet, ANY).decode(word).ok()?;
    String::from_utf8(bytes).ok().filter(|text| text.contains(['{', '<', '=']))
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
