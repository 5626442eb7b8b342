//! The lines of an `ipsec.conf`: sections and their settings, without knowing what they mean.

use crate::agreement::parse::fault::Fault;

/// A setting, and its place.
#[derive(Debug, Clone)]
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
}

impl Setting {
    /// A fault at the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }

    /// A fault at the name.
    pub(super) fn fault_of_name(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.start, message)
    }
}

/// A connection as it is written.
#[derive(Debug, Default)]
pub(super) struct Conn {
    /// Its name.
    pub(super) name: String,
    /// The line of the name.
    pub(super) line: usize,
    /// Its own settings, in order.
    pub(super) settings: Vec<Setting>,
    /// The first thing in it that cannot be read.
    pub(super) fault: Option<Fault>,
}

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// The connections, `%default` included.
    pub(super) conns: Vec<Conn>,
    /// The settings of `config setup`.
    pub(super) setup: Vec<Setting>,
    /// Other files that it includes, and the lines.
    pub(super) includes: Vec<(usize, String)>,
    /// The first section that only strongSwan has, and its line.
    pub(super) foreign: Option<(usize, String)>,
    /// The first line that ends as in a file of Windows, with a carriage return, and is no comment.
    pub(super) carriage: Option<usize>,
}

/// Where settings go.
enum Section {
    None,
    Conn,
    Setup,
    /// One that only strongSwan has.
    Foreign,
}

/// Takes a text apart.
pub(super) fn file(text: &str) -> Result<File, Fault> {
    let mut file = File::default();
    let mut section = Section::None;
    for (number, line) in text.split('\n').enumerate() {
        let number = number + 1;
        let written = without_comment(line);
        if written.ends_with('\r') {
            file.carriage.get_or_insert(number);
        }
        let body = written.trim_end();
        let trimmed = body.trim_start();
        if trimmed.is_empty() {
            continue;
        }
        let indent = body.chars().count() - trimmed.chars().count();
        if indent == 0 {
            section = head(&mut file, trimmed, number)?;
            continue;
        }
        let setting = setting(trimmed, number, indent);
        match section {
            Section::None => return Err(Fault::new(number, indent + 1, "a setting before the first conn")),
            Section::Setup => file.setup.extend(setting.ok()),
            Section::Foreign => {}
            Section::Conn => {
                let Some(conn) = file.conns.last_mut() else { continue };
                match setting {
                    Ok(setting) => conn.settings.push(setting),
                    Err(fault) => conn.fault = conn.fault.take().or(Some(fault)),
                }
            }
        }
    }
    Ok(file)
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

/// Reads a line without indentation, which starts a section.
fn head(file: &mut File, line: &str, number: usize) -> Result<Section, Fault> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["conn", name] => {
            file.conns.push(Conn { name: (*name).to_owned(), line: number, ..Conn::default() });
            Ok(Section::Conn)
        }
        ["config", "setup"] => Ok(Section::Setup),
        ["version", _] => Ok(Section::None),
        ["include", what] => {
            file.includes.push((number, (*what).trim_matches('"').to_owned()));
            Ok(Section::None)
        }
        ["ca", name] => {
            file.foreign.get_or_insert((number, format!("ca {name}")));
            Ok(Section::Foreign)
        }
        ["conn", ..] => Err(Fault::new(number, 1, "expected one name behind conn")),
        [word, ..] if word.contains('=') => {
            Err(Fault::new(number, 1, "a setting must stand behind white space; without it, a line starts a section"))
        }
        other => {
            let word = other.first().copied().unwrap_or_default();
            Err(Fault::new(number, 1, format!("expected conn NAME or config setup, not {word:?}")))
        }
    }
}

fn setting(text: &str, line: usize, indent: usize) -> Result<Setting, Fault> {
    let (name, value) = text.split_once('=').ok_or_else(|| Fault::new(line, indent + 1, "expected NAME=VALUE"))?;
    let column = indent + name.chars().count() + 2 + value.chars().take_while(|c| c.is_whitespace()).count();
    let value = value.trim();
    let whole = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    let braced = value.starts_with('{') && value.ends_with('}');
    if whole.is_none() && !braced && value.contains(char::is_whitespace) {
        let rule = "a value with white space must stand in double quotes: Libreswan does not load the file";
        return Err(Fault::new(line, column, rule));
    }
    let value = whole.unwrap_or(value).to_owned();
    Ok(Setting { name: name.trim().to_ascii_lowercase(), value, line, start: indent + 1, column })
}
