//! Finds a text in another one, however it is spelled there: in JSON, XML or a URL, escaped once or several times.

use std::collections::HashSet;

/// How many encodings may lie over each other.
const LAYERS: usize = 3;
/// How many ways to read a text are followed, for each byte that is looked for.
const STATES: usize = 8;
/// The longest entity of XML that is read, in bytes.
const ENTITY: usize = 12;

/// The end of `wanted` in `text`, if it begins at `start`, each of its bytes spelled in any way.
pub(super) fn spelled(text: &[u8], start: usize, wanted: &[u8]) -> Option<usize> {
    // What was matched, and where: several spellings can be possible at once, but they end at few places.
    let mut open = vec![(0_usize, start)];
    let mut seen: HashSet<(usize, usize)> = open.iter().copied().collect();
    let mut longest = None;
    while let Some((done, place)) = open.pop() {
        if seen.len() > STATES * wanted.len() {
            // Nobody spells so. Too much is hidden rather than too little.
            return Some(place);
        }
        let Some(rest) = wanted.get(done..).filter(|rest| !rest.is_empty()) else {
            longest = longest.max(Some(place));
            continue;
        };
        for (unit, end) in units(text, place, LAYERS) {
            if rest.starts_with(&unit) && !unit.is_empty() && seen.insert((done + unit.len(), end)) {
                open.push((done + unit.len(), end));
            }
        }
    }
    longest
}

/// Whether an escape can begin with this byte.
pub(super) const fn escapes(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'+')
}

/// Whether an escape at a place can spell a byte: a fast test that rules out most of them.
pub(super) fn may_spell(text: &[u8], start: usize, wanted: u8) -> bool {
    let [lead, rest @ ..] = text.get(start..).unwrap_or_default() else { return false };
    match (lead, rest) {
        (lead, _) if *lead == wanted => true,
        (b'+', _) => wanted == b' ',
        (b'\\', [b'\\' | b'u' | b'U' | b'x' | b'%' | b'&', ..]) => true,
        (b'\\', [next, ..]) => *next == wanted || matches!((next, wanted), (b'n', b'\n') | (b't', b'\t') | (b'r', b'\r')),
        (b'%', [high, low, ..]) => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(*high).zip(digit(*low)).map(|(high, low)| high * 16 + low);
            value.is_some_and(|value| value == u32::from(wanted) || matches!(value, 0x25 | 0x26 | 0x5c))
        }
        (b'&', [next, ..]) => *next == b'#' || next.is_ascii_lowercase() || *next == b'%' || *next == b'\\',
        _ => false,
    }
}

/// What may stand at a place: bytes, and where they end.
fn units(text: &[u8], place: usize, layers: usize) -> Vec<(Vec<u8>, usize)> {
    let Some(byte) = text.get(place).copied() else { return Vec::new() };
    let mut all = vec![(vec![byte], place + 1)];
    if layers == 0 || !escapes(byte) {
        return all;
    }
    let mut more = Vec::new();
    // The first byte of an escape may be spelled by an escape itself.
    for (first, end) in units(text, place, layers - 1) {
        match first.as_slice() {
            b"%" => more.extend(hex(text, end, 2, layers).and_then(|(value, end)| Some((vec![u8::try_from(value).ok()?], end)))),
            b"\\" => more.extend(backslash(text, end, layers)),
            b"&" => more.extend(entity(text, end, layers)),
            b"+" => more.push((b" ".to_vec(), end)),
            _ => {}
        }
        if end != place + 1 || first != [byte] {
            more.push((first, end));
        }
    }
    all.append(&mut more);
    all.dedup();
    all
}

/// The one byte at a place: below an escape, escapes of the layer below.
fn next(text: &[u8], place: usize, layers: usize) -> Option<(u8, usize)> {
    let found = units(text, place, layers.saturating_sub(1));
    found.into_iter().rev().find_map(|(unit, end)| if let [byte] = unit.as_slice() { Some((*byte, end)) } else { None })
}

/// A number of some hexadecimal digits.
fn hex(text: &[u8], start: usize, digits: usize, layers: usize) -> Option<(u32, usize)> {
    (0..digits).try_fold((0, start), |(value, place), _| {
        let (byte, end) = next(text, place, layers)?;
        Some((value * 16 + char::from(byte).to_digit(16)?, end))
    })
}

/// What stands behind a backslash in JSON, JavaScript and Python.
fn backslash(text: &[u8], start: usize, layers: usize) -> Vec<(Vec<u8>, usize)> {
    let Some((byte, end)) = next(text, start, layers) else { return Vec::new() };
    let one = |byte: u8| vec![(vec![byte], end)];
    match byte {
        b'"' | b'\'' | b'/' | b'\\' | b'&' | b'`' | b'$' => one(byte),
        b'n' => one(b'\n'),
        b't' => one(b'\t'),
        b'r' => one(b'\r'),
        b'x' => hex(text, end, 2, layers).and_then(|(value, end)| Some((bytes(value)?, end))).into_iter().collect(),
        b'u' | b'U' => wide(text, end, layers).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// `XXXX` behind `\u`, and the second half of a pair of surrogates.
fn wide(text: &[u8], start: usize, layers: usize) -> Option<(Vec<u8>, usize)> {
    let (high, end) = hex(text, start, 4, layers)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Some((bytes(high)?, end));
    }
    let (slash, end) = next(text, end, layers)?;
    let (letter, end) = next(text, end, layers)?;
    let (low, end) = hex(text, end, 4, layers)?;
    let pair = slash == b'\\' && letter == b'u' && (0xdc00..0xe000).contains(&low);
    if pair { Some((bytes(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, end)) } else { None }
}

/// The character of an entity, behind its `&`.
fn entity(text: &[u8], start: usize, layers: usize) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut place) = (String::new(), start);
    while name.len() < ENTITY {
        let (byte, end) = next(text, place, layers)?;
        place = end;
        if byte != b';' {
            name.push(char::from(byte));
            continue;
        }
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
        let named = match name.as_str() {
            "amp" => Some(u32::from(b'&')),
            "lt" => Some(u32::from(b'<')),
            "gt" => Some(u32::from(b'>')),
            "quot" => Some(u32::from(b'"')),
            "apos" => Some(u32::from(b'\'')),
            _ => None,
        };
        return Some((bytes(number.or(named)?)?, place));
    }
    None
}

/// A character as UTF-8.
fn bytes(value: u32) -> Option<Vec<u8>> {
    char::from_u32(value).map(|c| c.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_spelling() {
        let wanted = "a&b\"</é😀\\ z".as_bytes();
        for text in [
            "a&b\"</é😀\\ z",
            "a&amp;b&quot;&lt;/é😀\\ z",
            "a&#38;b&#x22;&#x3C;&#47;&#233;&#x1f600;&#92;&#32;z",
            "a\\u0026b\\\"\\u003c\\/\\u00E9\\ud83d\\ude00\\\\ z",
            "a\\\\u0026b\\\\\\\"\\\\u003c\\\\/\\\\u00e9\\\\uD83D\\\\uDE00\\\\\\\\ z",
            "a%26b%22%3c%2f%c3%a9%F0%9f%98%80%5c+z",
            "a%2526b%2522%253c%252F%25c3%25a9%25F0%259f%2598%2580%255C%20z",
            "a%26b%5C%22%3C%5C%2F%5Cu00e9%5Cud83d%5Cude00%5C%5C%20z",
            "a&amp;amp;b&amp;quot;&amp;lt;/é😀\\ z",
            "\\u0061&\\x62\"</é😀\\ \\u007a",
        ] {
            assert_eq!(spelled(text.as_bytes(), 0, wanted), Some(text.len()), "{text}");
        }
        assert_eq!(spelled(b"a&bc", 0, wanted), None);
    }

    #[test]
    fn hostile_texts_do_not_take_long() {
        let text = "\\".repeat(2000) + &"%25".repeat(2000) + &"&amp;".repeat(500);
        let wanted = "\\".repeat(300);
        for place in 0..text.len() {
            if place % 97 == 0 {
                let _ = spelled(text.as_bytes(), place, wanted.as_bytes());
            }
        }
    }
}
