//! `ResetVpnConnection`.

use serde_json::{Map, Value as Json};

use super::task;
use crate::emulated::Store;
use crate::provider::rule::prefixed;
use crate::provider::tencent::cloud;
use crate::provider::tencent::emulator::change;
use crate::provider::tencent::emulator::flaw::{Flaw, malformed, missing, not_found};
use crate::provider::tencent::emulator::things::CONNECTION;
use crate::provider::tencent::emulator::verify::Signed;

/// Starts a renegotiation.
pub(super) fn reset(signed: &Signed, region: &str, store: &mut Store, request_id: &str) -> Result<Map<String, Json>, Flaw> {
    let id = |name: &str, prefix: &str| match signed.parameters.get(name).and_then(Json::as_str) {
        Some(id) if prefixed(id, prefix) => Ok(id.to_owned()),
        Some(_) => Err(malformed(name)),
        None => Err(missing(name)),
    };
    let (gateway, id) = (id("VpnGatewayId", "vpngw-")?, id("VpnConnectionId", "vpnx-")?);
    let thing = store.find(cloud::ID, CONNECTION, &id).filter(|thing| thing.region == region && thing.text("VpnGatewayId") == gateway);
    thing.ok_or_else(|| not_found(&id))?;
    change::reset(&id, store)?;
    task::start(store, request_id);
    Ok(Map::new())
}
