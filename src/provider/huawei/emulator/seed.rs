//! What a fresh emulator holds.

use serde_json::{Value as Json, json};

use super::psk::PSK;
use super::things::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY, PROJECT};
use crate::emulated::Store;
use crate::provider::huawei::cloud::ID;

/// Region and project id of most seeds.
pub(super) const NORTH: (&str, &str) = ("cn-north-4", "0123456789abcdef0123456789abcdef");
/// Region and project id of the partner of an Alibaba Cloud connection.
const EAST: (&str, &str) = ("cn-east-3", "1123456789abcdef0123456789abcdef");

/// Fills an empty store.
pub fn seed(store: &mut Store) {
    for (region, id) in [NORTH, EAST] {
        let project = json!({
            "id": id, "name": region, "domain_id": "d123456789abcdef0123456789abcdef", "parent_id": "d123456789abcdef0123456789abcdef",
            "is_domain": false, "enabled": true, "description": "", "links": { "self": format!("/v3/projects/{id}") }
        });
        store.add(ID, region, PROJECT, id, project);
    }
    for seed in [policy(), bgp(), routed(), mirror()] {
        let Seed { region, attachment, connection } = seed;
        let text = |name: &str| connection.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        store.add(ID, region, GATEWAY, &text("vgw_id"), gateway(&text("vgw_id"), attachment));
        store.add(
            ID,
            region,
            CUSTOMER_GATEWAY,
            &text("cgw_id"),
            customer_gateway(&text("cgw_id"), &text("_peer_address"), &text("created_at")),
        );
        store.add(ID, region, CONNECTION, &text("id"), connection);
    }
}

pub(super) fn customer_gateway(id: &str, address: &str, created: &str) -> Json {
    json!({
        "id": id, "name": format!("cgw-{}", id.get(..4).unwrap_or_default()), "bgp_asn": 65_000, "id_type": "ip", "id_value": address,
        "created_at": created, "updated_at": created
    })
}

/// A connection and where it stands.
struct Seed {
    region: &'static str,
    attachment: &'static str,
    connection: Json,
}

/// The connection of the vendor's sample: policy-based, IKEv2.
fn policy() -> Seed {
    let connection = json!({
        "id": "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
        "name": "vpn-1655",
        "status": "ACTIVE",
        "vgw_id": "b32d91a4-1111-4222-8333-e907174eb11d",
        "vgw_ip": "0c464dad-1111-4222-8333-c22bb0eb0bde",
        "style": "POLICY",
        "cgw_id": "5247ae10-1111-4222-8333-dd36659a7f5d",
        "peer_subnets": ["192.168.1.0/24"],
        "tunnel_local_address": "169.254.56.225/30",
        "tunnel_peer_address": "169.254.56.226/30",
        "policy_rules": [rule(1, "10.0.0.0/24", "192.168.1.0/24")],
        "ikepolicy": ike("v2", ["sha2-256", "aes-128", "group15"], "203.0.113.134", "198.51.100.164"),
        "ipsecpolicy": ipsec(["sha2-256", "aes-128", "group15"], 3600),
        "created_at": "2022-11-26T13:41:34.626Z",
        "updated_at": "2022-11-26T13:41:34.626Z",
        "enterprise_project_id": "0",
        "ha_role": "master",
        "_local_address": "203.0.113.134",
        "_peer_address": "198.51.100.164",
        PSK: "Huawei-Seed-2022"
    });
    Seed { region: NORTH.0, attachment: "vpc", connection }
}

/// BGP routing, on a gateway attached to an enterprise router: no customer subnets.
fn bgp() -> Seed {
    let connection = json!({
        "id": "1a2b3c4d-0000-4000-8000-00000000bbbb",
        "name": "bgp-1",
        "status": "ACTIVE",
        "vgw_id": "2b2d91a4-1111-4222-8333-00000000bbbb",
        "vgw_ip": "2c464dad-1111-4222-8333-00000000bbbb",
        "style": "BGP",
        "cgw_id": "2247ae10-1111-4222-8333-00000000bbbb",
        "tunnel_local_address": "169.254.76.1/30",
        "tunnel_peer_address": "169.254.76.2/30",
        "enable_hub": false,
        "ikepolicy": ike("v2", ["sha2-256", "aes-256-gcm-16", "group19"], "203.0.113.76", "198.51.100.76"),
        "ipsecpolicy": ipsec(["sha2-256", "aes-256-gcm-16", "group19"], 3600),
        "bgp_peer": { "peer_ip_address": "169.254.76.2", "peer_asn": 65100, "state": "Established", "state_duration": 3600,
            "num_received_routes": 2, "num_message_received": 120, "num_message_sent": 121 },
        "created_at": "2023-02-03T04:05:06.789Z",
        "updated_at": "2023-02-03T04:05:06.789Z",
        "enterprise_project_id": "0",
        "ha_role": "master",
        "tags": [{ "key": "stage", "value": "test" }],
        "_local_address": "203.0.113.76",
        "_peer_address": "198.51.100.76",
        PSK: "Huawei-Seed-2023"
    });
    Seed { region: NORTH.0, attachment: "er", connection }
}

/// Static routing with IKEv1.
fn routed() -> Seed {
    let connection = json!({
        "id": "1a2b3c4d-0000-4000-8000-00000000cccc",
        "name": "static-1",
        "status": "ACTIVE",
        "vgw_id": "3b2d91a4-1111-4222-8333-00000000cccc",
        "vgw_ip": "3c464dad-1111-4222-8333-00000000cccc",
        "style": "STATIC",
        "cgw_id": "3247ae10-1111-4222-8333-00000000cccc",
        "peer_subnets": ["172.20.0.0/16"],
        "tunnel_local_address": "169.254.80.1/30",
        "tunnel_peer_address": "169.254.80.2/30",
        "enable_nqa": false,
        "ikepolicy": ike("v1", ["sha2-256", "aes-128", "group14"], "203.0.113.80", "198.51.100.80"),
        "ipsecpolicy": ipsec(["sha2-256", "aes-128", "group14"], 3600),
        "created_at": "2023-05-06T07:08:09.123Z",
        "updated_at": "2023-05-06T07:08:09.123Z",
        "enterprise_project_id": "0",
        "ha_role": "master",
        "_local_address": "203.0.113.80",
        "_peer_address": "198.51.100.80",
        PSK: "Huawei-Seed-2024"
    });
    Seed { region: NORTH.0, attachment: "vpc", connection }
}

/// The other end of a connection of the emulated Alibaba Cloud.
fn mirror() -> Seed {
    let mut rules = Vec::new();
    for source in ["10.1.3.0/24", "10.1.4.0/24"] {
        for destination in ["10.1.1.0/24", "10.1.2.0/24"] {
            rules.push(rule(rules.len() + 1, source, destination));
        }
    }
    let connection = json!({
        "id": "1a2b3c4d-0000-4000-8000-00000000aaaa",
        "name": "partner-of-alibaba",
        "status": "DOWN",
        "vgw_id": "4b2d91a4-1111-4222-8333-00000000aaaa",
        "vgw_ip": "4c464dad-1111-4222-8333-00000000aaaa",
        "style": "POLICY",
        "cgw_id": "4247ae10-1111-4222-8333-00000000aaaa",
        "peer_subnets": ["10.1.1.0/24", "10.1.2.0/24"],
        "policy_rules": rules,
        "ikepolicy": ike("v1", ["sha1", "aes-128", "group2"], "47.0.0.2", "47.0.0.1"),
        "ipsecpolicy": ipsec(["md5", "aes-128", "group2"], 86_400),
        "created_at": "2023-08-09T10:11:12.345Z",
        "updated_at": "2023-08-09T10:11:12.345Z",
        "enterprise_project_id": "0",
        "ha_role": "master",
        "_local_address": "47.0.0.2",
        "_peer_address": "47.0.0.1",
        PSK: "1234AbcdEfgh5678"
    });
    Seed { region: EAST.0, attachment: "vpc", connection }
}

pub(super) fn rule(index: usize, source: &str, destination: &str) -> Json {
    json!({ "rule_index": index, "source": source, "destination": [destination] })
}

/// An `ikepolicy`.
pub(super) fn ike(version: &str, [integrity, encryption, group]: [&str; 3], local: &str, peer: &str) -> Json {
    let mut policy = json!({
        "ike_version": version, "authentication_algorithm": integrity, "encryption_algorithm": encryption, "dh_group": group,
        "authentication_method": "pre-share", "lifetime_seconds": 86_400,
        "local_id_type": "ip", "local_id": local, "peer_id_type": "ip", "peer_id": peer,
        "dpd": { "timeout": 15, "interval": 30, "msg": "seq-hash-notify" }
    });
    if let (Some(policy), "v1") = (policy.as_object_mut(), version) {
        policy.insert("phase1_negotiation_mode".to_owned(), json!("main"));
    }
    policy
}

/// An `ipsecpolicy`.
pub(super) fn ipsec([integrity, encryption, pfs]: [&str; 3], lifetime: u64) -> Json {
    json!({
        "authentication_algorithm": integrity, "encryption_algorithm": encryption, "pfs": pfs, "transform_protocol": "esp",
        "lifetime_seconds": lifetime, "encapsulation_mode": "tunnel"
    })
}

pub(super) fn gateway(id: &str, attachment: &str) -> Json {
    json!({
        "id": id, "name": format!("vpngw-{}", id.get(..4).unwrap_or_default()), "status": "ACTIVE", "attachment_type": attachment,
        "ip_version": "ipv4", "flavor": "Professional1", "network_type": "public", "ha_mode": "active-standby",
        "bgp_asn": 64_512, "enterprise_project_id": "0", "connection_number": 100, "used_connection_number": 1,
        "created_at": "2022-11-25T10:00:00.000Z", "updated_at": "2022-11-25T10:00:00.000Z"
    })
}

#[cfg(test)]
mod tests {
    use crate::model::Key;
    use crate::provider::Edit;
    use crate::provider::huawei::testing::{BGP, POLICY, STATIC, World, settings, target};

    #[test]
    fn seeds_pass_the_rules_of_the_client() {
        let mut world = World::new();
        for id in [POLICY, BGP, STATIC] {
            let current = world.show(id);
            let (target, change) = (target(id), settings(&[(Key::Name, "x")]));
            let edit = Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" };
            assert!(world.provider.rules(&edit).violations.is_empty());
            for (key, value) in current.settings.iter() {
                assert!(!format!("{value:?}").contains("Foreign"), "{key:?} {value:?}");
            }
        }
    }
}
