//! What a fresh emulator holds: the tunnel of the vendor's page of 2018, and the far ends of two tunnels of the other
//! clouds.

use serde_json::json;

use super::things::{LEGACY_ID, add, customer, gateway, ike, ipsec};
use crate::emulated::Store;

/// Fills an empty store.
pub fn seed(store: &mut Store) {
    guangzhou(store);
    shanghai(store);
    beijing(store);
}

fn guangzhou(store: &mut Store) {
    let region = "ap-guangzhou";
    gateway(store, region, "vpngw-kfldykuz", 271, "vpc-03vihbk9", "203.0.113.7", "ver3.0");
    customer(store, region, "cgw-idc00001", 315, "198.51.100.7");
    let connection = json!({
        "VpnConnectionName": "tunnel-idc",
        "VpcId": "vpc-03vihbk9",
        "VpnGatewayId": "vpngw-kfldykuz",
        "CustomerGatewayId": "cgw-idc00001",
        "PreShareKey": "tencenttest",
        "CreatedTime": "2018-08-30 11:09:44",
        "SecurityPolicyDatabaseSet": [{ "LocalCidrBlock": "10.0.0.0/24", "RemoteCidrBlock": ["10.100.2.0/24"] }],
        "IKEOptionsSpecification": ike(["IKEV1", "3DES-CBC", "MD5", "GROUP2"], "203.0.113.7", "198.51.100.7"),
        "IPSECOptionsSpecification": ipsec(["3DES-CBC", "MD5", "NULL"], 3600),
        "DpdEnable": 0,
        LEGACY_ID: 1021,
    });
    add(store, region, "vpnx-ol6bcqp0", connection);
}

fn shanghai(store: &mut Store) {
    let region = "ap-shanghai";
    gateway(store, region, "vpngw-partneral", 272, "vpc-partneral", "139.196.32.167", "ver4.0");
    customer(store, region, "cgw-alibaba01", 316, "116.62.69.64");
    customer(store, region, "cgw-spare0001", 318, "198.51.100.9");
    let connection = json!({
        "VpnConnectionName": "partner-of-alibaba",
        "VpcId": "vpc-partneral",
        "VpnGatewayId": "vpngw-partneral",
        "CustomerGatewayId": "cgw-alibaba01",
        "PreShareKey": "pgw6dy7d1i8in7x5",
        "CreatedTime": "2019-06-11 10:22:31",
        "SecurityPolicyDatabaseSet": [{ "LocalCidrBlock": "2.2.2.0/24", "RemoteCidrBlock": ["1.1.1.0/24", "1.1.2.0/24"] }],
        "IKEOptionsSpecification": ike(["IKEV1", "AES-CBC-128", "SHA", "GROUP2"], "139.196.32.167", "116.62.69.64"),
        "IPSECOptionsSpecification": ipsec(["AES-CBC-128", "SHA1", "DH-GROUP2"], 86_400),
        "DpdEnable": 0,
        LEGACY_ID: 1022,
    });
    add(store, region, "vpnx-partneral01", connection);
}

fn beijing(store: &mut Store) {
    let region = "ap-beijing";
    gateway(store, region, "vpngw-partnerhw", 273, "vpc-partnerhw", "198.51.100.164", "ver4.0");
    customer(store, region, "cgw-huawei001", 317, "203.0.113.134");
    let connection = json!({
        "VpnConnectionName": "partner-of-huawei",
        "VpcId": "vpc-partnerhw",
        "VpnGatewayId": "vpngw-partnerhw",
        "CustomerGatewayId": "cgw-huawei001",
        "PreShareKey": "Huawei-Seed-2022",
        "CreatedTime": "2022-11-28 09:15:02",
        "SecurityPolicyDatabaseSet": [{ "LocalCidrBlock": "192.168.1.0/24", "RemoteCidrBlock": ["10.0.0.0/24"] }],
        "IKEOptionsSpecification": ike(["IKEV2", "AES-CBC-128", "SHA-256", "GROUP15"], "198.51.100.164", "203.0.113.134"),
        "IPSECOptionsSpecification": ipsec(["AES-CBC-128", "SHA-256", "DH-GROUP15"], 3600),
        "DpdEnable": 1,
        LEGACY_ID: 1023,
    });
    add(store, region, "vpnx-partnerhw01", connection);
}
