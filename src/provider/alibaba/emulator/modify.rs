//! `ModifyVpnConnectionAttribute` and `ModifyVpnAttachmentAttribute`.

use serde_json::{Map, Value as Json, json};

use super::call::{Call, Outcome};
use super::reply::Failure;
use super::things::{find, gateway_is_busy, touch_gateway};
use super::{blocks, check, fields, tunnels};
use crate::emulated::{Store, Thing};
use crate::provider::alibaba::cloud::{ID, MODIFY_CONNECTION};

/// Parameters that a dual-tunnel connection has in its tunnels only.
const OF_ONE_TUNNEL: [&str; 9] = [
    "CustomerGatewayId",
    "IkeConfig",
    "IpsecConfig",
    "BgpConfig",
    "HealthCheckConfig",
    "EnableDpd",
    "EnableNatTraversal",
    "RemoteCaCertificate",
    "RemoteCaCert",
];

/// Changes a connection, after the settling time.
pub(super) fn modify_connection(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let id = call.required("VpnConnectionId")?;
    let thing = find(store, region, "connection", id)?;
    let at_gateway = ready(call, store, thing)?;
    let gateway = thing.text("VpnGatewayId").to_owned();
    let current = thing.data.clone();
    let peer = peer(call, store, region, &current)?;
    let sequence = store.next();
    let new = changed(call, &current, &peer, store, sequence)?;
    store.change(ID, "connection", id, new.clone());
    let beyond_name = call.parameters.keys().any(|name| !["RegionId", "VpnConnectionId", "ClientToken", "Name"].contains(&name.as_str()));
    if new.get("EffectImmediately") == Some(&json!(true)) && beyond_name {
        store.restart(ID, "connection", id, 0..tunnels::of(&new).len().max(1));
    }
    if at_gateway {
        touch_gateway(store, &gateway);
    }
    Ok(answer(new, at_gateway))
}

/// Whether the connection belongs to a VPN gateway; an error when the operation does not fit it, or it is busy.
fn ready(call: &Call, store: &Store, thing: &Thing) -> Result<bool, Failure> {
    let at_gateway = thing.text("AttachType") == "VPNGW";
    if at_gateway != (call.action == MODIFY_CONNECTION) {
        let message = format!("The attach type of the specified vpn connection does not support {}.", call.action);
        return Err(Failure::new(400, "OperationUnsupported.AttachType", message));
    }
    if at_gateway && gateway_is_busy(store, thing.text("VpnGatewayId")) {
        return Err(Failure::configuring("VpnGateway"));
    }
    if thing.is_changing() {
        return Err(Failure::configuring("VpnConnection"));
    }
    Ok(at_gateway)
}

/// The customer gateway after the change.
fn peer(call: &Call, store: &Store, region: &str, current: &Map<String, Json>) -> Outcome {
    if let Some(id) = call.text("CustomerGatewayId") {
        find(store, region, "customer-gateway", id)?;
    }
    let id = call.text("CustomerGatewayId").or_else(|| current.get("CustomerGatewayId")?.as_str()).unwrap_or_default();
    Ok(store.find(ID, "customer-gateway", id).map(|peer| peer.data.clone()).unwrap_or_default())
}

/// The connection after the change. Blocks are replaced whole: as the vendor's page says, what they leave out gets the
/// value of a new connection, and a missing key is generated (here from `sequence`).
fn changed(call: &Call, current: &Map<String, Json>, peer: &Map<String, Json>, store: &Store, sequence: u64) -> Outcome {
    let dual = current.get("TunnelOptionsSpecification").is_some();
    if let Some(name) = OF_ONE_TUNNEL.iter().find(|name| dual && call.text(name).is_some()) {
        return Err(Failure::new(400, "OperationUnsupported.DualTunnel", format!("{name} is not supported by a dual-tunnel connection.")));
    }
    let entries = tunnels::entries(call)?;
    let bgp = call.switch("EnableTunnelsBgp")?;
    if !dual && (bgp.is_some() || !entries.is_empty()) {
        let message = "TunnelOptionsSpecification and EnableTunnelsBgp are not supported by a single-tunnel connection.";
        return Err(Failure::new(400, "OperationUnsupported.SingleTunnel", message));
    }
    let mut new = current.clone();
    plain(call, &mut new)?;
    single_tunnel_blocks(call, peer, sequence, &mut new)?;
    if dual {
        let bgp = bgp.unwrap_or_else(|| current.get("EnableTunnelsBgp") == Some(&json!(true)));
        new.insert("EnableTunnelsBgp".to_owned(), json!(bgp));
        let changed = tunnels::changed(&entries, tunnels::of(current), bgp, store, sequence)?;
        tunnels::put(&mut new, changed);
    }
    Ok(new)
}

/// Changes what is not in a block.
fn plain(call: &Call, new: &mut Map<String, Json>) -> Result<(), Failure> {
    fields::name(call, "Name", new)?;
    fields::networks(call, new)?;
    fields::switches(call, new)?;
    if let Some(word) = call.text("NetworkType") {
        check::word(word, &["public", "private"], "IllegalParam.NetworkType", "NetworkType")?;
        new.insert("NetworkType".to_owned(), json!(word));
    }
    for (field, stored) in [
        ("CustomerGatewayId", "CustomerGatewayId"),
        ("RemoteCaCertificate", "RemoteCaCertificate"),
        ("RemoteCaCert", "RemoteCaCertificate"),
    ] {
        if let Some(text) = call.text(field) {
            new.insert(stored.to_owned(), json!(text));
        }
    }
    Ok(())
}

/// Replaces the blocks that the call contains.
fn single_tunnel_blocks(call: &Call, peer: &Map<String, Json>, sequence: u64, new: &mut Map<String, Json>) -> Result<(), Failure> {
    if let Some(block) = call.block("IkeConfig")? {
        let local = new.get("InternetIp").cloned().unwrap_or_default();
        let remote = peer.get("IpAddress").cloned().unwrap_or_default();
        new.insert("IkeConfig".to_owned(), Json::Object(blocks::ike_with_key(&block, &local, &remote, sequence)?));
    }
    if let Some(block) = call.block("IpsecConfig")? {
        new.insert("IpsecConfig".to_owned(), Json::Object(blocks::ipsec(&block, "md5")?));
    }
    if let Some(block) = call.block("BgpConfig")? {
        new.insert("VpnBgpConfig".to_owned(), Json::Object(blocks::bgp(&block, peer.get("Asn"))?));
    }
    if let Some(block) = call.block("HealthCheckConfig")? {
        let with_policy = new.get("AttachType").and_then(Json::as_str) != Some("VPNGW");
        new.insert("VcoHealthCheck".to_owned(), Json::Object(blocks::health(&block, with_policy)?));
    }
    Ok(())
}

/// The reply: the new connection without its state.
fn answer(mut reply: Map<String, Json>, at_gateway: bool) -> Map<String, Json> {
    let tunnels = tunnels::of(&reply);
    if !tunnels.is_empty() {
        let bgp = reply.get("EnableTunnelsBgp") == Some(&json!(true));
        let answers: Vec<_> = tunnels.iter().map(|one| tunnels::answer(one, bgp)).collect();
        // One operation returns the list in an object, the other one the list itself.
        let list = if at_gateway { json!({ "TunnelOptions": answers }) } else { json!(answers) };
        reply.insert("TunnelOptionsSpecification".to_owned(), list);
    }
    reply.remove("State");
    if at_gateway {
        reply.remove("Status");
    }
    reply
}
