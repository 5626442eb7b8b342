//! Queries and forms: `name=value&...`, in one line or several, or as parts of a request in a log.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::provider::field::{is_secret_name, take_at};
use crate::wire::percent_decode;

/// What names an operation or an id.
pub(super) const MARKS: [&str; 6] = ["Action=", "VpnConnectionId=", "IpsecServerId=", "TunnelId=", "vpnConnId=", "x-acs-action"];

/// How many times a form may be URL-encoded.
const ENCODED: usize = 3;

/// The parameters in a text.
#[derive(Debug)]
pub(super) struct Form {
    /// The byte where the first one starts.
    pub(super) start: usize,
    /// The parameters, nested at their dots.
    pub(super) root: Map<String, Json>,
    /// The last parameter, where the text ends inside its value.
    pub(super) left_out: Option<String>,
}

/// The parts of a text that can each hold one request: a line that names another operation begins the next.
pub(super) fn requests(text: &str) -> Vec<(usize, usize)> {
    let (mut parts, mut start, mut place, mut named, mut goes_on) = (Vec::new(), 0, 0, false, false);
    for line in text.split_inclusive('\n') {
        let names = ["Action=", "Action%3D", "Action%3d", "Action%253D"].iter().any(|mark| line.contains(mark));
        // A line of a longer request: `&Action=` of a page, or the next line of a command.
        if names && named && !goes_on && !line.trim_start().starts_with('&') {
            parts.push((start, place));
            start = place;
        }
        named |= names;
        goes_on = line.trim_end().ends_with('\\');
        place += line.len();
    }
    parts.push((start, text.len()));
    parts
}

/// The parameters in a text; `None` where no parameter names an operation or an id. With `open` the text may have been cut: a
/// last value that nothing ends is left out.
pub(super) fn read(text: &str, open: bool) -> Option<Form> {
    let plain = plain(text)?;
    let mark = mark(&plain)?;
    // Text before that is not part of the query.
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '?' | '>' | '(');
    let start = plain
        .get(..mark)?
        .rfind(is_edge)
        .map_or(0, |edge| edge + plain.get(edge..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let inside = quoted(&plain, start);
    let mut root = Map::new();
    let (mut waiting, mut last): (Option<String>, Option<String>) = (None, None);
    for line in inside.lines() {
        let mut goes_on = true;
        for word in line.split_whitespace() {
            let bare = word.trim_matches(['"', '\'', '`', ';', ',']);
            let bare = bare.split_once('?').map_or(bare, |(_, query)| query);
            if !bare.contains('=') {
                // Documentation pages break lines after the sign: `RegionId= cn-shanghai`.
                last = waiting.take_if(|_| bare.contains(char::is_alphanumeric));
                if let Some(name) = &last {
                    put(&mut root, name, bare);
                }
                // An option of curl; a separator by itself.
                goes_on |= word.starts_with('-') || word.starts_with('&');
                continue;
            }
            if !goes_on && !bare.starts_with('&') {
                last = None;
                continue;
            }
            goes_on = bare.ends_with(['&', '=']);
            for part in bare.split('&') {
                let Some((name, value)) = parameter(part, root.is_empty()) else { continue };
                waiting = value.is_empty().then(|| name.to_owned());
                let value = percent_decode(&value.replace('+', " ")).unwrap_or_else(|| value.to_owned());
                put(&mut root, name, value.trim());
                last = Some(name.to_owned());
            }
        }
    }
    let ends = text.ends_with(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '&' | ';' | ',' | ')'));
    let left_out = last.filter(|_| open && !ends);
    if let Some(name) = &left_out {
        take_at(&mut root, name);
    }
    root.iter_mut().for_each(|(_, value)| lists(value));
    (!root.is_empty()).then_some(Form { start: start.min(text.len()), root, left_out })
}

/// The text from a place on; in quotes, up to the closing one, unless further data follows as curl takes it.
fn quoted(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let quote = text.get(..start).and_then(|head| head.chars().next_back()).filter(|c| matches!(c, '"' | '\'' | '`'));
    let end = quote.and_then(|quote| rest.find(quote));
    let behind = end.and_then(|end| rest.get(end + 1..)).unwrap_or_default().trim_start();
    if behind.starts_with(['-', '\\']) { rest } else { rest.get(..end.unwrap_or(rest.len())).unwrap_or_default() }
}

/// The text with its separators as they are, where they were escaped for HTML, a string or a URL.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    let mut plain = Cow::Borrowed(text);
    for _ in 0..ENCODED {
        if mark(&plain).is_some() {
            break;
        }
        let signs = ["%3D", "%3d", "%253D", "%253d"];
        if !signs.iter().any(|sign| plain.contains(sign)) {
            return None;
        }
        let encoded = |mark: &str, part: &str| signs.iter().any(|sign| part.contains(sign) && part.contains(&mark.replace('=', sign)));
        let part = plain.split(|c: char| c.is_whitespace() || matches!(c, '&' | '?' | '"' | '\'' | '`' | '<' | '>'));
        let part = part.into_iter().find(|part| part.contains('%') && MARKS.iter().any(|mark| encoded(mark, part)))?;
        // `body=Action%3D...`
        let part = part.split_once('=').map_or(part, |(_, value)| value);
        plain = Cow::Owned(percent_decode(part)?);
    }
    for (escaped, to) in [
        ("&amp;", "&"),
        ("\\\\", "\\"),
        ("\\u0026", "&"),
        ("\\u003d", "="),
        ("\\n", "\n"),
        ("\\r", "\n"),
        ("\\\"", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
    ] {
        while plain.contains(escaped) {
            plain = Cow::Owned(plain.replace(escaped, to));
        }
    }
    Some(plain)
}

/// The first place that names an operation or an id.
fn mark(text: &str) -> Option<usize> {
    MARKS.iter().filter_map(|mark| text.find(mark)).min()
}

/// The name and value of one parameter. The first one may stand behind a name of the log: `body=Action=...`.
fn parameter(part: &str, first: bool) -> Option<(&str, &str)> {
    let is_name = |name: &str| {
        !name.is_empty() && name.len() <= 200 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    let (name, value) = part.split_once('=')?;
    let below = value
        .trim_start_matches(['"', '\''])
        .split_once('=')
        .filter(|(name, value)| is_name(name) && !value.is_empty() && !value.starts_with('='));
    match below {
        Some(below) if first && !is_secret_name(name) => Some(below),
        _ => is_name(name).then_some((name, value)),
    }
}

/// Sets a value at a dotted name, at most eight levels deep. An earlier value stays, unless it is empty.
fn put(root: &mut Map<String, Json>, name: &str, value: &str) {
    let mut parts = name.splitn(8, '.').filter(|part| !part.is_empty()).peekable();
    let mut object = root;
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            let slot = object.entry(part).or_insert(Json::Null);
            if slot.is_null() || slot.as_str().is_some_and(str::is_empty) {
                *slot = Json::String(value.to_owned());
            }
            return;
        }
        let Json::Object(inner) = object.entry(part).or_insert_with(|| Json::Object(Map::new())) else { return };
        object = inner;
    }
}

/// Turns objects whose names are all numbers into lists.
fn lists(value: &mut Json) {
    let Json::Object(fields) = value else { return };
    fields.iter_mut().for_each(|(_, inner)| lists(inner));
    let numbers: Option<Vec<u32>> = fields.keys().map(|key| key.parse().ok()).collect();
    if let Some(mut numbers) = numbers.filter(|numbers| !numbers.is_empty()) {
        numbers.sort_unstable();
        let items = numbers.iter().filter_map(|number| fields.remove(&number.to_string())).collect();
        *value = Json::Array(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dotted_names_nest_and_numbers_are_lists() {
        let text = "POST /v2/index.php?Action=A HTTP/1.1\n\nL.1=b&L.0=a%2Fb&O.p.q=1+2&\n&Region= gz\n&<Common>";
        assert_eq!(
            read(text, true).map(|form| Json::Object(form.root)),
            Some(json!({ "Action": "A", "L": ["a/b", "b"], "O": { "p": { "q": "1 2" } }, "Region": "gz" }))
        );
        assert!(read("a=b&c=d", true).is_none());
    }

    #[test]
    fn each_line_that_names_an_operation_is_a_request() {
        let text = "GET /?Action=A&x=1\nHost: h\nPOST /\n\nb=2&Action=B\n&Action=C\ncurl 'x?Action=D' \\\n -d 'Action=D&y=3'\n";
        let parts: Vec<&str> = requests(text).into_iter().map(|(from, to)| &text[from..to]).collect();
        assert_eq!(parts.iter().map(|part| part.lines().count()).collect::<Vec<_>>(), [4, 2, 2], "{parts:?}");
    }
}
