//! Changes of a connection, which both APIs start in the same way.

use serde_json::Value as Json;

use super::conflict::conflict;
use super::flaw::{Flaw, not_found};
use super::merge::merge;
use super::parameters::Wanted;
use super::things::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY};
use crate::emulated::{Store, Thing};
use crate::provider::tencent::cloud;

/// Starts a modification.
pub(super) fn modify(id: &str, region: &str, wanted: Wanted, store: &mut Store) -> Result<(), Flaw> {
    let thing = store.find(cloud::ID, CONNECTION, id).filter(|thing| thing.region == region).ok_or_else(|| not_found(id))?;
    if !is_idle(thing) {
        return Err(invalid_state());
    }
    let after = merge(&thing.data, wanted);
    let gateway = store.find(cloud::ID, GATEWAY, thing.text("VpnGatewayId"));
    if let Some(flaw) = conflict(&after, &thing.data, gateway.map_or("", |gateway| gateway.text("Version"))) {
        return Err(flaw);
    }
    let customer = after.get("CustomerGatewayId").and_then(Json::as_str).unwrap_or_default();
    if store.find(cloud::ID, CUSTOMER_GATEWAY, customer).is_none_or(|found| found.region != region) {
        return Err(not_found(customer));
    }
    store.change(cloud::ID, CONNECTION, id, after);
    Ok(())
}

/// Starts a renegotiation: for a while, the state changes and nothing else.
pub(super) fn reset(id: &str, store: &mut Store) -> Result<(), Flaw> {
    let Some(thing) = store.find(cloud::ID, CONNECTION, id).filter(|thing| is_idle(thing)) else { return Err(invalid_state()) };
    let data = thing.data.clone();
    store.change(cloud::ID, CONNECTION, id, data);
    store.restart(cloud::ID, CONNECTION, id, 0..1);
    Ok(())
}

fn is_idle(thing: &Thing) -> bool {
    !thing.is_changing() && thing.text("State") == "AVAILABLE"
}

fn invalid_state() -> Flaw {
    ("UnsupportedOperation.InvalidState", "The resource state is invalid.".to_owned())
}
