//! The encodings of URLs and forms.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Names and values, decoded, in order.
pub type Pairs = Vec<(String, String)>;

/// The bytes that [`percent_encode`] replaces: all but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes by RFC 3986: `A-Z a-z 0-9 - _ . ~` stay, every other byte becomes `%XX` in upper case.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Encodes pairs as `name=value&...`.
#[must_use]
pub fn encode_pairs(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
    encoded.join("&")
}

/// Decodes `name=value&...`; `+` is a space, as in forms. `None` when an escape is broken or the result is not UTF-8.
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

/// Reverses [`percent_encode`]; `+` stays. `None` when an escape is broken or the result is not UTF-8.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    // The crate leaves a broken escape as it is; here it is an error.
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    text.split('%').skip(1).all(is_escape).then(|| decoded.into_owned())
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
