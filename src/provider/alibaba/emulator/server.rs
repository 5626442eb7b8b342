//! `UpdateIpsecServer`.

use serde_json::{Map, Value as Json, json};

use super::call::{Call, Outcome};
use super::reply::Failure;
use super::things::{find, gateway_is_busy, touch_gateway};
use super::{blocks, check, fields};
use crate::emulated::Store;
use crate::provider::alibaba::cloud::ID;

/// Changes a server: its name at once, everything else after the settling time.
pub(super) fn update_server(call: &Call, store: &mut Store, region: &str) -> Outcome {
    let id = call.required("IpsecServerId")?;
    let thing = find(store, region, "ipsec-server", id)?;
    let gateway = thing.text("VpnGatewayId").to_owned();
    let current = thing.data.clone();
    if gateway_is_busy(store, &gateway) {
        return Err(Failure::configuring("VpnGateway"));
    }
    let new = changed(call, &current)?;
    if call.switch("DryRun")? == Some(true) {
        return Err(Failure::new(400, "DryRunOperation", "Request validation has been passed with DryRun flag set."));
    }
    let of_name = ["RegionId", "IpsecServerId", "IpsecServerName", "ClientToken", "DryRun"];
    if call.parameters.keys().all(|name| of_name.contains(&name.as_str())) {
        if let Some(thing) = store.find_mut(ID, "ipsec-server", id) {
            thing.data = new;
        }
    } else {
        store.change(ID, "ipsec-server", id, new);
        touch_gateway(store, &gateway);
    }
    Ok(Map::new())
}

fn changed(call: &Call, current: &Map<String, Json>) -> Outcome {
    let mut new = current.clone();
    fields::name(call, "IpsecServerName", &mut new)?;
    fields::networks(call, &mut new)?;
    fields::switches(call, &mut new)?;
    if let Some(pool) = call.text("ClientIpPool") {
        check::client_pool(pool, new.get("LocalSubnet").and_then(Json::as_str).unwrap_or_default())?;
        new.insert("ClientIpPool".to_owned(), json!(pool));
    }
    key(call, &mut new)?;
    if let Some(block) = call.block("IkeConfig")? {
        let local = new.get("InternetIp").cloned().unwrap_or_default();
        new.insert("IkeConfig".to_owned(), Json::Object(blocks::ike(&block, ("ikev2", "sha1"), &local, &json!(""))?));
    }
    if let Some(block) = call.block("IpsecConfig")? {
        new.insert("IpsecConfig".to_owned(), Json::Object(blocks::ipsec(&block, "sha1")?));
    }
    Ok(new)
}

/// Changes the key, and whether it is used.
fn key(call: &Call, new: &mut Map<String, Json>) -> Result<(), Failure> {
    match call.switch("PskEnabled")? {
        Some(false) if new.get("MultiFactorAuthEnabled") != Some(&json!(true)) => {
            let message = "One authentication method (Psk or IDaaS) should be specified at least.";
            return Err(Failure::new(400, "IllegalParam.AuthMethod", message));
        }
        Some(true) => drop(new.insert("PskEnabled".to_owned(), json!(true))),
        _ => {}
    }
    if let Some(psk) = check::psk(call.text("Psk"))? {
        new.insert("Psk".to_owned(), json!(psk));
    }
    Ok(())
}
