//! Writes the configuration of the other side of a connection, for the daemon or device there. No I/O.
//!
//! What a cloud calls local is remote here. Everything from a cloud is either parsed into a type (addresses, networks,
//! numbers, words of the model) or limited to safe characters, so that it cannot inject anything into a file.

mod cisco;
mod file;
mod fortinet;
mod frr;
mod given;
mod h3c;
mod huawei;
mod juniper;
mod libreswan;
mod mikrotik;
mod name;
mod peer;
mod session;
mod swanctl;
mod view;
mod vyos;
mod words;

use crate::model::Connection;

use file::with_warnings;
pub use file::{Exported, File};
pub use given::Given;
use peer::Peer;

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
    /// Huawei USG firewalls.
    HuaweiUsg,
    /// H3C with Comware 7.
    H3cComware,
    /// Fortinet FortiGate.
    FortinetFortios,
    /// VyOS.
    Vyos,
    /// MikroTik RouterOS.
    MikrotikRouteros,
    /// FRRouting, only its BGP part.
    FrrBgp,
}

/// Writes the peer's configuration in one format.
type Write = fn(&Connection, &Given) -> Result<Exported, Vec<String>>;

/// A format: its word on the command line, the mark of a comment, and its writer.
struct Row(&'static str, Format, &'static str, Write);

/// Every format. A new one is its file, its variant and its row.
const FORMATS: &[Row] = &[
    Row("swanctl", Format::Swanctl, "#", |connection, given| per_peer(connection, given, swanctl::write)),
    Row("libreswan", Format::Libreswan, "#", |connection, given| per_peer(connection, given, libreswan::write)),
    Row("cisco-ios", Format::CiscoIos, "!", |connection, given| per_peer(connection, given, cisco::write)),
    Row("juniper-junos", Format::JuniperJunos, "#", |connection, given| per_peer(connection, given, juniper::write)),
    Row("huawei-usg", Format::HuaweiUsg, "#", |connection, given| per_peer(connection, given, huawei::write)),
    Row("h3c-comware", Format::H3cComware, "#", |connection, given| per_peer(connection, given, h3c::write)),
    Row("fortinet-fortios", Format::FortinetFortios, "#", |connection, given| per_peer(connection, given, fortinet::write)),
    Row("vyos", Format::Vyos, "#", |connection, given| per_peer(connection, given, vyos::write)),
    Row("mikrotik-routeros", Format::MikrotikRouteros, "#", |connection, given| per_peer(connection, given, mikrotik::write)),
    Row("frr-bgp", Format::FrrBgp, "!", |connection, given| frr::write(connection, given.tunnel)),
];

impl Format {
    /// The words of the command line.
    #[must_use]
    pub fn words() -> Vec<&'static str> {
        FORMATS.iter().map(|row| row.0).collect()
    }

    /// The format with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        FORMATS.iter().find(|row| row.0 == word).map(|row| row.1)
    }
}

/// Writes the peer's configuration.
///
/// # Errors
/// Everything that keeps it from being written.
pub fn export(connection: &Connection, format: Format, given: &Given) -> Result<Exported, Vec<String>> {
    let Some(Row(_, _, mark, write)) = FORMATS.iter().find(|row| row.1 == format) else {
        return Err(vec!["this format has no writer".to_owned()]);
    };
    let mut exported = write(connection, given)?;
    if let Some(file) = exported.files.first_mut() {
        file.text = with_warnings(&file.text, mark, &exported.warnings);
    }
    // The writers take parsed values and safe characters only; if one ever does not, nothing is written.
    let faults: Vec<String> = exported.files.iter().filter_map(File::injected).collect();
    if faults.is_empty() { Ok(exported) } else { Err(faults) }
}

/// Writes the configuration of every peer that the connection has: one, or one a tunnel.
fn per_peer(
    connection: &Connection,
    given: &Given,
    write: impl FnOnce(&[Peer], &mut Vec<String>) -> Result<Vec<File>, Vec<String>>,
) -> Result<Exported, Vec<String>> {
    let mut warnings = Vec::new();
    let peers = view::peers(connection, given, &mut warnings)?;
    let files = write(&peers, &mut warnings)?;
    Ok(Exported { files, warnings })
}

#[cfg(test)]
mod tests;
