//! PFS of Child SAs: refused at once in IKEv1, at the first rekey in IKEv2.

use super::case::{Case, Daemon, Found, Peer};
use super::lists::{agree, list, types};
use super::nets;
use crate::agreement::algorithm::{Algorithm, NONE, Transform};
use crate::agreement::cause::Cause;
use crate::agreement::common::{closest, common};
use crate::agreement::proposal::Proposal;
use crate::agreement::verdict::{Exchange, Verdict};

const WITH_PFS: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Group, Transform::Esn];

/// Compares the PFS groups of proposals that match otherwise.
pub(super) fn compare(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    if case.is_v1() {
        if !is_taken(case.answerer, offered, accepted) {
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

/// The proposals of an end when it rekeys a Child SA in IKEv2. With `pfs=yes`, Libreswan uses the group of the IKE SA,
/// whatever group `esp=` names: measured with 4.10; since 4.5 according to Libreswan issue 1265.
fn at_rekey(case: &Case<'_>, peer: Peer<'_>, proposals: &[Proposal]) -> Vec<Proposal> {
    // Only a known Libreswan is judged by a fault that some of its versions have.
    let own = case.group.as_ref().filter(|_| peer.daemon == Daemon::Libreswan && peer.certain);
    let Some(own) = own else { return proposals.to_vec() };
    let has_group = |proposal: &Proposal| proposal.groups.iter().flatten().any(|group| *group != NONE);
    let with_own = |proposal: &Proposal| {
        if has_group(proposal) { Proposal { groups: Some(vec![own.clone()]), ..proposal.clone() } } else { proposal.clone() }
    };
    proposals.iter().map(with_own).collect()
}

/// Compares the PFS groups alone, where the rest of the proposals fails anyway.
pub(super) fn compare_alone(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
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

/// Whether a group is offered that Libreswan supports; it answers `BAD_PROPOSAL_SYNTAX` to the others.
fn offers_group_of_libreswan(proposals: &[Proposal]) -> bool {
    let has = |group: &Algorithm| *group != NONE && !matches!(group.group(), Some(1 | 2 | 22 | 23 | 24));
    proposals.iter().any(|proposal| proposal.groups.as_ref().is_some_and(|groups| groups.iter().any(has)))
}

fn takes_none(proposals: &[Proposal]) -> bool {
    proposals.iter().any(|proposal| proposal.groups.as_ref().is_some_and(|groups| groups.contains(&NONE)))
}

/// Whether the answerer accepts the groups of a Quick Mode.
fn is_taken(answerer: Peer<'_>, offered: &[Proposal], accepted: &[Proposal]) -> bool {
    match answerer.daemon {
        // A gateway that was configured with a group has it, whatever software it is; a Libreswan that has not does not load.
        _ if agree(accepted, offered, WITH_PFS) => true,
        Daemon::Strongswan => agree(accepted, offered, WITH_PFS),
        // It accepts any group that it supports, even with pfs=no; with pfs=yes it only insists that one is offered.
        Daemon::Libreswan => offers_group_of_libreswan(offered) || (takes_none(accepted) && !offers_group(offered)),
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
    // Where both have the group, but in proposals that do not match otherwise, the whole lists show the fault.
    let common = |one: &Proposal, other: &Proposal| common(one, other, &[Transform::Group]).is_whole();
    let apart = offered.iter().any(|one| accepted.iter().any(|other| common(one, other)));
    let values = if apart { (list(offered), list(accepted)) } else { values };
    if case.is_v1() {
        let exchange = Exchange::QuickMode;
        let text = "the PFS groups differ: the IKE SA comes up, but Quick Mode is refused";
        case.fail((Cause::Pfs, "ipsec.pfs"), values, exchange, "NO_PROPOSAL_CHOSEN", text);
    } else {
        let ignores = [case.starter, case.answerer].into_iter().any(|peer| at_rekey(case, peer, &peer.end.esp) != peer.end.esp);
        let groups = if ignores {
            "the groups of the rekey differ, since Libreswan 4.5 to 4.11 rekeys with the group of the IKE SA, whatever group esp= names: \
             use the same group in both phases"
        } else {
            "the PFS groups differ"
        };
        let mut explanation = format!(
            "{groups}: in IKEv2 the first Child SA comes up without PFS, but its rekey is refused, and traffic stops for good when its \
             lifetime ends"
        );
        if case.starter.end.children.as_ref().is_some_and(|children| children.len() > 1) {
            explanation.push_str("; a second Child SA is refused from the start");
        }
        let cause = if ignores { Cause::PfsOfIkeSa } else { Cause::Pfs };
        case.add(Found { cause, fields, values, effect: Verdict::UpFailsAtRekey, log: "NO_PROPOSAL_CHOSEN", explanation });
    }
}

/// Libreswan as answerer accepts a group that differs from its own.
fn lax(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    let values = (types(offered, Transform::Group), types(accepted, Transform::Group));
    let explanation =
        "the PFS groups differ, but the answering end accepts any group: this works only while the other end starts".to_owned();
    case.add(Found { cause: Cause::PfsHarmless, fields: ("ipsec.pfs", "ipsec.pfs"), values, effect: Verdict::Up, log: "", explanation });
}

/// Where both ends rekey with the group of the IKE SA, the configured groups matter only for the second and later Child SAs.
fn first_only(case: &mut Case<'_>, offered: &[Proposal], accepted: &[Proposal]) {
    let values = (types(offered, Transform::Group), types(accepted, Transform::Group));
    let cut = nets::after_the_first(case);
    let (cause, effect, text) = if cut.is_empty() {
        let text =
            "the PFS groups differ without consequence: Libreswan 4.5 to 4.11 rekeys with the group of the IKE SA instead of its own";
        (Cause::PfsHarmless, Verdict::Up, text)
    } else {
        (Cause::Pfs, Verdict::UpNarrowed { cut }, "the PFS groups differ: every Child SA after the first is refused")
    };
    let (fields, explanation) = (("ipsec.pfs", "ipsec.pfs"), text.to_owned());
    case.add(Found { cause, fields, values, effect, log: "NO_PROPOSAL_CHOSEN", explanation });
}
