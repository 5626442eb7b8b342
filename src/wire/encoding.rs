//! The encodings of URLs and forms.

/// Names with values, decoded, in order.
pub type Pairs = Vec<(String, String)>;

/// Percent-encodes by RFC 3986: `A-Z a-z 0-9 - _ . ~` stay, every other byte becomes `%XX` in upper case.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                encoded.push(DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
    encoded
}

/// Encodes pairs as `name=value&...`.
#[must_use]
pub fn encode_pairs(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
    encoded.join("&")
}

/// Decodes `name=value&...`; `+` is a space, as forms have it. `None` when an escape is broken or not UTF-8.
#[must_use]
pub fn decode_pairs(text: &str) -> Option<Pairs> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((percent_decode(&name.replace('+', " "))?, percent_decode(&value.replace('+', " "))?))
        })
        .collect()
}

/// Undoes [`percent_encode`]; `+` stays.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_keeps_the_unreserved_bytes_only() {
        assert_eq!(percent_encode("aZ09-_.~ *+/é\n"), "aZ09-_.~%20%2A%2B%2F%C3%A9%0A");
        assert_eq!(percent_decode("%C3%a9%0A+").as_deref(), Some("é\n+"));
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(percent_decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn forms_decode_plus_as_a_space() {
        assert_eq!(
            decode_pairs("a=1+2&b=%2B&c"),
            Some(vec![("a".into(), "1 2".into()), ("b".into(), "+".into()), ("c".into(), String::new())])
        );
    }
}
