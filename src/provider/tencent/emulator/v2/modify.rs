//! `ModifyVpnConnEx`.

use serde_json::{Value as Json, json};

use super::given::given;
use super::item::{legacy, networks};
use super::named::named;
use super::reply::{Flaw, flaw, success};
use crate::emulated::Store;
use crate::provider::tencent::emulator::things::{CONNECTION, CUSTOMER_GATEWAY};
use crate::provider::tencent::emulator::verify::Signed;
use crate::provider::tencent::emulator::{change, parameters};
use crate::provider::tencent::{cloud, identity, settings};

/// Starts a modification.
pub(super) fn modify(signed: &Signed, region: &str, store: &mut Store) -> Result<Json, Flaw> {
    let (id, gateway) = named(signed, region, store)?;
    let wanted = parameters::read(settings::V2, identity::V2, given(&signed.pairs)?, false).map_err(flaw)?;
    change::modify(&id, region, wanted, store).map_err(flaw)?;
    let task = store.start_task();
    // `vpcConnId` and `vpcConnStatus` are misspelled in the vendor's own example.
    let after = store.find(cloud::ID, CONNECTION, &id).and_then(|thing| thing.pending.as_ref()).map(|pending| pending.data.clone());
    let after = Json::Object(after.unwrap_or_default());
    let customer = after.get("CustomerGatewayId").and_then(Json::as_str).unwrap_or_default();
    Ok(success(json!({
        "vpnGwId": gateway,
        "vpcConnId": id,
        "taskId": task.parse::<u64>().unwrap_or_default(),
        "vpcConnStatus": 2,
        "preSharedKey": after.get("PreShareKey"),
        "userGwSubnetList": networks(&after).1,
        "userGwId": legacy(store, CUSTOMER_GATEWAY, customer),
    })))
}
