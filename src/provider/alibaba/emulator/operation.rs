//! The operations.

use serde_json::{Map, Value as Json, json};

use super::change::{connection_after, server_after, tunnel_after};
use super::reply::Failure;
use super::{CLOUD, Call, Outcome, describe, tunnel};
use crate::emulated::{Store, Thing};
use crate::provider::alibaba::{PROVIDER, wire};

/// Runs the operation of a call.
pub(super) fn run(call: &Call, store: &mut Store) -> Outcome {
    let action: fn(&Call, &mut Store, &str) -> Outcome = match call.action.as_str() {
        wire::DESCRIBE_CONNECTION => |call, store, region| describe_connection(call, store, region),
        "DescribeVpnConnections" => |call, store, region| describe_connections(call, store, region),
        wire::DESCRIBE_GATEWAY => |call, store, region| describe_gateway(call, store, region),
        wire::LIST_SERVERS => |call, store, region| list_servers(call, store, region),
        "DescribeVpnAttachments" => describe::attachments,
        "DescribeVpnGateways" => describe::gateways,
        "DescribeCustomerGateway" => describe::customer_gateway,
        "DescribeCustomerGateways" => describe::customer_gateways,
        "DescribeRegions" => return Ok(describe::regions()),
        wire::MODIFY_CONNECTION | wire::MODIFY_ATTACHMENT => modify_connection,
        wire::MODIFY_TUNNEL => modify_tunnel,
        wire::UPDATE_SERVER => update_server,
        _ => {
            let message = "Specified api is not found, please check your url and method.";
            return Err(Failure::new(404, "InvalidAction.NotFound", message));
        }
    };
    let region = match call.text("RegionId") {
        // The one operation whose region is optional: the connection tells it.
        None if call.action == wire::MODIFY_TUNNEL => {
            store.find(CLOUD, "connection", call.required("VpnConnectionId")?).map(|thing| thing.region.clone()).unwrap_or_default()
        }
        _ => call.required("RegionId")?.to_owned(),
    };
    if !PROVIDER.regions.contains(&region.as_str()) {
        return Err(Failure::new(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist."));
    }
    action(call, store, &region)
}

/// A thing of a class in the region; elsewhere it does not exist.
pub(super) fn find<'a>(store: &'a Store, region: &str, class: &str, id: &str) -> Result<&'a Thing, Failure> {
    store.find(CLOUD, class, id).filter(|thing| thing.region == region).ok_or_else(|| match class {
        "connection" => {
            Failure::new(404, "InvalidVpnConnectionInstanceId.NotFound", "The specified vpn connection instance id does not exist.")
        }
        "gateway" => Failure::new(400, "InvalidVpnGatewayInstanceId.NotFound", "The specified vpn gateway instance id does not exist."),
        "customer-gateway" => {
            Failure::new(404, "InvalidCustomerGatewayInstanceId.NotFound", "The specified customer gateway instance id does not exist.")
        }
        _ => Failure::new(404, "InvalidIpsecServerId.NotFound", format!("The specified IPsec server ID ({id}) does not exist.")),
    })
}

/// A thing as it is shown: the old data, with the state of a change that is being made.
pub(super) fn shown(thing: &Thing, state: &str) -> Map<String, Json> {
    let mut data = thing.data.clone();
    if let Some(pending) = &thing.pending {
        data.insert(state.to_owned(), json!("updating"));
        // Of two tunnels, those are updating that will be different.
        let mut tunnels = tunnel::of(&data);
        if !tunnels.is_empty() {
            for (one, then) in tunnels.iter_mut().zip(tunnel::of(&pending.data)).filter(|(one, then)| *one != then) {
                debug_assert_eq!(one.get("TunnelId"), then.get("TunnelId"));
                one.insert("State".to_owned(), json!("updating"));
            }
            tunnel::put(&mut data, tunnels);
        }
    }
    data
}

fn describe_connection(call: &Call, store: &Store, region: &str) -> Outcome {
    find(store, region, "connection", call.required("VpnConnectionId")?).map(|thing| shown(thing, "State"))
}

fn describe_gateway(call: &Call, store: &Store, region: &str) -> Outcome {
    find(store, region, "gateway", call.required("VpnGatewayId")?).map(|thing| shown(thing, "Status"))
}

pub(super) fn number(call: &Call, name: &str, default: usize, max: usize) -> Result<usize, Failure> {
    let Some(text) = call.text(name) else { return Ok(default) };
    let valid = text.parse().ok().filter(|number| (1..=max).contains(number));
    valid.ok_or_else(|| Failure::new(400, "InvalidParameter", format!("The specified parameter \"{name}\" is not valid.")))
}

pub(super) fn things<'a>(store: &'a Store, region: &'a str, class: &'a str) -> impl Iterator<Item = &'a Thing> {
    store.things.iter().filter(move |thing| thing.provider == CLOUD && thing.region == region && thing.class == class)
}

fn describe_connections(call: &Call, store: &Store, region: &str) -> Outcome {
    let (page, size) = (number(call, "PageNumber", 1, usize::MAX)?, number(call, "PageSize", 10, 50)?);
    let filters = ["VpnConnectionId", "VpnGatewayId", "CustomerGatewayId", "ResourceGroupId"];
    let fits = |thing: &&Thing| filters.iter().all(|name| call.text(name).is_none_or(|wanted| thing.text(name) == wanted));
    let all: Vec<&Thing> = things(store, region, "connection").filter(fits).collect();
    let rows: Vec<Json> = all
        .iter()
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .map(|thing| {
            let mut data = shown(thing, "State");
            // The list has its tags under another name.
            if let Some(tags) = data.remove("Tags") {
                data.insert("Tag".to_owned(), tags);
            }
            Json::Object(data)
        })
        .collect();
    let reply = json!({ "PageNumber": page, "PageSize": size, "TotalCount": all.len(), "VpnConnections": { "VpnConnection": rows } });
    Ok(reply.as_object().cloned().unwrap_or_default())
}

fn list_servers(call: &Call, store: &Store, region: &str) -> Outcome {
    let most = number(call, "MaxResults", 10, 20)?;
    let skip: usize = call.text("NextToken").map_or(Ok(0), |token| {
        token
            .strip_prefix("page-")
            .and_then(|rest| rest.parse().ok())
            .ok_or_else(|| Failure::new(400, "InvalidParameter", "The specified parameter \"NextToken\" is not valid."))
    })?;
    let ids: Vec<&String> = call.parameters.iter().filter(|(name, _)| name.starts_with("IpsecServerId.")).map(|(_, id)| id).collect();
    let fits = |thing: &&Thing| {
        let named = ["VpnGatewayId", "IpsecServerName"].iter().all(|name| call.text(name).is_none_or(|wanted| thing.text(name) == wanted));
        named && (ids.is_empty() || ids.contains(&&thing.id))
    };
    let all: Vec<&Thing> = things(store, region, "ipsec-server").filter(fits).collect();
    let rows: Vec<&Map<String, Json>> = all.iter().skip(skip).take(most).map(|thing| &thing.data).collect();
    let next = if skip.saturating_add(most) < all.len() { format!("page-{}", skip + most) } else { String::new() };
    let reply = json!({ "TotalCount": all.len(), "MaxResults": most, "NextToken": next, "IpsecServers": rows });
    Ok(reply.as_object().cloned().unwrap_or_default())
}

fn modify_connection(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let id = call.required("VpnConnectionId")?;
    let thing = find(store, region, "connection", id)?;
    let at_gateway = thing.text("AttachType") == "VPNGW";
    if at_gateway != (call.action == wire::MODIFY_CONNECTION) {
        let message = format!("The attach type of the specified vpn connection does not support {}.", call.action);
        return Err(Failure::new(400, "OperationUnsupported.AttachType", message));
    }
    let gateway = thing.text("VpnGatewayId").to_owned();
    let busy_gateway = store.find(CLOUD, "gateway", &gateway).is_some_and(Thing::is_changing);
    if at_gateway && busy_gateway {
        return Err(Failure::configuring("VpnGateway"));
    }
    if thing.is_changing() {
        return Err(Failure::configuring("VpnConnection"));
    }
    let now = thing.data.clone();
    if let Some(customer_gateway) = call.text("CustomerGatewayId") {
        find(store, region, "customer-gateway", customer_gateway)?;
    }
    let peer = call.text("CustomerGatewayId").or_else(|| now.get("CustomerGatewayId")?.as_str()).unwrap_or_default();
    let peer = store.find(CLOUD, "customer-gateway", peer).map(|peer| peer.data.clone()).unwrap_or_default();
    let sequence = store.next();
    let after = connection_after(call, &now, &peer, store, sequence)?;
    store.change(CLOUD, "connection", id, after.clone());
    let beyond_name = call.parameters.keys().any(|name| !["RegionId", "VpnConnectionId", "ClientToken", "Name"].contains(&name.as_str()));
    if after.get("EffectImmediately") == Some(&json!(true)) && beyond_name {
        store.restart(CLOUD, "connection", id, 0..tunnel::of(&after).len().max(1));
    }
    if at_gateway {
        touch_gateway(store, &gateway);
    }
    let mut reply = after;
    let tunnels = tunnel::of(&reply);
    if !tunnels.is_empty() {
        let bgp = reply.get("EnableTunnelsBgp") == Some(&json!(true));
        let answered: Vec<_> = tunnels.iter().map(|one| tunnel::answered(one, bgp)).collect();
        // One operation answers with an object around the list, the other with the list.
        let list = if at_gateway { json!({ "TunnelOptions": answered }) } else { json!(answered) };
        reply.insert("TunnelOptionsSpecification".to_owned(), list);
    }
    for name in if at_gateway { ["State", "Status"].as_slice() } else { ["State"].as_slice() } {
        reply.remove(*name);
    }
    Ok(reply)
}

fn modify_tunnel(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let id = call.required("VpnConnectionId")?;
    let thing = find(store, region, "connection", id)?;
    if thing.text("AttachType") != "VPNGW" || tunnel::of(&thing.data).is_empty() {
        let message = "The specified vpn connection does not support ModifyTunnelAttribute.";
        return Err(Failure::new(400, "OperationUnsupported.ModifyTunnelAttribute", message));
    }
    let gateway = thing.text("VpnGatewayId").to_owned();
    if thing.is_changing() || store.find(CLOUD, "gateway", &gateway).is_some_and(Thing::is_changing) {
        return Err(Failure::configuring("VpnGateway"));
    }
    let now = thing.data.clone();
    let sequence = store.next();
    let (after, answer) = tunnel_after(call, &now, store, sequence)?;
    let place = tunnel::of(&after).iter().position(|one| one.get("TunnelId") == answer.get("TunnelId"));
    store.change(CLOUD, "connection", id, after);
    if now.get("EffectImmediately") == Some(&json!(true)) {
        store.restart(CLOUD, "connection", id, place.into_iter());
    }
    touch_gateway(store, &gateway);
    Ok(answer)
}

/// The gateway of a change is updating for as long as the change takes.
fn touch_gateway(store: &mut Store, gateway: &str) {
    let data = store.find(CLOUD, "gateway", gateway).map(|thing| thing.data.clone());
    if let Some(data) = data {
        store.change(CLOUD, "gateway", gateway, data);
    }
}

fn update_server(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let id = call.required("IpsecServerId")?;
    let thing = find(store, region, "ipsec-server", id)?;
    let gateway = thing.text("VpnGatewayId").to_owned();
    let now = thing.data.clone();
    if store.find(CLOUD, "gateway", &gateway).is_some_and(Thing::is_changing) {
        return Err(Failure::configuring("VpnGateway"));
    }
    let after = server_after(call, &now)?;
    if call.switch("DryRun")? == Some(true) {
        return Err(Failure::new(400, "DryRunOperation", "Request validation has been passed with DryRun flag set."));
    }
    let only_name = call
        .parameters
        .keys()
        .all(|name| ["RegionId", "IpsecServerId", "IpsecServerName", "ClientToken", "DryRun"].contains(&name.as_str()));
    if only_name {
        if let Some(thing) = store.find_mut(CLOUD, "ipsec-server", id) {
            thing.data = after;
        }
    } else {
        store.change(CLOUD, "ipsec-server", id, after);
        touch_gateway(store, &gateway);
    }
    Ok(Map::new())
}
