//! The keys of the ends: which one each sends, and which it takes.

use std::sync::Arc;

use super::case::{Case, Daemon, Found, Peer, UNREAD};
use crate::agreement::cause::Cause;
use crate::agreement::end::Psk;
use crate::agreement::identity::{IdKind, Identity};
use crate::agreement::verdict::{Exchange, Verdict};
use crate::model::fingerprint::fingerprint;
use crate::model::{Secret, Term};

/// Compares the pre-shared keys.
pub(super) fn compare(case: &mut Case<'_>) {
    let told: &[bool] = match names_the_peer(case.starter) {
        Some(true) => &[true],
        Some(false) => &[false],
        None => &[false, true],
    };
    let results: Vec<(Use, Use, Match)> = told
        .iter()
        .map(|told| {
            let (one, other) = (used(case, true, *told), used(case, false, *told));
            let result = matches(&one, &other);
            (one, other, result)
        })
        .collect();
    let Some((one, other, result)) = results.first() else { return };
    if results.iter().any(|(_, _, second)| second != result) {
        let values = (text(&one.sends), UNREAD.to_owned());
        let explanation = "the answering end has a key for itself, but none for its peer: it finds that key only if the peer names this end in \
                           its request (IDr), which not every daemon does; a key with the peer's identity, %any or no identity is always found"
            .to_owned();
        let (cause, effect) = (Cause::KeyDepends(case.answerer.side), Verdict::DependsOnPeer { on: vec!["psk"] });
        case.add(Found { cause, fields: ("psk", "psk"), values, effect, log: "", explanation });
        return;
    }
    report(case, one, other, *result);
}

/// What an end does with its keys in one attempt.
struct Use {
    /// The key that it proves itself with.
    sends: Psk,
    /// The keys that it takes; `None`: not known.
    takes: Option<Vec<Arc<Secret>>>,
}

/// Whether each end takes the key of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    /// An end has no key at all.
    Missing,
    Unknown,
}

fn matches(one: &Use, other: &Use) -> Match {
    let is_missing = |side: &Use| matches!(side.sends, Psk::Missing) || side.takes.as_ref().is_some_and(Vec::is_empty);
    if is_missing(one) || is_missing(other) {
        return Match::Missing;
    }
    let takes = |side: &Use, sent: &Psk| match (&side.takes, sent) {
        (Some(own), Psk::Known(key)) if own.iter().any(|own| own.matches(key)) => Some(true),
        // Behind a mask may be the very key.
        (Some(own), Psk::Known(_)) => own.iter().all(|own| own.is_readable()).then_some(false),
        _ => None,
    };
    match (takes(other, &one.sends), takes(one, &other.sends)) {
        (Some(true), Some(true)) => Match::Yes,
        (Some(_), Some(_)) => Match::No,
        _ => Match::Unknown,
    }
}

/// Whether the starter names its peer in IKEv2's first authenticated request; `None`: not known.
fn names_the_peer(starter: Peer<'_>) -> Option<bool> {
    let id = starter.end.remote_id.as_ref().filter(|_| starter.certain)?;
    Some(match starter.daemon {
        Daemon::Strongswan => id.kind != IdKind::Any && !id.text.contains('*'),
        // Measured: it names the peer by a name, not by an address.
        Daemon::Libreswan => !matches!(id.kind, IdKind::Any | IdKind::Ip),
    })
}

/// Which keys an end uses. `told`: whether the starter names its peer.
fn used(case: &Case<'_>, starts: bool, told: bool) -> Use {
    let (peer, other) = if starts { (case.starter, case.answerer) } else { (case.answerer, case.starter) };
    let end = peer.end;
    let Some(ring) = end.keyring.as_ref().filter(|_| peer.daemon == Daemon::Strongswan) else {
        // In IKEv2 strongSwan takes any key that it holds for the peer.
        let older = end.older_keys.iter().filter(|_| !case.is_v1() && peer.daemon == Daemon::Strongswan);
        let takes = match &end.psk {
            Psk::Known(key) => Some(older.chain([key]).cloned().collect()),
            Psk::Missing => Some(Vec::new()),
            Psk::Unreadable => None,
        };
        return Use { sends: end.psk.clone(), takes };
    };
    let own_address = end.address.get().map(Identity::address);
    let own = end.local_id.clone().or_else(|| own_address.clone());
    let named = end.remote_id.clone().filter(|id| id.kind != IdKind::Any);
    // Where nothing says who the peer is, it is most likely the one that the end names, or the address that it starts to.
    let presumed = || named.clone().or_else(|| end.peers.start().map(Identity::address));
    let far = other.end.sends().or_else(presumed);
    let (own, named, far) = (own.as_ref(), named.as_ref(), far.as_ref());
    let (sends, takes) = if case.is_v1() {
        // The identities of the configuration come first, then the addresses. An answerer does not take its own address for its
        // identity, and in aggressive mode both know who the other is.
        let first = match (case.mode, starts) {
            (Term::Aggressive, _) => ring.best(own, far),
            (_, true) => ring.best(own, named),
            (_, false) => end.local_id.as_ref().and_then(|own| ring.best(Some(own), named)),
        };
        let far_address = if starts { end.peers.start() } else { other.end.seen_address().get() }.map(Identity::address);
        let key = first.or_else(|| ring.best(own_address.as_ref(), far_address.as_ref()));
        (key, key.into_iter().cloned().collect::<Vec<_>>())
    } else if starts {
        (ring.best(own, named), ring.all(own, far).cloned().collect())
    } else {
        (ring.best(own, far), ring.all(own.filter(|_| told), far).cloned().collect())
    };
    let is_sure = ring.complete && (far.is_some() || ring.held.is_empty());
    let sends = match sends {
        Some(key) => Psk::of(Arc::clone(key)),
        None if is_sure => Psk::Missing,
        None => Psk::Unreadable,
    };
    Use { sends, takes: Some(takes).filter(|takes| is_sure || !takes.is_empty()) }
}

fn text(psk: &Psk) -> String {
    match psk {
        Psk::Known(secret) => format!("fp {}", fingerprint(secret)),
        Psk::Unreadable => UNREAD.to_owned(),
        Psk::Missing => "none".to_owned(),
    }
}

fn report(case: &mut Case<'_>, one: &Use, other: &Use, result: Match) {
    let exchange = case.identity_exchange();
    let shown = |side: &Use| if side.takes.as_ref().is_some_and(Vec::is_empty) { text(&Psk::Missing) } else { text(&side.sends) };
    let mut values = (shown(one), shown(other));
    if values.0 == values.1
        && let Some(key) = other.takes.iter().flatten().last()
    {
        // The answerer checks with another key than it would send.
        values.1 = text(&Psk::of(Arc::clone(key)));
    }
    match result {
        Match::Yes => {}
        Match::Missing => {
            let (by_starter, by_answerer) = (values.0 == "none", values.1 == "none");
            let log = if by_answerer && case.answerer.daemon == Daemon::Libreswan { "NO_PROPOSAL_CHOSEN" } else { "AUTHENTICATION_FAILED" };
            let explanation = match (by_starter, by_answerer) {
                (true, _) => lacking(case, true),
                (_, true) => lacking(case, false),
                _ => "an end has no key for its peer".to_owned(),
            };
            case.fail((Cause::KeyMissing, "psk"), values, exchange, log, &explanation);
        }
        Match::No => {
            let (log, mut explanation) = if exchange == Exchange::MainMode {
                ("timeout", "the keys differ: in main mode neither end can decrypt what the other sends".to_owned())
            } else {
                ("AUTHENTICATION_FAILED", "the keys differ".to_owned())
            };
            let several = |peer: Peer<'_>| peer.end.keyring.as_ref().is_some_and(|ring| ring.held.len() > 1);
            if several(case.starter) || several(case.answerer) {
                explanation.push_str(
                    "; of several keys strongSwan takes the one that fits the peer's identity best, then its own, and of equals the last",
                );
            }
            case.fail((Cause::KeysDiffer, "psk"), values, exchange, log, &explanation);
        }
        Match::Unknown => {
            case.unread(("psk", "psk"), values, "a key cannot be read, so it is not known whether the keys are equal");
        }
    }
}

/// Why an end has no key for its peer.
fn lacking(case: &Case<'_>, starts: bool) -> String {
    let (end, other) = if starts { (case.starter.end, case.answerer.end) } else { (case.answerer.end, case.starter.end) };
    let is_named = end.remote_id.as_ref().is_some_and(|id| id.kind != IdKind::Any);
    let far = other.sends();
    let for_peer = end.keyring.as_ref().is_some_and(|ring| ring.best(None, far.as_ref()).is_some());
    if starts && !is_named && for_peer {
        "the end that starts has no key for its peer: its `remote` section has no id, so a key for the peer's identity is not found when it \
         starts; name the peer in `remote`, or leave the ids of the key out"
            .to_owned()
    } else {
        "an end has no key for its peer".to_owned()
    }
}
