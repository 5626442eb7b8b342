//! Lists: connections, attachments, servers, gateways and customer gateways.

use serde_json::{Map, Value as Json, json};

use super::call::{Call, Outcome};
use super::reply::Failure;
use super::things::{all, shown};
use crate::emulated::{Store, Thing};

pub(super) fn connections(call: &Call, store: &Store, region: &str) -> Outcome {
    let filters = ["VpnConnectionId", "VpnGatewayId", "CustomerGatewayId", "ResourceGroupId"];
    let found: Vec<&Thing> = all(store, region, "connection").filter(|thing| fits(call, thing, &filters)).collect();
    let (mut reply, rows) = page(call, &found, |thing| {
        let mut data = shown(thing, "State");
        // The list has its tags under another name.
        if let Some(tags) = data.remove("Tags") {
            data.insert("Tag".to_owned(), tags);
        }
        data
    })?;
    reply.insert("VpnConnections".to_owned(), json!({ "VpnConnection": rows }));
    Ok(reply)
}

/// The connections of transit routers: a plain array, without their configuration.
pub(super) fn attachments(call: &Call, store: &Store, region: &str) -> Outcome {
    const NAMES: [&str; 7] =
        ["Name", "Description", "AttachType", "TransitRouterId", "TransitRouterName", "CrossAccountAuthorized", "TunnelBandwidth"];
    let wanted = call.text("AttachType").unwrap_or("CEN");
    let id = call.text("VpnConnectionId");
    let fits = |thing: &&Thing| thing.text("AttachType") == wanted && wanted == "CEN" && id.is_none_or(|id| thing.id == id);
    let found: Vec<&Thing> = all(store, region, "connection").filter(fits).collect();
    let (mut reply, rows) = page(call, &found, |thing| {
        let shown = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), thing.data.get(*name)?.clone())));
        shown.chain([("InstanceId".to_owned(), json!(thing.id))]).collect()
    })?;
    reply.insert("VpnAttachments".to_owned(), json!(rows));
    Ok(reply)
}

pub(super) fn gateways(call: &Call, store: &Store, region: &str) -> Outcome {
    let filters = ["VpnGatewayId", "VpcId", "Status", "BusinessStatus", "GatewayType", "ResourceGroupId"];
    let found: Vec<&Thing> = all(store, region, "gateway").filter(|thing| fits(call, thing, &filters)).collect();
    let (mut reply, rows) = page(call, &found, |thing| shown(thing, "Status"))?;
    reply.insert("VpnGateways".to_owned(), json!({ "VpnGateway": rows }));
    Ok(reply)
}

pub(super) fn customer_gateways(call: &Call, store: &Store, region: &str) -> Outcome {
    let filters = ["CustomerGatewayId", "ResourceGroupId"];
    let found: Vec<&Thing> = all(store, region, "customer-gateway").filter(|thing| fits(call, thing, &filters)).collect();
    let (mut reply, rows) = page(call, &found, |thing| thing.data.clone())?;
    reply.insert("CustomerGateways".to_owned(), json!({ "CustomerGateway": rows }));
    Ok(reply)
}

/// Whether a thing has the values that a call asks for.
fn fits(call: &Call, thing: &Thing, filters: &[&str]) -> bool {
    filters.iter().all(|name| call.text(name).is_none_or(|wanted| thing.text(name) == wanted))
}

/// The numbered page that a call asks for: the reply without its rows, and the rows.
fn page(call: &Call, found: &[&Thing], row: impl Fn(&Thing) -> Map<String, Json>) -> Result<(Map<String, Json>, Vec<Json>), Failure> {
    let (page, size) = (call.number("PageNumber", 1, usize::MAX)?, call.number("PageSize", 10, 50)?);
    let rows = found.iter().skip((page - 1).saturating_mul(size)).take(size).map(|thing| Json::Object(row(thing))).collect();
    let head = [("PageNumber", page), ("PageSize", size), ("TotalCount", found.len())];
    Ok((head.into_iter().map(|(name, number)| (name.to_owned(), json!(number))).collect(), rows))
}

/// IPsec servers: paged by a token instead of a number.
pub(super) fn servers(call: &Call, store: &Store, region: &str) -> Outcome {
    let most = call.number("MaxResults", 10, 20)?;
    let skip: usize = match call.text("NextToken") {
        None => 0,
        Some(token) => token.strip_prefix("page-").and_then(|rest| rest.parse().ok()).ok_or_else(|| Failure::invalid("NextToken"))?,
    };
    let ids: Vec<&String> = call.parameters.iter().filter(|(name, _)| name.starts_with("IpsecServerId.")).map(|(_, id)| id).collect();
    let wanted = |thing: &&Thing| fits(call, thing, &["VpnGatewayId", "IpsecServerName"]) && (ids.is_empty() || ids.contains(&&thing.id));
    let found: Vec<&Thing> = all(store, region, "ipsec-server").filter(wanted).collect();
    let rows: Vec<&Map<String, Json>> = found.iter().skip(skip).take(most).map(|thing| &thing.data).collect();
    let next = if skip.saturating_add(most) < found.len() { format!("page-{}", skip + most) } else { String::new() };
    let reply = json!({ "TotalCount": found.len(), "MaxResults": most, "NextToken": next, "IpsecServers": rows });
    Ok(reply.as_object().cloned().unwrap_or_default())
}
