//! strongSwan's syntax: from a text to its sections, without knowing what they mean.

use zeroize::Zeroizing;

use super::section::{Section, Setting};
use crate::agreement::parse::fault::Fault;

/// The sections of a text, and the places where it refers to something that is not read.
pub(crate) struct Scanned {
    /// The whole file, as a section without a name.
    pub(crate) root: Section,
    /// Includes of other files, in order.
    pub(crate) included: Vec<Fault>,
    /// References to other sections, in order.
    referred: Vec<Fault>,
}

/// The sections of a text that neither includes files nor refers to other sections.
pub(super) fn sections(text: &str) -> Result<Section, Fault> {
    let scanned = scan(text)?;
    let unread = scanned.included.into_iter().chain(scanned.referred).min_by_key(|fault| (fault.line, fault.column));
    unread.map_or(Ok(scanned.root), Err)
}

/// The sections of a text.
///
/// # Errors
/// What is not strongSwan's syntax, and where.
pub(crate) fn scan(text: &str) -> Result<Scanned, Fault> {
    let mut scanner =
        Scanner { open: vec![Section { line: 1, column: 1, ..Section::default() }], included: Vec::new(), referred: Vec::new() };
    let mut offset = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.strip_suffix('\n').map_or(whole, |line| line.strip_suffix('\r').unwrap_or(line));
        scanner.line(number + 1, line, offset + line.len())?;
        offset += whole.len();
    }
    scanner.finish(text)
}

/// A scan in progress.
struct Scanner {
    /// The open sections, the whole file first.
    open: Vec<Section>,
    included: Vec<Fault>,
    referred: Vec<Fault>,
}

/// The rest of a line, from one place on.
#[derive(Clone, Copy)]
struct Rest<'t> {
    text: &'t str,
    line: usize,
    column: usize,
    /// Whether the line may hold a key, so that no message may quote it.
    hidden: bool,
}

impl Rest<'_> {
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }
}

impl Scanner {
    fn line(&mut self, number: usize, line: &str, end: usize) -> Result<(), Fault> {
        let mut text = line;
        // With one quote too many, a key would stand where a name is expected: nothing of its line may be quoted.
        let mut hidden = false;
        loop {
            text = text.trim_start();
            if text.is_empty() || text.starts_with('#') {
                return Ok(());
            }
            hidden |= self.open.get(1).is_some_and(|section| section.name == "secrets");
            let rest = Rest { text, line: number, column: line.chars().count() - text.chars().count() + 1, hidden };
            if hidden && self.open.len() == 1 {
                return Err(rest.fault("text after the end of the section secrets on the same line"));
            }
            if let Some(after) = text.strip_prefix('}') {
                self.close(rest)?;
                text = after;
            } else if text.starts_with("include ") || text.starts_with("include\t") {
                self.included.push(rest.fault("include is not followed: name the file that holds the connection itself"));
                return Ok(());
            } else {
                text = self.section_or_setting(rest, end)?;
            }
        }
    }

    fn close(&mut self, rest: Rest<'_>) -> Result<(), Fault> {
        let closed = self.open.pop().filter(|_| !self.open.is_empty());
        let Some(closed) = closed else { return Err(rest.fault("} without a matching {")) };
        if let Some(parent) = self.open.last_mut() {
            parent.sections.push(closed);
        }
        Ok(())
    }

    /// Opens a section or reads a setting, and returns what follows. `end` is the byte where the line ends.
    fn section_or_setting<'t>(&mut self, rest: Rest<'t>, end: usize) -> Result<&'t str, Fault> {
        let name_end = rest.text.find(['{', '=', '#', '}', ':']).unwrap_or(rest.text.len());
        let name = rest.text.get(..name_end).unwrap_or_default().trim().to_owned();
        let mark = rest.text.get(name_end..).unwrap_or_default();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(rest.fault("expected the name of a section or setting"));
        }
        let section = |name, refers| Section { name, line: rest.line, column: rest.column, refers, ..Section::default() };
        if let Some(after) = mark.strip_prefix('{') {
            self.open.push(section(name, false));
            Ok(after)
        } else if let Some(after) = mark.strip_prefix('=') {
            self.setting(name, after, rest, end)
        } else if let Some((_, after)) = mark.strip_prefix(':').and_then(|mark| mark.split_once('{')) {
            self.referred.push(rest.fault("references to other sections are not followed"));
            self.open.push(section(name, true));
            Ok(after)
        } else if mark.starts_with(':') {
            Err(rest.fault("references to other sections are not followed"))
        } else if rest.hidden {
            Err(rest.fault("expected the name of a section or setting, and { or ="))
        } else {
            Err(rest.fault(format!("expected {{ or = after {name:?}")))
        }
    }

    fn setting<'t>(&mut self, name: String, after: &'t str, rest: Rest<'t>, end: usize) -> Result<&'t str, Fault> {
        let text = after.trim_start();
        let (line, column) = (rest.line, rest.column + rest.text.chars().count() - text.chars().count());
        let (value, written) = value(text).map_err(|message| Fault::new(line, column, message))?;
        let start = end - text.len();
        if let Some(section) = self.open.last_mut() {
            let span = start..start + written;
            section.settings.push(Setting { name, name_column: rest.column, value, line, column, span });
        }
        Ok(text.get(written..).unwrap_or_default())
    }

    fn finish(mut self, text: &str) -> Result<Scanned, Fault> {
        match (self.open.pop(), self.open.is_empty()) {
            (Some(root), true) => Ok(Scanned { root, included: self.included, referred: self.referred }),
            (open, _) => {
                let open = open.unwrap_or_default();
                let message = format!("the file ends inside {:?}, opened on line {}", open.name, open.line);
                Err(Fault::new(text.lines().count().max(1), 1, message))
            }
        }
    }
}

/// The value that a text begins with, and how many bytes of the text it takes.
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
    Err("the closing quote is missing")
}
