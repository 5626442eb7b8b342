//! Whether a tunnel between two emulated ends is up: by what `check` says of them whenever they authenticate.
//!
//! They do when something starts a negotiation: a change of what they negotiate about, a reset, or the end of an IKE SA of
//! IKEv1. A change of the key alone starts none. What is seeded stays as it was seeded until somebody changes it.

use std::cell::RefCell;

use serde_json::{Map, Value as Json};

use crate::agreement::{Daemon, End, Options, Peers, Psk, Verdict, check, ends};
use crate::emulated::{Link, LinkState as State, Settled, Spot, Store, Thing, What, next_renewal};
use crate::model::{Connection, Term};
use crate::provider::{PROVIDERS, Profile, Registration, Target, registration};
use crate::wire::Reply;

/// The class of connections, at every cloud.
const CONNECTION: &str = "connection";

/// What a change that came into force does to the tunnels of its connection.
pub(super) fn settle(store: &mut Store) {
    for Settled { place, before, restarts, fails } in store.take_settled() {
        let Some(thing) = store.things.get(place).filter(|thing| thing.class == CONNECTION).cloned() else { continue };
        let former = ends_of(&Thing { data: before, ..thing.clone() });
        for (number, end) in ends_of(&thing).iter().enumerate() {
            let was = former.get(number);
            let restart = restarts.contains(&number) || was.is_some_and(|was| negotiated(was) != negotiated(end));
            if !restart && was.is_some_and(|was| is_same_key(&was.psk, &end.psk)) {
                continue;
            }
            let partners = partners(store, place, end, was);
            for partner in &partners {
                let link = link(store, vec![(place, number), *partner]);
                if restart { start(store, link, fails) } else { rekeyed(store, link) }
            }
            // Whoever is at the other end of this one is taken to hold what it needs.
            if partners.is_empty() && restarts.contains(&number) {
                let link = link(store, vec![(place, number)]);
                start(store, link, fails);
            }
        }
    }
}

/// What happens to tunnels when its time has come.
pub(super) fn proceed(store: &mut Store) {
    let now_ms = store.now_ms();
    for place in 0..store.links.len() {
        let Some(link) = store.links.get(place).filter(|link| link.due_ms().is_some_and(|due| due <= now_ms)).cloned() else { continue };
        let agree = agree(store, &link.ends);
        match link.state {
            State::Up { since_ms, .. } if agree != Some(false) => enter(store, place, State::Up { since_ms, fails_ms: None }),
            State::Negotiating { fails: false, .. } if agree.unwrap_or(link.usually_up) => came_up(store, place),
            State::Down { .. } if agree == Some(true) => came_up(store, place),
            // It was refused again: until something changes, it will be.
            State::Down { .. } => enter(store, place, State::Down { retries_ms: None }),
            State::Up { .. } | State::Negotiating { .. } => {
                let retries_ms = retry_ms(store, &link.ends).map(|ms| now_ms + ms);
                enter(store, place, State::Down { retries_ms });
            }
        }
    }
}

/// The ends negotiate anew: what runs is dropped.
fn start(store: &mut Store, place: usize, fails: bool) {
    let due_ms = store.now_ms() + store.negotiate_ms;
    enter(store, place, State::Negotiating { due_ms, fails });
}

/// A key was changed, and nothing else: what runs goes on until the ends authenticate anew. IKEv1 does at the end of
/// the IKE lifetime; IKEv2 makes new keys without that.
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

fn came_up(store: &mut Store, place: usize) {
    let since_ms = store.now_ms();
    if let Some(link) = store.links.get_mut(place) {
        link.usually_up = true;
    }
    enter(store, place, State::Up { since_ms, fails_ms: None });
}

fn enter(store: &mut Store, place: usize, state: State) {
    let Some(link) = store.links.get_mut(place) else { return };
    link.state = state;
    for (place, number) in link.ends.clone() {
        set(store, place, number, matches!(state, State::Up { .. }));
    }
}

/// The tunnel between two ends. One that nothing was done with yet stands as its clouds say, and its IKE SA counts from
/// now.
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

/// Whether the ends of a tunnel agree; `None` where that cannot be said, or where only one of them is known.
fn agree(store: &Store, ends: &[Spot]) -> Option<bool> {
    let [one, other] = ends else { return None };
    // Something has to answer: the emulated gateways do as strongSwan does.
    let like = Some(Daemon::Strongswan);
    let options = Options { left_kind: like, right_kind: like, ..Options::default() };
    match check(&end_at(store, *one)?, &end_at(store, *other)?, &options).verdict {
        Verdict::Down { .. } => Some(false),
        Verdict::DependsOnPeer { .. } | Verdict::Unknown { .. } => None,
        _ => Some(true),
    }
}

/// After how long the ends authenticate anew by themselves, where they do: the shorter lifetime counts.
fn reauthentication_ms(store: &Store, ends: &[Spot]) -> Option<i64> {
    let ends: Vec<End> = ends.iter().filter_map(|end| end_at(store, *end)).collect();
    let v1 = |end: &End| end.versions.as_ref().and_then(|versions| versions.first()) == Some(&Term::Ikev1);
    let renewing = ends.iter().any(|end| v1(end) || end.reauth);
    let secs = ends.iter().filter_map(|end| end.ike_lifetime_secs).filter(|secs| *secs > 0).min().filter(|_| renewing)?;
    i64::try_from(secs).ok()?.checked_mul(1000)
}

/// After how long an end tries again by itself once it was refused, where a script says that it does.
fn retry_ms(store: &Store, ends: &[Spot]) -> Option<i64> {
    let named = |id: &str| ends.iter().any(|(place, _)| store.things.get(*place).is_some_and(|thing| thing.id == id));
    let fault = store.faults.iter().find(|fault| fault.what == What::Retry && named(&fault.id))?;
    i64::try_from(fault.ms.max(1)).ok()
}

/// The tunnels that an end has at other connections, and those that it had before it was changed.
fn partners(store: &Store, place: usize, end: &End, former: Option<&End>) -> Vec<Spot> {
    let known = [Some(end), former].into_iter().flatten().filter_map(|end| end.address.get());
    let addresses: Vec<String> = known.map(|address| address.to_string()).collect();
    let mut partners = Vec::new();
    for (other, thing) in store.things.iter().enumerate().filter(|(other, thing)| *other != place && thing.class == CONNECTION) {
        // What does not even hold one of its addresses is not its partner: thousands of connections are not read.
        if !thing.data.values().any(|value| holds(value, &addresses)) {
            continue;
        }
        for (number, far) in ends_of(thing).iter().enumerate() {
            // Those that were partners before the change still are: an address of it may be what was changed.
            if meets(end, far) || former.is_some_and(|former| meets(former, far)) {
                partners.push((other, number));
            }
        }
    }
    partners
}

/// What two ends negotiate about, beside the key.
fn negotiated(end: &End) -> String {
    format!("{:?}", End { psk: Psk::Missing, ..end.clone() })
}

fn is_same_key(one: &Psk, other: &Psk) -> bool {
    match (one, other) {
        (Psk::Known(one), Psk::Known(other)) => one.matches(other),
        (Psk::Unreadable, Psk::Unreadable) | (Psk::Missing, Psk::Missing) => true,
        _ => false,
    }
}

/// Whether a tunnel is up, as its cloud says.
pub(super) fn is_up(thing: &Thing, number: usize) -> Option<bool> {
    let connection = connection(thing)?;
    let status = connection.tunnels.get(number).map_or(&connection.status, |tunnel| &tunnel.status);
    Some(status.tunnel == Term::Up)
}

fn end_at(store: &Store, (place, number): Spot) -> Option<End> {
    ends_of(store.things.get(place)?).into_iter().nth(number)
}

fn holds(value: &Json, addresses: &[String]) -> bool {
    match value {
        Json::String(text) => addresses.iter().any(|address| text.contains(address.as_str())),
        Json::Array(items) => items.iter().any(|item| holds(item, addresses)),
        Json::Object(object) => object.values().any(|item| holds(item, addresses)),
        _ => false,
    }
}

/// Whether each takes the other's address for its peer's.
fn meets(one: &End, other: &End) -> bool {
    let accepts = |peers: &Peers, end: &End| {
        end.seen_address().get().is_some_and(|address| match peers {
            Peers::Listed(nets) => nets.iter().any(|net| net.contains(&address)),
            Peers::Presumed(presumed) => *presumed == address,
            Peers::Any | Peers::Unknown => false,
        })
    };
    accepts(&one.peers, other) && accepts(&other.peers, one)
}

fn set(store: &mut Store, place: usize, tunnel: usize, up: bool) {
    let Some(thing) = store.things.get_mut(place) else { return };
    if let Some(registration) = registration(&thing.provider) {
        (registration.emulation.set_up)(&mut thing.data, tunnel, up);
        if let Some(pending) = &mut thing.pending {
            (registration.emulation.set_up)(&mut pending.data, tunnel, up);
        }
    }
}

fn ends_of(thing: &Thing) -> Vec<End> {
    connection(thing).map(|connection| ends(&connection)).unwrap_or_default()
}

/// How many things are remembered as the client would read them: a tunnel's two ends, before and after a change.
const REMEMBERED: usize = 8;

thread_local! {
    /// The same thing is asked for several times by each thing that happens to it.
    static READ: RefCell<Vec<(Thing, Option<Connection>)>> = const { RefCell::new(Vec::new()) };
}

/// A thing as the client would read it.
fn connection(thing: &Thing) -> Option<Connection> {
    let same = |known: &Thing| {
        known.id == thing.id && known.provider == thing.provider && known.region == thing.region && known.data == thing.data
    };
    READ.with_borrow_mut(|read| {
        if let Some((_, connection)) = read.iter().find(|(known, _)| same(known)) {
            return connection.clone();
        }
        let found = read_connection(thing);
        read.truncate(REMEMBERED - 1);
        read.insert(0, (Thing { pending: None, ..thing.clone() }, found.clone()));
        found
    })
}

fn read_connection(thing: &Thing) -> Option<Connection> {
    let registration: &'static Registration = PROVIDERS.iter().find(|registration| registration.id == thing.provider)?;
    let data: Map<String, Json> =
        thing.data.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), value.clone())).collect();
    let body = (registration.emulation.envelope)(&thing.id, data).to_string().into_bytes();
    let reply = Reply { status: 200, headers: Vec::new(), body };
    // Which kind it is shows when it is read.
    let mut connection = registration.kinds.iter().filter(|kind| kind.listed).find_map(|kind| {
        let target = Target { kind, operation: kind.operations.first()?, id: thing.id.clone() };
        let region = thing.region.clone();
        let profile = Profile { region, endpoint: None, identity_endpoint: None, project_id: Some(String::new()), signature: None };
        ((registration.connect)(profile).show(&target).read)(&reply).ok()
    })?;
    // A cloud that never returns the key holds it all the same.
    if let Some(key) = (registration.emulation.key)(&thing.data) {
        connection.settings.set(crate::model::Key::Psk, crate::model::Value::secret(key));
    }
    Some(connection)
}
