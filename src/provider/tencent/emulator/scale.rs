//! Connections in any number, for tests of long lists.

use chrono::DateTime;
use serde_json::json;

use super::things::{CONNECTION, GATEWAY, LEGACY_ID, add, customer, gateway, ike, ipsec};
use crate::emulated::Store;
use crate::provider::tencent::cloud;

/// Adds generated connections. Each is created a second after the one before, and a hundred share a gateway.
pub fn scale(store: &mut Store, count: usize) {
    let region = "ap-guangzhou";
    for number in (0..count).filter(|number| store.find(cloud::ID, CONNECTION, &scaled("vpnx", *number)).is_none()).collect::<Vec<_>>() {
        let (gateway_id, customer_id) = (scaled("vpngw", number / 100), scaled("cgw", number / 100));
        let (low, high, legacy) = (number % 250 + 1, number / 250 % 250, u32::try_from(number).unwrap_or_default());
        let (local, remote) = (format!("198.18.{}.1", number / 100 % 250), format!("198.19.{}.1", number / 100 % 250));
        if store.find(cloud::ID, GATEWAY, &gateway_id).is_none() {
            gateway(store, region, &gateway_id, 20_000 + legacy, "vpc-scale001", &local, "ver4.0");
            customer(store, region, &customer_id, 30_000 + legacy, &remote);
        }
        let created = DateTime::from_timestamp(1_704_067_200 + i64::from(legacy), 0).unwrap_or_default();
        let connection = json!({
            "VpnConnectionName": format!("scale-{number}"),
            "VpcId": "vpc-scale001",
            "VpnGatewayId": gateway_id,
            "CustomerGatewayId": customer_id,
            "PreShareKey": format!("ScaledKey{number:08}"),
            "CreatedTime": created.format("%Y-%m-%d %H:%M:%S").to_string(),
            "SecurityPolicyDatabaseSet":
                [{ "LocalCidrBlock": format!("10.{high}.{low}.0/24"), "RemoteCidrBlock": [format!("172.16.{low}.0/24")] }],
            "IKEOptionsSpecification": ike(["IKEV2", "AES-CBC-256", "SHA-256", "GROUP14"], &local, &remote),
            "IPSECOptionsSpecification": ipsec(["AES-CBC-256", "SHA-256", "DH-GROUP14"], 3600),
            "DpdEnable": 1,
            LEGACY_ID: 40_000 + legacy,
        });
        add(store, region, &scaled("vpnx", number), connection);
    }
}

fn scaled(prefix: &str, number: usize) -> String {
    format!("{prefix}-s{number:07}")
}
