//! The things in the store: how operations find them, show them and mark their gateway as busy.

use serde_json::{Map, Value as Json, json};

use super::reply::Failure;
use super::tunnels;
use crate::emulated::{Store, Thing};
use crate::provider::alibaba::cloud::ID;

/// A thing of a class in a region. In another region it does not exist.
pub(super) fn find<'a>(store: &'a Store, region: &str, class: &str, id: &str) -> Result<&'a Thing, Failure> {
    store.find(ID, class, id).filter(|thing| thing.region == region).ok_or_else(|| match class {
        "connection" => {
            Failure::new(404, "InvalidVpnConnectionInstanceId.NotFound", "The specified vpn connection instance id does not exist.")
        }
        "gateway" => Failure::new(400, "InvalidVpnGatewayInstanceId.NotFound", "The specified vpn gateway instance id does not exist."),
        "customer-gateway" => Failure::no_customer_gateway(),
        _ => Failure::new(404, "InvalidIpsecServerId.NotFound", format!("The specified IPsec server ID ({id}) does not exist.")),
    })
}

/// All things of a class in a region.
pub(super) fn all<'a>(store: &'a Store, region: &'a str, class: &'a str) -> impl Iterator<Item = &'a Thing> {
    store.things.iter().filter(move |thing| thing.provider == ID && thing.region == region && thing.class == class)
}

/// The data of a thing as a reply shows it. While a change is in progress this is the old data, with the field `state`
/// saying so.
pub(super) fn shown(thing: &Thing, state: &str) -> Map<String, Json> {
    let mut data = thing.data.clone();
    if let Some(pending) = &thing.pending {
        data.insert(state.to_owned(), json!("updating"));
        // Of two tunnels, only those that the change affects are updating.
        let mut tunnels = tunnels::of(&data);
        if !tunnels.is_empty() {
            for (one, new) in tunnels.iter_mut().zip(tunnels::of(&pending.data)).filter(|(one, new)| *one != new) {
                debug_assert_eq!(one.get("TunnelId"), new.get("TunnelId"));
                one.insert("State".to_owned(), json!("updating"));
            }
            tunnels::put(&mut data, tunnels);
        }
    }
    data
}

/// Whether a change of this gateway is in progress.
pub(super) fn gateway_is_busy(store: &Store, gateway: &str) -> bool {
    store.find(ID, "gateway", gateway).is_some_and(Thing::is_changing)
}

/// Marks a gateway as updating for as long as a change takes.
pub(super) fn touch_gateway(store: &mut Store, gateway: &str) {
    let data = store.find(ID, "gateway", gateway).map(|thing| thing.data.clone());
    if let Some(data) = data {
        store.change(ID, "gateway", gateway, data);
    }
}
