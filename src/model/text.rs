//! Foreign texts inside our messages and tables.

/// The text in one line: a cloud's message must not look like a line of ours.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_the_blanks_around_them_become_one_blank() {
        assert_eq!(one_line("a \r\n  next: b\n"), "a next: b");
    }
}
