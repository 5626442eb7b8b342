//! The files of an export, and what all of them share.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::peer::Peer;
use super::words::{MSS, MTU};
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

/// The widest line of a comment.
const WIDTH: usize = 110;

/// The text with the warnings as comments below its head of two lines, so that they go where the file goes.
pub(super) fn with_warnings(text: &str, mark: &str, warnings: &[String]) -> Zeroizing<String> {
    let below = text.match_indices('\n').nth(1).map_or(text.len(), |(place, _)| place + 1);
    let comments: String = warnings.iter().map(|warning| comment(mark, &format!("warning: {warning}"))).collect();
    // Reserved at once: a text that grows leaves copies of a key behind.
    let mut whole = Zeroizing::new(String::with_capacity(text.len() + comments.len()));
    for part in [&text[..below], &comments, &text[below..]] {
        whole.push_str(part);
    }
    whole
}

/// A text as comment lines; what is not printable ASCII becomes `?`.
pub(super) fn comment(mark: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = mark.to_owned();
    for word in text.split(' ') {
        if line.len() + word.len() >= WIDTH && line.len() > mark.len() {
            lines.push_str(&line);
            lines.push('\n');
            line = format!("{mark}  ");
        }
        line.push(' ');
        line.extend(word.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }));
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

/// A text for a comment: one line of printable ASCII, at most 200 characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

/// How a policy gets to the outside interface, where it must not replace the one that is there.
pub(super) fn joining(mark: &str, kind: &str, opening: &str, apply: &[&str]) -> String {
    let mut notes = vec![
        format!("FILL IN: an interface has one {kind}, and a second one would replace it. If the outside interface has none:"),
        " interface OUTSIDE-INTERFACE".to_owned(),
    ];
    notes.extend(apply.iter().map(|line| format!("  {line}")));
    notes
        .push(format!("Otherwise enter the lines below each `{opening} NUMBER` as an entry of that one, with a number that is free there"));
    notes.iter().map(|note| comment(mark, note)).collect()
}

/// Warns where two tunnels have the same networks and a policy chooses between them.
pub(super) fn same_networks(peers: &[Peer], warnings: &mut Vec<String>) {
    if peers.len() > 1 && peers.iter().any(|peer| !peer.is_route_based()) {
        warnings.push(
            "both tunnels carry the same networks: a device that chooses by policy sends all traffic into the first; with all networks \
             (0.0.0.0/0) at the cloud, routes can choose"
                .to_owned(),
        );
    }
}

/// A daemon finds a key by the identities alone: two tunnels with the same ones have one key there.
pub(super) fn one_key(peers: &[Peer], format: &str, warnings: &mut Vec<String>) -> Result<(), Vec<String>> {
    let [first, second, ..] = peers else { return Ok(()) };
    if (&first.id, &first.cloud_id) != (&second.id, &second.cloud_id) {
        return Ok(());
    }
    match (&first.key, &second.key) {
        (Some(one), Some(other)) if one.matches(other) => {}
        (Some(_), Some(_)) => {
            return Err(vec![format!(
                "psk: both tunnels have the same identities and different keys, and {format} finds a key by the identities; export one tunnel, or \
                 give the tunnels the same key"
            )]);
        }
        _ => {
            warnings.push(format!("both tunnels have the same identities: {format} finds a key by them, so both tunnels need the same key"))
        }
    }
    Ok(())
}

/// What `--if-id` is for: a daemon without interfaces takes the traffic by its networks alone.
pub(super) fn without_interface(peers: &[Peer], warnings: &mut Vec<String>) {
    if peers.iter().any(|peer| peer.is_route_based() && peer.interface.is_none()) {
        warnings.push("both sides select all traffic (0.0.0.0/0): loaded as it is, the tunnel takes all traffic of the host; --if-id binds it to an interface".to_owned());
    }
    if peers.len() > 1 && peers.iter().any(|peer| peer.interface.is_none()) {
        warnings.push(
            "both tunnels carry the same networks: --if-id binds each to an interface, so that routes can choose between them".to_owned(),
        );
    }
}

/// What a Linux host needs beside the file of its daemon: no translation of the tunnel's traffic, and segments that fit into it.
pub(super) fn beside_the_daemon(peers: &[Peer]) -> String {
    let mut text =
        comment("#", "If this host translates addresses or forwards for others, add these rules to what your firewall loads at start:");
    text.push_str("#   iptables -t nat -I POSTROUTING -m policy --dir out --pol ipsec -j ACCEPT\n");
    for way in ["out", "in"] {
        let _ = writeln!(
            text,
            "#   iptables -t mangle -I FORWARD -m policy --dir {way} --pol ipsec -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {MSS}"
        );
    }
    for peer in peers {
        let Some(number) = peer.interface else { continue };
        let (inside, nets) = (peer.inside, peer.routes());
        text.push_str(&comment("#", &format!("The interface of if_id {number}:")));
        let _ = writeln!(text, "#   ip link add ipsec{number} type xfrm if_id {number} && ip link set ipsec{number} mtu {MTU} up");
        if let Some(inside) = inside {
            let _ = writeln!(text, "#   ip address add {inside} dev ipsec{number}");
        }
        for net in nets {
            let _ = writeln!(text, "#   ip route add {net} dev ipsec{number}");
        }
    }
    text
}

/// A note where the cloud's address is missing.
pub(super) fn fill(mark: &str, peer: &Peer) -> String {
    match peer.cloud {
        None => {
            comment(mark, "FILL IN the cloud's address: the public address of its gateway, CLOUD-ADDRESS or cloud-address.invalid here")
        }
        Some(_) => String::new(),
    }
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
