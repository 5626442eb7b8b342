//! The sections of a `swanctl.conf`, before anything is made of them.

use std::ops::Range;

use zeroize::Zeroizing;

use super::super::{Fault, seconds};

/// A setting with the places of its name and its value.
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) name_column: usize,
    /// Without its quotes. It may be a key: there is no `Debug`.
    pub(crate) value: Zeroizing<String>,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// The bytes of the value as it is written, quotes included.
    pub(crate) span: Range<usize>,
}

/// A section with everything in it.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Whether it takes settings from other sections too.
    pub(crate) refers: bool,
    pub(crate) settings: Vec<Setting>,
    pub(crate) sections: Vec<Section>,
}

/// The sections of a text, and what of it is not followed.
pub(crate) struct Scanned {
    pub(crate) root: Section,
    /// Inclusions of other files, in order.
    pub(crate) included: Vec<Fault>,
    /// References to other sections, in order.
    pub(crate) referred: Vec<Fault>,
}

impl Section {
    pub(super) fn section(&self, name: &str) -> Option<&Self> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Setting> {
        // The last one counts.
        self.settings.iter().rev().find(|setting| setting.name == name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// A fault at the section's name.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }
}

impl Setting {
    /// A fault at the value.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
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

/// The sections of a text that is whole in itself.
pub(super) fn sections(text: &str) -> Result<Section, Fault> {
    let scanned = scan(text)?;
    let unread = scanned.included.into_iter().chain(scanned.referred).min_by_key(|fault| (fault.line, fault.column));
    unread.map_or(Ok(scanned.root), Err)
}

/// The sections of a text, by strongSwan's syntax.
pub(crate) fn scan(text: &str) -> Result<Scanned, Fault> {
    let mut stack = vec![Section { line: 1, column: 1, ..Section::default() }];
    let (mut included, mut referred, mut offset) = (Vec::new(), Vec::new(), 0);
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let number = number + 1;
        let line = whole.strip_suffix('\n').map_or(whole, |line| line.strip_suffix('\r').unwrap_or(line));
        let end_of_line = offset + line.len();
        offset += whole.len();
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
                included.push(Fault::new(number, column, "include is not followed: give the file that holds the connection itself"));
                break;
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
                let trimmed = after.trim_start();
                let (name_column, column) = (column, column + rest.chars().count() - trimmed.chars().count());
                let (value, written) = value(trimmed).map_err(|message| Fault::new(number, column, message))?;
                let start = end_of_line - trimmed.len();
                if let Some(section) = stack.last_mut() {
                    section.settings.push(Setting { name, name_column, value, line: number, column, span: start..start + written });
                }
                rest = trimmed.get(written..).unwrap_or_default();
            } else if let Some((_, after)) = mark.strip_prefix(':').and_then(|mark| mark.split_once('{')) {
                referred.push(Fault::new(number, column, "references to other sections are not followed"));
                stack.push(Section { name, line: number, column, refers: true, ..Section::default() });
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
        (Some(root), true) => Ok(Scanned { root, included, referred }),
        (open, _) => {
            let open = open.unwrap_or_default();
            Err(Fault::new(text.lines().count().max(1), 1, format!("the file ends inside {:?}, opened on line {}", open.name, open.line)))
        }
    }
}

/// The value that a text begins with, and how many bytes it takes as it is written.
fn value(text: &str) -> Result<(Zeroizing<String>, usize), &'static str> {
    let Some(inner) = text.strip_prefix('"') else {
        let plain = text.get(..text.find(['#', '}']).unwrap_or(text.len())).unwrap_or_default().trim_end();
        return Ok((Zeroizing::new(plain.to_owned()), plain.len()));
    };
    // Room for all of it: growing would leave copies of a key behind.
    let (mut value, mut escaped) = (Zeroizing::new(String::with_capacity(inner.len())), false);
    for (place, c) in inner.char_indices() {
        match (escaped, c) {
            (false, '"') => return Ok((value, place + 2)),
            (false, '\\') => escaped = true,
            (true, 'n') => (value.push('\n'), escaped = false).1,
            (true, 't') => (value.push('\t'), escaped = false).1,
            (true, 'r') => (value.push('\r'), escaped = false).1,
            (_, other) => (value.push(other), escaped = false).1,
        }
    }
    Err("a quote is not closed")
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
