//! What a thing is after a change.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::check;
use super::reply::Failure;
use super::{Call, Outcome, tunnel};
use crate::emulated::Store;

const SWITCHES: [&str; 4] = ["EffectImmediately", "AutoConfigRoute", "EnableDpd", "EnableNatTraversal"];

/// What two-tunnel connections have at their tunnels only.
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

/// A connection after a change. Blocks are replaced whole: what they leave out falls back to what a new connection
/// has, and a missing key is made anew from `sequence`, as the vendor's page says.
pub(super) fn connection_after(call: &Call, now: &Map<String, Json>, peer: &Map<String, Json>, store: &Store, sequence: u64) -> Outcome {
    let dual = now.get("TunnelOptionsSpecification").is_some();
    if let Some(name) = OF_ONE_TUNNEL.iter().find(|name| dual && call.text(name).is_some()) {
        return Err(Failure::new(400, "OperationUnsupported.DualTunnel", format!("{name} is not supported by a dual-tunnel connection.")));
    }
    let entries = tunnel::entries(call)?;
    let bgp = call.switch("EnableTunnelsBgp")?;
    if !dual && (bgp.is_some() || !entries.is_empty()) {
        let message = "TunnelOptionsSpecification and EnableTunnelsBgp are not supported by a single-tunnel connection.";
        return Err(Failure::new(400, "OperationUnsupported.SingleTunnel", message));
    }
    let mut after = now.clone();
    name(call, "Name", &mut after)?;
    networks(call, &mut after)?;
    switches(call, &mut after)?;
    if let Some(word) = call.text("NetworkType") {
        check::word(word, &["public", "private"], "IllegalParam.NetworkType", "NetworkType")?;
        after.insert("NetworkType".to_owned(), json!(word));
    }
    for field in ["CustomerGatewayId", "RemoteCaCertificate", "RemoteCaCert"] {
        if let Some(text) = call.text(field) {
            let stored = if field == "RemoteCaCert" { "RemoteCaCertificate" } else { field };
            after.insert(stored.to_owned(), json!(text));
        }
    }
    if let Some(block) = block(call, "IkeConfig")? {
        let local = after.get("InternetIp").cloned().unwrap_or_default();
        let remote = peer.get("IpAddress").cloned().unwrap_or_default();
        let mut ike = check::ike(&block, ("ikev1", "md5"), &local, &remote)?;
        let psk = check::psk(block.get("Psk").and_then(Json::as_str))?.map_or_else(|| random_key(sequence), str::to_owned);
        ike.insert("Psk".to_owned(), json!(psk));
        after.insert("IkeConfig".to_owned(), Json::Object(ike));
    }
    if let Some(block) = block(call, "IpsecConfig")? {
        after.insert("IpsecConfig".to_owned(), Json::Object(check::ipsec(&block, "md5")?));
    }
    if let Some(block) = block(call, "BgpConfig")? {
        after.insert("VpnBgpConfig".to_owned(), Json::Object(check::bgp(&block, peer.get("Asn"))?));
    }
    if let Some(block) = block(call, "HealthCheckConfig")? {
        let with_policy = now.get("AttachType").and_then(Json::as_str) != Some("VPNGW");
        after.insert("VcoHealthCheck".to_owned(), Json::Object(check::health(&block, with_policy)?));
    }
    if dual {
        let bgp = bgp.unwrap_or_else(|| now.get("EnableTunnelsBgp") == Some(&json!(true)));
        after.insert("EnableTunnelsBgp".to_owned(), json!(bgp));
        let mut tunnels = tunnel::of(now);
        for entry in &entries {
            let place = tunnel::place(entry, &tunnels)?;
            let Some(one) = tunnels.get_mut(place) else { continue };
            *one = tunnel::after(entry, one, bgp, store, sequence)?;
        }
        if bgp {
            tunnel::networks(&tunnels)?;
        }
        tunnel::put(&mut after, tunnels);
    }
    Ok(after)
}

/// A connection after a change of one of its tunnels, and that tunnel.
pub(super) fn tunnel_after(
    call: &Call,
    now: &Map<String, Json>,
    store: &Store,
    sequence: u64,
) -> Result<(Map<String, Json>, tunnel::Tunnel), Failure> {
    let id = call.required("TunnelId")?;
    let bgp = now.get("EnableTunnelsBgp") == Some(&json!(true));
    let mut tunnels = tunnel::of(now);
    let one = tunnels.iter_mut().find(|tunnel| tunnel.get("TunnelId").and_then(Json::as_str) == Some(id)).ok_or_else(tunnel::not_found)?;
    *one = tunnel::after(&tunnel::options(call), one, bgp, store, sequence)?;
    let answer = tunnel::answered(one, bgp);
    if bgp {
        tunnel::networks(&tunnels)?;
    }
    let mut after = now.clone();
    tunnel::put(&mut after, tunnels);
    Ok((after, answer))
}

/// An IPsec server after a change.
pub(super) fn server_after(call: &Call, now: &Map<String, Json>) -> Outcome {
    let mut after = now.clone();
    name(call, "IpsecServerName", &mut after)?;
    networks(call, &mut after)?;
    switches(call, &mut after)?;
    if let Some(pool) = call.text("ClientIpPool") {
        check::client_pool(pool, after.get("LocalSubnet").and_then(Json::as_str).unwrap_or_default())?;
        after.insert("ClientIpPool".to_owned(), json!(pool));
    }
    if call.switch("PskEnabled")? == Some(false) && now.get("MultiFactorAuthEnabled") != Some(&json!(true)) {
        let message = "One authentication method (Psk or IDaaS) should be specified at least.";
        return Err(Failure::new(400, "IllegalParam.AuthMethod", message));
    }
    if call.switch("PskEnabled")? == Some(true) {
        after.insert("PskEnabled".to_owned(), json!(true));
    }
    if let Some(psk) = check::psk(call.text("Psk"))? {
        after.insert("Psk".to_owned(), json!(psk));
    }
    if let Some(block) = block(call, "IkeConfig")? {
        let local = after.get("InternetIp").cloned().unwrap_or_default();
        after.insert("IkeConfig".to_owned(), Json::Object(check::ike(&block, ("ikev2", "sha1"), &local, &json!(""))?));
    }
    if let Some(block) = block(call, "IpsecConfig")? {
        after.insert("IpsecConfig".to_owned(), Json::Object(check::ipsec(&block, "sha1")?));
    }
    Ok(after)
}

fn name(call: &Call, field: &str, after: &mut Map<String, Json>) -> Result<(), Failure> {
    let Some(name) = call.text(field) else { return Ok(()) };
    check::name(name)?;
    after.insert(field.to_owned(), json!(name));
    Ok(())
}

fn networks(call: &Call, after: &mut Map<String, Json>) -> Result<(), Failure> {
    for field in ["LocalSubnet", "RemoteSubnet"] {
        let Some(text) = call.text(field) else { continue };
        check::networks(field, text)?;
        after.insert(field.to_owned(), json!(text));
    }
    Ok(())
}

fn switches(call: &Call, after: &mut Map<String, Json>) -> Result<(), Failure> {
    for field in SWITCHES {
        if let Some(on) = call.switch(field)? {
            after.insert(field.to_owned(), json!(on));
        }
    }
    Ok(())
}

/// A parameter that holds JSON.
fn block(call: &Call, name: &str) -> Result<Option<Map<String, Json>>, Failure> {
    let Some(text) = call.text(name) else { return Ok(None) };
    match serde_json::from_str(text) {
        Ok(Json::Object(block)) => Ok(Some(block)),
        _ => Err(Failure::new(400, format!("IllegalParam.{name}"), format!("The specified {name} is invalid."))),
    }
}

/// Sixteen characters, the same for the same number: an emulator has no randomness of its own.
pub(super) fn random_key(sequence: u64) -> String {
    let digest = Sha256::digest(format!("emulated key {sequence}").as_bytes());
    crate::model::hex(digest.as_slice()).chars().take(16).collect()
}
