//! The configuration of the other side of a connection, for the daemon or device that stands there. No I/O.
//!
//! What a cloud calls local is remote here. Whatever comes from a cloud is either parsed into a type (addresses,
//! networks, numbers, words of the model) or held to a narrow set of characters, so it cannot leave its place in a file.

mod cisco;
mod frr;
mod juniper;
mod libreswan;
mod peer;
mod swanctl;
mod words;

use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::model::{Connection, Secret};
use peer::Peer;

/// For whom the configuration is.
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
    /// FRRouting, the BGP part alone.
    FrrBgp,
}

impl Format {
    /// The words of the command line.
    pub const WORDS: [&str; 5] = ["swanctl", "libreswan", "cisco-ios", "juniper-junos", "frr-bgp"];

    /// The format of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Swanctl, Self::Libreswan, Self::CiscoIos, Self::JuniperJunos, Self::FrrBgp];
        Self::WORDS.iter().zip(all).find(|(known, _)| **known == word).map(|(_, format)| format)
    }
}

/// What the user knows beside what the cloud returns.
#[derive(Debug, Default)]
pub struct Given {
    /// Outside address of the cloud's end.
    pub local_address: Option<IpAddr>,
    /// Outside address of the peer, whose configuration is written.
    pub peer_address: Option<IpAddr>,
    /// The key, when it is given rather than read.
    pub key: Option<Arc<Secret>>,
    /// Whether the key is written.
    pub include_key: bool,
    /// Number of the interface that a route-based tunnel is bound to.
    pub interface: Option<u32>,
}

/// A file of an export.
#[derive(Debug)]
pub struct File {
    /// What is added to the name that the user gave; empty for the first file.
    pub suffix: &'static str,
    /// Its text, wiped when it is dropped.
    pub text: Zeroizing<String>,
}

/// A configuration, and what to know before using it.
#[derive(Debug)]
pub struct Exported {
    /// Its files.
    pub files: Vec<File>,
    /// What must be filled in or minded.
    pub warnings: Vec<String>,
}

/// Writes the peer's configuration.
///
/// # Errors
/// Everything that stands against it.
pub fn export(connection: &Connection, format: Format, given: &Given) -> Result<Exported, Vec<String>> {
    if format == Format::FrrBgp {
        return frr::write(connection);
    }
    let mut warnings = Vec::new();
    let peers = peer::peers(connection, given, &mut warnings)?;
    let files = match format {
        Format::Swanctl => swanctl::write(&peers, &mut warnings)?,
        Format::Libreswan => libreswan::write(&peers, &mut warnings)?,
        Format::CiscoIos => cisco::write(&peers, &mut warnings)?,
        _ => juniper::write(&peers, &mut warnings)?,
    };
    Ok(Exported { files, warnings })
}

/// The head of every file, behind the format's mark of a comment.
fn head(mark: &str, what: &str, reference: &str) -> String {
    format!("{mark} {what}\n{mark} The other side of {}, written by tunnelctl {}.\n", plain(reference), env!("CARGO_PKG_VERSION"))
}

/// Text for a comment: one line of printable ASCII.
fn plain(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests;
