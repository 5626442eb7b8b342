//! Whether a tunnel between two emulated ends is up: exactly as `check` says of them.
//!
//! Looked at when a change comes into force, and only then: what is seeded stays as it was seeded until somebody changes it.

use serde_json::{Map, Value as Json};

use super::{Store, Thing};
use crate::agreement::{Daemon, End, Options, Peers, Verdict, check, ends};
use crate::http::Reply;
use crate::model::Connection;
use crate::provider::{PROVIDERS, Profile, Registration, Target, registration};

/// The class of connections, at every cloud.
const CONNECTION: &str = "connection";

/// Renegotiates the tunnels whose ends have just changed.
pub(super) fn renegotiate(store: &mut Store) {
    for (place, before) in store.take_settled() {
        let Some(thing) = store.things.get(place).filter(|thing| thing.class == CONNECTION).cloned() else { continue };
        let own = ends_of(&thing);
        let former = ends_of(&Thing { data: before, ..thing.clone() });
        let addresses: Vec<String> =
            own.iter().chain(&former).filter_map(|end| end.address.get()).map(|address| address.to_string()).collect();
        for other in 0..store.things.len() {
            // What does not even hold one of its addresses is not its partner: thousands of connections are not read.
            let fits = |thing: &Thing| thing.class == CONNECTION && thing.data.values().any(|value| holds(value, &addresses));
            let Some(partner) = store.things.get(other).filter(|thing| other != place && fits(thing)) else { continue };
            let far = ends_of(partner);
            for (number, end) in own.iter().enumerate() {
                for (far_number, far_end) in far.iter().enumerate() {
                    // Those that were partners before the change still are: an address of it may be what was changed.
                    let were = former.get(number).is_some_and(|end| meets(end, far_end));
                    if !were && !meets(end, far_end) {
                        continue;
                    }
                    // Something has to answer: the emulated gateways do as strongSwan does.
                    let like = Some(Daemon::Strongswan);
                    let options = Options { left_kind: like, right_kind: like, ..Options::default() };
                    let up = match check(end, far_end, &options).verdict {
                        Verdict::Down { .. } => false,
                        Verdict::DependsOnPeer { .. } | Verdict::Unknown { .. } => continue,
                        _ => true,
                    };
                    set(store, place, number, up);
                    set(store, other, far_number, up);
                }
            }
        }
    }
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

/// A thing as the client would read it.
fn connection(thing: &Thing) -> Option<Connection> {
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
