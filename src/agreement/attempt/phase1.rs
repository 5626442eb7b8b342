//! The IKE SA: version, mode, proposals.

use super::case::{Case, Daemon, Found, UNREAD, shown};
use super::lists::{list, sent, taken, types};
use super::{addresses, authentication, keys, loads};
use crate::agreement::algorithm::{Algorithm, Transform};
use crate::agreement::cause::Cause;
use crate::agreement::common::{Common, closest, common};
use crate::agreement::end::{End, Kind};
use crate::agreement::finding::Severity;
use crate::agreement::proposal::Proposal;
use crate::agreement::verdict::{Exchange, Verdict};
use crate::model::Term;

const IKE_V1: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Group];
const IKE_V2: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Prf, Transform::Group];

/// Compares everything that the IKE SA depends on.
pub(super) fn compare(case: &mut Case<'_>) {
    version(case);
    addresses::compare(case);
    loads::compare(case);
    proposals(case);
    authentication::identities(case);
    if authentication::methods(case) {
        keys::compare(case);
    }
    addresses::encapsulation(case);
}

fn version(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    let list = |versions: &Option<Vec<Term>>| {
        shown(versions.as_ref().map(|list| list.iter().map(|term| term.word()).collect::<Vec<_>>().join(", ")))
    };
    let values = (list(&starter.versions), list(&answerer.versions));
    let (Some(offered), Some(accepted)) = (&starter.versions, &answerer.versions) else {
        // The rest is compared with the version that is known.
        let known = starter.versions.as_ref().or(answerer.versions.as_ref()).and_then(|versions| versions.first());
        case.version = known.copied().unwrap_or(Term::Ikev2);
        case.mode = starter.mode.or(answerer.mode).unwrap_or(Term::Main);
        case.unread(("ike.version", "ike.version"), values, "the IKE version of an end is not known");
        return;
    };
    let first = offered.first().copied().unwrap_or(Term::Ikev2);
    case.mode = starter.mode.or(answerer.mode).unwrap_or(Term::Main);
    case.version = first;
    if !accepted.contains(&first) {
        let exchange = case.first_exchange();
        let silent = case.answerer.daemon == Daemon::Libreswan && first == Term::Ikev1;
        let log = if silent { "timeout" } else { "NO_PROPOSAL_CHOSEN" };
        case.fail((Cause::Version, "ike.version"), values, exchange, log, "the ends use different IKE versions");
        // The rest is compared as it would be once both ends use IKEv2.
        case.version = Term::Ikev2;
        return;
    }
    if first == Term::Ikev1 {
        mode(case);
    }
}

fn mode(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end.mode, case.answerer.end.mode);
    let values = (shown(starter), shown(answerer));
    match (starter, answerer) {
        (Some(one), Some(other)) if one != other => {
            let silent = case.answerer.daemon == Daemon::Libreswan;
            let (exchange, log) = (case.first_exchange(), if silent { "timeout" } else { "AUTHENTICATION_FAILED" });
            case.fail((Cause::Mode, "ike.mode"), values, exchange, log, "the ends use different IKEv1 exchange modes");
        }
        (Some(Term::Aggressive), Some(_)) => refused_by_default(case, values),
        (Some(_), Some(_)) => {}
        _ => case.unread(("ike.mode", "ike.mode"), values, "the exchange mode of an end is not known"),
    }
}

/// A strongSwan that answers refuses aggressive mode with a pre-shared key unless its `strongswan.conf`, which is not read
/// here, allows it. A cloud that offers the mode answers it.
fn refused_by_default(case: &mut Case<'_>, values: (String, String)) {
    let answerer = case.answerer;
    if answerer.daemon != Daemon::Strongswan || !(answerer.certain || answerer.end.kind == Kind::Unknown) {
        return;
    }
    let end = if answerer.certain { "the answering end is strongSwan, which" } else { "the answering end may be strongSwan, which" };
    let explanation = format!(
        "{end} refuses aggressive mode with a pre-shared key (AUTHENTICATION_FAILED) unless its strongswan.conf sets \
         charon.i_dont_care_about_security_and_use_aggressive_mode_psk = yes"
    );
    let (cause, fields) = (Cause::ModeRefused, ("ike.mode", "ike.mode"));
    case.add(Found { cause, fields, values, effect: Verdict::Up, log: "", explanation });
    if let Some(finding) = case.findings.last_mut() {
        finding.severity = Severity::Warn;
    }
}

fn proposals(case: &mut Case<'_>) {
    let v1 = case.is_v1();
    let transforms = if v1 { IKE_V1 } else { IKE_V2 };
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    if starter.ike.is_empty() || answerer.ike.is_empty() {
        let text = |end: &End| if end.ike.is_empty() { UNREAD.to_owned() } else { list(&end.ike) };
        case.unread(("ike.encryption", "ike.encryption"), (text(starter), text(answerer)), "the IKE proposal of an end is not known");
        return;
    }
    let mut offered = sent(&case.starter, &starter.ike, v1);
    let mut accepted = taken(&case.answerer, &answerer.ike, (&offered, true), v1);
    let exchange = case.first_exchange();
    if v1 {
        let has_aead = |proposals: &[Proposal]| {
            proposals.iter().all(|proposal| {
                proposal.encryption.as_ref().is_some_and(|ciphers| !ciphers.is_empty() && ciphers.iter().all(Algorithm::is_aead))
            })
        };
        if has_aead(&offered) || has_aead(&accepted) {
            let values = (types(&offered, Transform::Encryption), types(&accepted, Transform::Encryption));
            let explanation = "IKEv1 has no AEAD cipher for the IKE SA: this never works, even when both ends have the same cipher";
            case.fail((Cause::AeadInIkev1, "ike.encryption"), values, exchange, "NO_PROPOSAL_CHOSEN", explanation);
            return;
        }
        for proposal in offered.iter_mut().chain(&mut accepted) {
            if let Some(ciphers) = &mut proposal.encryption {
                ciphers.retain(|cipher| !cipher.is_aead());
            }
        }
        if !prfs(case, &mut offered, &mut accepted, exchange) {
            return;
        }
    }
    // The answerer takes the first of its own proposals that an offered one matches.
    let Some(found) = closest(&accepted, &offered, transforms) else { return };
    report(case, &found, (&offered, &accepted), exchange);
    if found.is_whole() {
        wrong_guess(case, &found, &offered, exchange);
    }
    if found.is_whole() {
        case.group = found.get(Transform::Group).cloned();
        for (transform, value) in found.chosen {
            case.suite.push((field(transform), value));
        }
    }
}

/// Leaves out what strongSwan lists and does not take in IKEv1: a hash that is not among the PRFs of its proposal (measured). The
/// starter sends no PRF, and holds the answer against all that it has. Returns whether anything is left.
fn prfs(case: &mut Case<'_>, offered: &mut Vec<Proposal>, accepted: &mut Vec<Proposal>, exchange: Exchange) -> bool {
    let (starter, answerer) = (case.starter, case.answerer);
    let is_set = |proposals: &[Proposal]| proposals.iter().any(|proposal| !proposal.prf.is_empty());
    let values = (types(offered, Transform::Prf), types(accepted, Transform::Prf));
    if starter.daemon == Daemon::Strongswan && is_set(&starter.end.ike) {
        let own: Vec<Proposal> = starter.end.ike.iter().map(with_prf_of_hash).collect();
        offered.iter_mut().for_each(|proposal| proposal.prf.clear());
        offered.retain(|sent| own.iter().any(|own| common(own, sent, IKE_V1).is_whole()));
    }
    if answerer.daemon == Daemon::Strongswan && is_set(accepted) {
        *accepted = accepted.iter().map(with_prf_of_hash).collect();
        accepted.retain(|proposal| proposal.integrity.as_ref().is_none_or(|hashes| !hashes.is_empty()));
    }
    if offered.is_empty() || accepted.is_empty() {
        let text = "in IKEv1 the PRF is that of the hash, and strongSwan refuses a hash that is not among the PRFs of its proposal";
        case.fail((Cause::PrfInIkev1, "ike.prf"), values, exchange, "NO_PROPOSAL_CHOSEN", text);
    }
    !offered.is_empty() && !accepted.is_empty()
}

/// A proposal with those of its hashes that are among its PRFs, where it names any.
fn with_prf_of_hash(proposal: &Proposal) -> Proposal {
    let fits = |hash: &&Algorithm| proposal.prf.is_empty() || proposal.prf.contains(hash);
    let integrity = proposal.integrity.as_ref().map(|hashes| hashes.iter().filter(fits).cloned().collect());
    Proposal { integrity, prf: Vec::new(), ..proposal.clone() }
}

const fn field(transform: Transform) -> &'static str {
    match transform {
        Transform::Encryption => "ike.encryption",
        Transform::Integrity => "ike.integrity",
        Transform::Prf => "ike.prf",
        Transform::Group => "ike.dh_group",
        Transform::Esn => "ipsec.esn",
    }
}

fn report(case: &mut Case<'_>, found: &Common, (offered, accepted): (&[Proposal], &[Proposal]), exchange: Exchange) {
    let explicit = offered.iter().chain(accepted).any(|proposal| !proposal.prf.is_empty());
    // A PRF that follows from the integrity changes with it.
    let name = |transform: Transform| if transform == Transform::Prf && !explicit { "ike.integrity" } else { field(transform) };
    let values = |transform: Transform| (types(offered, transform), types(accepted, transform));
    // Where the values of two types match only in different proposals, neither type shows the fault: show the whole lists.
    let several = offered.len() > 1 || accepted.len() > 1;
    for transform in &found.missing {
        let values = if several { (list(offered), list(accepted)) } else { values(*transform) };
        let text = match transform {
            Transform::Group => "the ends have no Diffie-Hellman group for the IKE SA in common",
            Transform::Encryption => "the ends have no encryption algorithm for the IKE SA in common",
            Transform::Prf => "the ends have no PRF for the IKE SA in common",
            _ => "the ends have no integrity algorithm for the IKE SA in common",
        };
        case.fail((Cause::IkeProposal, name(*transform)), values, exchange, "NO_PROPOSAL_CHOSEN", &first_only(case, text));
    }
    for transform in &found.unknown {
        let field = name(*transform);
        case.unread((field, field), values(*transform), "a value in the IKE proposal is not known");
    }
}

/// Adds that strongSwan does not send everything that its proposals list.
fn first_only(case: &Case<'_>, text: &str) -> String {
    let hides = |proposal: &Proposal| {
        [&proposal.encryption, &proposal.integrity, &proposal.groups].iter().any(|set| set.as_ref().is_some_and(|set| set.len() > 1))
    };
    let daemon = case.starter.daemon == Daemon::Strongswan && case.is_v1();
    if daemon && case.starter.end.ike.iter().any(hides) {
        format!("{text}; in IKEv1 strongSwan sends only the first value of each type in a proposal")
    } else {
        text.to_owned()
    }
}

/// The starter's first message already uses a group. A wrong guess is corrected in IKEv2, and final in aggressive mode.
fn wrong_guess(case: &mut Case<'_>, found: &Common, offered: &[Proposal], exchange: Exchange) {
    let guess = offered.first().and_then(|proposal| proposal.groups.as_ref()?.first());
    let chosen = found.get(Transform::Group);
    let (Some(guess), Some(chosen)) = (guess, chosen) else { return };
    if guess == chosen {
        return;
    }
    let values = (format!("starts with {guess}"), chosen.to_string());
    if !case.is_v1() {
        let guessed_well =
            case.answerer.end.ike.iter().any(|proposal| proposal.groups.as_ref().is_some_and(|groups| groups.contains(guess)));
        if guessed_well {
            return;
        }
        let explanation =
            "the starter tries another group first; the other end names the right one, and the starter repeats the request with it"
                .to_owned();
        let fields = ("ike.dh_group", "ike.dh_group");
        case.add(Found { cause: Cause::FirstGroup, fields, values, effect: Verdict::Up, log: "INVALID_KE_PAYLOAD", explanation });
    } else if case.mode == Term::Aggressive {
        // The answerer may still take another proposal with the guessed group, if one stands first on its own list.
        let explanation = "in aggressive mode the first message fixes the group: the other groups in the list are never tried";
        case.fail((Cause::FirstGroup, "ike.dh_group"), values, exchange, "NO_PROPOSAL_CHOSEN", explanation);
    }
}
