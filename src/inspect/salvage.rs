//! What is sure of a document that was cut: the values that are complete, and nothing else.

use serde_json::{Map, Value as Json};

use crate::wire::xml;

/// The complete values of a JSON object that ends too early.
pub(super) fn json(text: &str) -> Option<Map<String, Json>> {
    let (mut open, mut sure, mut place) = (Vec::new(), None, 0);
    // A scalar counts once something stands behind it: `864` may be the beginning of 86400.
    let mut pending = false;
    let mut name = true;
    while let Some(c) = text.get(place..).and_then(|rest| rest.chars().next()) {
        match c {
            '"' => {
                let end = string_end(text, place)?;
                let Some(end) = end else { break };
                place = end;
                // The name of a member is no value.
                if name && open.last() == Some(&'}') {
                    name = false;
                } else {
                    sure = Some((place, open.clone()));
                    pending = false;
                }
                continue;
            }
            '{' | '[' => {
                open.push(if c == '{' { '}' } else { ']' });
                name = c == '{';
                pending = false;
            }
            '}' | ']' => {
                open.pop();
                sure = Some((place + 1, open.clone()));
                pending = false;
            }
            ',' => {
                if pending {
                    sure = Some((place, open.clone()));
                    pending = false;
                }
                name = true;
            }
            ':' => {}
            c if c.is_whitespace() => {}
            _ => pending = true,
        }
        place += c.len_utf8();
    }
    let (end, open) = sure?;
    let whole: String = text.get(..end)?.chars().chain(open.into_iter().rev()).collect();
    serde_json::from_str(&whole).ok()
}

/// The byte behind a string's closing quote; `Some(None)` where it does not end.
#[allow(clippy::option_option, reason = "broken, cut, and whole are three things")]
fn string_end(text: &str, start: usize) -> Option<Option<usize>> {
    let mut escaped = false;
    for (place, c) in text.get(start + 1..)?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(Some(start + 1 + place + 1)),
            _ => {}
        }
    }
    Some(None)
}

/// The complete elements of an XML document that ends too early.
pub(super) fn xml(text: &str) -> Option<xml::Xml> {
    let (mut open, mut sure, mut place) = (Vec::<&str>::new(), None, 0);
    while let Some(start) = text.get(place..).and_then(|rest| rest.find('<')).map(|found| place + found) {
        let Some(end) = text.get(start..).and_then(|rest| rest.find('>')).map(|found| start + found) else { break };
        let tag = text.get(start + 1..end)?;
        let name = |tag: &str| tag.split(|c: char| c.is_whitespace() || c == '/').next().map_or(0, str::len);
        place = end + 1;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            // Another name: what follows is another text.
            if open.pop() != tag.get(1..).map(str::trim_end) {
                break;
            }
            sure = Some((place, open.clone()));
        } else if !tag.ends_with('/') {
            open.push(tag.get(..name(tag))?);
        }
    }
    let (end, open) = sure?;
    let mut whole = text.get(..end)?.to_owned();
    for name in open.iter().rev() {
        whole.push_str("</");
        whole.push_str(name);
        whole.push('>');
    }
    xml::read(&whole).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_complete_values_are_kept() {
        for (text, kept) in [
            (r#"{"a": 86400"#, None),
            (r#"{"a": 86400,"#, Some(json!({ "a": 86400 }))),
            (r#"{"a": 86400, "b"#, Some(json!({ "a": 86400 }))),
            (r#"{"a": 86400, "b": "x"#, Some(json!({ "a": 86400 }))),
            (r#"{"a": 86400, "b": "x""#, Some(json!({ "a": 86400, "b": "x" }))),
            (r#"{"a": {"b": [1, 2"#, Some(json!({ "a": { "b": [1] } }))),
            (r#"{"a": {"b": ["1", {"c": tr"#, Some(json!({ "a": { "b": ["1"] } }))),
            (r#"{"a": "x\""#, None),
            (r#"{"a": [], "b": {"#, Some(json!({ "a": [] }))),
            (r#"{"a""#, None),
        ] {
            assert_eq!(json(text).map(Json::Object), kept, "{text}");
        }
        let text = "<?xml version='1.0'?><R><A>1</A><B><C>2</C><D>3";
        assert_eq!(xml(text).map(|xml| Json::Object(xml.root)), Some(json!({ "A": "1", "B": { "C": "2" } })));
        assert_eq!(xml("<R><A>1"), None);
    }
}
