//! XML as the clouds that still speak it send it: elements and text, nothing else.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json};

const DEEPEST: usize = 64;
const MOST_ATTRIBUTES: usize = 64;

/// Why a text is not such a document, and the byte where that showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlError {
    /// Place in the text, in bytes.
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
    /// What the root holds: leaves are texts, elements objects, and what is repeated is an array.
    pub root: Map<String, Json>,
    /// Where it ends in the text.
    pub end: usize,
}

struct Open {
    name: String,
    children: Map<String, Json>,
    text: String,
}

/// Reads the document that a text begins with. A DTD, entities of its own, more than 64 levels or 64 attributes of one
/// tag are refused; attributes are passed over.
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
            // A tag or reference that is open and has nothing behind it ends with the text.
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

fn add(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Adds a child: the second of a name makes an array of both.
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
    fn what_could_be_a_bomb_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
        let wide = format!("<a {}></a>", (0..65).map(|n| format!("a{n}='' ")).collect::<String>());
        for text in [deep.as_str(), wide.as_str(), "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>&b;</a>", "<a></b>"] {
            let error = read(text).unwrap_err();
            assert!(!error.cut, "{error:?}");
        }
        assert!(read(&format!("{}{}", "<a>".repeat(64), "</a>".repeat(64))).is_ok());
    }

    #[test]
    fn a_cut_document_says_so() {
        let whole = "<R><A>1</A><B>x &amp; y</B></R>";
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).unwrap_err().cut, "{}", &whole[..end]);
        }
    }
}
