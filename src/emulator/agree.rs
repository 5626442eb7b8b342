//! Whether a tunnel between two emulated ends is up: `check` decides, each time they authenticate.
//!
//! They authenticate in a negotiation, which starts with a change of what they negotiate, with a reset, or when an IKE SA of
//! IKEv1 expires. A change of the key alone starts none. Seeded tunnels keep their state until somebody changes an end.

use serde_json::Value as Json;

use super::read::{ends_of, is_up};
use crate::agreement::{Daemon, End, Options, Peers, Psk, Verdict, check};
use crate::emulated::{Link, LinkState as State, Settled, Spot, Store, Thing, What, next_renewal};
use crate::model::Term;
use crate::provider::registration;

/// The class of connections, at every cloud.
const CONNECTION: &str = "connection";

/// Changes the tunnels of each connection whose change took effect.
pub(super) fn settle(store: &mut Store) {
    for Settled { place, before, restarts, fails } in store.take_settled() {
        let Some(thing) = store.things.get(place).filter(|thing| thing.class == CONNECTION).cloned() else { continue };
        let previous = ends_of(&Thing { data: before, ..thing.clone() });
        for (number, end) in ends_of(&thing).iter().enumerate() {
            let was = previous.get(number);
            let restart = restarts.contains(&number) || was.is_some_and(|was| negotiated(was) != negotiated(end));
            if !restart && was.is_some_and(|was| is_same_key(&was.psk, &end.psk)) {
                continue;
            }
            let partners = partners(store, place, end, was);
            for partner in &partners {
                let link = link(store, vec![(place, number), *partner]);
                if restart { start(store, link, fails) } else { rekeyed(store, link) }
            }
            // A peer that is not emulated is assumed to agree.
            if partners.is_empty() && restarts.contains(&number) {
                let link = link(store, vec![(place, number)]);
                start(store, link, fails);
            }
        }
    }
}

/// Changes the state of each tunnel that is due.
pub(super) fn proceed(store: &mut Store) {
    let now_ms = store.now_ms();
    for place in 0..store.links.len() {
        let Some(link) = store.links.get(place).filter(|link| link.due_ms().is_some_and(|due| due <= now_ms)).cloned() else { continue };
        let agree = agree(store, &link.ends);
        match link.state {
            State::Up { since_ms, .. } if agree != Some(false) => enter(store, place, State::Up { since_ms, fails_ms: None }),
            State::Negotiating { fails: false, .. } if agree.unwrap_or(link.usually_up) => came_up(store, place),
            State::Down { .. } if agree == Some(true) => came_up(store, place),
            // It was refused again, and would be until something changes.
            State::Down { .. } => enter(store, place, State::Down { retries_ms: None }),
            State::Up { .. } | State::Negotiating { .. } => {
                let retries_ms = retry_ms(store, &link.ends).map(|ms| now_ms + ms);
                enter(store, place, State::Down { retries_ms });
            }
        }
    }
}

/// The ends renegotiate: the SAs are dropped.
fn start(store: &mut Store, place: usize, fails: bool) {
    let due_ms = store.now_ms() + store.negotiate_ms;
    enter(store, place, State::Negotiating { due_ms, fails });
}

/// Only the key has changed: the SAs stay until the ends next authenticate. In IKEv1 that is at the end of the IKE
/// lifetime; IKEv2 rekeys without authentication (RFC 7296, section 2.8).
fn rekeyed(store: &mut Store, place: usize) {
    let Some(link) = store.links.get(place).cloned() else { return };
    let now_ms = store.now_ms();
    match link.state {
        State::Up { since_ms, .. } => {
            let fails = agree(store, &link.ends) == Some(false);
            let renewal = || Some(next_renewal(since_ms, reauthentication_ms(store, &link.ends)?, now_ms));
            let fails_ms = if fails { renewal() } else { None };
            enter(store, place, State::Up { since_ms, fails_ms });
        }
        State::Negotiating { .. } => {}
        State::Down { .. } => {
            let retries_ms = retry_ms(store, &link.ends).map(|ms| now_ms + ms);
            enter(store, place, State::Down { retries_ms });
        }
    }
}

/// A negotiation succeeded.
fn came_up(store: &mut Store, place: usize) {
    let since_ms = store.now_ms();
    if let Some(link) = store.links.get_mut(place) {
        link.usually_up = true;
    }
    enter(store, place, State::Up { since_ms, fails_ms: None });
}

/// Sets the state of a tunnel, and what both clouds report of it.
fn enter(store: &mut Store, place: usize, state: State) {
    let Some(link) = store.links.get_mut(place) else { return };
    link.state = state;
    for (place, number) in link.ends.clone() {
        set(store, place, number, matches!(state, State::Up { .. }));
    }
}

/// The tunnel between two ends. A new one starts in the state that its clouds report, with an IKE SA that begins now.
fn link(store: &mut Store, ends: Vec<Spot>) -> usize {
    let is = |link: &Link| link.ends.len() == ends.len() && ends.iter().all(|end| link.ends.contains(end));
    if let Some(place) = store.links.iter().position(is) {
        return place;
    }
    let up = |(place, number): &Spot| store.things.get(*place).and_then(|thing| is_up(thing, *number)) == Some(true);
    let usually_up = ends.iter().all(up);
    let (since_ms, fails_ms, retries_ms) = (store.now_ms(), None, None);
    let state = if usually_up { State::Up { since_ms, fails_ms } } else { State::Down { retries_ms } };
    store.links.push(Link { ends, usually_up, state });
    store.links.len() - 1
}

/// Whether the ends of a tunnel agree; `None` when that is not known, or only one of them is emulated.
fn agree(store: &Store, ends: &[Spot]) -> Option<bool> {
    let [one, other] = ends else { return None };
    // Where implementations differ, the emulated gateways behave like strongSwan.
    let like = Some(Daemon::Strongswan);
    let options = Options { left_kind: like, right_kind: like, ..Options::default() };
    match check(&end_at(store, *one)?, &end_at(store, *other)?, &options).verdict {
        Verdict::Down { .. } => Some(false),
        Verdict::DependsOnPeer { .. } | Verdict::Unknown { .. } => None,
        _ => Some(true),
    }
}

/// The interval at which the ends authenticate by themselves, if they do: the shorter of their lifetimes.
fn reauthentication_ms(store: &Store, ends: &[Spot]) -> Option<i64> {
    let ends: Vec<End> = ends.iter().filter_map(|end| end_at(store, *end)).collect();
    let v1 = |end: &End| end.versions.as_ref().and_then(|versions| versions.first()) == Some(&Term::Ikev1);
    let renewing = ends.iter().any(|end| v1(end) || end.reauth);
    let secs = ends.iter().filter_map(|end| end.ike_lifetime_secs).filter(|secs| *secs > 0).min().filter(|_| renewing)?;
    i64::try_from(secs).ok()?.checked_mul(1000)
}

/// How long after a refusal an end tries again by itself, if a fault says that it does.
fn retry_ms(store: &Store, ends: &[Spot]) -> Option<i64> {
    let named = |id: &str| ends.iter().any(|(place, _)| store.things.get(*place).is_some_and(|thing| thing.id == id));
    let fault = store.faults.iter().find(|fault| fault.what == What::Retry && named(&fault.id))?;
    i64::try_from(fault.ms.max(1)).ok()
}

/// The tunnels at other connections that are the end's peers now, or were before its change (which can have been a change
/// of its address).
fn partners(store: &Store, place: usize, end: &End, previous: Option<&End>) -> Vec<Spot> {
    let known = [Some(end), previous].into_iter().flatten().filter_map(|end| end.address.get());
    let addresses: Vec<String> = known.map(|address| address.to_string()).collect();
    let mut partners = Vec::new();
    for (other, thing) in store.things.iter().enumerate().filter(|(other, thing)| *other != place && thing.class == CONNECTION) {
        // A quick test first: there can be thousands of connections, and reading one takes time.
        if !thing.data.values().any(|value| holds(value, &addresses)) {
            continue;
        }
        for (number, far) in ends_of(thing).iter().enumerate() {
            if meets(end, far) || previous.is_some_and(|previous| meets(previous, far)) {
                partners.push((other, number));
            }
        }
    }
    partners
}

/// What ends negotiate, without the key, and without what else the cloud says of the connection.
fn negotiated(end: &End) -> String {
    format!("{:?}", End { psk: Psk::Missing, connection: None, ..end.clone() })
}

/// Whether two keys are the same, as far as they are known.
fn is_same_key(one: &Psk, other: &Psk) -> bool {
    match (one, other) {
        (Psk::Known(one), Psk::Known(other)) => one.matches(other),
        (Psk::Unreadable, Psk::Unreadable) | (Psk::Missing, Psk::Missing) => true,
        _ => false,
    }
}

/// The end at a place.
fn end_at(store: &Store, (place, number): Spot) -> Option<End> {
    ends_of(store.things.get(place)?).into_iter().nth(number)
}

/// Whether one of the texts in a value contains one of the addresses.
fn holds(value: &Json, addresses: &[String]) -> bool {
    match value {
        Json::String(text) => addresses.iter().any(|address| text.contains(address.as_str())),
        Json::Array(items) => items.iter().any(|item| holds(item, addresses)),
        Json::Object(object) => object.values().any(|item| holds(item, addresses)),
        _ => false,
    }
}

/// Whether each accepts the other's address as its peer's.
fn meets(one: &End, other: &End) -> bool {
    let accepts = |peers: &Peers, end: &End| {
        end.seen_address().get().is_some_and(|address| match peers {
            Peers::Listed(nets) | Peers::Within(nets) => nets.iter().any(|net| net.contains(&address)),
            Peers::Presumed(presumed) => *presumed == address,
            Peers::Any | Peers::Unknown => false,
        })
    };
    accepts(&one.peers, other) && accepts(&other.peers, one)
}

/// Sets what a cloud reports of a tunnel.
fn set(store: &mut Store, place: usize, tunnel: usize, up: bool) {
    let Some(thing) = store.things.get_mut(place) else { return };
    if let Some(registration) = registration(&thing.provider) {
        (registration.emulation.set_up)(&mut thing.data, tunnel, up);
        if let Some(pending) = &mut thing.pending {
            (registration.emulation.set_up)(&mut pending.data, tunnel, up);
        }
    }
}
