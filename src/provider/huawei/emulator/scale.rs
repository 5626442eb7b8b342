//! Any number of generated connections.

use serde_json::json;

use super::psk::PSK;
use super::reply::time;
use super::seed::{NORTH, customer_gateway, gateway, ike, ipsec, rule};
use super::things::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY};
use crate::emulated::Store;
use crate::provider::huawei::cloud::ID;

/// Adds generated connections, each created one second after the one before. A hundred of them share a gateway.
pub fn scale(store: &mut Store, count: usize) {
    let region = NORTH.0;
    let id = |class: char, number: usize| format!("5ca1e00{class}-0000-4000-8000-{number:012x}");
    for number in (0..count).filter(|number| store.find(ID, CONNECTION, &id('0', *number)).is_none()).collect::<Vec<_>>() {
        let (vgw, cgw) = (id('1', number / 100), id('2', number / 100));
        let (local, peer) = (format!("198.18.{}.2", number / 100 % 250), format!("198.19.{}.2", number / 100 % 250));
        let created = time(1_704_067_200_000 + 1000 * i64::try_from(number).unwrap_or_default());
        if store.find(ID, GATEWAY, &vgw).is_none() {
            store.add(ID, region, GATEWAY, &vgw, gateway(&vgw, "vpc"));
            store.add(ID, region, CUSTOMER_GATEWAY, &cgw, customer_gateway(&cgw, &peer, &created));
        }
        let (low, high) = (number % 250 + 1, number / 250 % 250);
        let connection = json!({
            "id": id('0', number),
            "name": format!("scale-{number}"),
            "status": "ACTIVE",
            "vgw_id": vgw,
            "vgw_ip": id('3', number / 100),
            "style": "POLICY",
            "cgw_id": cgw,
            "peer_subnets": [format!("172.16.{low}.0/24")],
            "policy_rules": [rule(1, &format!("10.{high}.{low}.0/24"), &format!("172.16.{low}.0/24"))],
            "ikepolicy": ike("v2", ["sha2-256", "aes-256", "group14"], &local, &peer),
            "ipsecpolicy": ipsec(["sha2-256", "aes-256", "group14"], 3600),
            "created_at": created,
            "updated_at": created,
            "enterprise_project_id": "0",
            "ha_role": "master",
            "_local_address": local,
            "_peer_address": peer,
            PSK: format!("Scaled-Key-{number:08}")
        });
        store.add(ID, region, CONNECTION, &id('0', number), connection);
    }
}
