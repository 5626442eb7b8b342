//! Queries and forms: `name=value&...`, in one line or several, or as parts of a request in a log.

use serde_json::{Map, Value as Json};

use crate::wire::percent_decode;

/// The parameters in a text, nested at their dots, and the byte where the first one starts; `None` where no parameter names
/// an operation or an id.
pub(super) fn read(text: &str) -> Option<(usize, Map<String, Json>)> {
    const MARKS: [&str; 6] = ["Action=", "VpnConnectionId=", "IpsecServerId=", "TunnelId=", "vpnConnId=", "x-acs-action"];
    let mark = MARKS.iter().filter_map(|mark| text.find(mark)).min()?;
    // Text before that is not part of the query.
    let start = text.get(..mark)?.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    let mut root = Map::new();
    let mut open: Option<String> = None;
    for word in text.get(start..)?.split_whitespace() {
        let word = word.trim_matches(['"', '\'', '`', ';', ',']);
        let word = word.split_once('?').map_or(word, |(_, query)| query);
        if !word.contains('=') {
            // Documentation pages break lines after the sign: `RegionId= cn-shanghai`.
            if let Some(name) = open.take() {
                put(&mut root, &name, word);
            }
            continue;
        }
        for part in word.split('&') {
            let Some((name, value)) = part.split_once('=') else { continue };
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
            if name.is_empty() || name.len() > 200 || !name.bytes().all(plain) {
                continue;
            }
            let value = percent_decode(&value.replace('+', " ")).unwrap_or_else(|| value.to_owned());
            open = value.is_empty().then(|| name.to_owned());
            put(&mut root, name, value.trim());
        }
    }
    root.iter_mut().for_each(|(_, value)| lists(value));
    (!root.is_empty()).then_some((start, root))
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
            read(text).map(|(_, root)| Json::Object(root)),
            Some(json!({ "Action": "A", "L": ["a/b", "b"], "O": { "p": { "q": "1 2" } }, "Region": "gz" }))
        );
        assert_eq!(read("a=b&c=d"), None);
    }
}
