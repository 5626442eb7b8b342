//! Local files that hold a pre-shared key: an end of a rotation that is no cloud.
//!
//! The form of a file follows from its content: a `swanctl.conf` (or a file of nothing but its `secrets`), an
//! `ipsec.secrets`, or one line that is the key. Reading and changing a text is pure; [`Place`] is the file on disk.

mod disk;
mod ipsec_secrets;
mod place;
mod plain;
mod swanctl;

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::agreement::parse::{Fault, libreswan};
use crate::model::Secret;
use crate::model::hex;

pub use disk::{Opened, Written};
pub use place::Place;

/// How a file holds its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Sections of `swanctl.conf`.
    Swanctl,
    /// Entries of `ipsec.secrets`, Libreswan's or strongSwan's.
    IpsecSecrets,
    /// One line, the key.
    Plain,
}

impl Form {
    /// What such a file is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Swanctl => "swanctl.conf",
            Self::IpsecSecrets => "ipsec.secrets",
            Self::Plain => "plain key file",
        }
    }

    /// The form of a text. `None`: of none of these forms.
    fn of(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let included = |line: &&str| line.split_whitespace().next() == Some("include");
        // A file may include before it says what it is; one that does nothing else may be either.
        let Some(first) = lines.clone().find(|line| !included(line)) else { return lines.next().map(|_| Self::Swanctl) };
        let is_section = |line: &str| {
            let (word, rest) = line.split_at(line.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(line.len()));
            matches!(word, "secrets" | "connections" | "pools" | "authorities") && rest.trim_start().starts_with(['{', ':'])
        };
        if is_section(first) {
            Some(Self::Swanctl)
        } else if libreswan::is_found_in(text) {
            Some(Self::IpsecSecrets)
        } else {
            (text.lines().count() == 1).then_some(Self::Plain)
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.title())
    }
}

/// A key that a text holds, before it is known to be the one that is meant.
struct Candidate {
    name: String,
    line: usize,
    column: usize,
    /// The bytes of the key as it is written.
    span: Range<usize>,
    /// Whom it is for, in one order: two of the same are two keys for one peer.
    ids: Vec<String>,
    /// The key's bytes; `None` where the prefix of the value is wrong.
    key: Option<Zeroizing<Vec<u8>>>,
}

/// The keys of a text, and what of it is not followed.
struct Found {
    candidates: Vec<Candidate>,
    unread: Vec<Fault>,
}

/// A text that holds a key. It has no `Debug` that shows the text.
pub struct KeyFile {
    text: Zeroizing<String>,
    form: Form,
    name: Option<String>,
    span: Range<usize>,
    key: Secret,
    warnings: Vec<String>,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyFile").field("form", &self.form).field("name", &self.name).finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Finds the key of a text: the named one, or the only one. `name` is the section of a `swanctl.conf` (`ike-branch`)
    /// or the identities of an entry of `ipsec.secrets` (`@a @b`, in either order; `%any` where there are none).
    ///
    /// # Errors
    /// That there is none, that there are several, or that it is not what a cloud can hold; with the place in the text.
    /// A key is never part of it.
    pub fn read(text: &str, name: Option<&str>) -> Result<Self, Fault> {
        let nothing =
            "neither swanctl.conf with its secrets, nor ipsec.secrets (@a @b : PSK \"...\"), nor one line with nothing but the key";
        let form = Form::of(text).ok_or_else(|| match text.trim() {
            "" => Fault::new(1, 1, "there is no pre-shared key in it: the file is empty"),
            text if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) => {
                Fault::new(1, 1, "there is no pre-shared key in it: only comments")
            }
            text if ["conn ", "config "].iter().any(|word| text.lines().any(|line| line.starts_with(word))) => {
                Fault::new(1, 1, "this is ipsec.conf, which holds no key: give its ipsec.secrets")
            }
            _ => Fault::new(1, 1, nothing),
        })?;
        let found = match form {
            Form::Swanctl => swanctl::find(text),
            Form::IpsecSecrets => ipsec_secrets::find(text),
            Form::Plain => plain::find(text, name),
        }?;
        let chosen = choose(&found, name)?;
        let fault = |message: &str| Fault::new(chosen.line, chosen.column, message);
        let bytes = chosen.key.as_ref().ok_or_else(|| fault("the key is not the hex or base64 that its prefix says"))?;
        let key = std::str::from_utf8(bytes).map_err(|_| {
            fault("the key is binary: decoded, it is no text (UTF-8), and a cloud holds text only; a rotation needs a key of text")
        })?;
        if key.is_empty() {
            return Err(fault("the key is empty"));
        }
        let twins = found.candidates.iter().filter(|other| other.span != chosen.span && other.ids == chosen.ids && !chosen.ids.is_empty());
        let warnings = twins.map(|twin| {
            format!(
                "line {}: {} is for the same peer: a daemon that holds two keys for one peer may send the other one",
                twin.line, twin.name
            )
        });
        Ok(Self {
            form,
            name: (form != Form::Plain).then(|| chosen.name.clone()),
            span: chosen.span.clone(),
            key: Secret::new(key),
            warnings: warnings.collect(),
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// The key, decoded.
    #[must_use]
    pub const fn key(&self) -> &Secret {
        &self.key
    }

    /// How the file holds it.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The name that finds the key again; none in a plain key file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What else in the file is worth a word, a line each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The same text with another key: the bytes of the value are replaced, and nothing else. As hex where the form has
    /// it, which no quote, blank or prefix can spoil.
    #[must_use]
    pub fn with_key(&self, key: &Secret) -> Zeroizing<String> {
        let value = match self.form {
            Form::Plain => Zeroizing::new(key.expose().to_owned()),
            Form::Swanctl | Form::IpsecSecrets => {
                let digits = Zeroizing::new(hex(key.expose().as_bytes()));
                Zeroizing::new(["0x", &digits].concat())
            }
        };
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let after = self.text.get(self.span.end..).unwrap_or_default();
        // A comment may follow a quote at once, and would become a part of the digits.
        let ends = after.starts_with(|c: char| c.is_whitespace() || self.form == Form::Swanctl && matches!(c, '#' | '}'));
        let blank = if ends || after.is_empty() { "" } else { " " };
        Zeroizing::new([before, &value, blank, after].concat())
    }
}

/// The named key, or the only one.
fn choose<'f>(found: &'f Found, name: Option<&str>) -> Result<&'f Candidate, Fault> {
    let all = &found.candidates;
    let names = || all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    // What is included may well hold it.
    let unread = found.unread.first().map_or(String::new(), |fault| {
        format!("; line {} includes other files, which are not followed: give the file that holds the key itself", fault.line)
    });
    let place = |one: Option<&Candidate>| one.map_or((1, 1), |one| (one.line, one.column));
    let fault = |(line, column): (usize, usize), message: String| Err(Fault::new(line, column, message));
    let named: Vec<&Candidate> = match name {
        Some(name) => all.iter().filter(|one| one.is_called(name)).collect(),
        None => all.iter().collect(),
    };
    match (named.as_slice(), name) {
        ([one], _) => Ok(one),
        ([], _) if all.is_empty() => {
            let line = found.unread.first().map_or((1, 1), |fault| (fault.line, fault.column));
            fault(line, format!("there is no pre-shared key in it{unread}"))
        }
        ([], name) => {
            let name = name.unwrap_or_default();
            fault(place(all.first()), format!("there is no pre-shared key {name:?} in it; there are: {}{unread}", names()))
        }
        ([first, .., last], Some(name)) => fault(
            (last.line, last.column),
            format!("{name:?} is there more than once, on line {} and here: leave one, or it is not known which one counts", first.line),
        ),
        ([_, .., last], None) => fault(
            place(all.first()),
            format!("there are several pre-shared keys: {}; name one after the file and a colon, as in file:PATH:{}", names(), last.name),
        ),
    }
}

impl Candidate {
    fn is_called(&self, name: &str) -> bool {
        if self.name == name {
            return true;
        }
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        // Identities count, not their order or the blanks between them.
        self.name.contains(char::is_whitespace) && words(&self.name) == words(name)
    }
}

#[cfg(test)]
mod tests;
