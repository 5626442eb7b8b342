//! The lines of an `ipsec.conf`: sections and their settings, without knowing what they mean.

use std::rc::Rc;

use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::include::{Follow, Followed, Including, Origin, fault_in};

/// A setting, and its place.
#[derive(Clone)]
pub(super) struct Setting {
    /// Its name, in lower case.
    pub(super) name: String,
    /// Its value, without quotes.
    pub(super) value: String,
    /// The line of both.
    pub(super) line: usize,
    /// The column of the name.
    pub(super) start: usize,
    /// The column of the value.
    pub(super) column: usize,
    /// The included file that it stands in.
    pub(super) origin: Option<Rc<Origin>>,
}

impl Setting {
    /// A fault at the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        self.fault_after(0, message)
    }

    /// A fault behind so many characters of the value.
    pub(super) fn fault_after(&self, characters: usize, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, self.column + characters, message)
    }

    /// A fault at the name.
    pub(super) fn fault_of_name(&self, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, self.start, message)
    }

    /// Where it stands, for messages.
    pub(super) fn place(&self) -> String {
        place(self.origin.as_ref(), self.line)
    }
}

/// A line, for messages, with the included file that it is in.
fn place(origin: Option<&Rc<Origin>>, line: usize) -> String {
    origin.map_or_else(|| format!("line {line}"), |origin| format!("line {line} of {}", origin.file))
}

/// A connection as it is written.
#[derive(Default)]
pub(super) struct Conn {
    /// Its name.
    pub(super) name: String,
    /// The line of the name.
    pub(super) line: usize,
    /// Its own settings, in order.
    pub(super) settings: Vec<Setting>,
    /// The first thing in it that cannot be read.
    pub(super) fault: Option<Fault>,
    /// The included file that it stands in.
    pub(super) origin: Option<Rc<Origin>>,
}

impl Conn {
    /// A fault at a column of the line of the name.
    pub(super) fn fault_at(&self, column: usize, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, column, message)
    }
}

/// A whole file.
#[derive(Default)]
pub(super) struct File {
    /// The connections, `%default` included.
    pub(super) conns: Vec<Conn>,
    /// The settings of `config setup`.
    pub(super) setup: Vec<Setting>,
    /// What was passed over: other files that it includes and that are not read.
    pub(super) notes: Vec<String>,
    /// The first section that only strongSwan has, and its line.
    pub(super) foreign: Option<(usize, String)>,
    /// The first line that ends as in a file of Windows, with a carriage return, and is no comment.
    pub(super) carriage: Option<String>,
}

/// Where settings go.
enum Section {
    None,
    Conn,
    Setup,
    /// One that only strongSwan has.
    Foreign,
}

/// Takes a text apart, with the files that it includes.
pub(super) fn file(text: &str, follow: Follow<'_>) -> Result<File, Fault> {
    let mut file = File::default();
    Reader { file: &mut file, including: &Including::default(), follow }.text(text)?;
    Ok(file)
}

/// A text that is being read.
struct Reader<'r> {
    /// What was read so far.
    file: &'r mut File,
    /// What includes this text.
    including: &'r Including,
    follow: Follow<'r>,
}

impl Reader<'_> {
    fn fault(&self, line: usize, column: usize, message: impl Into<String>) -> Fault {
        fault_in(self.including.origin.as_ref(), line, column, message)
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        let mut section = Section::None;
        for (number, line) in text.split('\n').enumerate() {
            let number = number + 1;
            let written = without_comment(line);
            if written.ends_with('\r') {
                self.file.carriage.get_or_insert_with(|| place(self.including.origin.as_ref(), number));
            }
            let body = written.trim_end();
            let trimmed = body.trim_start();
            if trimmed.is_empty() {
                continue;
            }
            let indent = body.chars().count() - trimmed.chars().count();
            if indent == 0 {
                section = self.head(trimmed, number)?;
                continue;
            }
            let setting = self.setting(trimmed, number, indent);
            match section {
                Section::None => return Err(self.fault(number, indent + 1, "a setting before the first conn")),
                Section::Setup => self.file.setup.extend(setting.ok()),
                Section::Foreign => {}
                Section::Conn => {
                    let Some(conn) = self.file.conns.last_mut() else { continue };
                    match setting {
                        Ok(setting) => conn.settings.push(setting),
                        Err(fault) => conn.fault = conn.fault.take().or(Some(fault)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a line without indentation, which starts a section.
    fn head(&mut self, line: &str, number: usize) -> Result<Section, Fault> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["conn", name] => {
                let origin = self.including.origin.clone();
                self.file.conns.push(Conn { name: (*name).to_owned(), line: number, origin, ..Conn::default() });
                Ok(Section::Conn)
            }
            ["config", "setup"] => Ok(Section::Setup),
            ["version", _] => Ok(Section::None),
            ["include", what] => self.include(what.trim_matches('"'), number).map(|()| Section::None),
            ["ca", name] => {
                self.file.foreign.get_or_insert((number, format!("ca {name}")));
                Ok(Section::Foreign)
            }
            ["conn", ..] => Err(self.fault(number, 1, "expected one name behind conn")),
            [word, ..] if word.contains('=') => {
                Err(self.fault(number, 1, "a setting must stand behind white space; without it, a line starts a section"))
            }
            other => {
                let word = other.first().copied().unwrap_or_default();
                Err(self.fault(number, 1, format!("expected conn NAME or config setup, not {word:?}")))
            }
        }
    }

    /// Reads the files that a pattern names, as if they stood here.
    fn include(&mut self, pattern: &str, number: usize) -> Result<(), Fault> {
        let followed = (self.follow)(self.including.base(), pattern);
        let Followed { files, notes } = followed.ok_or_else(|| self.fault(number, 1, format!("{pattern:?} includes too many files")))?;
        let where_started = "Libreswan looks for an included file without a / before it where it was started, not beside this file";
        let relative = (!pattern.starts_with('/') && !files.is_empty()).then(|| where_started.to_owned());
        let notes: Vec<String> = notes.into_iter().chain(relative).map(|note| self.fault(number, 1, note).to_string()).collect();
        self.file.notes.extend(notes);
        for (name, text) in files {
            let including = self.including.with(&name, (number, 1), false);
            let including = including.ok_or_else(|| self.fault(number, 1, "files include each other too often"))?;
            Reader { file: &mut *self.file, including: &including, follow: self.follow }.text(&text)?;
        }
        Ok(())
    }

    fn setting(&self, text: &str, line: usize, indent: usize) -> Result<Setting, Fault> {
        let (name, value) = text.split_once('=').ok_or_else(|| self.fault(line, indent + 1, "expected NAME=VALUE"))?;
        let column = indent + name.chars().count() + 2 + value.chars().take_while(|c| c.is_whitespace()).count();
        let value = value.trim();
        let whole = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
        let braced = value.starts_with('{') && value.ends_with('}');
        if whole.is_none() && !braced && value.contains(char::is_whitespace) {
            let rule = "a value with white space must stand in double quotes: Libreswan does not load the file";
            return Err(self.fault(line, column, rule));
        }
        let value = whole.unwrap_or(value).to_owned();
        let (name, origin) = (name.trim().to_ascii_lowercase(), self.including.origin.clone());
        Ok(Setting { name, value, line, start: indent + 1, column, origin })
    }
}

/// A line up to its comment: a `#` at its start or behind white space, but not between double quotes.
fn without_comment(line: &str) -> &str {
    let (mut quoted, mut open) = (false, true);
    for (place, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if open && !quoted => return line.get(..place).unwrap_or(line),
            _ => {}
        }
        open = c.is_whitespace();
    }
    line
}
