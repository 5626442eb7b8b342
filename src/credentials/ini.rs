//! The vendors' INI files: `[section]`, `key = value`, comments.
//!
//! Our own reader, because messages need the line of each value, and values must be zeroed when dropped.

use zeroize::Zeroizing;

/// A line `key = value`.
struct Entry {
    /// The section.
    section: String,
    /// The key.
    key: String,
    /// The value, without a comment.
    value: Zeroizing<String>,
    /// The line, the first is 1.
    line: usize,
}

/// The content of a file. No `Debug`: it holds secrets.
pub struct Ini {
    /// Names of the sections, in order.
    sections: Vec<String>,
    /// Keys and values, in order.
    entries: Vec<Entry>,
}

/// What is wrong, and in which line. The text of the line is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {rule}")]
pub struct IniError {
    /// Line, the first is 1.
    pub line: usize,
    /// What is wrong.
    pub rule: &'static str,
}

impl Ini {
    /// Reads a file. A comment starts with `#` or `;`, at the beginning of a line or after a blank.
    ///
    /// # Errors
    /// The first line that is neither a section, nor `key = value`, nor a comment, or that repeats a key.
    pub fn parse(text: &str) -> Result<Self, IniError> {
        let mut ini = Self { sections: Vec::new(), entries: Vec::new() };
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let wrong = |rule| IniError { line: number + 1, rule };
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let (name, tail) = rest.split_once(']').ok_or_else(|| wrong("the section does not end in ]"))?;
                if !(tail.trim().is_empty() || tail.trim_start().starts_with(['#', ';'])) {
                    return Err(wrong("there is text after the section"));
                }
                ini.sections.push(name.trim().to_owned());
                continue;
            }
            let (key, value) = line.split_once('=').ok_or_else(|| wrong("expected [section] or key = value"))?;
            let section = ini.sections.last().cloned().ok_or_else(|| wrong("a key before the first [section]"))?;
            let key = key.trim().to_owned();
            if ini.get(&section, &key).is_some() {
                return Err(wrong("the section has this key twice"));
            }
            let value = Zeroizing::new(without_comment(value.trim()).to_owned());
            ini.entries.push(Entry { section, key, value, line: number + 1 });
        }
        Ok(ini)
    }

    /// The names of the sections.
    #[must_use]
    pub fn sections(&self) -> &[String] {
        &self.sections
    }

    /// A value, with its line; `None` when it is empty.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<(&str, usize)> {
        let entry = self.entries.iter().find(|entry| entry.section == section && entry.key == key && !entry.value.is_empty())?;
        Some((entry.value.as_str(), entry.line))
    }

    /// A value; `None` when it is empty.
    #[must_use]
    pub fn text(&self, section: &str, key: &str) -> Option<&str> {
        self.get(section, key).map(|(text, _)| text)
    }
}

/// The value without a comment behind it.
fn without_comment(value: &str) -> &str {
    let begins = |(place, _): &(usize, char)| *place == 0 || value.get(..*place).is_some_and(|head| head.ends_with([' ', '\t']));
    let comment = value.char_indices().filter(|(_, c)| matches!(c, '#' | ';')).find(begins);
    comment.and_then(|(place, _)| value.get(..place)).map_or(value, str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keys_and_comments_are_recognised() {
        let ini = Ini::parse("\u{feff}# a\r\n[ one ] ; b\r\nak = x=y#z ; c\r\n; d\n\nempty =\n[two]\nak=2\n").unwrap();
        assert_eq!(ini.sections(), ["one", "two"]);
        assert_eq!(ini.get("one", "ak"), Some(("x=y#z", 3)));
        assert_eq!(ini.get("two", "ak"), Some(("2", 8)));
        assert_eq!(ini.get("one", "empty"), None);
    }

    #[test]
    fn error_names_the_line_but_not_its_text() {
        for (text, line) in [("[a", 1), ("[a]\nx", 2), ("\nx = 1", 2), ("[a] b", 1), ("[a]\nx=1\nx=2", 3)] {
            assert_eq!(Ini::parse(text).err().unwrap().line, line, "{text}");
        }
    }
}
