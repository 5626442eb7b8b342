//! Emulated connections as the client reads them.

use std::cell::RefCell;

use serde_json::{Map, Value as Json};

use crate::agreement::{End, ends};
use crate::emulated::Thing;
use crate::model::{Connection, Key, Term, Value};
use crate::provider::{PROVIDERS, Profile, Registration, Target};
use crate::wire::Reply;

/// Whether a tunnel is up, as its cloud reports it.
pub(crate) fn is_up(thing: &Thing, number: usize) -> Option<bool> {
    let connection = connection(thing)?;
    let status = connection.tunnels.get(number).map_or(&connection.status, |tunnel| &tunnel.status);
    Some(status.tunnel == Term::Up)
}

/// The ends of a connection, one a tunnel; none for a thing that is not a connection.
pub(super) fn ends_of(thing: &Thing) -> Vec<End> {
    connection(thing).map(|connection| ends(&connection)).unwrap_or_default()
}

/// How many readings are kept: enough for both ends of a tunnel, before and after a change.
const REMEMBERED: usize = 8;

thread_local! {
    /// The last readings: each event reads the same thing several times.
    static READ: RefCell<Vec<(Thing, Option<Connection>)>> = const { RefCell::new(Vec::new()) };
}

/// A thing as the client reads it; kept for the next time.
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

/// Reads a thing with the reader of its cloud.
pub(crate) fn read_connection(thing: &Thing) -> Option<Connection> {
    let registration: &'static Registration = PROVIDERS.iter().find(|registration| registration.id == thing.provider)?;
    let data: Map<String, Json> =
        thing.data.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), value.clone())).collect();
    let body = (registration.emulation.envelope)(&thing.id, data).to_string().into_bytes();
    let reply = Reply { status: 200, headers: Vec::new(), body };
    // Its kind is the one whose reader accepts it.
    let mut connection = registration.kinds.iter().filter(|kind| kind.listed).find_map(|kind| {
        let target = Target { kind, operation: kind.operations.first()?, id: thing.id.clone() };
        let region = thing.region.clone();
        let profile = Profile { region, endpoint: None, identity_endpoint: None, project_id: Some(String::new()), signature: None };
        ((registration.connect)(profile).show(&target).read)(&reply).ok()
    })?;
    // Some clouds never return the key, but hold it.
    if let Some(key) = (registration.emulation.key)(&thing.data) {
        connection.settings.set(Key::Psk, Value::secret(key));
    }
    Some(connection)
}
