//! `DescribeVpnConn`.

use std::cmp::Reverse;

use serde_json::{Value as Json, json};

use super::item::shown;
use super::named::{is, value};
use super::reply::Flaw;
use crate::emulated::{Store, Thing};
use crate::provider::tencent::cloud;
use crate::provider::tencent::emulator::reply::page;
use crate::provider::tencent::emulator::things::{CONNECTION, GATEWAY};
use crate::wire::Pairs;

/// Lists connections, page by page.
pub(super) fn list(pairs: &Pairs, region: &str, store: &Store) -> Result<Json, Flaw> {
    let number = |name: &str, default: u64| {
        value(pairs, name)
            .map_or(Ok(default), |text| text.parse().map_err(|_| (4000, "InvalidParameter", format!("{name} is not a number"))))
    };
    let (offset, limit) = (number("offset", 0)?, number("limit", 20)?);
    if limit > 50 {
        return Err((4000, "InvalidParameter", "limit is above 50".to_owned()));
    }
    let fits = |thing: &&Thing| {
        thing.provider == cloud::ID
            && thing.class == CONNECTION
            && thing.region == region
            && value(pairs, "vpnConnId").is_none_or(|id| is(thing, id))
            && value(pairs, "vpcId").is_none_or(|id| thing.text("VpcId") == id)
            && value(pairs, "vpnGwId")
                .is_none_or(|id| store.find(cloud::ID, GATEWAY, thing.text("VpnGatewayId")).is_some_and(|gw| is(gw, id)))
            && value(pairs, "vpnConnName").is_none_or(|part| thing.text("VpnConnectionName").contains(part))
    };
    let mut things: Vec<&Thing> = store.things.iter().filter(fits).collect();
    let field = match value(pairs, "orderField") {
        None | Some("createTime") => "CreatedTime",
        Some("vpnConnName") => "VpnConnectionName",
        Some(_) => return Err((4000, "InvalidParameter", "orderField is not known".to_owned())),
    };
    if value(pairs, "orderDirection") == Some("asc") {
        things.sort_by_key(|thing| thing.text(field));
    } else {
        things.sort_by_key(|thing| Reverse(thing.text(field)));
    }
    let (total, data) = page(things, offset, limit, |thing| shown(store, thing));
    Ok(json!({ "code": 0, "message": "", "codeDesc": "Success", "totalCount": total, "data": data }))
}
