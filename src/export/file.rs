//! The files of an export, and what all of them share.

use zeroize::Zeroizing;

use super::peer::Peer;
use crate::print::gate::escape;

/// A file of an export.
#[derive(Debug)]
pub struct File {
    /// The suffix to the name that the user gives; empty for the first file.
    pub suffix: &'static str,
    /// Its text, which is wiped on drop.
    pub text: Zeroizing<String>,
}

impl File {
    /// The first line with a character that no configuration needs and that could deceive its reader: one that is invisible,
    /// or a control character other than tab and line feed.
    pub(super) fn injected(&self) -> Option<String> {
        let visible = Zeroizing::new(self.text.replace('\t', " "));
        let number = visible.split('\n').position(|line| *Zeroizing::new(escape(line)) != line)?;
        Some(format!("line {} would hold a control character or an invisible one", number + 1))
    }
}

/// A configuration, and what to know before using it.
#[derive(Debug)]
pub struct Exported {
    /// Its files.
    pub files: Vec<File>,
    /// What to fill in, or to consider.
    pub warnings: Vec<String>,
}

/// The head of a file, as comments that start with this mark.
pub(super) fn head(mark: &str, what: &str, reference: &str) -> String {
    format!("{mark} {what}\n{mark} The other side of {}, written by tunnelctl {}.\n", plain(reference), env!("CARGO_PKG_VERSION"))
}

/// A text for a comment: one line of printable ASCII, at most 200 characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

/// The sections of all peers after a head, or everything that keeps them from being written.
pub(super) fn sections(
    head: String,
    peers: &[Peer],
    mut section: impl FnMut(&Peer, usize) -> Result<Zeroizing<String>, String>,
) -> Result<Zeroizing<String>, Vec<String>> {
    let mut text = Zeroizing::new(head);
    let mut faults = Vec::new();
    for (place, peer) in peers.iter().enumerate() {
        match section(peer, place) {
            Ok(section) => text.push_str(&section),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(text) } else { Err(faults) }
}
