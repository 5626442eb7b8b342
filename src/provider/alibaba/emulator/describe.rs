//! Lists of what surrounds connections: attachments, gateways, customer gateways, regions.

use serde_json::{Map, Value as Json, json};

use super::operation::{find, number, shown, things};
use super::{Call, Outcome};
use crate::emulated::{Store, Thing};
use crate::provider::alibaba::PROVIDER;

/// A page of a class, under the names of its list.
fn page(call: &Call, store: &Store, region: &str, class: &str, filters: &[&str], (wrapper, inner): (&str, &str), state: &str) -> Outcome {
    let (page, size) = (number(call, "PageNumber", 1, usize::MAX)?, number(call, "PageSize", 10, 50)?);
    let fits = |thing: &&Thing| filters.iter().all(|name| call.text(name).is_none_or(|wanted| thing.text(name) == wanted));
    let all: Vec<&Thing> = things(store, region, class).filter(fits).collect();
    let rows: Vec<Json> =
        all.iter().skip((page - 1).saturating_mul(size)).take(size).map(|thing| Json::Object(shown(thing, state))).collect();
    let mut reply = Map::from_iter(
        [("PageNumber", json!(page)), ("PageSize", json!(size)), ("TotalCount", json!(all.len()))].map(|(k, v)| (k.to_owned(), v)),
    );
    reply.insert(wrapper.to_owned(), json!({ inner: rows }));
    Ok(reply)
}

pub(super) fn gateways(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let filters = ["VpnGatewayId", "VpcId", "Status", "BusinessStatus", "GatewayType", "ResourceGroupId"];
    page(call, store, region, "gateway", &filters, ("VpnGateways", "VpnGateway"), "Status")
}

pub(super) fn customer_gateways(call: &Call, store: &mut Store, region: &str) -> Outcome {
    page(call, store, region, "customer-gateway", &["CustomerGatewayId", "ResourceGroupId"], ("CustomerGateways", "CustomerGateway"), "")
}

pub(super) fn customer_gateway(call: &Call, store: &mut Store, region: &str) -> Outcome {
    find(store, region, "customer-gateway", call.required("CustomerGatewayId")?).map(|thing| thing.data.clone())
}

/// The connections of transit routers, a plain array, without their configuration.
pub(super) fn attachments(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let (page, size) = (number(call, "PageNumber", 1, usize::MAX)?, number(call, "PageSize", 10, 50)?);
    let wanted = call.text("AttachType").unwrap_or("CEN");
    let id = call.text("VpnConnectionId");
    let all: Vec<&Thing> = things(store, region, "connection")
        .filter(|thing| thing.text("AttachType") == wanted && wanted == "CEN" && id.is_none_or(|id| thing.id == id))
        .collect();
    let row = |thing: &&Thing| {
        let names =
            ["Name", "Description", "AttachType", "TransitRouterId", "TransitRouterName", "CrossAccountAuthorized", "TunnelBandwidth"];
        let mut row: Map<String, Json> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), thing.data.get(*name)?.clone()))).collect();
        row.insert("InstanceId".to_owned(), json!(thing.id));
        Json::Object(row)
    };
    let rows: Vec<Json> = all.iter().skip((page - 1).saturating_mul(size)).take(size).map(row).collect();
    let reply = json!({ "PageNumber": page, "PageSize": size, "TotalCount": all.len(), "VpnAttachments": rows });
    Ok(reply.as_object().cloned().unwrap_or_default())
}

pub(super) fn regions() -> Map<String, Json> {
    let row = |region: &&str| json!({ "RegionId": region, "LocalName": region, "RegionEndpoint": format!("vpc.{region}.aliyuncs.com") });
    let rows: Vec<Json> = PROVIDER.regions.iter().map(row).collect();
    Map::from_iter([("Regions".to_owned(), json!({ "Region": rows }))])
}
