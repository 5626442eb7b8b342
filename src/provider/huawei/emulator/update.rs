//! UpdateVpnConnection and ResetVpnConnection.

use serde_json::{Map, Value as Json, json};

use super::{CONNECTION, Failure, Outcome, PROVIDER, PSK, PSK_IN_FORCE, busy, invalid, missing, shown, time};
use crate::emulated::{Incoming, Store, Thing};

mod validate;

/// `PUT /v5/{project_id}/vpn-connection/{id}`.
pub(super) fn update(incoming: &Incoming, store: &mut Store, id: &str) -> Outcome {
    let stored = idle(store, id)?;
    if stored.text("status") == "FREEZED" {
        return Err(invalid("ILLEGAL not allowed update vpnConnection"));
    }
    let body: Json = serde_json::from_slice(&incoming.body).map_err(|_| invalid("the body is not JSON"))?;
    let content = body.get("vpn_connection").and_then(Json::as_object).ok_or_else(|| invalid("vpn_connection must not be null"))?;
    validate::validate(content, &stored.data).map_err(invalid)?;
    let mut data = applied(&stored.data, content);
    data.insert("updated_at".to_owned(), json!(time(store.now_ms())));
    let mut answer = shown(&data);
    answer.remove("status");
    store.change(PROVIDER.id, CONNECTION, id, data);
    Ok(json!({ "vpn_connection": answer }))
}

/// `POST /v5/{project_id}/vpn-connection/{id}/reset`: the connection is negotiated anew, with the key that it was given.
pub(super) fn reset(store: &mut Store, id: &str) -> Outcome {
    let mut data = idle(store, id)?.data.clone();
    data.remove(PSK_IN_FORCE);
    store.change(PROVIDER.id, CONNECTION, id, data);
    store.restart(PROVIDER.id, CONNECTION, id, 0..1);
    Ok(json!({}))
}

fn idle<'a>(store: &'a Store, id: &str) -> Result<&'a Thing, Failure> {
    let thing = store.find(PROVIDER.id, CONNECTION, id).ok_or_else(|| missing(CONNECTION, id))?;
    if thing.is_changing() || thing.text("status").starts_with("PENDING_") { Err(busy()) } else { Ok(thing) }
}

fn applied(stored: &Map<String, Json>, content: &Map<String, Json>) -> Map<String, Json> {
    let mut data = stored.clone();
    for (name, value) in content {
        match (name.as_str(), value) {
            // Last, when it is known what else has changed.
            ("psk", _) => {}
            ("policy_rules" | "policy_rules_v6", rules) => {
                data.insert(name.clone(), numbered(rules));
            }
            ("ikepolicy" | "ipsecpolicy", Json::Object(value)) => {
                if let Json::Object(inner) = data.entry(name.clone()).or_insert_with(|| json!({})) {
                    merge(inner, value);
                }
            }
            // What old clients send beside the names of today.
            ("eip_id" | "type" | "route_mode", _) => {}
            _ => {
                data.insert(name.clone(), value.clone());
            }
        }
    }
    let addresses = ["_local_address", "_peer_address"].map(|name| data.get(name).cloned());
    if let Some(Json::Object(ike)) = data.get_mut("ikepolicy") {
        let given = content.get("ikepolicy").and_then(Json::as_object);
        settle_ike(ike, given, addresses);
    }
    if let Some(psk) = content.get("psk") {
        let alone = data == *stored;
        give_key(&mut data, psk, alone);
    }
    data
}

/// An update that changes nothing but the key leaves an IKEv2 connection with the key that it has, until it is reset.
/// Whether what is sent along unchanged makes a difference, no page says: here it does not.
pub(super) fn give_key(data: &mut Map<String, Json>, psk: &Json, alone: bool) {
    let v2 = data.get("ikepolicy").and_then(|ike| ike.get("ike_version")).and_then(Json::as_str) == Some("v2");
    let before = data.insert(PSK.to_owned(), psk.clone());
    if !(v2 && alone) {
        data.remove(PSK_IN_FORCE);
    } else if let Some(before) = before
        && !data.contains_key(PSK_IN_FORCE)
    {
        data.insert(PSK_IN_FORCE.to_owned(), before);
    }
}

/// One stored rule for each destination, numbered in order.
fn numbered(rules: &Json) -> Json {
    let pairs = rules.as_array().into_iter().flatten().flat_map(|rule| {
        let destinations = rule.get("destination").and_then(Json::as_array).into_iter().flatten();
        destinations.map(move |destination| (rule.get("source"), destination))
    });
    let rule = |(place, (source, destination))| json!({ "rule_index": place + 1, "source": source, "destination": [destination] });
    Json::Array(pairs.enumerate().map(rule).collect())
}

fn merge(into: &mut Map<String, Json>, from: &Map<String, Json>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Json::Object(inner)), Json::Object(value)) => merge(inner, value),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

fn settle_ike(ike: &mut Map<String, Json>, given: Option<&Map<String, Json>>, addresses: [Option<Json>; 2]) {
    if ike.get("ike_version").and_then(Json::as_str) == Some("v1") {
        ike.entry("phase1_negotiation_mode").or_insert_with(|| json!("main"));
    } else {
        ike.remove("phase1_negotiation_mode");
    }
    // With type ip, the identity is the address of the gateway, unless it is given.
    for (side, address) in ["local_id", "peer_id"].into_iter().zip(addresses) {
        let to_ip = given.and_then(|given| given.get(&format!("{side}_type"))).and_then(Json::as_str) == Some("ip");
        if let (true, None, Some(address)) = (to_ip, given.and_then(|given| given.get(side)), address) {
            ike.insert(side.to_owned(), address);
        }
    }
}
