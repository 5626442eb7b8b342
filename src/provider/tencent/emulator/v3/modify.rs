//! `ModifyVpnConnectionAttribute`.

use serde_json::{Map, Value as Json};

use super::task;
use crate::emulated::Store;
use crate::provider::rule::prefixed;
use crate::provider::tencent::emulator::flaw::{Flaw, malformed, missing};
use crate::provider::tencent::emulator::verify::Signed;
use crate::provider::tencent::emulator::{change, parameters};
use crate::provider::tencent::{identity, settings};

/// Starts a modification.
pub(super) fn modify(signed: Signed, region: &str, store: &mut Store, request_id: &str) -> Result<Map<String, Json>, Flaw> {
    let mut given = signed.parameters;
    let id = match given.remove("VpnConnectionId") {
        Some(Json::String(id)) if prefixed(&id, "vpnx-") => id,
        Some(_) => return Err(malformed("VpnConnectionId")),
        None => return Err(missing("VpnConnectionId")),
    };
    let wanted = parameters::read(settings::V3, identity::V3, given, signed.typed)?;
    change::modify(&id, region, wanted, store)?;
    task::start(store, request_id);
    Ok(Map::new())
}
