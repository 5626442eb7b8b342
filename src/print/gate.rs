//! The last gate before anything is printed: it finds known secrets in every text, and hides them.
//!
//! It should never find one: by construction, secrets do not reach messages. It is there for clouds that send back parts of
//! our own request, in whatever encoding.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::model::{HIDDEN, Secret, hex};
use crate::wire::percent_encode;

/// Shorter secrets are not searched for: hiding a few characters everywhere would make texts unreadable.
const LEAST: usize = 6;

/// The secrets that are known, in all their encodings.
static LIVE: Mutex<Vec<Zeroizing<String>>> = Mutex::new(Vec::new());

/// Registers a secret, in each encoding in which it may come back.
pub fn watch(secret: &Secret) {
    let text = secret.expose();
    if text.len() < LEAST {
        return;
    }
    let json = serde_json::to_string(text).unwrap_or_default();
    let xml = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;");
    let percent = percent_encode(text);
    let forms = [
        percent_encode(&percent),
        percent,
        json.trim_matches('"').to_owned(),
        xml,
        STANDARD.encode(text),
        hex(text.as_bytes()),
        text.to_owned(),
    ];
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    for form in forms {
        if !live.iter().any(|known| **known == form) {
            live.push(Zeroizing::new(form));
        }
    }
    // The longest first: an encoded form can contain the plain one.
    live.sort_by_key(|form| std::cmp::Reverse(form.len()));
}

/// The text without known secrets.
#[must_use]
pub fn scrub(text: &str) -> String {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut clean = text.to_owned();
    for form in live.iter() {
        if clean.contains(form.as_str()) {
            clean = clean.replace(form.as_str(), HIDDEN);
        }
    }
    clean
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
        ] {
            let shown = scrub(&format!("before {form} after"));
            assert!(shown.contains(HIDDEN) && !shown.contains("canary"), "{shown}");
        }
    }

    #[test]
    fn terminal_sequences_are_escaped() {
        assert_eq!(escape("a\x1b[31mb\u{202e}c\u{200b}\r\n"), "a\\u{1b}[31mb\\u{202e}c\\u{200b}\\u{d}\n");
        assert_eq!(escape_json("\"\u{7f}\u{85}\u{202e}\u{e0041}é\""), "\"\\u007f\\u0085\\u202e\\udb40\\udc41é\"");
    }
}
