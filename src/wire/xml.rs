//! XML as some clouds still send it: only elements and text.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json};

/// The deepest nesting that is read.
const DEEPEST: usize = 64;
/// The most attributes of one tag that are read.
const MOST_ATTRIBUTES: usize = 64;

/// Why a text cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlError {
    /// Position in the text, in bytes.
    pub place: usize,
    /// Whether the text ends too early.
    pub cut: bool,
    /// What is wrong.
    pub text: String,
}

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Xml {
    /// Name of the root.
    pub name: String,
    /// The content of the root: leaves are texts, elements are objects, and repeated elements are arrays.
    pub root: Map<String, Json>,
    /// The position in the text where it ends, in bytes.
    pub end: usize,
}

/// An element whose end was not read yet.
struct Open {
    /// Its name.
    name: String,
    /// Its children so far.
    children: Map<String, Json>,
    /// Its text so far.
    text: String,
}

/// Reads the document at the beginning of a text. A DTD, entities that XML does not define, more than 64 levels and more than
/// 64 attributes of one tag are refused. Attributes are ignored.
///
/// # Errors
/// What is wrong, and where.
pub fn read(text: &str) -> Result<Xml, XmlError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let place = |reader: &Reader<&[u8]>| usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    let fault = |reader: &Reader<&[u8]>, text: &str| XmlError { place: place(reader), cut: false, text: text.to_owned() };
    loop {
        let event = reader.read_event().map_err(|cause| {
            let place = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            // An open tag or reference with nothing behind it: the text was cut there.
            let open = text.get(place..).is_none_or(|rest| !rest.contains(['<', ';']));
            let cut = matches!(cause, quick_xml::Error::Syntax(_)) || open;
            XmlError { place, cut, text: cause.to_string() }
        })?;
        match event {
            Event::Start(start) => {
                if open.len() >= DEEPEST {
                    return Err(fault(&reader, "more than 64 levels"));
                }
                if start.attributes().with_checks(false).take(MOST_ATTRIBUTES + 1).count() > MOST_ATTRIBUTES {
                    return Err(fault(&reader, "more than 64 attributes of one tag"));
                }
                open.push(Open { name: start.local_name().as_ref().to_owned(), children: Map::new(), text: String::new() });
            }
            Event::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                match open.last_mut() {
                    Some(parent) => put(&mut parent.children, name, Json::String(String::new())),
                    None => return Ok(Xml { name, root: Map::new(), end: place(&reader) }),
                }
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err(fault(&reader, "a tag is closed that was not opened")) };
                let Some(parent) = open.last_mut() else {
                    return Ok(Xml { name: done.name, root: done.children, end: place(&reader) });
                };
                let value = if done.children.is_empty() { Json::String(done.text.trim().to_owned()) } else { Json::Object(done.children) };
                put(&mut parent.children, done.name, value);
            }
            Event::Text(text) => add(&mut open, &text),
            Event::CData(text) => add(&mut open, &text),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().and_then(|found| found.or_else(|| predefined(&reference)));
                let Some(character) = character else { return Err(fault(&reader, "an entity that XML does not define")) };
                add(&mut open, character.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(fault(&reader, "a document type definition")),
            Event::Eof => return Err(XmlError { place: text.len(), cut: true, text: "the document is cut short".to_owned() }),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// Adds text to the innermost open element.
fn add(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Adds a child. The second one with the same name makes an array of both.
fn put(children: &mut Map<String, Json>, name: String, value: Json) {
    match children.get_mut(&name) {
        None => {
            children.insert(name, value);
        }
        Some(Json::Array(items)) => items.push(value),
        Some(first) => {
            let earlier = first.take();
            *first = Json::Array(vec![earlier, value]);
        }
    }
}

/// The character of a predefined entity (XML 1.0, section 4.6).
fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_become_objects_and_repeated_ones_arrays() {
        let xml = read("<?xml version='1.0'?><R a='1'><L><I>1</I><I>&lt;2&#x41;</I></L><E/><T><![CDATA[<x>]]></T></R> tail").unwrap();
        assert_eq!((xml.name.as_str(), Json::Object(xml.root)), ("R", json!({ "L": { "I": ["1", "<2A"] }, "E": "", "T": "<x>" })));
    }

    #[test]
    fn documents_that_could_be_bombs_are_refused() {
        let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
        let wide = format!("<a {}></a>", (0..65).map(|n| format!("a{n}='' ")).collect::<String>());
        for text in [deep.as_str(), wide.as_str(), "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>&b;</a>", "<a></b>"] {
            let error = read(text).unwrap_err();
            assert!(!error.cut, "{error:?}");
        }
        assert!(read(&format!("{}{}", "<a>".repeat(64), "</a>".repeat(64))).is_ok());
    }

    #[test]
    fn cut_document_is_reported_as_cut() {
        let whole = "<R><A>1</A><B>x &amp; y</B></R>";
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).unwrap_err().cut, "{}", &whole[..end]);
        }
    }
}
