//! `ModifyTunnelAttribute`.

use serde_json::{Map, Value as Json, json};

use super::call::{Call, Outcome};
use super::reply::Failure;
use super::things::{find, gateway_is_busy, touch_gateway};
use super::tunnels;
use crate::emulated::Store;
use crate::provider::alibaba::cloud::ID;

/// Changes one tunnel, after the settling time.
pub(super) fn modify_tunnel(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let id = call.required("VpnConnectionId")?;
    let thing = find(store, region, "connection", id)?;
    if thing.text("AttachType") != "VPNGW" || tunnels::of(&thing.data).is_empty() {
        let message = "The specified vpn connection does not support ModifyTunnelAttribute.";
        return Err(Failure::new(400, "OperationUnsupported.ModifyTunnelAttribute", message));
    }
    let gateway = thing.text("VpnGatewayId").to_owned();
    if thing.is_changing() || gateway_is_busy(store, &gateway) {
        return Err(Failure::configuring("VpnGateway"));
    }
    let current = thing.data.clone();
    let sequence = store.next();
    let Changed { connection, place, answer } = changed(call, &current, store, sequence)?;
    store.change(ID, "connection", id, connection);
    if current.get("EffectImmediately") == Some(&json!(true)) {
        store.restart(ID, "connection", id, std::iter::once(place));
    }
    touch_gateway(store, &gateway);
    Ok(answer)
}

/// What a change of one tunnel results in.
struct Changed {
    connection: Map<String, Json>,
    /// The place of the tunnel in the connection.
    place: usize,
    /// The reply.
    answer: Map<String, Json>,
}

fn changed(call: &Call, current: &Map<String, Json>, store: &Store, sequence: u64) -> Result<Changed, Failure> {
    let id = call.required("TunnelId")?;
    let bgp = current.get("EnableTunnelsBgp") == Some(&json!(true));
    let mut tunnels = tunnels::of(current);
    let has_id = |tunnel: &&mut tunnels::Tunnel| tunnel.get("TunnelId").and_then(Json::as_str) == Some(id);
    let (place, one) = tunnels.iter_mut().enumerate().find(|(_, tunnel)| has_id(tunnel)).ok_or_else(tunnels::not_found)?;
    *one = tunnels::one_changed(&tunnels::options(call), one, bgp, store, sequence)?;
    let answer = tunnels::answer(one, bgp);
    if bgp {
        tunnels::different_networks(&tunnels)?;
    }
    let mut connection = current.clone();
    tunnels::put(&mut connection, tunnels);
    Ok(Changed { connection, place, answer })
}
