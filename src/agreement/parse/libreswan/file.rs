//! The lines of an `ipsec.conf`: connections and their settings, without knowing what they mean.

use super::names::CONNECTION;
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::text::seconds;

/// A setting, and the place of its value.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// Its name, in lower case.
    pub(super) name: String,
    /// Its value, without quotes.
    pub(super) value: String,
    /// The line of both.
    pub(super) line: usize,
    /// The column of the value.
    pub(super) column: usize,
}

impl Setting {
    /// A fault at the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
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
    settings: Vec<Setting>,
}

/// What a line without indentation starts.
enum Head {
    Conn(String),
    Setup,
    Version,
}

/// The connections of a text, including `%default`.
pub(super) fn conns(text: &str) -> Result<Vec<Conn>, Fault> {
    let mut conns: Vec<Conn> = Vec::new();
    let mut in_setup = false;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let body = line.trim_end();
        let trimmed = body.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = body.chars().count() - trimmed.chars().count();
        if indent > 0 {
            let (name, value) = trimmed.split_once('=').ok_or_else(|| Fault::new(number, indent + 1, "expected NAME=VALUE"))?;
            if !in_setup {
                let conn = conns.last_mut().ok_or_else(|| Fault::new(number, indent + 1, "a setting before the first conn"))?;
                conn.settings.push(setting(name, value, number, indent)?);
            }
            continue;
        }
        match head(trimmed, number)? {
            Head::Conn(name) if conns.iter().any(|conn| conn.name == name) => {
                return Err(Fault::new(number, 6, format!("there is more than one connection {name:?}")));
            }
            Head::Conn(name) => {
                conns.push(Conn { name, line: number, settings: Vec::new() });
                in_setup = false;
            }
            Head::Setup => in_setup = true,
            Head::Version => {}
        }
    }
    Ok(conns)
}

fn head(line: &str, number: usize) -> Result<Head, Fault> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("conn"), Some(name), None) => Ok(Head::Conn(name.to_owned())),
        (Some("config"), Some("setup"), None) => Ok(Head::Setup),
        (Some("version"), Some(_), None) => Ok(Head::Version),
        (Some("include"), ..) => Err(Fault::new(number, 1, "include is not followed: name the file that holds the connection itself")),
        (word, ..) => Err(Fault::new(number, 1, format!("expected conn NAME or config setup, not {:?}", word.unwrap_or_default()))),
    }
}

fn setting(name: &str, value: &str, line: usize, indent: usize) -> Result<Setting, Fault> {
    let column = indent + name.chars().count() + 2 + value.chars().take_while(|c| c.is_whitespace()).count();
    let setting = Setting { name: name.trim().to_ascii_lowercase(), value: unquote(value.trim()).to_owned(), line, column };
    if !CONNECTION.contains(&setting.name.as_str()) {
        return Err(Fault::new(line, indent + 1, format!("{:?} is not a setting of a connection", setting.name)));
    }
    Ok(setting)
}

fn unquote(text: &str) -> &str {
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

/// The settings of a connection, those of `also=` and `%default` included. Of several with one name the first counts.
pub(super) struct Settings(Vec<Setting>);

impl Settings {
    /// Collects the settings of a connection.
    pub(super) fn of(conn: &Conn, conns: &[Conn], defaults: Option<&Conn>) -> Result<Self, Fault> {
        let (mut settings, mut seen, mut next) = (Vec::new(), vec![conn.name.clone()], vec![conn]);
        while let Some(conn) = next.pop() {
            for setting in &conn.settings {
                if setting.name != "also" {
                    settings.push(setting.clone());
                    continue;
                }
                let other = conns.iter().find(|other| other.name == setting.value);
                let other = other.ok_or_else(|| setting.fault(format!("there is no connection {:?}", setting.value)))?;
                if seen.contains(&other.name) {
                    return Err(setting.fault("also= names a connection that is already included"));
                }
                seen.push(other.name.clone());
                next.push(other);
            }
        }
        settings.extend(defaults.into_iter().flat_map(|conn| conn.settings.iter().cloned()));
        Ok(Self(settings))
    }

    /// The setting with one of these names.
    pub(super) fn get(&self, names: &[&str]) -> Option<&Setting> {
        self.0.iter().find(|setting| names.contains(&setting.name.as_str()))
    }

    /// The value of a setting.
    pub(super) fn text(&self, names: &[&str]) -> Option<&str> {
        self.get(names).map(|setting| setting.value.as_str())
    }

    /// A setting that is yes or no.
    pub(super) fn switch(&self, names: &[&str]) -> Result<Option<bool>, Fault> {
        let Some(setting) = self.get(names) else { return Ok(None) };
        match setting.value.as_str() {
            "yes" => Ok(Some(true)),
            "no" => Ok(Some(false)),
            _ => Err(setting.fault(format!("{} must be yes or no", setting.name))),
        }
    }

    /// A setting that is a time, in seconds.
    pub(super) fn time(&self, names: &[&str]) -> Result<Option<u64>, Fault> {
        let Some(setting) = self.get(names) else { return Ok(None) };
        let fault = || setting.fault(format!("{} must be a time, such as 3600, 60m or 8h", setting.name));
        seconds(&setting.value).map(Some).ok_or_else(fault)
    }
}
