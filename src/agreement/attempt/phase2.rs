//! The Child SAs: proposals, truncated hashes, compression.

use super::case::{Case, Daemon, Found, Peer, UNREAD};
use super::lists::{list, sent, taken, types};
use super::pfs;
use crate::agreement::algorithm::{Algorithm, NONE, Transform};
use crate::agreement::common::closest;
use crate::agreement::end::End;
use crate::agreement::proposal::Proposal;
use crate::agreement::verdict::{Exchange, Verdict};

const CIPHERS: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Esn];

/// Compares everything that Child SAs depend on, except their networks.
pub(super) fn compare(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    if starter.esp.is_empty() || answerer.esp.is_empty() {
        let text = |end: &End| if end.esp.is_empty() { UNREAD.to_owned() } else { list(&end.esp) };
        case.unread(("ipsec.encryption", "ipsec.encryption"), (text(starter), text(answerer)), "the IPsec proposal of an end is not known");
    } else {
        let offered = of_ike(case, case.starter, offered(case));
        let accepted = if case.is_v1() && case.answerer.daemon == Daemon::Libreswan && answerer.esp.iter().any(is_left_out) {
            // Without esp=, Libreswan takes whatever an IKEv1 peer proposes (measured with 4.10).
            offered.clone()
        } else {
            of_ike(case, case.answerer, taken(&case.answerer, &answerer.esp, case.is_v1()))
        };
        if ciphers(case, &offered, &accepted) {
            pfs::compare(case, &offered, &accepted);
        } else {
            // The groups are still compared, so that all faults are named at once.
            pfs::compare_alone(case, &offered, &accepted);
        }
    }
    truncation(case);
    compression(case);
}

/// What the starter sends in its first request.
fn offered(case: &Case<'_>) -> Vec<Proposal> {
    let v1 = case.is_v1();
    let esp = &case.starter.end.esp;
    if !v1 {
        return esp.clone();
    }
    if case.starter.daemon == Daemon::Libreswan {
        return esp.iter().map(requested).collect();
    }
    // A request has one PFS group: that of the IKE SA where a proposal has it, else the first one. Proposals without it
    // are not sent.
    let groups = || esp.iter().flat_map(|proposal| proposal.groups.iter().flatten()).filter(|group| **group != NONE);
    let own = case.group.as_ref().filter(|ike| groups().any(|group| group == *ike));
    let Some(group) = own.or_else(|| groups().next()).cloned() else { return sent(&case.starter, esp, true) };
    let has = |proposal: &&Proposal| proposal.groups.as_ref().is_some_and(|groups| groups.contains(&group));
    let only = |proposal: &Proposal| Proposal { groups: Some(vec![group.clone()]), ..proposal.first() };
    esp.iter().filter(has).map(only).collect()
}

/// Whether a proposal is what Libreswan has in IKEv1 without `esp=`; the order tells: 128 first.
fn is_left_out(proposal: &Proposal) -> bool {
    proposal.encryption.as_deref() == Some(&[Algorithm::named("aes128"), Algorithm::named("aes256")])
}

/// What Libreswan requests in IKEv1: without `esp=`, AES of 128 bits only (measured with 4.10).
fn requested(proposal: &Proposal) -> Proposal {
    let encryption = if is_left_out(proposal) { Some(vec![Algorithm::named("aes128")]) } else { proposal.encryption.clone() };
    Proposal { encryption, ..proposal.clone() }
}

/// The group of the IKE SA in proposals that name no group.
fn of_ike(case: &Case<'_>, peer: Peer<'_>, proposals: Vec<Proposal>) -> Vec<Proposal> {
    match case.group.as_ref().filter(|_| peer.end.pfs_of_ike) {
        Some(group) => proposals.into_iter().map(|proposal| Proposal { groups: Some(vec![group.clone()]), ..proposal }).collect(),
        None => proposals,
    }
}

/// Compares ciphers, integrity and ESN, and returns whether they match.
fn ciphers(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) -> bool {
    let Some(found) = closest(accepted, offered, CIPHERS) else { return false };
    let exchange = case.child_exchange();
    let several = offered.len() > 1 || accepted.len() > 1;
    for transform in &found.missing {
        let values = if several { (list(offered), list(accepted)) } else { (types(offered, *transform), types(accepted, *transform)) };
        let text = match transform {
            Transform::Encryption => {
                "the ends have no encryption algorithm for Child SAs in common: the IKE SA comes up, the tunnel does not"
            }
            Transform::Esn => "one end requires extended sequence numbers and the other forbids them",
            _ => "the ends have no integrity algorithm for Child SAs in common: the IKE SA comes up, the tunnel does not",
        };
        let bad_syntax = *transform == Transform::Esn && case.is_v1() && case.answerer.daemon == Daemon::Libreswan;
        let log = if bad_syntax { "BAD_PROPOSAL_SYNTAX" } else { "NO_PROPOSAL_CHOSEN" };
        case.fail(field(*transform), values, exchange, log, text);
    }
    for transform in &found.unknown {
        let values = (types(offered, *transform), types(accepted, *transform));
        case.unread((field(*transform), field(*transform)), values, "a value in the IPsec proposal is not known");
    }
    if found.is_whole() {
        for (transform, value) in &found.chosen {
            if *transform != Transform::Esn {
                case.suite.push((field(*transform), value.clone()));
            }
        }
    }
    found.is_whole()
}

const fn field(transform: Transform) -> &'static str {
    match transform {
        Transform::Encryption => "ipsec.encryption",
        Transform::Integrity | Transform::Prf => "ipsec.integrity",
        Transform::Group => "ipsec.pfs",
        Transform::Esn => "ipsec.esn",
    }
}

/// Compares how the ends truncate SHA-256, which no proposal tells.
fn truncation(case: &mut Case<'_>) {
    let (one, other) = (case.starter.end.truncates_sha256, case.answerer.end.truncates_sha256);
    let sha256 = case.suite.contains(&("ipsec.integrity", Algorithm::named("sha256")));
    if one != other && sha256 {
        let text = |cut: bool| if cut { "sha256 truncated to 96 bits" } else { "sha256" }.to_owned();
        let explanation =
            "one end truncates SHA-256 in ESP to 96 bits: negotiation does not show the difference, and every packet is dropped".to_owned();
        let fields = ("ipsec.integrity", "ipsec.integrity");
        case.add(Found { fields, values: (text(one), text(other)), effect: Verdict::UpNoTraffic, log: "", explanation });
    }
}

fn compression(case: &mut Case<'_>) {
    let refused = case.is_v1() && case.starter.daemon == Daemon::Libreswan && case.starter.end.compress && !case.answerer.end.compress;
    if refused {
        let values = ("on".to_owned(), "off".to_owned());
        let text = "Libreswan asks for IP compression in Quick Mode, and the other end refuses it";
        case.fail("ipsec.compress", values, Exchange::QuickMode, "NO_PROPOSAL_CHOSEN", text);
    }
}
