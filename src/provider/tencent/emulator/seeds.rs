//! What a fresh emulator holds: the tunnel of the vendor's page of 2018, and the far ends of two of the other clouds'.

use chrono::DateTime;
use serde_json::{Value as Json, json};

use super::{CLOUD, CONNECTION, CUSTOMER_GATEWAY, GATEWAY, LEGACY_ID};
use crate::emulated::Store;

/// Fills an empty store.
pub fn seed(store: &mut Store) {
    guangzhou(store);
    shanghai(store);
    beijing(store);
}

/// Adds generated connections, each created a second after the one before; a hundred of them share a gateway.
pub fn scale(store: &mut Store, count: usize) {
    let region = "ap-guangzhou";
    for number in (0..count).filter(|number| store.find(CLOUD, CONNECTION, &scaled("vpnx", *number)).is_none()).collect::<Vec<_>>() {
        let (gateway_id, customer_id) = (scaled("vpngw", number / 100), scaled("cgw", number / 100));
        let (low, high, legacy) = (number % 250 + 1, number / 250 % 250, u32::try_from(number).unwrap_or_default());
        let (local, remote) = (format!("198.18.{}.1", number / 100 % 250), format!("198.19.{}.1", number / 100 % 250));
        if store.find(CLOUD, GATEWAY, &gateway_id).is_none() {
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

fn gateway(store: &mut Store, region: &str, id: &str, legacy: u32, vpc: &str, address: &str, version: &str) {
    let data = json!({
        "VpnGatewayId": id,
        "VpnGatewayName": id.replacen("vpngw", "gateway", 1),
        "VpcId": vpc,
        "Type": "IPSEC",
        "State": "AVAILABLE",
        "PublicIpAddress": address,
        "Version": version,
        LEGACY_ID: legacy,
    });
    store.add(CLOUD, region, GATEWAY, id, data);
}

fn customer(store: &mut Store, region: &str, id: &str, legacy: u32, address: &str) {
    let data = json!({
        "CustomerGatewayId": id,
        "CustomerGatewayName": id.replacen("cgw", "customer", 1),
        "IpAddress": address,
        LEGACY_ID: legacy,
    });
    store.add(CLOUD, region, CUSTOMER_GATEWAY, id, data);
}

fn ike([version, encryption, integrity, group]: [&str; 4], local: &str, remote: &str) -> Json {
    json!({
        "IKEVersion": version,
        "PropoEncryAlgorithm": encryption,
        "PropoAuthenAlgorithm": integrity,
        "DhGroupName": group,
        "ExchangeMode": "MAIN",
        "LocalIdentity": "ADDRESS",
        "RemoteIdentity": "ADDRESS",
        "LocalAddress": local,
        "RemoteAddress": remote,
        "LocalFqdnName": "",
        "RemoteFqdnName": "",
        "IKESaLifetimeSeconds": 86_400,
    })
}

fn ipsec([encryption, integrity, pfs]: [&str; 3], lifetime: u32) -> Json {
    json!({
        "EncryptAlgorithm": encryption,
        "IntegrityAlgorith": integrity,
        "PfsDhGroup": pfs,
        "IPSECSaLifetimeSeconds": lifetime,
        "IPSECSaLifetimeTraffic": 1_843_200,
    })
}

/// Adds a connection with what all of them have.
fn add(store: &mut Store, region: &str, id: &str, mut data: Json) {
    let common = json!({
        "VpnConnectionId": id,
        "VpnProto": "IPSEC",
        "EncryptProto": "IKE",
        "RouteType": "STATIC",
        "State": "AVAILABLE",
        "NetStatus": "AVAILABLE",
        "EnableHealthCheck": false,
        "HealthCheckLocalIp": "0.0.0.0",
        "HealthCheckRemoteIp": "0.0.0.0",
        "DpdTimeout": "30",
        "DpdAction": "restart",
        "NegotiationType": "active",
        "TagSet": [],
    });
    if let (Json::Object(data), Json::Object(common)) = (&mut data, common) {
        data.extend(common);
    }
    store.add(CLOUD, region, CONNECTION, id, data);
}
