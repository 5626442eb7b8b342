//! What the store holds of this cloud: classes of things, and how they are made.

use serde_json::{Value as Json, json};

use crate::emulated::Store;
use crate::provider::tencent::cloud;

/// Class of a VPN connection.
pub(super) const CONNECTION: &str = "connection";
/// Class of a VPN gateway.
pub(super) const GATEWAY: &str = "gateway";
/// Class of a customer gateway.
pub(super) const CUSTOMER_GATEWAY: &str = "customer-gateway";
/// Field with the numeric id of API 2.0, which API 3.0 does not show.
pub(super) const LEGACY_ID: &str = "LegacyId";

/// Adds a VPN gateway.
pub(super) fn gateway(store: &mut Store, region: &str, id: &str, legacy: u32, vpc: &str, address: &str, version: &str) {
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
    store.add(cloud::ID, region, GATEWAY, id, data);
}

/// Adds a customer gateway.
pub(super) fn customer(store: &mut Store, region: &str, id: &str, legacy: u32, address: &str) {
    let data = json!({
        "CustomerGatewayId": id,
        "CustomerGatewayName": id.replacen("cgw", "customer", 1),
        "IpAddress": address,
        LEGACY_ID: legacy,
    });
    store.add(cloud::ID, region, CUSTOMER_GATEWAY, id, data);
}

/// The phase 1 of a connection.
pub(super) fn ike([version, encryption, integrity, group]: [&str; 4], local: &str, remote: &str) -> Json {
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

/// The phase 2 of a connection.
pub(super) fn ipsec([encryption, integrity, pfs]: [&str; 3], lifetime: u32) -> Json {
    json!({
        "EncryptAlgorithm": encryption,
        "IntegrityAlgorith": integrity,
        "PfsDhGroup": pfs,
        "IPSECSaLifetimeSeconds": lifetime,
        "IPSECSaLifetimeTraffic": 1_843_200,
    })
}

/// Adds a connection, with the fields that are the same for all of them.
pub(super) fn add(store: &mut Store, region: &str, id: &str, mut data: Json) {
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
    store.add(cloud::ID, region, CONNECTION, id, data);
}
