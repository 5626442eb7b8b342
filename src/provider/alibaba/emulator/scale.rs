//! Many connections, for tests of paging and speed.

use serde_json::json;

use super::seed::{customer_gateway, gateway, ike, proposal};
use crate::emulated::Store;
use crate::provider::alibaba::cloud::ID;

const REGION: &str = "cn-shanghai";

/// The start of 2024. Each connection was created one second after the previous one.
const BEGIN_MS: i64 = 1_704_067_200_000;

/// Adds generated connections, a hundred to a gateway. Existing connections stay.
pub(in crate::provider::alibaba) fn scale(store: &mut Store, count: usize) {
    for number in 0..count {
        let id = format!("vco-bp1scale{number:08}");
        if store.find(ID, "connection", &id).is_some() {
            continue;
        }
        let group = number / 100;
        let (gateway_id, peer_id) = (format!("vpn-bp1scale{group:08}"), format!("cgw-bp1scale{group:08}"));
        let (local, remote) = (format!("198.18.{}.3", group % 250), format!("198.19.{}.3", group % 250));
        if store.find(ID, "gateway", &gateway_id).is_none() {
            gateway(store, REGION, &gateway_id, &local);
            customer_gateway(store, REGION, &peer_id, &remote, None);
        }
        let (low, high) = (number % 250 + 1, number / 250 % 250);
        let strong = ("aes256", "sha256", "group14");
        let data = json!({
            "VpnConnectionId": id, "VpnGatewayId": gateway_id, "CustomerGatewayId": peer_id, "Name": format!("scale-{number}"),
            "LocalSubnet": format!("10.{high}.{low}.0/24"), "RemoteSubnet": format!("172.16.{low}.0/24"), "InternetIp": local,
            "AttachType": "VPNGW", "State": "active", "Status": "ipsec_sa_established",
            "CreateTime": BEGIN_MS + 1000 * i64::try_from(number).unwrap_or_default(), "EffectImmediately": false,
            "AutoConfigRoute": true, "EnableDpd": true, "EnableNatTraversal": true, "NetworkType": "public",
            "IkeConfig": ike("ikev2", strong, (&local, &remote), Some(&format!("ScaledKey{number:08}"))),
            "IpsecConfig": proposal(strong, 86400),
        });
        store.add(ID, REGION, "connection", &id, data);
    }
}
