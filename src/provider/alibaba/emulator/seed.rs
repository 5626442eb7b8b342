//! What a new emulator contains.

use serde_json::{Value as Json, json};

use crate::emulated::Store;
use crate::provider::alibaba::cloud::{ID, NO_GATEWAY};

/// The creation time in the vendor's examples, 2017-04-21T05:50:17Z, in milliseconds.
pub(super) const CREATED: i64 = 1_492_753_817_000;

/// Fills an empty store.
pub(in crate::provider::alibaba) fn seed(store: &mut Store) {
    shanghai(store);
    hangzhou(store);
    server(store);
    guangzhou(store);
    beijing(store);
}

pub(super) fn gateway(store: &mut Store, region: &str, id: &str, address: &str) {
    let data = json!({
        "VpnGatewayId": id, "Name": id, "Status": "active", "BusinessStatus": "Normal", "InternetIp": address, "IpsecVpn": "enable",
        "SslVpn": "disable", "EnableBgp": true, "VpnType": "Normal", "GatewayType": "Traditional", "NetworkType": "public",
        "ChargeType": "PREPAY", "Spec": "1000M", "CreateTime": CREATED,
    });
    store.add(ID, region, "gateway", id, data);
}

pub(super) fn customer_gateway(store: &mut Store, region: &str, id: &str, address: &str, asn: Option<u64>) {
    let data = json!({ "CustomerGatewayId": id, "Name": id, "IpAddress": address, "Asn": asn, "CreateTime": CREATED });
    store.add(ID, region, "customer-gateway", id, data);
}

pub(super) fn proposal(algorithms: (&str, &str, &str), lifetime: u64) -> Json {
    json!({ "IpsecEncAlg": algorithms.0, "IpsecAuthAlg": algorithms.1, "IpsecPfs": algorithms.2, "IpsecLifetime": lifetime })
}

pub(super) fn ike(version: &str, algorithms: (&str, &str, &str), ids: (&str, &str), psk: Option<&str>) -> Json {
    let mut ike = json!({
        "IkeVersion": version, "IkeMode": "main", "IkeEncAlg": algorithms.0, "IkeAuthAlg": algorithms.1, "IkePfs": algorithms.2,
        "IkeLifetime": 86400, "LocalId": ids.0, "RemoteId": ids.1,
    });
    if let (Some(object), Some(psk)) = (ike.as_object_mut(), psk) {
        object.insert("Psk".to_owned(), json!(psk));
    }
    ike
}

/// The example of the page of 2019; its peer is a Tencent connection.
fn shanghai(store: &mut Store) {
    gateway(store, "cn-shanghai", "vpn-bp1q8bgx4xnkm2ogj0fiu", "116.62.69.64");
    customer_gateway(store, "cn-shanghai", "cgw-bp1pvpl9r9adju6l5nxck", "139.196.32.167", None);
    let data = json!({
        "VpnConnectionId": "vco-bp1bbi27hojx80nck9k1i", "VpnGatewayId": "vpn-bp1q8bgx4xnkm2ogj0fiu",
        "CustomerGatewayId": "cgw-bp1pvpl9r9adju6l5nxck", "Name": "vpn connection test",
        "LocalSubnet": "1.1.1.0/24,1.1.2.0/24", "RemoteSubnet": "2.2.2.0/24", "InternetIp": "116.62.69.64",
        "AttachType": "VPNGW", "State": "active", "Status": "ipsec_sa_established", "CreateTime": CREATED,
        "EffectImmediately": false, "AutoConfigRoute": true, "EnableDpd": true, "EnableNatTraversal": true, "NetworkType": "public",
        "IkeConfig": ike("ikev1", ("aes", "sha1", "group2"), ("116.62.69.64", "139.196.32.167"), Some("pgw6dy7d1i8in7x5")),
        "IpsecConfig": proposal(("aes", "sha1", "group2"), 86400),
    });
    store.add(ID, "cn-shanghai", "connection", "vco-bp1bbi27hojx80nck9k1i", data);
}

/// The example of the page of 2024 about attachments; its peer is a Huawei connection.
fn hangzhou(store: &mut Store) {
    customer_gateway(store, "cn-hangzhou", "cgw-p0w2jemrcj5u61un8", "47.0.0.2", Some(65535));
    let data = json!({
        "VpnConnectionId": "vco-p0w5112fgnl2ihlmf", "VpnGatewayId": NO_GATEWAY, "CustomerGatewayId": "cgw-p0w2jemrcj5u61un8",
        "Name": "nametest", "Description": "desctest", "LocalSubnet": "10.1.1.0/24,10.1.2.0/24",
        "RemoteSubnet": "10.1.3.0/24,10.1.4.0/24", "InternetIp": "47.0.0.1", "AttachType": "CEN",
        "AttachInstanceId": "cen-c2r3m3zxkumoqz", "State": "attached", "Status": "ike_sa_not_established",
        "CreateTime": 1_658_201_810_000_i64, "EffectImmediately": false, "AutoConfigRoute": true, "EnableDpd": true,
        "EnableNatTraversal": true, "NetworkType": "public", "Spec": "1000M", "ResourceGroupId": "rg-acfmzs372yg",
        "IkeConfig": ike("ikev1", ("aes", "sha1", "group2"), ("47.0.0.1", "47.0.0.2"), Some("1234AbcdEfgh5678")),
        "IpsecConfig": proposal(("aes", "md5", "group2"), 86400),
        "VcoHealthCheck": {
            "Enable": "true", "Sip": "10.1.1.1", "Dip": "192.168.1.1", "Interval": 3, "Retry": 3, "Policy": "revoke_route",
        },
        "VpnBgpConfig": {
            "EnableBgp": "true", "TunnelCidr": "169.254.11.0/30", "LocalBgpIp": "169.254.11.1", "PeerBgpIp": "169.254.11.2",
            "LocalAsn": 45104, "PeerAsn": 65535, "Status": "false",
        },
    });
    store.add(ID, "cn-hangzhou", "connection", "vco-p0w5112fgnl2ihlmf", data);
}

/// The example of the page of 2024 about IPsec servers.
fn server(store: &mut Store) {
    gateway(store, "cn-shanghai", "vpn-bp1servergateway00001", "116.62.70.1");
    let data = json!({
        "IpsecServerId": "iss-bp1bo3xuvcxo7ixll", "IpsecServerName": "test", "VpnGatewayId": "vpn-bp1servergateway00001",
        "RegionId": "cn-shanghai", "LocalSubnet": "192.168.0.0/24,172.17.0.0/16", "ClientIpPool": "10.0.0.0/24",
        "EffectImmediately": false, "Psk": "Cfd123Emulated01", "PskEnabled": true, "MultiFactorAuthEnabled": false,
        "InternetIp": "116.62.70.1", "MaxConnections": 5, "OnlineClientCount": 0, "CreationTime": "2017-04-21T05:50:17Z",
        "IkeConfig": ike("ikev2", ("aes", "sha1", "group2"), ("116.62.70.1", ""), None),
        "IpsecConfig": proposal(("aes", "sha1", "group2"), 86400),
    });
    store.add(ID, "cn-shanghai", "ipsec-server", "iss-bp1bo3xuvcxo7ixll", data);
}

/// The other end of a Tencent connection.
fn guangzhou(store: &mut Store) {
    gateway(store, "cn-guangzhou", "vpn-7xvgateway0001", "198.51.100.7");
    customer_gateway(store, "cn-guangzhou", "cgw-7xvtencent0001", "203.0.113.7", None);
    let data = json!({
        "VpnConnectionId": "vco-7xvpartnertencent001", "VpnGatewayId": "vpn-7xvgateway0001",
        "CustomerGatewayId": "cgw-7xvtencent0001", "Name": "partner-of-tencent", "LocalSubnet": "10.100.2.0/24",
        "RemoteSubnet": "10.0.0.0/24", "InternetIp": "198.51.100.7", "AttachType": "VPNGW", "State": "active",
        "Status": "ipsec_sa_established", "CreateTime": CREATED, "EffectImmediately": false, "AutoConfigRoute": true,
        "EnableDpd": true, "EnableNatTraversal": true, "NetworkType": "public",
        "IkeConfig": ike("ikev1", ("3des", "md5", "group2"), ("198.51.100.7", "203.0.113.7"), Some("tencenttest")),
        "IpsecConfig": proposal(("3des", "md5", "disabled"), 3600),
    });
    store.add(ID, "cn-guangzhou", "connection", "vco-7xvpartnertencent001", data);
}

/// Two dual-tunnel connections: one of a VPN gateway, one of a transit router.
fn beijing(store: &mut Store) {
    gateway(store, "cn-beijing", "vpn-2zegateway00001", "39.96.0.1");
    customer_gateway(store, "cn-beijing", "cgw-2zepeer0000001", "203.0.113.21", Some(65530));
    customer_gateway(store, "cn-beijing", "cgw-2zepeer0000002", "203.0.113.22", Some(65530));
    let (first, second) = (("cgw-2zepeer0000001", "203.0.113.21"), ("cgw-2zepeer0000002", "203.0.113.22"));
    // The tunnels of a transit router have an index instead of a role.
    let attachment = json!({
        "VpnConnectionId": "vco-2zedualattach00001", "VpnGatewayId": NO_GATEWAY, "Name": "dual-attachment",
        "LocalSubnet": "10.18.0.0/16", "RemoteSubnet": "10.19.0.0/16", "AttachType": "CEN", "TransitRouterId": "tr-2zerouter0000001",
        "State": "attached", "Status": "ipsec_sa_established", "CreateTime": 1_726_113_600_000_i64, "EffectImmediately": false,
        "AutoConfigRoute": true, "EnableTunnelsBgp": false, "NetworkType": "public",
        "TunnelOptionsSpecification": { "TunnelOptions": [
            tunnel("tun-2zefirst0000001", ("TunnelIndex", json!(1)), "39.96.1.1", first, "DualFirst2026key"),
            tunnel("tun-2zesecond000001", ("TunnelIndex", json!(2)), "39.96.1.2", second, "DualSecond2026key"),
        ] },
    });
    store.add(ID, "cn-beijing", "connection", "vco-2zedualattach00001", attachment);
    let connection = json!({
        "VpnConnectionId": "vco-2zedualtunnel00001", "VpnGatewayId": "vpn-2zegateway00001", "Name": "dual-tunnel",
        "LocalSubnet": "10.8.0.0/16", "RemoteSubnet": "10.9.0.0/16", "AttachType": "VPNGW", "State": "active",
        "Status": "ipsec_sa_established", "CreateTime": CREATED, "EffectImmediately": false, "AutoConfigRoute": true,
        "EnableTunnelsBgp": false, "NetworkType": "public",
        "TunnelOptionsSpecification": { "TunnelOptions": [
            tunnel("tun-2zemaster000001", ("Role", json!("master")), "39.96.0.1", first, "DualMaster2026key"),
            tunnel("tun-2zeslave0000001", ("Role", json!("slave")), "39.96.0.2", second, "DualSlave2026keyB"),
        ] },
    });
    store.add(ID, "cn-beijing", "connection", "vco-2zedualtunnel00001", connection);
}

/// A tunnel of a dual-tunnel connection; `name` is its role or index, `peer` the id and address of its customer gateway.
fn tunnel(id: &str, name: (&str, Json), address: &str, peer: (&str, &str), psk: &str) -> Json {
    let mut ike = ike("ikev2", ("aes256", "sha256", "group14"), (address, peer.1), Some(psk));
    let mut ipsec = proposal(("aes256", "sha256", "group14"), 86400);
    // Inside tunnels, lifetimes are texts.
    for (block, lifetime) in [(&mut ike, "IkeLifetime"), (&mut ipsec, "IpsecLifetime")] {
        if let Some(object) = block.as_object_mut() {
            object.insert(lifetime.to_owned(), json!("86400"));
        }
    }
    let (word, value) = name;
    json!({
        "TunnelId": id, word: value, "State": "active", "Status": "ipsec_sa_established", "CustomerGatewayId": peer.0,
        "InternetIp": address, "EnableDpd": "true", "EnableNatTraversal": "true", "TunnelIkeConfig": ike,
        "TunnelIpsecConfig": ipsec, "TunnelBgpConfig": {},
    })
}
