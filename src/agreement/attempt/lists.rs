//! Lists of proposals: what a starter sends of them, whether they match, and their text.

use super::case::{Daemon, Peer, UNREAD};
use crate::agreement::algorithm::{Algorithm, Transform};
use crate::agreement::common::common;
use crate::agreement::proposal::Proposal;

/// What a starter really sends: in IKEv1, strongSwan sends only the first value of each type.
pub(super) fn sent(peer: &Peer<'_>, proposals: &[Proposal], v1: bool) -> Vec<Proposal> {
    if v1 && peer.daemon == Daemon::Strongswan { proposals.iter().map(Proposal::first).collect() } else { proposals.to_vec() }
}

/// What an answerer takes of what is offered. In IKEv1, `aes` without a key length is every length to Libreswan, though it sends
/// only 256 and 128; and without `ike=` or `esp=` it takes whatever it supports (measured with 4.10).
pub(super) fn taken(peer: &Peer<'_>, proposals: &[Proposal], (offered, is_ike): (&[Proposal], bool), v1: bool) -> Vec<Proposal> {
    let mut taken = proposals.to_vec();
    if !v1 || peer.daemon != Daemon::Libreswan {
        return taken;
    }
    if if is_ike { peer.end.answers_any.0 } else { peer.end.answers_any.1 } {
        let lacks = |algorithm: &Algorithm| algorithm.name() == "des" || matches!(algorithm.group(), Some(1 | 2 | 22..=24));
        let supports = |proposal: &&Proposal| !proposal.encryption.iter().chain(&proposal.groups).flatten().any(lacks);
        taken.extend(offered.iter().filter(supports).cloned());
    }
    for ciphers in taken.iter_mut().filter_map(|proposal| proposal.encryption.as_mut()) {
        let has = |name| ciphers.contains(&Algorithm::named(name));
        if peer.certain && has("aes256") && has("aes128") && !has("aes192") {
            ciphers.push(Algorithm::named("aes192"));
        }
    }
    taken
}

/// The values of one type in all proposals, each once.
pub(super) fn types(proposals: &[Proposal], transform: Transform) -> String {
    let mut names: Vec<String> = Vec::new();
    for proposal in proposals {
        match proposal.values(transform) {
            Some(values) => names.extend(values.iter().map(ToString::to_string)),
            None => names.push(UNREAD.to_owned()),
        }
    }
    let mut seen: Vec<String> = Vec::new();
    names.into_iter().for_each(|name| {
        if !seen.contains(&name) {
            seen.push(name);
        }
    });
    seen.join(", ")
}

/// The text of all proposals.
pub(super) fn list(proposals: &[Proposal]) -> String {
    proposals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether a proposal of one list matches one of the other in these types.
pub(super) fn agree(own: &[Proposal], other: &[Proposal], transforms: &[Transform]) -> bool {
    own.iter().any(|ours| other.iter().any(|theirs| common(ours, theirs, transforms).is_whole()))
}
