//! What a request names: parameters, and things by an id of either form.

use serde_json::Value as Json;

use super::reply::Flaw;
use crate::emulated::{Store, Thing};
use crate::provider::tencent::cloud;
use crate::provider::tencent::emulator::things::{CONNECTION, GATEWAY, LEGACY_ID};
use crate::provider::tencent::emulator::verify::Signed;
use crate::wire::Pairs;

/// The value of a parameter.
pub(super) fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(pair, _)| pair == name).map(|(_, value)| value.as_str())
}

/// Whether an id, of either form, is that of a thing.
pub(super) fn is(thing: &Thing, id: &str) -> bool {
    thing.id == id || thing.data.get(LEGACY_ID).and_then(Json::as_u64).is_some_and(|legacy| id.parse() == Ok(legacy))
}

fn find<'a>(store: &'a Store, class: &str, id: &str, region: &str) -> Option<&'a Thing> {
    store.things.iter().find(|thing| thing.provider == cloud::ID && thing.class == class && thing.region == region && is(thing, id))
}

/// The ids of the connection that a request names, and of its gateway.
pub(super) fn named(signed: &Signed, region: &str, store: &Store) -> Result<(String, String), Flaw> {
    let needed = |name: &'static str| {
        value(&signed.pairs, name).filter(|text| !text.is_empty()).ok_or((4000, "InvalidParameter", format!("missing parameter {name}")))
    };
    let (vpc, gateway, connection) = (needed("vpcId")?, needed("vpnGwId")?, needed("vpnConnId")?);
    let is_here = |name: &str, id: &str| {
        store.things.iter().any(|thing| thing.provider == cloud::ID && thing.region == region && thing.text(name) == id)
    };
    if !is_here("VpcId", vpc) {
        return Err((5000, "InvalidVpc.NotFound", "the VPC does not exist".to_owned()));
    }
    let gateway =
        find(store, GATEWAY, gateway, region).ok_or((5000, "InvalidVpnGw.NotFound", "the VPN gateway does not exist".to_owned()))?;
    let thing = find(store, CONNECTION, connection, region)
        .filter(|thing| thing.text("VpnGatewayId") == gateway.id && thing.text("VpcId") == vpc)
        .ok_or((5000, "InvalidVpnConn.NotFound", "the VPN connection does not exist".to_owned()))?;
    Ok((thing.id.clone(), gateway.id.clone()))
}
