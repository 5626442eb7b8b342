//! One thing: a connection, a gateway, a customer gateway; and the regions.

use serde_json::{Map, Value as Json, json};

use super::call::{Call, Outcome};
use super::things::{find, shown};
use crate::emulated::Store;
use crate::provider::alibaba::cloud::REGIONS;

pub(super) fn connection(call: &Call, store: &Store, region: &str) -> Outcome {
    find(store, region, "connection", call.required("VpnConnectionId")?).map(|thing| shown(thing, "State"))
}

pub(super) fn gateway(call: &Call, store: &Store, region: &str) -> Outcome {
    find(store, region, "gateway", call.required("VpnGatewayId")?).map(|thing| shown(thing, "Status"))
}

pub(super) fn customer_gateway(call: &Call, store: &Store, region: &str) -> Outcome {
    find(store, region, "customer-gateway", call.required("CustomerGatewayId")?).map(|thing| thing.data.clone())
}

pub(super) fn regions() -> Map<String, Json> {
    let row = |region: &&str| json!({ "RegionId": region, "LocalName": region, "RegionEndpoint": format!("vpc.{region}.aliyuncs.com") });
    let rows: Vec<Json> = REGIONS.iter().map(row).collect();
    Map::from_iter([("Regions".to_owned(), json!({ "Region": rows }))])
}
