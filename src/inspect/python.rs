//! Objects as Python and Ruby print them, as JSON.

use super::unwrapped::Unwrapped;

/// The object at the beginning of a text as JSON. What cannot be told stays as it is, so that its place is the fault's.
pub(super) fn as_json(text: &str) -> Unwrapped {
    let mut out = Unwrapped::default();
    let (mut depth, mut place) = (0_usize, 0);
    // A comma before a closing bracket is no JSON.
    let mut comma: Option<usize> = None;
    while let Some(c) = text.get(place..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(place..).unwrap_or_default();
        if !c.is_whitespace()
            && !matches!(c, '}' | ']' | ')')
            && let Some(stood) = comma.take()
        {
            out.push(",", stood);
        }
        let word = rest.get(..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())).unwrap_or_default();
        let quote = rest.get(word.len()..).unwrap_or_default().chars().next().filter(|quote| matches!(quote, '\'' | '"'));
        if let Some(quote) = quote.filter(|_| matches!(word, "" | "u" | "b" | "r")) {
            place += word.len();
            let (end, closed) = string(text, place, quote, &mut out);
            place = end;
            if !closed {
                break;
            }
            continue;
        }
        let known = match word {
            "True" => "true",
            "False" => "false",
            "None" | "nil" => "null",
            other => other,
        };
        if !word.is_empty() {
            out.push(known, place);
            place += word.len();
            continue;
        }
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        comma = if matches!(c, '}' | ']' | ')') { None } else { comma };
        match c {
            ',' => comma = Some(place),
            '(' => out.push("[", place),
            ')' => out.push("]", place),
            '=' if rest.starts_with("=>") => {
                out.push(":", place);
                place += 1;
            }
            c => out.push(c.encode_utf8(&mut [0; 4]), place),
        }
        place += c.len_utf8();
        if depth == 0 {
            break;
        }
    }
    out
}

/// A string as a string of JSON: where it ends, and whether it does.
fn string(text: &str, start: usize, quote: char, out: &mut Unwrapped) -> (usize, bool) {
    out.push("\"", start);
    let mut place = start + 1;
    while let Some(c) = text.get(place..).and_then(|rest| rest.chars().next()) {
        let next = text.get(place + c.len_utf8()..).and_then(|rest| rest.chars().next());
        match (c, next) {
            (c, _) if c == quote => {
                out.push("\"", place);
                return (place + 1, true);
            }
            ('\\', None) => return (place, false),
            ('\\', Some('x')) => {
                out.push("\\u00", place);
                place += 2;
                continue;
            }
            ('\\', Some(next)) => {
                match next {
                    '\'' => out.push("'", place),
                    '"' | '\\' | 'n' | 'r' | 't' | 'u' | 'b' | 'f' | '/' => out.push(text.get(place..place + 2).unwrap_or_default(), place),
                    _ => {
                        out.push("\\\\", place);
                        out.push(next.encode_utf8(&mut [0; 4]), place + 1);
                    }
                }
                place += 1 + next.len_utf8();
                continue;
            }
            ('"', _) => out.push("\\\"", place),
            (c, _) => out.push(c.encode_utf8(&mut [0; 4]), place),
        }
        place += c.len_utf8();
    }
    (place, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_objects_become_json() {
        for (text, json) in [
            ("{'a': None, 'b': True, 'c': [1, 2,], } tail", r#"{"a": null, "b": true, "c": [1, 2]}"#),
            (
                r#"{u'a': "it's", 'b': 'say "x"', 'c': 'it\'s \xe9 \n'}"#,
                "{\"a\": \"it's\", \"b\": \"say \\\"x\\\"\", \"c\": \"it's \\u00e9 \\n\"}",
            ),
            (r#"{"a"=>nil, "b"=>{"c"=>false}}"#, r#"{"a":null, "b":{"c":false}}"#),
            ("{'a': (1, 2)}", r#"{"a": [1, 2]}"#),
            ("{'a': 'cut", "{\"a\": \"cut"),
        ] {
            assert_eq!(as_json(text).text.split_whitespace().collect::<String>(), json.split_whitespace().collect::<String>(), "{text}");
        }
    }
}
