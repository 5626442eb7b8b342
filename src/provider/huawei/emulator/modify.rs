//! `UpdateVpnConnection`.

use serde_json::{Map, Value as Json, json};

use super::psk;
use super::reply::{Failure, Outcome, busy, invalid, shown, time};
use super::things::{CONNECTION, find};
use super::validate::validate;
use crate::emulated::{Incoming, Store, Thing};
use crate::provider::huawei::cloud::ID;

/// `PUT /v5/{project_id}/vpn-connection/{vpn_connection_id}`.
pub(super) fn update(incoming: &Incoming, store: &mut Store, project: &str, id: &str) -> Outcome {
    let stored = find_idle(store, project, id)?;
    if stored.text("status") == "FREEZED" {
        return Err(invalid("ILLEGAL not allowed update vpnConnection"));
    }
    let body: Json = serde_json::from_slice(&incoming.body).map_err(|_| invalid("the body is not JSON"))?;
    let content = body.get("vpn_connection").and_then(Json::as_object).ok_or_else(|| invalid("vpn_connection must not be null"))?;
    validate(content, &stored.data).map_err(invalid)?;
    let mut data = applied(&stored.data, content);
    data.insert("updated_at".to_owned(), json!(time(store.now_ms())));
    let mut answer = shown(&data);
    answer.remove("status");
    store.change(ID, CONNECTION, id, data);
    Ok(json!({ "vpn_connection": answer }))
}

/// A connection that no other change is running on.
pub(super) fn find_idle<'a>(store: &'a Store, project: &str, id: &str) -> Result<&'a Thing, Failure> {
    let thing = find(store, project, CONNECTION, id)?;
    if thing.is_changing() || thing.text("status").starts_with("PENDING_") { Err(busy()) } else { Ok(thing) }
}

/// The data after the update.
fn applied(stored: &Map<String, Json>, content: &Map<String, Json>) -> Map<String, Json> {
    let mut data = stored.clone();
    for (name, value) in content {
        match (name.as_str(), value) {
            // Comes last, once it is known whether anything else changes.
            ("psk", _) => {}
            ("policy_rules" | "policy_rules_v6", rules) => {
                data.insert(name.clone(), numbered(rules));
            }
            ("ikepolicy" | "ipsecpolicy", Json::Object(value)) => {
                if let Json::Object(inner) = data.entry(name.clone()).or_insert_with(|| json!({})) {
                    merge(inner, value);
                }
            }
            // Only old clients still send these.
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
        psk::configure(&mut data, psk, alone);
    }
    data
}

/// Policy rules as the cloud stores them: one for each destination, numbered in order.
fn numbered(rules: &Json) -> Json {
    let pairs = rules.as_array().into_iter().flatten().flat_map(|rule| {
        let destinations = rule.get("destination").and_then(Json::as_array).into_iter().flatten();
        destinations.map(move |destination| (rule.get("source"), destination))
    });
    let rule = |(place, (source, destination))| json!({ "rule_index": place + 1, "source": source, "destination": [destination] });
    Json::Array(pairs.enumerate().map(rule).collect())
}

/// Merges an object into a stored one, nested objects included.
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

/// What the cloud fills in or removes by itself: the negotiation mode, which is for IKEv1 only, and identities of type ip.
fn settle_ike(ike: &mut Map<String, Json>, given: Option<&Map<String, Json>>, addresses: [Option<Json>; 2]) {
    if ike.get("ike_version").and_then(Json::as_str) == Some("v1") {
        ike.entry("phase1_negotiation_mode").or_insert_with(|| json!("main"));
    } else {
        ike.remove("phase1_negotiation_mode");
    }
    // An identity of type ip is the address of its gateway, unless it is given.
    for (side, address) in ["local_id", "peer_id"].into_iter().zip(addresses) {
        let to_ip = given.and_then(|given| given.get(&format!("{side}_type"))).and_then(Json::as_str) == Some("ip");
        if let (true, None, Some(address)) = (to_ip, given.and_then(|given| given.get(side)), address) {
            ike.insert(side.to_owned(), address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;
    use crate::model::{Key, Settings, Term};
    use crate::provider::huawei::testing::{BGP, Failed, POLICY, STATIC, World, get, own, reset, settings, target};

    #[test]
    fn change_of_each_setting_is_seen_once_it_has_settled() {
        let common: &[(Key, &str)] = &[
            (Key::Name, "renamed"),
            (Key::CustomerGateway, "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"),
            (Key::IkeVersion, "ikev2"),
            (Key::IkeEncryption, "aes256gcm16"),
            (Key::IkeIntegrity, "sha512"),
            (Key::IkeDhGroup, "group21"),
            (Key::IkeLifetime, "60"),
            (Key::DpdTimeout, "2"),
            (Key::DpdInterval, "3600"),
            (Key::DpdMessage, "seq-notify-hash"),
            (Key::LocalId, "1.2.3.4"),
            (Key::RemoteId, "4.3.2.1"),
            (Key::IpsecEncryption, "aes192"),
            (Key::IpsecIntegrity, "sha384"),
            (Key::IpsecPfs, "none"),
            (Key::IpsecLifetime, "30"),
            (Key::IpsecEncapsulation, "tunnel"),
            (Key::IpsecProtocol, "esp"),
        ];
        let rules = "10.0.0.0/24=192.168.1.0/24,192.168.2.0/24 10.0.1.0/24=192.168.1.0/24";
        let mut rows: Vec<(&str, Vec<(Key, &str)>)> = common.iter().map(|setting| (STATIC, vec![*setting])).collect();
        rows.push((STATIC, common.to_vec()));
        rows.push((STATIC, vec![(Key::IkeVersion, "ikev1"), (Key::IkeMode, "aggressive")]));
        rows.push((STATIC, vec![(Key::TunnelLocalAddress, "169.254.9.5/30"), (Key::TunnelPeerAddress, "169.254.9.6/30")]));
        rows.push((STATIC, vec![(Key::LocalIdType, "fqdn"), (Key::LocalId, "Hub.example")]));
        rows.push((STATIC, vec![(Key::RemoteIdType, "fqdn"), (Key::RemoteId, "branch.example")]));
        rows.push((POLICY, vec![(Key::PolicyRules, rules), (Key::RemoteSubnets, "192.168.1.0/24,192.168.2.0/24")]));
        rows.push((BGP, vec![(Key::Hub, "on")]));
        for (id, flags) in rows {
            let mut world = World::new();
            let change = settings(&flags);
            let before = world.show(id);
            world.modify(id, &change).unwrap();
            let meanwhile = world.show(id);
            assert_eq!(meanwhile.status.change, Term::Changing, "{flags:?}");
            assert_eq!(meanwhile.settings, before.settings, "{flags:?}");
            world.settle();
            let after = world.show(id);
            assert_eq!(after.status.change, Term::Settled);
            for (key, value) in change.iter() {
                assert_eq!(after.settings.get(key), Some(value), "{key:?}");
            }
            assert_ne!(after.updated, before.updated);
            let untouched = |settings: &Settings| {
                let derived = |key: &Key| change.has(*key) || matches!(key, Key::IkeMode | Key::LocalSubnets);
                settings.iter().filter(|(key, _)| !derived(key)).map(|(key, value)| format!("{key:?} {value}")).collect::<Vec<_>>()
            };
            assert_eq!(untouched(&after.settings), untouched(&before.settings), "{flags:?}");
        }
    }

    #[test]
    fn rules_are_stored_one_for_each_destination_and_numbered() {
        let mut world = World::new();
        world.modify(POLICY, &settings(&[(Key::PolicyRules, "7:10.0.0.0/24=1.0.0.0/8,2.0.0.0/8")])).unwrap();
        world.settle();
        let call = get(&own(&format!("vpn-connection/{POLICY}")), &[]);
        let shown = world.call(&call).unwrap();
        let expected = json!([
            { "rule_index": 1, "source": "10.0.0.0/24", "destination": ["1.0.0.0/8"] },
            { "rule_index": 2, "source": "10.0.0.0/24", "destination": ["2.0.0.0/8"] }
        ]);
        assert_eq!(shown["vpn_connection"]["policy_rules"], expected);
    }

    #[test]
    fn second_change_is_refused_while_the_first_is_running() {
        let mut world = World::new();
        world.modify(POLICY, &settings(&[(Key::Name, "one")])).unwrap();
        let error = world.refused(POLICY, &[(Key::Name, "two")]);
        assert_eq!((error.class, error.code.as_str()), (Class::Busy, "VPN.0306"));
        assert!(matches!(world.call(&reset(POLICY)), Err(Failed::Api(_))));
        let call = world.provider.progress(&target(POLICY), None, None);
        assert_eq!(world.call(&call).unwrap().reported, "status PENDING_UPDATE");
        world.settle();
        world.modify(POLICY, &settings(&[(Key::Name, "two")])).unwrap();
    }
}
