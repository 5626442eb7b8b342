//! The formats of key files.

use std::fmt;

use crate::agreement::parse::libreswan;

/// The format in which a file holds its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Sections of a `swanctl.conf`.
    Swanctl,
    /// Entries of an `ipsec.secrets`, Libreswan's or strongSwan's.
    IpsecSecrets,
    /// One line, which is the key.
    Plain,
}

impl Form {
    /// The name of the format.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Swanctl => "swanctl.conf",
            Self::IpsecSecrets => "ipsec.secrets",
            Self::Plain => "plain key file",
        }
    }

    /// The format of a text; `None`: another one.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let included = |line: &&str| line.split_whitespace().next() == Some("include");
        // Includes do not tell the format. A file with nothing else may be either; reading it as swanctl.conf names them.
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
