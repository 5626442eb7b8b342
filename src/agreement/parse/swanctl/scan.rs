//! strongSwan's syntax: from a text to its sections, without knowing what they mean.

use std::rc::Rc;

use super::section::{Reference, Section, Setting};
use super::value::value;
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::include::{Follow, Followed, Including, Origin, fault_in};

/// The marks that end a name.
const MARKS: [char; 7] = ['{', '}', '=', '#', ':', ',', '"'];

/// The deepest sections that are read.
const DEEPEST: usize = 64;

/// The sections of a text, as they stand there.
pub(crate) struct Scanned {
    /// The whole file, as a section without a name.
    pub(crate) root: Section,
    /// Includes of other files that are not followed, in order.
    pub(crate) included: Vec<Fault>,
    /// What was passed over.
    pub(super) notes: Vec<String>,
}

/// The sections of a text, without those of the files that it includes.
///
/// # Errors
/// What is not strongSwan's syntax, and where.
pub(crate) fn scan(text: &str) -> Result<Scanned, Fault> {
    Scanner::new(&Including::default(), None).text(text)
}

/// The sections of a text, with those of the files that it includes.
///
/// # Errors
/// What is not strongSwan's syntax, and where.
pub(super) fn scan_all(text: &str, follow: Follow<'_>) -> Result<Scanned, Fault> {
    Scanner::new(&Including::default(), Some(follow)).text(text)
}

/// A scan in progress.
struct Scanner<'s> {
    /// The open sections, the whole file first.
    open: Vec<Section>,
    /// A name that waits for what follows it.
    pending: Option<Pending>,
    /// What includes this text.
    including: &'s Including,
    /// How to read included files; `None`: they are not read.
    follow: Option<Follow<'s>>,
    included: Vec<Fault>,
    notes: Vec<String>,
}

/// A name that waits for `{`, `=`, or its references to other sections.
struct Pending {
    name: String,
    line: usize,
    column: usize,
    hidden: bool,
    /// The references, once a colon was read.
    refers: Option<Vec<Reference>>,
}

/// The rest of a line, from one place on.
#[derive(Clone, Copy)]
struct Rest<'t> {
    text: &'t str,
    line: usize,
    column: usize,
    /// Whether the line may hold a key, so that no message may quote it.
    hidden: bool,
    /// The byte where the line ends.
    end: usize,
}

impl<'t> Rest<'t> {
    /// What follows so many bytes.
    fn after(self, bytes: usize) -> Self {
        let (passed, text) = self.text.split_at_checked(bytes).unwrap_or((self.text, ""));
        Rest { text, column: self.column + passed.chars().count(), ..self }
    }

    fn trimmed(self) -> Self {
        self.after(self.text.len() - self.text.trim_start().len())
    }
}

impl<'s> Scanner<'s> {
    fn new(including: &'s Including, follow: Option<Follow<'s>>) -> Self {
        let root = Section { line: 1, column: 1, origin: including.origin.clone(), ..Section::default() };
        Self { open: vec![root], pending: None, including, follow, included: Vec::new(), notes: Vec::new() }
    }

    fn text(mut self, text: &str) -> Result<Scanned, Fault> {
        let mut offset = 0;
        for (number, whole) in text.split_inclusive('\n').enumerate() {
            let line = whole.strip_suffix('\n').map_or(whole, |line| line.strip_suffix('\r').unwrap_or(line));
            self.line(Rest { text: line, line: number + 1, column: 1, hidden: false, end: offset + line.len() })?;
            offset += whole.len();
        }
        self.finish(text)
    }

    fn origin(&self) -> Option<&Rc<Origin>> {
        self.including.origin.as_ref()
    }

    fn fault(&self, rest: Rest<'_>, message: impl Into<String>) -> Fault {
        fault_in(self.origin(), rest.line, rest.column, message)
    }

    fn line(&mut self, mut rest: Rest<'_>) -> Result<(), Fault> {
        loop {
            rest = rest.trimmed();
            if rest.text.is_empty() || rest.text.starts_with('#') {
                return Ok(());
            }
            // With one quote too many, a key would stand where a name is expected: nothing of its line may be quoted.
            let in_secrets = |section: &Section| section.name == "secrets";
            rest.hidden |= self.including.hidden || self.open.get(1).is_some_and(in_secrets);
            if rest.hidden && self.open.len() == 1 && !self.including.hidden {
                return Err(self.fault(rest, "text after the end of the section secrets on the same line"));
            }
            let included = rest.text.strip_prefix("include").filter(|after| after.starts_with([' ', '\t']));
            if let Some(pending) = self.pending.take() {
                rest = self.continued(pending, rest)?;
            } else if rest.text.starts_with('}') {
                self.close(rest)?;
                rest = rest.after(1);
            } else if let Some(pattern) = included {
                return self.include(rest, pattern);
            } else {
                rest = self.name(rest)?;
            }
        }
    }

    fn close(&mut self, rest: Rest<'_>) -> Result<(), Fault> {
        let closed = self.open.pop().filter(|_| !self.open.is_empty());
        let Some(closed) = closed else { return Err(self.fault(rest, "} without a matching {")) };
        if let Some(parent) = self.open.last_mut() {
            parent.sections.push(closed);
        }
        Ok(())
    }

    /// Reads a name.
    fn name<'t>(&mut self, rest: Rest<'t>) -> Result<Rest<'t>, Fault> {
        let name_end = rest.text.find(MARKS).unwrap_or(rest.text.len());
        let name = rest.text.get(..name_end).unwrap_or_default().trim().to_owned();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(self.fault(rest, "expected the name of a section or setting"));
        }
        self.pending = Some(Pending { name, line: rest.line, column: rest.column, hidden: rest.hidden, refers: None });
        Ok(rest.after(name_end))
    }

    /// Reads what follows a name: `{`, `=`, or a reference to other sections.
    fn continued<'t>(&mut self, mut pending: Pending, rest: Rest<'t>) -> Result<Rest<'t>, Fault> {
        match (rest.text.chars().next(), &mut pending.refers) {
            (Some('{'), _) if self.open.len() > DEEPEST => Err(self.fault(rest, "sections are nested too deep")),
            (Some('{'), _) => {
                let Pending { name, line, column, refers, .. } = pending;
                let origin = self.origin().cloned();
                self.open.push(Section { name, line, column, refers: refers.unwrap_or_default(), origin, ..Section::default() });
                Ok(rest.after(1))
            }
            (Some('='), None) => self.setting(pending, rest.after(1)),
            (Some(':'), None) => {
                pending.refers = Some(Vec::new());
                self.pending = Some(pending);
                Ok(rest.after(1))
            }
            (Some(','), Some(_)) => {
                self.pending = Some(pending);
                Ok(rest.after(1))
            }
            (Some(first), Some(refers)) if !MARKS.contains(&first) => {
                let end = rest.text.find(|c: char| MARKS.contains(&c) || c.is_whitespace()).unwrap_or(rest.text.len());
                let path = rest.text.get(..end).unwrap_or_default().to_owned();
                refers.push(Reference { path, line: rest.line, column: rest.column, origin: self.including.origin.clone() });
                self.pending = Some(pending);
                Ok(rest.after(end))
            }
            _ => Err(self.unfinished(&pending)),
        }
    }

    /// The fault of a name that nothing good follows.
    fn unfinished(&self, pending: &Pending) -> Fault {
        let expected = if pending.refers.is_some() { "{" } else { "{ or =" };
        let message = if pending.hidden {
            format!("expected the name of a section or setting, and {expected}")
        } else {
            format!("expected {expected} after {:?}", pending.name)
        };
        fault_in(self.origin(), pending.line, pending.column, message)
    }

    fn setting<'t>(&mut self, name: Pending, rest: Rest<'t>) -> Result<Rest<'t>, Fault> {
        let rest = rest.trimmed();
        let (value, written) = value(rest.text).map_err(|message| self.fault(rest, message))?;
        let start = rest.end - rest.text.len();
        let (line, column, span, origin) = (rest.line, rest.column, start..start + written, self.origin().cloned());
        if let Some(section) = self.open.last_mut() {
            section.settings.push(Setting { name: name.name, name_column: name.column, value, line, column, span, origin });
        }
        Ok(rest.after(written))
    }

    /// Adds the sections and settings of the included files to the open section.
    fn include(&mut self, rest: Rest<'_>, pattern: &str) -> Result<(), Fault> {
        let end = pattern.find(['#', '}']).unwrap_or(pattern.len());
        let pattern = pattern.get(..end).unwrap_or_default().trim().trim_matches('"');
        let Some(follow) = self.follow else {
            self.included.push(self.fault(rest, "include is not followed: name the file that holds the connection itself"));
            return Ok(());
        };
        let Followed { files, notes } =
            follow(self.including.base(), pattern).ok_or_else(|| self.fault(rest, format!("{pattern:?} includes too many files")))?;
        let is_whole = notes.is_empty();
        let notes: Vec<String> = notes.into_iter().map(|note| self.fault(rest, note).to_string()).collect();
        self.notes.extend(notes);
        if !is_whole {
            self.included.push(self.fault(rest, "what is included was not read"));
        }
        for (file, text) in files {
            let including = self.including.with(&file, (rest.line, rest.column), rest.hidden);
            let including = including.ok_or_else(|| self.fault(rest, "files include each other too often"))?;
            let scanned = Scanner::new(&including, self.follow).text(&text)?;
            self.included.extend(scanned.included);
            self.notes.extend(scanned.notes);
            if let Some(section) = self.open.last_mut() {
                section.settings.extend(scanned.root.settings);
                section.sections.extend(scanned.root.sections);
            }
        }
        Ok(())
    }

    fn finish(mut self, text: &str) -> Result<Scanned, Fault> {
        if let Some(pending) = &self.pending {
            return Err(self.unfinished(pending));
        }
        match (self.open.pop(), self.open.is_empty()) {
            (Some(root), true) => Ok(Scanned { root, included: self.included, notes: self.notes }),
            (open, _) => {
                let open = open.unwrap_or_default();
                let message = format!("the file ends inside {:?}, opened on line {}", open.name, open.line);
                Err(fault_in(self.origin(), text.lines().count().max(1), 1, message))
            }
        }
    }
}
