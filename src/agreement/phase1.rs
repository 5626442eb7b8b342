//! The IKE SA: version, mode, proposals.

use super::algorithm::{Algorithm, Common, Proposal, Transform, closest, common};
use super::case::{Case, Daemon, Found, Peer, UNREAD, shown};
use super::end::{End, Kind};
use super::verdict::{Exchange, Severity, Verdict};
use super::{addresses, authentication, loads};
use crate::model::Term;

const IKE_V1: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Group];
const IKE_V2: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Prf, Transform::Group];

/// Compares everything that the IKE SA is made from.
pub(super) fn compare(case: &mut Case<'_>) {
    version(case);
    addresses::compare(case);
    loads::compare(case);
    proposals(case);
    authentication::identities(case);
    authentication::keys(case);
    addresses::encapsulation(case);
}

fn version(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    let list = |versions: &Option<Vec<Term>>| {
        shown(versions.as_ref().map(|list| list.iter().map(|term| term.word()).collect::<Vec<_>>().join(", ")))
    };
    let values = (list(&starter.versions), list(&answerer.versions));
    let (Some(offered), Some(accepted)) = (&starter.versions, &answerer.versions) else {
        // What can be said is said of the version that is known.
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
        case.fail("ike.version", values, exchange, log, "the ends speak different IKE versions");
        // The rest is compared as it would be once both speak the newer one.
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
            case.fail("ike.mode", values, exchange, log, "the ends use different exchange modes of IKEv1");
        }
        (Some(Term::Aggressive), Some(_)) => refused_by_default(case, values),
        (Some(_), Some(_)) => {}
        _ => case.unread(("ike.mode", "ike.mode"), values, "the exchange mode of an end is not known"),
    }
}

/// A strongSwan that answers takes no aggressive mode with a pre-shared key unless `strongswan.conf` says so, which is not
/// in what was read. A cloud that offers the mode answers it.
fn refused_by_default(case: &mut Case<'_>, values: (String, String)) {
    let answerer = case.answerer;
    if answerer.daemon != Daemon::Strongswan || !(answerer.certain || answerer.end.kind == Kind::Unknown) {
        return;
    }
    let end = if answerer.certain { "the end that answers is strongSwan, which" } else { "the end that answers may be strongSwan, which" };
    let explanation = format!(
        "{end} refuses aggressive mode with a pre-shared key (AUTHENTICATION_FAILED) unless its strongswan.conf has \
         charon.i_dont_care_about_security_and_use_aggressive_mode_psk = yes"
    );
    case.add(Found { fields: ("ike.mode", "ike.mode"), values, effect: Verdict::Up, log: "", explanation });
    if let Some(finding) = case.findings.last_mut() {
        finding.severity = Severity::Warn;
    }
}

/// What a starter really sends of its proposals.
pub(super) fn sent(peer: &Peer<'_>, proposals: &[Proposal], v1: bool) -> Vec<Proposal> {
    if v1 && peer.daemon == Daemon::Strongswan { proposals.iter().map(Proposal::first).collect() } else { proposals.to_vec() }
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
    let mut accepted = answerer.ike.clone();
    let exchange = case.first_exchange();
    if v1 {
        let has_aead = |proposals: &[Proposal]| {
            proposals.iter().all(|proposal| {
                proposal.encryption.as_ref().is_some_and(|ciphers| !ciphers.is_empty() && ciphers.iter().all(Algorithm::is_aead))
            })
        };
        if has_aead(&offered) || has_aead(&accepted) {
            let values = (types(&offered, Transform::Encryption), types(&accepted, Transform::Encryption));
            let explanation = "IKEv1 has no AEAD cipher for the IKE SA: it never works, even when both ends have the same";
            case.fail("ike.encryption", values, exchange, "NO_PROPOSAL_CHOSEN", explanation);
            return;
        }
        for proposal in offered.iter_mut().chain(&mut accepted) {
            if let Some(ciphers) = &mut proposal.encryption {
                ciphers.retain(|cipher| !cipher.is_aead());
            }
        }
    }
    let found = select(&accepted, &offered, transforms);
    let Some(found) = found else { return };
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

/// What the answerer takes: the first of its own proposals that any of the offered ones meets.
fn select(own: &[Proposal], offered: &[Proposal], transforms: &[Transform]) -> Option<Common> {
    closest(own, offered, transforms)
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
    // A PRF that follows from the integrity is changed by changing that.
    let name = |transform: Transform| if transform == Transform::Prf && !explicit { "ike.integrity" } else { field(transform) };
    let values = |transform: Transform| (types(offered, transform), types(accepted, transform));
    // Where two types are common only in different proposals, each type by itself looks well: say which lists these are.
    let several = offered.len() > 1 || accepted.len() > 1;
    for transform in &found.missing {
        let values = if several { (list(offered), list(accepted)) } else { values(*transform) };
        let text = match transform {
            Transform::Group => "the ends have no Diffie-Hellman group of the IKE SA in common",
            Transform::Encryption => "the ends have no encryption of the IKE SA in common",
            Transform::Prf => "the ends have no PRF of the IKE SA in common",
            _ => "the ends have no integrity algorithm of the IKE SA in common",
        };
        case.fail(name(*transform), values, exchange, "NO_PROPOSAL_CHOSEN", &first_only(case, text));
    }
    for transform in &found.unknown {
        let field = name(*transform);
        case.unread((field, field), values(*transform), "a value of the IKE proposal is not known");
    }
}

fn first_only(case: &Case<'_>, text: &str) -> String {
    let hides = |proposal: &Proposal| {
        [&proposal.encryption, &proposal.integrity, &proposal.groups].iter().any(|set| set.as_ref().is_some_and(|set| set.len() > 1))
    };
    let daemon = case.starter.daemon == Daemon::Strongswan && case.is_v1();
    if daemon && case.starter.end.ike.iter().any(hides) {
        format!("{text}; in IKEv1 strongSwan sends only the first value of each type of a proposal")
    } else {
        text.to_owned()
    }
}

/// The starter's key exchange guesses a group: repaired in IKEv2, final in aggressive mode.
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
        let explanation = "the starter guesses another group first; it is told, and repeats at once with the right one".to_owned();
        let fields = ("ike.dh_group", "ike.dh_group");
        case.add(Found { fields, values, effect: Verdict::Up, log: "INVALID_KE_PAYLOAD", explanation });
    } else if case.mode == Term::Aggressive {
        // The answerer may still take another proposal with the guessed group, if one stands first on its own list.
        let explanation = "in aggressive mode the first message fixes the group: what follows in the list does not help";
        case.fail("ike.dh_group", values, exchange, "NO_PROPOSAL_CHOSEN", explanation);
    }
}

/// The values of a type over all proposals, each once.
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

/// Proposals as text.
pub(super) fn list(proposals: &[Proposal]) -> String {
    proposals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether one proposal of each list matches in these types.
pub(super) fn agree(own: &[Proposal], other: &[Proposal], transforms: &[Transform]) -> bool {
    own.iter().any(|ours| other.iter().any(|theirs| common(ours, theirs, transforms).is_whole()))
}
