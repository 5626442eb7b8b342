//! Writes the configuration of the other side of a connection, for the daemon or device there. No I/O.
//!
//! What a cloud calls local is remote here. Everything from a cloud is either parsed into a type (addresses, networks,
//! numbers, words of the model) or limited to safe characters, so that it cannot inject anything into a file.

mod cisco;
mod file;
mod frr;
mod given;
mod juniper;
mod libreswan;
mod peer;
mod swanctl;
mod view;
mod words;

use crate::model::Connection;

pub use file::{Exported, File};
pub use given::Given;

/// The software or device that the configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// strongSwan's `swanctl.conf`.
    Swanctl,
    /// Libreswan's `ipsec.conf` and `ipsec.secrets`.
    Libreswan,
    /// Cisco IOS and IOS XE.
    CiscoIos,
    /// Juniper Junos (SRX).
    JuniperJunos,
    /// FRRouting, only its BGP part.
    FrrBgp,
}

impl Format {
    /// The words of the command line, in order of the variants.
    pub const WORDS: [&str; 5] = ["swanctl", "libreswan", "cisco-ios", "juniper-junos", "frr-bgp"];

    /// The format with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Swanctl, Self::Libreswan, Self::CiscoIos, Self::JuniperJunos, Self::FrrBgp];
        Self::WORDS.iter().zip(all).find(|(known, _)| **known == word).map(|(_, format)| format)
    }
}

/// Writes the peer's configuration.
///
/// # Errors
/// Everything that keeps it from being written.
pub fn export(connection: &Connection, format: Format, given: &Given) -> Result<Exported, Vec<String>> {
    if format == Format::FrrBgp {
        return frr::write(connection);
    }
    let mut warnings = Vec::new();
    let peers = view::peers(connection, given, &mut warnings)?;
    let files = match format {
        Format::Swanctl => swanctl::write(&peers)?,
        Format::Libreswan => libreswan::write(&peers, &mut warnings)?,
        Format::CiscoIos => cisco::write(&peers, &mut warnings)?,
        _ => juniper::write(&peers, &mut warnings)?,
    };
    Ok(Exported { files, warnings })
}

#[cfg(test)]
mod tests;
