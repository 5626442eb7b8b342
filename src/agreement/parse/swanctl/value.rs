//! The values of settings.

use zeroize::Zeroizing;

/// The value that a text begins with, and how many bytes of the text it takes. It ends with the line, a comment or a `}`;
/// between its words, strongSwan keeps one blank.
pub(super) fn value(text: &str) -> Result<(Zeroizing<String>, usize), &'static str> {
    // Room for all of it: growing would leave copies of a key behind.
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let (mut at, mut written) = (0, 0);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.trim_start();
        at += rest.len() - word.len();
        if word.is_empty() || word.starts_with(['#', '}']) {
            return Ok((value, written));
        }
        if written > 0 {
            value.push(' ');
        }
        at += match word.strip_prefix('"') {
            Some(inner) => 1 + quoted(inner, &mut value)?,
            None => {
                let end = word.find(|c: char| c.is_whitespace() || matches!(c, '#' | '}' | '"')).unwrap_or(word.len());
                value.push_str(word.get(..end).unwrap_or_default());
                end
            }
        };
        written = at;
    }
}

/// Reads up to the closing quote, and returns the bytes it took.
fn quoted(inner: &str, value: &mut String) -> Result<usize, &'static str> {
    let mut escaped = false;
    for (place, c) in inner.char_indices() {
        match (escaped, c) {
            (false, '"') => return Ok(place + 1),
            (false, '\\') => escaped = true,
            (true, 'n') => (value.push('\n'), escaped = false).1,
            (true, 't') => (value.push('\t'), escaped = false).1,
            (true, 'r') => (value.push('\r'), escaped = false).1,
            (_, other) => (value.push(other), escaped = false).1,
        }
    }
    Err("the closing quote is missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_with_the_line_a_comment_or_its_section() {
        for (text, wanted, length) in [
            ("192.0.2.1", "192.0.2.1", 9),
            ("192.0.2.1# office", "192.0.2.1", 9),
            ("a   b }", "a b", 5),
            ("\"a # b\" # c", "a # b", 7),
            ("\"a\"\"b\" c", "a b c", 8),
            ("\"a\\\"b\"", "a\"b", 6),
            ("", "", 0),
            ("# nothing", "", 0),
            ("\"\"", "", 2),
        ] {
            let (value, written) = value(text).unwrap();
            assert_eq!((value.as_str(), written), (wanted, length), "{text}");
        }
        assert_eq!(value("ab\"c"), Err("the closing quote is missing"));
    }
}
