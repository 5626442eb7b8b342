//! The Child SAs: proposals, PFS with its delayed failure, what both daemons treat differently.

use super::algorithm::{Algorithm, NONE, Proposal, Transform, closest, common};
use super::case::{Case, Daemon, Found, Peer, UNREAD};
use super::end::End;
use super::phase1::{agree, list, sent, types};
use super::verdict::{Exchange, Verdict};

const CIPHERS: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Esn];
const WITH_PFS: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Group, Transform::Esn];

/// Compares everything that Child SAs are made from, but for their nets.
pub(super) fn compare(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    if starter.esp.is_empty() || answerer.esp.is_empty() {
        let text = |end: &End| if end.esp.is_empty() { UNREAD.to_owned() } else { list(&end.esp) };
        case.unread(("ipsec.encryption", "ipsec.encryption"), (text(starter), text(answerer)), "the IPsec proposal of an end is not known");
    } else {
        let offered = offered(case);
        let accepted = answerer.esp.clone();
        if ciphers(case, &offered, &accepted) {
            pfs(case, &offered, &accepted);
        } else {
            // The groups are compared by themselves, so that all faults are named.
            pfs_alone(case, &offered, &accepted);
        }
    }
    truncation(case);
    compression(case);
}

/// What the starter sends in its first request.
fn offered(case: &Case<'_>) -> Vec<Proposal> {
    let v1 = case.is_v1();
    let esp = &case.starter.end.esp;
    if !v1 || case.starter.daemon == Daemon::Libreswan {
        return esp.clone();
    }
    // One PFS group a request: the IKE SA's own where a proposal has it, else the first there is. Proposals without it
    // are not sent.
    let groups = || esp.iter().flat_map(|proposal| proposal.groups.iter().flatten()).filter(|group| **group != NONE);
    let own = case.group.as_ref().filter(|ike| groups().any(|group| group == *ike));
    let Some(group) = own.or_else(|| groups().next()).cloned() else { return sent(&case.starter, esp, true) };
    let has = |proposal: &&Proposal| proposal.groups.as_ref().is_some_and(|groups| groups.contains(&group));
    let only = |proposal: &Proposal| Proposal { groups: Some(vec![group.clone()]), ..proposal.first() };
    esp.iter().filter(has).map(only).collect()
}

/// Ciphers, integrity, ESN. Whether they agree.
fn ciphers(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) -> bool {
    let Some(found) = closest(accepted, offered, CIPHERS) else { return false };
    let exchange = case.child_exchange();
    let several = offered.len() > 1 || accepted.len() > 1;
    for transform in &found.missing {
        let values = if several { (list(offered), list(accepted)) } else { (types(offered, *transform), types(accepted, *transform)) };
        let text = match transform {
            Transform::Encryption => "the ends have no encryption of Child SAs in common: the IKE SA comes up, the tunnel does not",
            Transform::Esn => "one end requires extended sequence numbers and the other forbids them",
            _ => "the ends have no integrity algorithm of Child SAs in common: the IKE SA comes up, the tunnel does not",
        };
        let bad_syntax = *transform == Transform::Esn && case.is_v1() && case.answerer.daemon == Daemon::Libreswan;
        let log = if bad_syntax { "BAD_PROPOSAL_SYNTAX" } else { "NO_PROPOSAL_CHOSEN" };
        case.fail(field(*transform), values, exchange, log, text);
    }
    for transform in &found.unknown {
        let values = (types(offered, *transform), types(accepted, *transform));
        case.unread((field(*transform), field(*transform)), values, "a value of the IPsec proposal is not known");
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

/// PFS: at once in IKEv1, at the first rekey in IKEv2.
fn pfs(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    if case.is_v1() {
        if !case.answerer_takes(offered, accepted) {
            refuse_pfs(case, offered, accepted);
        } else if case.answerer.daemon == Daemon::Libreswan && !agree(accepted, offered, WITH_PFS) {
            lax(case, offered, accepted);
        }
    } else {
        let (asked, given) = (at_rekey(case, case.starter, offered), at_rekey(case, case.answerer, accepted));
        if !agree(&given, &asked, WITH_PFS) {
            refuse_pfs(case, &asked, &given);
        } else if !agree(accepted, offered, WITH_PFS) {
            first_only(case, offered, accepted);
        }
    }
    if let Some(found) = closest(accepted, offered, WITH_PFS)
        && let Some(group) = found.get(Transform::Group)
    {
        case.suite.push(("ipsec.pfs", group.clone()));
    }
}

/// What an end asks for or accepts when a Child SA of IKEv2 is made anew. Measured with Libreswan 4.10, and by its issue 1265
/// so since 4.5: with `pfs=yes` it takes the group of the IKE SA, whatever group `esp=` names.
fn at_rekey(case: &Case<'_>, peer: Peer<'_>, proposals: &[Proposal]) -> Vec<Proposal> {
    // What only may be Libreswan is not held to a fault of some of its versions.
    let own = case.group.as_ref().filter(|_| peer.daemon == Daemon::Libreswan && peer.certain);
    let Some(own) = own else { return proposals.to_vec() };
    let has_group = |proposal: &Proposal| proposal.groups.iter().flatten().any(|group| *group != NONE);
    let with_own = |proposal: &Proposal| {
        if has_group(proposal) { Proposal { groups: Some(vec![own.clone()]), ..proposal.clone() } } else { proposal.clone() }
    };
    proposals.iter().map(with_own).collect()
}

/// The groups without the rest of their proposals, which fails anyway.
fn pfs_alone(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    const GROUP: &[Transform] = &[Transform::Group];
    let strict =
        if case.is_v1() { case.answerer.daemon == Daemon::Strongswan || !offers_group(offered) && !takes_none(accepted) } else { true };
    if strict && !agree(accepted, offered, GROUP) {
        refuse_pfs(case, offered, accepted);
    }
}

fn offers_group(proposals: &[Proposal]) -> bool {
    proposals.iter().any(|proposal| proposal.groups.as_ref().is_some_and(|groups| groups.iter().any(|group| *group != NONE)))
}

/// Without the groups that Libreswan does not have: it answers `BAD_PROPOSAL_SYNTAX`.
fn offers_group_of_libreswan(proposals: &[Proposal]) -> bool {
    let has = |group: &Algorithm| *group != NONE && !matches!(group.group(), Some(1 | 2 | 22 | 23 | 24));
    proposals.iter().any(|proposal| proposal.groups.as_ref().is_some_and(|groups| groups.iter().any(has)))
}

fn takes_none(proposals: &[Proposal]) -> bool {
    proposals.iter().any(|proposal| proposal.groups.as_ref().is_some_and(|groups| groups.contains(&NONE)))
}

impl Case<'_> {
    /// Whether the answerer takes the groups of a Quick Mode.
    fn answerer_takes(&self, offered: &[Proposal], accepted: &[Proposal]) -> bool {
        match self.answerer.daemon {
            Daemon::Strongswan => agree(accepted, offered, WITH_PFS),
            // Any group that the starter offers and it has, even with pfs=no; it insists only on there being one.
            Daemon::Libreswan => offers_group_of_libreswan(offered) || (takes_none(accepted) && !offers_group(offered)),
        }
    }
}

fn refuse_pfs(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    let unknown = |proposals: &[Proposal]| proposals.iter().any(|proposal| proposal.groups.is_none());
    let values = (types(offered, Transform::Group), types(accepted, Transform::Group));
    let fields = ("ipsec.pfs", "ipsec.pfs");
    if unknown(offered) || unknown(accepted) {
        case.unread(fields, values, "the PFS group of an end is not known");
        return;
    }
    // Both have the group, in proposals that do not match otherwise.
    let common = |one: &Proposal, other: &Proposal| common(one, other, &[Transform::Group]).is_whole();
    let apart = offered.iter().any(|one| accepted.iter().any(|other| common(one, other)));
    let values = if apart { (list(offered), list(accepted)) } else { values };
    if case.is_v1() {
        let exchange = Exchange::QuickMode;
        let text = "the PFS groups differ: the IKE SA comes up, Quick Mode is refused";
        case.fail("ipsec.pfs", values, exchange, "NO_PROPOSAL_CHOSEN", text);
    } else {
        let mut explanation =
            "the PFS groups differ: in IKEv2 the first Child SA comes up without PFS, its rekey is refused, and traffic stops \
                               for good when its lifetime ends"
                .to_owned();
        let ignores = [case.starter, case.answerer].into_iter().any(|peer| at_rekey(case, peer, &peer.end.esp) != peer.end.esp);
        if ignores {
            explanation
                .push_str("; Libreswan 4.5 to 4.11 rekeys with the group of the IKE SA, whatever group esp= names: use one group for both");
        }
        if case.starter.end.children.as_ref().is_some_and(|children| children.len() > 1) {
            explanation.push_str("; a second Child SA is refused from the start");
        }
        case.add(Found { fields, values, effect: Verdict::UpFailsAtRekey, log: "NO_PROPOSAL_CHOSEN", explanation });
    }
}

fn lax(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    let values = (types(offered, Transform::Group), types(accepted, Transform::Group));
    let explanation =
        "the PFS groups differ, and this end takes any group that the other offers: it works only while that one starts".to_owned();
    case.add(Found { fields: ("ipsec.pfs", "ipsec.pfs"), values, effect: Verdict::Up, log: "", explanation });
}

/// Between ends that rekey with the group of the IKE SA the configured groups count for the second Child SA and those after it.
fn first_only(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    let values = (types(offered, Transform::Group), types(accepted, Transform::Group));
    let cut = super::nets::after_the_first(case);
    let (effect, text) = if cut.is_empty() {
        (Verdict::Up, "the PFS groups differ: Libreswan 4.5 to 4.11 rekeys with the group of the IKE SA, so that it works all the same")
    } else {
        (Verdict::UpNarrowed { cut }, "the PFS groups differ: every Child SA after the first is refused")
    };
    let (fields, explanation) = (("ipsec.pfs", "ipsec.pfs"), text.to_owned());
    case.add(Found { fields, values, effect, log: "NO_PROPOSAL_CHOSEN", explanation });
}

fn truncation(case: &mut Case<'_>) {
    let (one, other) = (case.starter.end.truncates_sha256, case.answerer.end.truncates_sha256);
    let sha256 = case.suite.contains(&("ipsec.integrity", Algorithm::named("sha256")));
    if one != other && sha256 {
        let text = |cut: bool| if cut { "sha256 cut to 96 bits" } else { "sha256" }.to_owned();
        let explanation =
            "one end cuts SHA-256 in ESP to 96 bits: the proposals are equal on the wire, and every packet is dropped".to_owned();
        let fields = ("ipsec.integrity", "ipsec.integrity");
        case.add(Found { fields, values: (text(one), text(other)), effect: Verdict::UpNoTraffic, log: "", explanation });
    }
}

fn compression(case: &mut Case<'_>) {
    let refused = case.is_v1() && case.starter.daemon == Daemon::Libreswan && case.starter.end.compress && !case.answerer.end.compress;
    if refused {
        let values = ("on".to_owned(), "off".to_owned());
        let text = "Libreswan asks for IP compression in Quick Mode and is refused";
        case.fail("ipsec.compress", values, Exchange::QuickMode, "NO_PROPOSAL_CHOSEN", text);
    }
}
