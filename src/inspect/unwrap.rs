//! Takes one layer of writing off a text, and remembers where each part of it stood.

use super::layer::Layer;
use super::lines;
use super::python;
use super::unwrapped::Unwrapped;

/// Takes a layer off, up to where it ends.
pub(super) fn unwrap(text: &str, layer: &Layer) -> Unwrapped {
    match layer {
        Layer::Lines(prefix) => lines::without(text, prefix),
        Layer::String(end) => string(text, *end),
        Layer::Cell => cell(text),
        Layer::Html => html(text),
        Layer::Url => url(text),
        Layer::Python => python::as_json(text),
    }
}

/// The inside of a string in JSON, logfmt, a shell or Python.
fn string(text: &str, end: char) -> Unwrapped {
    let mut out = Unwrapped::default();
    let mut characters = text.char_indices();
    while let Some((place, c)) = characters.next() {
        if c == end {
            // The end of the string itself is kept apart from the end of the text.
            break;
        }
        if c != '\\' {
            out.push(c.encode_utf8(&mut [0; 4]), place);
            continue;
        }
        let Some((_, next)) = characters.next() else { break };
        let wide = |digits: usize| text.get(place + 2..place + 2 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (code, digits) = match next {
            'n' => (Some(0x0a), 0),
            't' => (Some(0x09), 0),
            'r' => (Some(0x0d), 0),
            'x' => (wide(2), 2),
            'u' => (wide(4), 4),
            _ => (None, 0),
        };
        match code.and_then(char::from_u32) {
            Some(c) => {
                out.push(c.encode_utf8(&mut [0; 4]), place);
                for _ in 0..digits {
                    characters.next();
                }
            }
            // Half of a pair of surrogates, or a broken escape: JSON reads it itself.
            None if matches!(next, 'u' | 'x') => out.push(text.get(place..place + 2).unwrap_or_default(), place),
            None if matches!(next, '"' | '\'' | '\\' | '/') => out.push(next.encode_utf8(&mut [0; 4]), place),
            None => out.push(text.get(place..place + 1 + next.len_utf8()).unwrap_or_default(), place),
        }
    }
    out
}

/// A cell of a table in quotes.
fn cell(text: &str) -> Unwrapped {
    let mut out = Unwrapped::default();
    let mut rest = text.char_indices().peekable();
    while let Some((place, c)) = rest.next() {
        if c == '"' && rest.next_if(|(_, next)| *next == '"').is_none() {
            break;
        }
        out.push(c.encode_utf8(&mut [0; 4]), place);
    }
    out
}

/// HTML, or the text of XML.
fn html(text: &str) -> Unwrapped {
    let mut out = Unwrapped::default();
    let mut place = 0;
    while let Some(rest) = text.get(place..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('&').unwrap_or(rest.len());
        out.push(rest.get(..plain).unwrap_or_default(), place);
        place += plain;
        let Some(name) = text.get(place + 1..) else { break };
        let name = name.get(..name.find(';').filter(|end| *end <= 8).unwrap_or_default()).unwrap_or_default();
        match entity(name) {
            Some(c) => {
                out.push(c.encode_utf8(&mut [0; 4]), place);
                place += name.len() + 2;
            }
            None => {
                out.push("&", place);
                place += 1;
            }
        }
    }
    out
}

/// The character of an entity.
pub(super) fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    });
    match name {
        "quot" => Some('"'),
        "apos" => Some('\''),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "nbsp" => Some(' '),
        "lbrace" | "lcub" => Some('{'),
        "rbrace" | "rcub" => Some('}'),
        _ => number.and_then(char::from_u32),
    }
}

/// A part of a URL or form, up to where it ends.
fn url(text: &str) -> Unwrapped {
    let mut out = Unwrapped::default();
    // Bytes that make up one character of several bytes.
    let (mut bytes, mut begun) = (Vec::new(), 0);
    let mut place = 0;
    while let Some(c) = text.get(place..).and_then(|rest| rest.chars().next()) {
        let escape = (c == '%').then(|| text.get(place + 1..place + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok())).flatten();
        if let Some(byte) = escape {
            if bytes.is_empty() {
                begun = place;
            }
            bytes.push(byte);
            place += 3;
            match std::str::from_utf8(&bytes) {
                Ok(part) => {
                    out.push(part, begun);
                    bytes.clear();
                }
                // A character goes on, or the bytes are no text.
                Err(cause) if cause.error_len().is_none() => {}
                Err(_) => break,
            }
            continue;
        }
        if !bytes.is_empty() || c.is_whitespace() || matches!(c, '&' | '"' | '\'' | '<' | '>' | '`') || !c.is_ascii() {
            break;
        }
        out.push(if c == '+' { " " } else { text.get(place..place + 1).unwrap_or_default() }, place);
        place += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_is_taken_off_and_its_places_are_kept() {
        for (layer, text, below) in [
            (Layer::String('"'), r#"{\"a\": \"b\\n\\\"\u4e2d\"}" level=info"#, "{\"a\": \"b\\n\\\"中\"}"),
            (Layer::Cell, r#"{""a"": ""b""}",next"#, r#"{"a": "b"}"#),
            (Layer::Html, "{&quot;a&quot;: &#34;b&#x26;&lt;&quot;} & more", "{\"a\": \"b&<\"} & more"),
            (Layer::Url, "%7B%22a%22%3A+%22%E4%b8%AD%22%7D&next=1", "{\"a\": \"中\"}"),
        ] {
            let found = unwrap(text, &layer);
            assert_eq!(found.text, below);
            // The places of the first quote and of the last brace.
            for (byte, c) in found.text.char_indices().filter(|(_, c)| matches!(c, 'a' | 'b')) {
                assert_eq!(text[found.stood(byte)..].chars().next(), Some(c), "{text}");
            }
        }
    }
}
