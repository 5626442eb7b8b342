//! A connection, as API 2.0 shows it.

use serde_json::{Map, Value as Json, json};

use crate::emulated::{Store, Thing};
use crate::provider::field::{at, insert_at};
use crate::provider::tencent::emulator::things::{CUSTOMER_GATEWAY, GATEWAY, LEGACY_ID};
use crate::provider::tencent::{cloud, identity};

/// Fields of the two sets, at API 2.0 and at API 3.0. API 2.0 has words in lower case.
const SETS: &[(&str, &str)] = &[
    ("IKESet.propoEncryAlgorithm", "IKEOptionsSpecification.PropoEncryAlgorithm"),
    ("IKESet.propoAuthenAlgorithm", "IKEOptionsSpecification.PropoAuthenAlgorithm"),
    ("IKESet.exchangeMode", "IKEOptionsSpecification.ExchangeMode"),
    ("IKESet.localIdentity", "IKEOptionsSpecification.LocalIdentity"),
    ("IKESet.remoteIdentity", "IKEOptionsSpecification.RemoteIdentity"),
    ("IKESet.localAddress", "IKEOptionsSpecification.LocalAddress"),
    ("IKESet.remoteAddress", "IKEOptionsSpecification.RemoteAddress"),
    ("IKESet.dhGroupName", "IKEOptionsSpecification.DhGroupName"),
    ("IKESet.ikeSaLifetimeSeconds", "IKEOptionsSpecification.IKESaLifetimeSeconds"),
    ("IPsecSet.encryptAlgorithm", "IPSECOptionsSpecification.EncryptAlgorithm"),
    ("IPsecSet.integrityAlgorith", "IPSECOptionsSpecification.IntegrityAlgorith"),
    ("IPsecSet.ipsecSaLifetimeSeconds", "IPSECOptionsSpecification.IPSECSaLifetimeSeconds"),
    ("IPsecSet.ipsecSaLifetimeTraffic", "IPSECOptionsSpecification.IPSECSaLifetimeTraffic"),
    ("IPsecSet.pfsDhGroup", "IPSECOptionsSpecification.PfsDhGroup"),
];

/// A connection.
pub(super) fn shown(store: &Store, thing: &Thing) -> Json {
    let data = Json::Object(thing.data.clone());
    let (gateway, customer) = (thing.text("VpnGatewayId"), thing.text("CustomerGatewayId"));
    let text = |class: &str, id: &str, name: &str| store.find(cloud::ID, class, id).map(|found| found.text(name).to_owned());
    let (local, remote) = networks(&data);
    let mut item = json!({
        "vpcId": thing.text("VpcId"),
        "unVpcId": thing.text("VpcId"),
        "vpnGwId": legacy(store, GATEWAY, gateway),
        "unVpnGwId": gateway,
        "vpnGwName": text(GATEWAY, gateway, "VpnGatewayName"),
        "vpnGwAddress": text(GATEWAY, gateway, "PublicIpAddress"),
        "vpnConnId": thing.data.get(LEGACY_ID),
        "unVpnConnId": thing.id,
        "vpnConnName": thing.text("VpnConnectionName"),
        "userGwId": legacy(store, CUSTOMER_GATEWAY, customer),
        "unUserGwId": customer,
        "userGwName": text(CUSTOMER_GATEWAY, customer, "CustomerGatewayName"),
        "userGwAddress": text(CUSTOMER_GATEWAY, customer, "IpAddress"),
        "preSharedKey": thing.text("PreShareKey"),
        "sourceCidr": local,
        "destinationCidr": remote,
        "vpcConnStatus": if thing.is_changing() { 2 } else { 6 },
        "netStatus": thing.text("NetStatus").to_ascii_lowercase(),
        "vpnProto": "ip-sec",
        "createTime": thing.text("CreatedTime"),
        "IPsecSet": { "encapMode": "tunnel", "securityProto": "ESP" },
    });
    if let Json::Object(item) = &mut item {
        insert_sets(item, &data);
    }
    item
}

/// Adds the settings of phase 1 and 2.
fn insert_sets(item: &mut Map<String, Json>, data: &Json) {
    for (ours, theirs) in SETS {
        // Numbers are texts at API 2.0.
        let word = match at(data, theirs) {
            Some(Json::String(text)) => json!(text.to_ascii_lowercase()),
            Some(Json::Number(number)) => json!(number.to_string()),
            _ => Json::Null,
        };
        insert_at(item, ours, word);
    }
    // Names keep their case. One that is not set is null.
    for (ours, theirs) in identity::V2.iter().zip(identity::V3) {
        let name = at(data, theirs.name_path).and_then(Json::as_str).filter(|name| !name.is_empty());
        insert_at(item, ours.name_path, json!(name));
    }
}

/// The numeric id of a thing.
pub(super) fn legacy(store: &Store, class: &str, id: &str) -> Json {
    store.find(cloud::ID, class, id).and_then(|thing| thing.data.get(LEGACY_ID)).cloned().unwrap_or_default()
}

/// The local and the remote networks of a connection.
pub(super) fn networks(connection: &Json) -> (Vec<String>, Vec<String>) {
    let (mut local, mut remote) = (Vec::new(), Vec::new());
    for row in connection.get("SecurityPolicyDatabaseSet").and_then(Json::as_array).into_iter().flatten() {
        local.extend(row.get("LocalCidrBlock").and_then(Json::as_str).map(str::to_owned));
        let destinations = row.get("RemoteCidrBlock").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for destination in destinations {
            if !remote.iter().any(|known| known == destination) {
                remote.push(destination.to_owned());
            }
        }
    }
    (local, remote)
}
