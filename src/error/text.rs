//! Foreign texts inside our messages.

/// The text in one line: a cloud's message must not look like a line of ours.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
