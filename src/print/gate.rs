//! The last gate before anything is printed: it finds known secrets in every text, and hides them.
//!
//! It should never find one: by construction, secrets do not reach messages. It is there for clouds that send back parts of
//! our own request, in whatever encoding.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use zeroize::Zeroizing;

use super::spelled::{escapes, may_spell, spelled};
use crate::model::{HIDDEN, Secret, hex, is_mask};

/// Shorter secrets are not searched for: hiding a few characters everywhere would make texts unreadable.
const LEAST: usize = 6;

/// A secret, and texts that stand for it.
struct Known {
    /// The secret itself, which is found in every spelling.
    plain: Zeroizing<String>,
    /// What it looks like in hexadecimal and base64, the longest first.
    coded: Vec<Zeroizing<String>>,
}

/// The secrets that are known, the longest first: one can contain another.
static LIVE: Mutex<Vec<Known>> = Mutex::new(Vec::new());

/// Registers a secret. A mask is none, and is not searched for.
pub fn watch(secret: &Secret) {
    let text = secret.expose();
    if text.len() < LEAST || is_mask(text) {
        return;
    }
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    if live.iter().any(|known| *known.plain == text) {
        return;
    }
    let mut coded = base64s(text.as_bytes());
    let digits = hex(text.as_bytes());
    coded.push(digits.to_ascii_uppercase());
    coded.push(digits);
    coded.sort_by_key(|form| std::cmp::Reverse(form.len()));
    coded.dedup();
    live.push(Known { plain: Zeroizing::new(text.to_owned()), coded: coded.into_iter().map(Zeroizing::new).collect() });
    live.sort_by_key(|known| std::cmp::Reverse(known.plain.len()));
}

/// A secret in base64, of both alphabets: by itself, with its padding, and inside a longer text, where it can begin at each of
/// three places of a group; there, without the digits that it shares with its neighbours.
fn base64s(secret: &[u8]) -> Vec<String> {
    let mut forms = vec![STANDARD.encode(secret), URL_SAFE.encode(secret)];
    for before in 0..3_usize {
        let mut padded = vec![0; before];
        padded.extend_from_slice(secret);
        let bits = padded.len() * 8;
        let (from, to) = ((before * 8).div_ceil(6), bits / 6);
        for whole in [STANDARD.encode(&padded), URL_SAFE.encode(&padded)] {
            forms.extend(whole.get(from..to).filter(|inner| inner.len() >= LEAST + 2).map(str::to_owned));
        }
    }
    forms
}

/// The text without known secrets.
#[must_use]
pub fn scrub(text: &str) -> String {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut clean = text.to_owned();
    for known in live.iter() {
        if let Some(without) = without(&clean, &known.plain) {
            clean = without;
        }
        for form in &known.coded {
            if clean.contains(form.as_str()) {
                clean = clean.replace(form.as_str(), HIDDEN);
            }
        }
    }
    clean
}

/// The text without a secret in any spelling; `None` where it is not there.
fn without(text: &str, secret: &str) -> Option<String> {
    let (bytes, first) = (text.as_bytes(), secret.bytes().next()?);
    let (mut clean, mut kept, mut place) = (String::new(), 0, 0);
    while let Some(found) = bytes.get(place..).and_then(|rest| rest.iter().position(|byte| *byte == first || escapes(*byte))) {
        let start = place + found;
        place = start + 1;
        // Most places are ruled out by their first two bytes.
        let next = (bytes.get(start + 1).copied(), secret.as_bytes().get(1).copied());
        let goes_on = matches!(next, (Some(have), Some(want)) if have == want || escapes(have));
        let is_escape = bytes.get(start).is_some_and(|byte| escapes(*byte));
        if !(if is_escape { may_spell(bytes, start, first) } else { goes_on }) {
            continue;
        }
        if let Some(end) = spelled(bytes, start, secret.as_bytes()) {
            let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
            clean.push_str(text.get(kept..start).unwrap_or_default());
            clean.push_str(HIDDEN);
            (kept, place) = (end, end);
        }
    }
    (kept > 0).then(|| clean + text.get(kept..).unwrap_or_default())
}

/// Escapes what could control a terminal or deceive a reader: control characters except line feed, and characters that are
/// invisible or change the direction of text (Unicode TR 36).
#[must_use]
pub fn escape(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !deceptive(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// [`escape`] for JSON text, in which control characters are escaped already; the rest becomes `\uXXXX`.
#[must_use]
pub fn escape_json(json: &str) -> String {
    if is_plain(json) {
        return json.to_owned();
    }
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !deceptive(c) {
            shown.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    shown
}

/// Whether a text needs no escapes; a fast test, true for most texts.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~'))
}

/// Whether a character must be escaped.
const fn deceptive(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::percent_encode;

    #[test]
    fn known_secret_is_hidden_in_every_encoding() {
        let text = "canary&7\"<é>+/key";
        watch(&Secret::new(text));
        for form in [
            text.to_owned(),
            percent_encode(text),
            percent_encode(&percent_encode(text)),
            serde_json::to_string(text).unwrap(),
            STANDARD.encode(text),
            hex(text.as_bytes()),
            "canary&amp;7&quot;&lt;é&gt;+/key".to_owned(),
            "canary&amp;7\"&lt;é&gt;+/key".to_owned(),
            "canary&#38;7&#34;&#x3c;&#xE9;&#62;+/key".to_owned(),
            percent_encode(text).to_lowercase(),
            percent_encode(&percent_encode(text)).to_lowercase(),
            hex(text.as_bytes()).to_uppercase(),
            STANDARD.encode(text).trim_end_matches('=').to_owned(),
            URL_SAFE.encode(text),
            URL_SAFE.encode(text).trim_end_matches('=').to_owned(),
            STANDARD.encode(format!("user:{text}:x")),
            URL_SAFE.encode(format!("us:{text}")),
            "canary&7\\\"<\\u00e9>+\\/key".to_owned(),
            "canary\\u00267\\u0022\\u003C\\u00E9\\u003e+\\/key".to_owned(),
            serde_json::to_string(&serde_json::to_string(text).unwrap()).unwrap(),
            percent_encode(&serde_json::to_string(text).unwrap()),
        ] {
            let shown = scrub(&format!("before {form} after"));
            assert!(shown.contains(HIDDEN) && !shown.contains("canary"), "{form}: {shown}");
        }
    }

    #[test]
    fn a_mask_is_not_searched_for() {
        watch(&Secret::new("********"));
        assert_eq!(scrub("a ******** b"), "a ******** b");
    }

    #[test]
    fn a_large_text_is_scrubbed_at_once() {
        for number in 0..16 {
            watch(&Secret::new(format!("large-canary-{number:02}-x")));
        }
        let text = "{\"name\": \"large text\", \"path\": \"a\\/b\"}\n".repeat(20_000);
        assert_eq!(scrub(&text), text);
    }

    #[test]
    fn terminal_sequences_are_escaped() {
        assert_eq!(escape("a\x1b[31mb\u{202e}c\u{200b}\r\n"), "a\\u{1b}[31mb\\u{202e}c\\u{200b}\\u{d}\n");
        assert_eq!(escape_json("\"\u{7f}\u{85}\u{202e}\u{e0041}é\""), "\"\\u007f\\u0085\\u202e\\udb40\\udc41é\"");
    }
}
