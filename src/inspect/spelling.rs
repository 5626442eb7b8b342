//! How a document is written inside another text: escaped for a string, a web page, a URL or a table, or as Python prints it.

use super::layer::Layer;

/// What a brace begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A JSON object, below these layers, the outermost first.
    Object(Vec<Layer>),
    /// The text ends before that is clear.
    Cut,
    /// Something else with a brace.
    Other,
}

/// The most layers over each other.
const LAYERS: usize = 4;
/// How much of a text shows how it is written, in bytes.
const HEAD: usize = 1024;

/// What begins at a brace, or at an escape of one.
pub(super) fn opening(rest: &str) -> Opening {
    let mut head = start_of(rest).to_owned();
    let whole = head.len() == rest.len();
    let mut layers = Vec::new();
    while layers.len() <= LAYERS {
        match step(&head) {
            Step::Is(last) => {
                layers.extend(last);
                return Opening::Object(layers);
            }
            Step::Below(layer) => {
                head = super::unwrap::unwrap(&head, &layer).text;
                layers.push(layer);
            }
            Step::Cut if whole => return Opening::Cut,
            Step::Cut | Step::Other => return Opening::Other,
        }
    }
    Opening::Other
}

/// The layers over an XML document whose `<` is at the beginning, or spelled there.
pub(super) fn above_xml(rest: &str) -> Option<Vec<Layer>> {
    let mut head = start_of(rest).to_owned();
    let mut layers = Vec::new();
    while layers.len() <= LAYERS {
        if head.starts_with('<') {
            // Inside a string, the quotes and the line ends of the document are escaped.
            let escaped = head.contains("\\\"") || head.contains("\\n<") || head.contains("\\n ");
            layers.extend(escaped.then_some(Layer::String('"')));
            return Some(layers);
        }
        let layer = if head.starts_with('%') { Layer::Url } else { Layer::Html };
        let below = super::unwrap::unwrap(&head, &layer).text;
        if below == head {
            return None;
        }
        head = below;
        layers.push(layer);
    }
    None
}

/// One look at the beginning of an object.
enum Step {
    /// It is one, as it stands or in one last layer.
    Is(Option<Layer>),
    /// There is a layer over it.
    Below(Layer),
    /// The text ends too early.
    Cut,
    /// It is none.
    Other,
}

fn step(head: &str) -> Step {
    let Some(inside) = head.strip_prefix('{') else {
        return match head.as_bytes() {
            [b'%', ..] => Step::Below(Layer::Url),
            [b'&', ..] => Step::Below(Layer::Html),
            _ => Step::Other,
        };
    };
    let inside = inside.trim_start();
    let mut characters = inside.chars();
    match (characters.next(), characters.next()) {
        (None, _) => Step::Cut,
        (Some('"'), Some('"')) if !inside.get(2..).unwrap_or_default().trim_start().starts_with([':', '=']) => Step::Below(Layer::Cell),
        (Some('"'), _) => after_name(inside, '"'),
        (Some('\''), _) | (Some('u' | 'b'), Some('\'')) => after_name(inside.trim_start_matches(['u', 'b']), '\''),
        (Some('&'), _) => Step::Below(Layer::Html),
        (Some('%' | '+'), _) => Step::Below(Layer::Url),
        (Some('\\'), _) => Step::Below(Layer::String(string_end(inside))),
        _ => Step::Other,
    }
}

/// The end of the string that a text is inside of: its quotes are escaped in a string with quotes, and bare in any other.
fn string_end(inside: &str) -> char {
    let blanks = |text: &str| ["\\n", "\\r", "\\t", " "].iter().find_map(|blank| text.strip_prefix(blank).map(str::len));
    let mut rest = inside;
    while let Some(left) = blanks(rest) {
        rest = rest.get(rest.len() - left..).unwrap_or_default();
    }
    if rest.starts_with('"') { '\'' } else { '"' }
}

/// What follows the first name of an object tells what it is.
fn after_name(inside: &str, quote: char) -> Step {
    let name = inside.get(1..).unwrap_or_default();
    let Some(end) = name.find([quote, '\n']) else { return Step::Cut };
    let Some(behind) = name.get(end..).and_then(|rest| rest.strip_prefix(quote)).map(str::trim_start) else { return Step::Other };
    let escaped = name.get(..end).is_some_and(|name| name.ends_with('\\'));
    match quote {
        '"' if behind.starts_with(':') || escaped => Step::Is(None),
        _ if behind.starts_with("=>") || (quote == '\'' && behind.starts_with(':')) => Step::Is(Some(Layer::Python)),
        _ if behind.is_empty() => Step::Cut,
        _ => Step::Other,
    }
}

fn start_of(text: &str) -> &str {
    let end = (0..=HEAD.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_shows_how_its_document_is_written() {
        let end = Layer::String('"');
        for (text, layers) in [
            (r#"{"a": 1}"#, vec![]),
            ("{\n  \"a\": 1}", vec![]),
            (r#"{\"a\": 1}"#, vec![end.clone()]),
            (r#"{\n  \"a\": 1}"#, vec![end.clone()]),
            (r#"{\\\"a\\\": 1}"#, vec![end.clone(), end.clone()]),
            (r#"{\n  "a": 1}"#, vec![Layer::String('\'')]),
            (r#"{""a"": 1}"#, vec![Layer::Cell]),
            (r#"{"": 1}"#, vec![]),
            ("{&quot;a&quot;: 1}", vec![Layer::Html]),
            ("{&#34;a&#34;: 1}", vec![Layer::Html]),
            ("{&amp;quot;a&amp;quot;: 1}", vec![Layer::Html, Layer::Html]),
            ("%7B%22a%22%3A1%7D", vec![Layer::Url]),
            ("%257B%2522a%2522%253A1%257D", vec![Layer::Url, Layer::Url]),
            ("{%22a%22:1}", vec![Layer::Url]),
            ("{'a': None}", vec![Layer::Python]),
            ("{u'a': None}", vec![Layer::Python]),
            ("{\"a\"=>nil}", vec![Layer::Python]),
        ] {
            assert_eq!(opening(text), Opening::Object(layers), "{text}");
        }
        for text in ["{}", "{a: 1}", "{\"a\" b}", "{x}", "{\"a\nb\": 1}"] {
            assert_eq!(opening(text), Opening::Other, "{text}");
        }
        for text in ["{", "{ ", "{\"a", "{\"a\"", "{'a"] {
            assert_eq!(opening(text), Opening::Cut, "{text}");
        }
    }
}
