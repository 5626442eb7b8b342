//! Masks: what stands where somebody hid a value. A mask is no value: it is not compared, not checked and not written.

/// Words that say that a value was hidden.
const HIDES: &[&str] = &[
    "hidden",
    "redacted",
    "masked",
    "filtered",
    "removed",
    "omitted",
    "sensitive",
    "censored",
    "obfuscated",
    "scrubbed",
    "sanitized",
    "suppressed",
    "elided",
    "confidential",
    "snip",
    "snipped",
    "stripped",
    "replace",
];
/// Words that stand beside them: `(sensitive value)`, `<psk removed>`, `[hidden for security]`.
const BESIDE: &[&str] = &[
    "a",
    "and",
    "by",
    "data",
    "for",
    "from",
    "in",
    "is",
    "key",
    "keys",
    "log",
    "logs",
    "not",
    "output",
    "password",
    "pre",
    "preshared",
    "psk",
    "pw",
    "reasons",
    "secret",
    "security",
    "shared",
    "shown",
    "the",
    "this",
    "token",
    "value",
    "was",
    "with",
];

/// Whether a text is what stands in place of a hidden value: `(hidden)`, `REDACTED`, `<redacted>`, `***`, `pgw6****n7x5`,
/// `47.XX.XX.1`.
#[must_use]
pub fn is_mask(text: &str) -> bool {
    let text = text.trim();
    text.contains("***") || text.contains("••") || is_one_mark(text) || is_address(text) || is_placeholder(text) || says_so(text)
}

/// Nothing but one mark, again and again: `xxxxxxxx`, `********`, `•••`, `...`.
fn is_one_mark(text: &str) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    let rest = characters.filter(|c| *c == first).count();
    let marks = matches!(first, '*' | 'x' | 'X' | '•' | '●' | '·' | '.' | '…' | '#' | '-' | '_' | '?' | '█');
    marks && rest + 1 == text.chars().count() && (text.chars().count() >= 3 || matches!(first, '*' | '…'))
}

/// An address, or a network, with some of its numbers crossed out: `47.XX.XX.1`, `10.x.x.0/24`, `192.0.2.*`.
fn is_address(text: &str) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    let crossed = |part: &str| !part.is_empty() && (part.bytes().all(|b| b.eq_ignore_ascii_case(&b'x')) || part.bytes().all(|b| b == b'*'));
    let number = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = address.split('.').collect();
    parts.len() == 4
        && parts.iter().any(|part| crossed(part))
        && parts.iter().all(|part| crossed(part) || number(part))
        && (number(length) || crossed(length))
}

/// A name between angle brackets, which says what belongs there: `<psk>`, `<your-key>`.
fn is_placeholder(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    inside.starts_with(|c: char| c.is_ascii_alphabetic())
        && inside.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.'))
}

/// Words only, one of which says that something was hidden.
fn says_so(text: &str) -> bool {
    if text.len() > 80 {
        return false;
    }
    let text = text.to_ascii_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let mut says = false;
    words.peek().is_some()
        && words.all(|word| {
            says |= HIDES.contains(&word);
            HIDES.contains(&word) || BESIDE.contains(&word)
        })
        && says
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HIDDEN;

    #[test]
    fn what_stands_for_a_hidden_value_is_a_mask() {
        for mask in [
            HIDDEN,
            "REDACTED",
            "<redacted>",
            "[REDACTED]",
            "***REDACTED***",
            "***",
            "*",
            "****************",
            "pgw6****n7x5",
            "1234***",
            "vco-bp1bbi27hojx80n****",
            "xxxxxxxx",
            "XXXX",
            "••••••••",
            "...",
            "(sensitive value)",
            "<sensitive>",
            "[hidden for security reasons]",
            "<psk removed>",
            "__MASKED__",
            "%FILTERED%",
            "<your-psk>",
            "<PRE_SHARED_KEY>",
            "47.XX.XX.1",
            "10.x.x.0/24",
            "192.168.*.*",
            "10.0.XX.XX/XX",
            " (hidden)\n",
            // What `export` writes without the key.
            "REPLACE-WITH-THE-PRE-SHARED-KEY",
        ] {
            assert!(is_mask(mask), "{mask}");
        }
    }

    #[test]
    fn a_key_is_not() {
        for key in [
            "",
            "pgw6dy7d1i8in7x5",
            "tencenttest",
            "Cfd*123*x",
            "two**stars-are-a-key",
            "ends-with-a-star*",
            "x",
            "xx",
            "xXxXxX",
            "secret",
            "password",
            "hidden-treasure-7",
            "redacted1",
            "The-key-is-hidden-well",
            "a<b>c",
            "<!key!>",
            "47.96.12.1",
            "host.xxl.example",
            "0sAbCdEf==",
            "key.xx.1.2.3",
        ] {
            assert!(!is_mask(key), "{key}");
        }
    }
}
