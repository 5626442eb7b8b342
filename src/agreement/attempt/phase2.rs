//! The Child SAs: proposals, truncated hashes, modes, compression.

use super::case::{Case, Daemon, Found, Peer, UNREAD};
use super::lists::{list, sent, taken, types};
use super::meetings::{Meeting, meetings};
use super::{pfs, transport};
use crate::agreement::algorithm::{Algorithm, NONE, Transform};
use crate::agreement::cause::Cause;
use crate::agreement::common::closest;
use crate::agreement::finding::Finding;
use crate::agreement::proposal::Proposal;
use crate::agreement::verdict::{Exchange, Verdict};

/// What was agreed: field and algorithm.
type Suite = Vec<(&'static str, Algorithm)>;

const CIPHERS: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Esn];

/// Compares everything that Child SAs depend on, except their networks.
pub(super) fn compare(case: &mut Case<'_>) {
    let meetings = meetings(case);
    let mut results: Vec<(Vec<Finding>, Suite)> = Vec::new();
    for meeting in &meetings {
        let (findings, suite) = (case.findings.len(), case.suite.len());
        proposals(case, meeting);
        truncation(case);
        transport::compare(case, meeting);
        let mut found = case.findings.split_off(findings);
        if meeting.is_later && !case.is_v1() {
            refused_at_once(&mut found);
        }
        results.push((found, case.suite.split_off(suite)));
    }
    let fails = |findings: &[Finding]| findings.iter().any(|finding| matches!(finding.effect, Verdict::Down { .. }));
    let all_fail = results.iter().all(|(findings, _)| fails(findings));
    // What was negotiated is that of the first child that comes up.
    let suite = results.iter().find(|(findings, _)| !fails(findings)).or(results.first()).map(|(_, suite)| suite.clone());
    case.suite.extend(suite.into_iter().flatten());
    for (meeting, (findings, _)) in meetings.iter().zip(results) {
        let is_refused = fails(&findings);
        for mut finding in findings {
            if !meeting.name.is_empty() {
                finding.explanation = format!("child {:?}: {}", meeting.name, finding.explanation);
                finding.child.clone_from(&meeting.name);
            }
            let breaks = matches!(finding.effect, Verdict::Down { .. } | Verdict::UpFailsAtRekey | Verdict::UpNoTraffic);
            if !all_fail && is_refused && breaks {
                // The other children come up; this one never does, so it has no rekey to fail.
                finding.effect = Verdict::UpNarrowed { cut: meeting.nets.clone() };
            }
            if !case.findings.iter().any(|known| known.is_same(&finding) && known.explanation == finding.explanation) {
                case.findings.push(finding);
            }
        }
    }
    compression(case);
}

/// In IKEv2 only the first child comes up without a key exchange of its own: the others are refused where the groups differ.
fn refused_at_once(findings: &mut [Finding]) {
    for finding in findings {
        if finding.field == "ipsec.pfs" && finding.effect == Verdict::UpFailsAtRekey {
            finding.effect = Verdict::Down { exchange: Exchange::CreateChildSa };
            "the PFS groups differ: in IKEv2 every Child SA after the first is refused".clone_into(&mut finding.explanation);
        }
    }
}

/// Compares the proposals of two children.
fn proposals(case: &mut Case<'_>, meeting: &Meeting) {
    let (one, other) = (&meeting.starter, &meeting.answerer);
    if one.is_empty() || other.is_empty() {
        let text = |own: &[Proposal]| if own.is_empty() { UNREAD.to_owned() } else { list(own) };
        case.unread(("ipsec.encryption", "ipsec.encryption"), (text(one), text(other)), "the IPsec proposal of an end is not known");
        return;
    }
    let offered = of_ike(case, case.starter, offered(case, one));
    let accepted = of_ike(case, case.answerer, taken(&case.answerer, other, (&offered, false), case.is_v1()));
    if ciphers(case, &offered, &accepted) {
        pfs::compare(case, &offered, &accepted);
    } else {
        // The groups are still compared, so that all faults are named at once.
        pfs::compare_alone(case, &offered, &accepted);
    }
}

/// What the starter sends of its proposals in its first request.
fn offered(case: &Case<'_>, esp: &[Proposal]) -> Vec<Proposal> {
    let v1 = case.is_v1();
    if !v1 {
        return esp.to_vec();
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
        case.fail((Cause::ChildProposal, field(*transform)), values, exchange, log, text);
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
        case.add(Found {
            cause: Cause::Truncation,
            fields,
            values: (text(one), text(other)),
            effect: Verdict::UpNoTraffic,
            log: "",
            explanation,
        });
    }
}

fn compression(case: &mut Case<'_>) {
    let refused = case.is_v1() && case.starter.daemon == Daemon::Libreswan && case.starter.end.compress && !case.answerer.end.compress;
    if refused {
        let values = ("on".to_owned(), "off".to_owned());
        let text = "Libreswan asks for IP compression in Quick Mode, and the other end refuses it";
        case.fail((Cause::Compression(case.starter.side), "ipsec.compress"), values, Exchange::QuickMode, "NO_PROPOSAL_CHOSEN", text);
    }
}
