//! The INI files of two vendors: `[section]`, `key = value`, comments.

use zeroize::Zeroizing;

/// A line `key = value`.
struct Entry {
    section: String,
    key: String,
    value: Zeroizing<String>,
    line: usize,
}

/// A file that was read. No `Debug`: it holds secrets.
pub struct Ini {
    sections: Vec<String>,
    entries: Vec<Entry>,
}

/// What is wrong, and in which line; the line's text is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {rule}")]
pub struct IniError {
    /// Line, the first is 1.
    pub line: usize,
    /// What is wrong.
    pub rule: &'static str,
}

impl Ini {
    /// Reads a file. A comment is a line, or what follows a blank, that begins with `#` or `;`.
    ///
    /// # Errors
    /// The first line that is neither a section, nor a key with a value, nor a comment.
    pub fn parse(text: &str) -> Result<Self, IniError> {
        let mut ini = Self { sections: Vec::new(), entries: Vec::new() };
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let wrong = |rule| IniError { line: number + 1, rule };
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let (name, tail) = rest.split_once(']').ok_or_else(|| wrong("a section that does not end in ]"))?;
                if !(tail.trim().is_empty() || tail.trim_start().starts_with(['#', ';'])) {
                    return Err(wrong("something stands behind the section"));
                }
                ini.sections.push(name.trim().to_owned());
                continue;
            }
            let (key, value) = line.split_once('=').ok_or_else(|| wrong("expected [section] or key = value"))?;
            let section = ini.sections.last().cloned().ok_or_else(|| wrong("a key before the first [section]"))?;
            let key = key.trim().to_owned();
            if ini.get(&section, &key).is_some() {
                return Err(wrong("the key stands in this section twice"));
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

    /// A value that is not empty, with its line.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<(&str, usize)> {
        let entry = self.entries.iter().find(|entry| entry.section == section && entry.key == key && !entry.value.is_empty())?;
        Some((entry.value.as_str(), entry.line))
    }

    /// The text of a value that is not empty.
    #[must_use]
    pub fn text(&self, section: &str, key: &str) -> Option<&str> {
        self.get(section, key).map(|(text, _)| text)
    }
}

fn without_comment(value: &str) -> &str {
    let begins = |(place, _): &(usize, char)| *place == 0 || value.get(..*place).is_some_and(|head| head.ends_with([' ', '\t']));
    let comment = value.char_indices().filter(|(_, c)| matches!(c, '#' | ';')).find(begins);
    comment.and_then(|(place, _)| value.get(..place)).map_or(value, str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keys_and_comments_are_told_apart() {
        let ini = Ini::parse("\u{feff}# a\r\n[ one ] ; b\r\nak = x=y#z ; c\r\n; d\n\nempty =\n[two]\nak=2\n").unwrap();
        assert_eq!(ini.sections(), ["one", "two"]);
        assert_eq!(ini.get("one", "ak"), Some(("x=y#z", 3)));
        assert_eq!(ini.get("two", "ak"), Some(("2", 8)));
        assert_eq!(ini.get("one", "empty"), None);
    }

    #[test]
    fn a_complaint_names_the_line_and_not_the_text() {
        for (text, line) in [("[a", 1), ("[a]\nx", 2), ("\nx = 1", 2), ("[a] b", 1), ("[a]\nx=1\nx=2", 3)] {
            assert_eq!(Ini::parse(text).err().unwrap().line, line, "{text}");
        }
    }
}
