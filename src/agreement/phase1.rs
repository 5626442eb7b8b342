//! The IKE SA: addresses, version, mode, proposals, identities, key.

use std::net::IpAddr;

use super::algorithm::{Algorithm, Common, Proposal, Transform, closest, common};
use super::case::{Case, Daemon, Found, Peer, UNREAD, shown};
use super::end::{Address, Encapsulation, End, IdKind, Identity, Peers, Psk};
use super::verdict::{Exchange, Verdict};
use crate::fingerprint::fingerprint;
use crate::model::Term;

const IKE_V1: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Group];
const IKE_V2: &[Transform] = &[Transform::Encryption, Transform::Integrity, Transform::Prf, Transform::Group];

const ADDRESS: &str = "gateway_address";
const PEER: &str = "peer_address";
const LOCAL_ID: &str = "ike.local_id.value";
const REMOTE_ID: &str = "ike.remote_id.value";

/// Compares everything that the IKE SA is made from.
pub(super) fn compare(case: &mut Case<'_>) {
    version(case);
    addresses(case);
    loads(case);
    proposals(case);
    identities(case);
    keys(case);
    encapsulation(case);
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
        (Some(_), Some(_)) => {}
        _ => case.unread(("ike.mode", "ike.mode"), values, "the exchange mode of an end is not known"),
    }
}

/// Whether an end takes the other for its peer: each direction by itself.
fn addresses(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    if case.answerer.end.is_behind_nat() {
        let exchange = Exchange::Start;
        let values = (format!("starts to {}", peers(&starter.peers)), "behind a NAT".to_owned());
        case.fail("nat_traversal", values, exchange, "timeout", "nothing reaches an end behind a NAT before it has started itself");
    }
    if starter.peers == Peers::Any {
        let values = (peers(&starter.peers), address(answerer.seen_address()));
        let fields = (PEER, ADDRESS);
        let explanation = "this end has no address to start to: only the other end can start".to_owned();
        case.add(Found { fields, values, effect: Verdict::Down { exchange: Exchange::Start }, log: "", explanation });
    } else {
        meets(case, (&starter.peers, answerer.seen_address()), (PEER, ADDRESS), false);
    }
    meets(case, (&answerer.peers, starter.seen_address()), (ADDRESS, PEER), true);
}

fn meets(case: &mut Case<'_>, (accepted, real): (&Peers, Address), fields: (&'static str, &'static str), starter_is_real: bool) {
    let holds = |address: IpAddr| match accepted {
        Peers::Any => true,
        Peers::Listed(nets) => nets.iter().any(|net| net.contains(&address)),
        Peers::Presumed(presumed) => *presumed == address,
        Peers::Unknown => false,
    };
    let shown = (peers(accepted), address(real));
    let values = if starter_is_real { (shown.1, shown.0) } else { shown };
    if *accepted == Peers::Any || real.get().is_some_and(holds) {
        return;
    }
    match (accepted, real) {
        (Peers::Listed(_), Address::Known(_)) => {
            let silent = !starter_is_real || case.answerer.daemon == Daemon::Libreswan;
            let log = if silent { "timeout" } else { "NO_PROPOSAL_CHOSEN" };
            let exchange = case.first_exchange();
            let explanation = "an end does not know the other's address as its peer's".to_owned();
            case.add(Found { fields, values, effect: Verdict::Down { exchange }, log, explanation });
        }
        // An end that listens on any of its addresses has the right one among them, or nobody can say.
        (_, Address::Any) => {}
        _ => case.unread(
            fields,
            values,
            "the outer address of an end, or the one that the other expects, is not in what was read and cannot be told from the identities",
        ),
    }
}

fn peers(peers: &Peers) -> String {
    match peers {
        Peers::Any => "any".to_owned(),
        Peers::Listed(nets) => {
            let text = |net: &ipnet::IpNet| if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() };
            nets.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        Peers::Presumed(address) => format!("{address} (presumed)"),
        Peers::Unknown => UNREAD.to_owned(),
    }
}

fn address(address: Address) -> String {
    match address {
        Address::Known(address) => address.to_string(),
        Address::Presumed(address) => format!("{address} (presumed)"),
        Address::Any => "any".to_owned(),
        Address::Unknown => UNREAD.to_owned(),
    }
}

/// What Libreswan refuses to load.
fn loads(case: &mut Case<'_>) {
    for (peer, is_starter) in [(case.starter, true), (case.answerer, false)] {
        if peer.daemon != Daemon::Libreswan || !peer.certain {
            continue;
        }
        let end = peer.end;
        let mut refuse = |field: &'static str, value: String, why: &str| {
            let other = "-".to_owned();
            let values = if is_starter { (value, other) } else { (other, value) };
            case.fail(field, values, Exchange::Load, "", &format!("Libreswan does not load this: {why}"));
        };
        let v1 = end.versions.as_ref().is_some_and(|versions| versions.first() == Some(&Term::Ikev1));
        for (proposals, encryption, group) in [(&end.ike, "ike.encryption", "ike.dh_group"), (&end.esp, "ipsec.encryption", "ipsec.pfs")] {
            for proposal in proposals {
                for cipher in proposal.encryption.iter().flatten() {
                    if cipher.name() == "des" {
                        refuse(encryption, cipher.to_string(), "it has no des");
                    }
                    if v1 && cipher.is_aead() && encryption == "ike.encryption" {
                        refuse(encryption, cipher.to_string(), "IKEv1 has no AEAD for the IKE SA");
                    }
                }
                for number in proposal.groups.iter().flatten() {
                    if matches!(number.group(), Some(1 | 2 | 22 | 23 | 24)) {
                        refuse(group, number.to_string(), "it has no groups 1, 2, 22, 23 and 24");
                    }
                    if v1 && group == "ipsec.pfs" && matches!(number.group(), Some(19..=21 | 25..=32)) {
                        refuse(group, number.to_string(), "it has no such PFS group in IKEv1");
                    }
                }
            }
        }
        let mut groups: Vec<&Algorithm> = end.ike.iter().flat_map(|proposal| proposal.groups.iter().flatten()).collect();
        groups.dedup();
        if v1 && groups.len() > 1 {
            let text = groups.iter().map(|group| group.name()).collect::<Vec<_>>().join(", ");
            refuse("ike.dh_group", text, "several groups in one list of IKEv1");
        }
        if v1 && end.narrowing {
            refuse("local_subnets", "narrowing=yes".to_owned(), "narrowing with IKEv1");
        }
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

fn identities(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    identity(case, (starter.sends(), answerer.expects()), true);
    identity(case, (answerer.sends(), starter.expects()), false);
    if case.is_v1() && case.mode == Term::Main {
        let is_name = |end: &End| end.local_id.as_ref().is_some_and(|id| id.kind != IdKind::Ip && id.kind != IdKind::Any);
        if is_name(starter) || is_name(answerer) {
            let values = (shown(starter.sends()), shown(answerer.sends()));
            let explanation =
                "main mode with a pre-shared key finds the key by address before it sees the name: keep one key for each address";
            let fields = (LOCAL_ID, LOCAL_ID);
            case.add(Found { fields, values, effect: Verdict::Up, log: "", explanation: explanation.to_owned() });
        }
    }
}

fn identity(case: &mut Case<'_>, (sent, expected): (Option<Identity>, Option<Identity>), by_starter: bool) {
    let order = |sent: String, expected: String| if by_starter { (sent, expected) } else { (expected, sent) };
    let fields = if by_starter { (LOCAL_ID, REMOTE_ID) } else { (REMOTE_ID, LOCAL_ID) };
    let values = order(shown(sent.as_ref()), shown(expected.as_ref()));
    let (Some(sent), Some(expected)) = (sent, expected) else {
        case.unread(fields, values, "an identity is not in what was read, and neither is the address that would stand for it");
        return;
    };
    let checker = if by_starter { case.answerer.daemon } else { case.starter.daemon };
    let exchange = case.identity_exchange();
    match matches(&sent, &expected, checker) {
        Match::Yes => {}
        Match::CaseOnly => {
            // It hashes its own spelling, which is as good as another key.
            if case.is_v1() && case.mode == Term::Aggressive && case.answerer.daemon == Daemon::Libreswan && by_starter {
                let explanation =
                    "the names differ in upper and lower case: in aggressive mode Libreswan hashes its own spelling".to_owned();
                case.add(Found { fields, values, effect: Verdict::Down { exchange }, log: "AUTHENTICATION_FAILED", explanation });
            }
        }
        Match::No => {
            let v1_libreswan = case.is_v1() && checker == Daemon::Libreswan;
            let log = match (v1_libreswan, case.mode) {
                (true, Term::Main) => "timeout",
                (true, _) => "INVALID_ID_INFORMATION",
                _ => "AUTHENTICATION_FAILED",
            };
            let explanation = if sent.text == expected.text {
                "the identity has the right text and another type: the type counts"
            } else {
                "the identity that is sent is not the one that is expected"
            };
            let (fields, values) = typed(fields, values, &sent, &expected);
            case.add(Found { fields, values, effect: Verdict::Down { exchange }, log, explanation: explanation.to_owned() });
        }
    }
}

/// A difference in the type alone is one of the type.
fn typed(
    fields: (&'static str, &'static str),
    values: (String, String),
    sent: &Identity,
    expected: &Identity,
) -> ((&'static str, &'static str), (String, String)) {
    let kind = |field: &'static str| if field == LOCAL_ID { "ike.local_id.type" } else { "ike.remote_id.type" };
    if sent.text == expected.text && sent.kind != expected.kind { ((kind(fields.0), kind(fields.1)), values) } else { (fields, values) }
}

enum Match {
    Yes,
    CaseOnly,
    No,
}

fn matches(sent: &Identity, expected: &Identity, checker: Daemon) -> Match {
    if expected.kind == IdKind::Any {
        // Measured: Libreswan's rightid=%any does not take a name.
        return if checker == Daemon::Libreswan && sent.kind == IdKind::Fqdn { Match::No } else { Match::Yes };
    }
    if sent.kind != expected.kind {
        return Match::No;
    }
    if sent.text == expected.text {
        return Match::Yes;
    }
    let named = matches!(sent.kind, IdKind::Fqdn | IdKind::Email);
    if named && sent.text.eq_ignore_ascii_case(&expected.text) {
        return Match::CaseOnly;
    }
    if named
        && checker == Daemon::Strongswan
        && let Some(rest) = expected.text.strip_prefix('*')
        && sent.text.to_ascii_lowercase().ends_with(&rest.to_ascii_lowercase())
    {
        return Match::Yes;
    }
    Match::No
}

fn keys(case: &mut Case<'_>) {
    let exchange = case.identity_exchange();
    let text = |psk: &Psk| match psk {
        Psk::Known(secret) => format!("fp {}", fingerprint(secret)),
        Psk::Unreadable => UNREAD.to_owned(),
        Psk::Missing => "none".to_owned(),
    };
    let (one, other) = (&case.starter.end.psk, &case.answerer.end.psk);
    let equal = match (one, other) {
        (Psk::Known(one), Psk::Known(other)) => Some(one.matches(other)),
        _ => None,
    };
    if equal == Some(true) {
        return;
    }
    let values = (text(one), text(other));
    if matches!(one, Psk::Missing) || matches!(other, Psk::Missing) {
        let log = if case.answerer.daemon == Daemon::Libreswan && matches!(other, Psk::Missing) {
            "NO_PROPOSAL_CHOSEN"
        } else {
            "AUTHENTICATION_FAILED"
        };
        case.fail("psk", values, exchange, log, "an end has no key for this peer");
    } else if equal == Some(false) {
        let (log, explanation) = if exchange == Exchange::MainMode {
            ("timeout", "the keys differ: in main mode the answer cannot be read, so the starter sees a timeout")
        } else {
            ("AUTHENTICATION_FAILED", "the keys differ")
        };
        case.fail("psk", values, exchange, log, explanation);
    } else {
        case.unread(("psk", "psk"), values, "a key cannot be read, so whether the keys are equal is not known");
    }
}

fn encapsulation(case: &mut Case<'_>) {
    let (one, other) = (case.starter, case.answerer);
    let off = |peer: Peer<'_>| peer.daemon == Daemon::Libreswan && peer.end.encapsulation == Some(Encapsulation::Off);
    let forced = |peer: Peer<'_>| peer.end.encapsulation == Some(Encapsulation::Forced);
    let text = |peer: Peer<'_>| match peer.end.encapsulation {
        Some(Encapsulation::Forced) => "forced".to_owned(),
        Some(Encapsulation::Off) => "off".to_owned(),
        Some(Encapsulation::Auto) => "on".to_owned(),
        None => UNREAD.to_owned(),
    };
    // Measured: started by the end that refuses it, IKEv1 carries traffic all the same.
    let lost = (off(one) && forced(other) && !case.is_v1()) || (off(other) && forced(one));
    if lost {
        let values = (text(one), text(other));
        let explanation = "one end forces ESP into UDP and the other refuses it: both show the tunnel up, and nothing passes".to_owned();
        let fields = ("nat_traversal", "nat_traversal");
        case.add(Found { fields, values, effect: Verdict::UpNoTraffic, log: "", explanation });
    }
}

/// Whether one proposal of each list matches in these types.
pub(super) fn agree(own: &[Proposal], other: &[Proposal], transforms: &[Transform]) -> bool {
    own.iter().any(|ours| other.iter().any(|theirs| common(ours, theirs, transforms).is_whole()))
}
