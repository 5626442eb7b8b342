//! The sections of a `swanctl.conf`, before anything is made of them.

use super::super::{Fault, seconds};

/// A setting with the places of its name and its value.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) name_column: usize,
    pub(super) value: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A section with everything in it.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) settings: Vec<Setting>,
    pub(super) sections: Vec<Section>,
}

impl Section {
    pub(super) fn section(&self, name: &str) -> Option<&Self> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        // The last one counts.
        self.settings.iter().rev().find(|setting| setting.name == name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// A fault at the section's name.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }
}

impl Setting {
    /// A fault at the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }

    /// A fault at the name.
    pub(super) fn fault_of_name(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.name_column, message)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').map(str::trim).filter(|item| !item.is_empty())
    }
}

/// The sections of a text, by strongSwan's syntax.
pub(super) fn sections(text: &str) -> Result<Section, Fault> {
    let mut stack = vec![Section { name: String::new(), line: 1, column: 1, ..Section::default() }];
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let mut rest = line;
        // Of a line with a key in it nothing is repeated: a quote too many, and the key stands where a name should.
        let mut hidden = false;
        loop {
            let column = line.chars().count() - rest.chars().count() + 1;
            let trimmed = rest.trim_start();
            let column = column + rest.chars().count() - trimmed.chars().count();
            rest = trimmed;
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            hidden |= stack.get(1).is_some_and(|section| section.name == "secrets");
            if hidden && stack.len() == 1 {
                return Err(Fault::new(number, column, "something follows the end of the section secrets in its line"));
            }
            if let Some(after) = rest.strip_prefix('}') {
                let closed = stack.pop().filter(|_| !stack.is_empty());
                let Some(closed) = closed else { return Err(Fault::new(number, column, "a } without its {")) };
                if let Some(parent) = stack.last_mut() {
                    parent.sections.push(closed);
                }
                rest = after;
                continue;
            }
            if rest.starts_with("include ") || rest.starts_with("include\t") {
                return Err(Fault::new(number, column, "include is not followed: give the file that holds the connection itself"));
            }
            let end = rest.find(['{', '=', '#', '}', ':']).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default().trim().to_owned();
            let mark = rest.get(end..).unwrap_or_default();
            let legal = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
            if !legal(&name) {
                return Err(Fault::new(number, column, "expected the name of a section or setting"));
            }
            if let Some(after) = mark.strip_prefix('{') {
                stack.push(Section { name, line: number, column, ..Section::default() });
                rest = after;
            } else if let Some(after) = mark.strip_prefix('=') {
                let place = column + rest.chars().count() - after.chars().count();
                let (value, skipped, after) = value(after).map_err(|message| Fault::new(number, place, message))?;
                if let Some(section) = stack.last_mut() {
                    section.settings.push(Setting { name, name_column: column, value, line: number, column: place + skipped });
                }
                rest = after;
            } else if mark.starts_with(':') {
                return Err(Fault::new(number, column, "references to other sections are not followed"));
            } else if hidden {
                return Err(Fault::new(number, column, "expected the name of a section or setting, and { or ="));
            } else {
                return Err(Fault::new(number, column, format!("expected {{ or = after {name:?}")));
            }
        }
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(root), true) => Ok(root),
        (open, _) => {
            let open = open.unwrap_or_default();
            Err(Fault::new(text.lines().count().max(1), 1, format!("the file ends inside {:?}, opened on line {}", open.name, open.line)))
        }
    }
}

/// A value with how many characters stand before it, and what follows it.
fn value(text: &str) -> Result<(String, usize, &str), &'static str> {
    let trimmed = text.trim_start();
    let skipped = text.chars().count() - trimmed.chars().count();
    if let Some(inner) = trimmed.strip_prefix('"') {
        let (mut value, mut escaped) = (String::new(), false);
        for (place, c) in inner.char_indices() {
            match (escaped, c) {
                (false, '"') => return Ok((value, skipped, inner.get(place + 1..).unwrap_or_default())),
                (false, '\\') => escaped = true,
                (true, 'n') => (value.push('\n'), escaped = false).1,
                (true, 't') => (value.push('\t'), escaped = false).1,
                (true, 'r') => (value.push('\r'), escaped = false).1,
                (_, other) => (value.push(other), escaped = false).1,
            }
        }
        return Err("a quote is not closed");
    }
    let end = trimmed.find(['#', '}']).unwrap_or(trimmed.len());
    Ok((trimmed.get(..end).unwrap_or_default().trim_end().to_owned(), skipped, trimmed.get(end..).unwrap_or_default()))
}

/// Refuses a setting that is none of these.
pub(super) fn known(section: &Section, names: &[&str]) -> Result<(), Fault> {
    match section.settings.iter().find(|setting| !names.contains(&setting.name.as_str())) {
        None => Ok(()),
        Some(setting) => Err(setting.fault_of_name(format!("{:?} is no setting of {:?}", setting.name, section.name))),
    }
}

/// A fault at a setting, or at its section where it is not there.
pub(super) fn fault_of(section: &Section, name: &str, message: &str) -> Fault {
    section.get(name).map_or_else(|| section.fault(message), |setting| setting.fault(message))
}

/// A setting that is yes or no.
pub(super) fn switch(section: &Section, name: &str) -> Result<Option<bool>, Fault> {
    match section.text(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("yes" | "true" | "1" | "enabled") => Ok(Some(true)),
        Some("no" | "false" | "0" | "disabled") => Ok(Some(false)),
        Some(_) => Err(fault_of(section, name, &format!("{name} is yes or no"))),
    }
}

/// A setting that is a time, in seconds.
pub(super) fn time(section: &Section, name: &str) -> Result<Option<u64>, Fault> {
    let Some(setting) = section.get(name) else { return Ok(None) };
    seconds(&setting.value).map(Some).ok_or_else(|| setting.fault(format!("{name} is a time, such as 3600, 60m or 8h")))
}
