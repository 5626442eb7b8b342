//! The keys that emulated ends hold, for tests: read from the store, not from a reply.

use serde_json::{Map, Value as Json};

use crate::emulated::{Store, Thing};
use crate::provider::registration;

/// The connection or IPsec server of an id.
fn find<'a>(store: &'a Store, provider: &str, id: &str) -> Option<&'a Thing> {
    ["connection", "ipsec-server"].into_iter().find_map(|class| store.find(provider, class, id))
}

/// A key in the data of a thing: the one in effect, or the one that was last set.
fn key(thing: &Thing, data: &Map<String, Json>, tunnel: Option<usize>, in_effect: bool) -> Option<String> {
    let emulation = registration(&thing.provider)?.emulation;
    let held = (emulation.key)(data).filter(|_| in_effect);
    held.or_else(|| (emulation.configured)(data, tunnel.unwrap_or(0))).map(str::to_owned)
}

/// The key that an end would authenticate with, in the store's time. `tunnel` counts from 0, in a dual-tunnel connection.
#[must_use]
pub fn key_in_effect(store: &Store, provider: &str, id: &str, tunnel: Option<usize>) -> Option<String> {
    let thing = find(store, provider, id)?;
    key(thing, &thing.data, tunnel, true)
}

/// The key of the last change that a cloud accepted. It takes effect once that change has settled and, at some clouds, the
/// connection was reset.
#[must_use]
pub fn configured_key(store: &Store, provider: &str, id: &str, tunnel: Option<usize>) -> Option<String> {
    let thing = find(store, provider, id)?;
    let data = thing.pending.as_ref().map_or(&thing.data, |pending| &pending.data);
    key(thing, data, tunnel, false)
}
