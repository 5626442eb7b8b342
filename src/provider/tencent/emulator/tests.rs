use serde_json::{Value as Json, json};

use super::refuse;
use crate::emulated::{Refusal, Store};
use crate::error::Class;
use crate::model::{Key, Term};
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::testing::{World, emulated};
use crate::provider::tencent::wire;

/// Calls any operation, as `tunnelctl api` does.
fn call(world: &mut World, operation: &'static str, parameters: Json) -> Result<Json, String> {
    let profile = emulated("ap-shanghai", None);
    let parameters = parameters.as_object().unwrap().clone();
    let request = match world.api {
        v2::API => wire::v2::request(&profile, operation, wire::flatten(&parameters)),
        _ => wire::v3::request(&profile, operation, parameters),
    };
    world.send(request).map(|reply| reply.json().unwrap()).map_err(|error| error.code)
}

#[test]
fn lists_page_and_filter() {
    let mut world = World::new("ap-shanghai", v3::API, None);
    let mut ids = |parameters: Json| {
        call(&mut world, v3::DESCRIBE, parameters).map(|body| {
            let set = body["Response"]["VpnConnectionSet"].as_array().unwrap().len();
            (body["Response"]["TotalCount"].as_u64().unwrap(), set)
        })
    };
    assert_eq!(ids(json!({})), Ok((1, 1)));
    assert_eq!(ids(json!({ "Offset": 1, "Limit": 100 })), Ok((1, 0)));
    assert_eq!(ids(json!({ "Filters": [{ "Name": "vpn-gateway-id", "Values": ["x", "vpngw-partneral"] }] })), Ok((1, 1)));
    assert_eq!(ids(json!({ "Filters": [{ "Name": "vpc-id", "Values": ["x"] }] })), Ok((0, 0)));
    for (parameters, code) in [
        (json!({ "Limit": 101 }), "InvalidParameterValue.Range"),
        (json!({ "Limit": "x" }), "InvalidParameter"),
        (json!({ "Nonsense": 1 }), "UnknownParameter"),
        (json!({ "Filters": [{ "Name": "x", "Values": [] }] }), "InvalidParameter.FilterInvalidKey"),
        (json!({ "Filters": vec![json!({ "Name": "vpc-id", "Values": [] }); 11] }), "LimitExceeded.NumberOfFilters"),
        (json!({ "VpnConnectionIds": ["vpnx-partneral01"], "Filters": [{}] }), "InvalidParameter"),
        (json!({ "VpnConnectionIds": ["nonsense"] }), "InvalidParameterValue.Malformed"),
    ] {
        assert_eq!(ids(parameters), Err(code.to_owned()));
    }
    world.api = v2::API;
    let mut count = |parameters: Json| call(&mut world, v2::DESCRIBE, parameters).map(|body| body["data"].as_array().unwrap().len());
    assert_eq!(count(json!({})), Ok(1));
    assert_eq!(count(json!({ "vpnConnId": "1022", "vpnGwId": 272, "vpnConnName": "of-ali" })), Ok(1));
    assert_eq!(count(json!({ "vpnConnName": "nothing" })), Ok(0));
    assert_eq!(count(json!({ "limit": 51 })), Err("InvalidParameter".to_owned()));
}

#[test]
fn values_are_checked_as_the_service_would() {
    let mut world = World::new("ap-shanghai", v3::API, None);
    for (parameters, code) in [
        (json!({}), "MissingParameter"),
        (json!({ "VpnConnectionId": 1 }), "InvalidParameterValue.Malformed"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "Psk": "x" }), "UnknownParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "VpnConnectionName": "n".repeat(61) }), "InvalidParameterValue.TooLong"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "PreShareKey": "" }), "InvalidParameterValue.Malformed"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "DpdTimeout": 30 }), "InvalidParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "DpdEnable": "1" }), "InvalidParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "DpdEnable": 2 }), "InvalidParameterValue"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "EnableHealthCheck": "true" }), "InvalidParameter"),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "IKEOptionsSpecification": { "PropoAuthenAlgorithm": "SHA1" } }),
            "InvalidParameterValue",
        ),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "IKEOptionsSpecification": { "IKESaLifetimeSeconds": 59 } }),
            "InvalidParameterValue.Range",
        ),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "IKEOptionsSpecification": { "LocalIdentity": "FQDN" } }), "MissingParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "CustomerGatewayId": "cgw-nothing" }), "ResourceNotFound"),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "SecurityPolicyDatabases": [{ "LocalCidrBlock": "10.0.0.0/8", "RemoteCidrBlock": ["10.1.0.0/16"] }] }),
            "InvalidParameterValue.VpnConnSpdCidrConflict",
        ),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "SecurityPolicyDatabases": [{ "LocalCidrBlock": "10.0.0.0/8", "RemoteCidrBlock": "11.1.0.0/16" }] }),
            "InvalidParameterValue.Malformed",
        ),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "BgpConfig": { "TunnelCidr": "169.254.128.0/30", "LocalBgpIp": "1.1.1.1", "RemoteBgpIp": "1.1.1.2" } }),
            "InvalidParameterValue.VpnConnBgpTunnelCidrNotSupported",
        ),
    ] {
        assert_eq!(call(&mut world, v3::MODIFY, parameters.clone()), Err(code.to_owned()), "{parameters}");
    }
    assert_eq!(call(&mut world, "NoSuchAction", json!({})), Err("InvalidAction".to_owned()));
    let body = call(
        &mut world,
        v3::MODIFY,
        json!({ "VpnConnectionId": "vpnx-partneral01", "IPSECOptionsSpecification": { "IntegrityAlgorithm": "MD5" } }),
    );
    let task = body.unwrap()["Response"]["RequestId"].clone();
    let status = |world: &mut World| call(world, v2::TASK, json!({ "TaskId": task })).unwrap()["Response"]["Status"].clone();
    assert_eq!(status(&mut world), "RUNNING");
    world.store.advance(Store::SETTLE_MS);
    assert_eq!(status(&mut world), "SUCCESS");
    assert_eq!(world.show("vpnx-partneral01").unwrap().settings.term(Key::IpsecIntegrity), Some(Term::Md5));
}

#[test]
fn gateways_older_than_4_0_have_no_gcm() {
    let mut world = World::new("ap-guangzhou", v3::API, None);
    let change = world.change(&[(Key::IpsecEncryption, "aes256gcm16")]);
    assert_eq!(world.modify("vpnx-ol6bcqp0", &change, None).unwrap_err().code, "UnsupportedOperation.VersionNotSupported");
}

#[test]
fn api_2_0_accepts_what_the_vendors_clients_send() {
    let mut world = World::new("ap-shanghai", v2::API, None);
    let address = json!({ "vpcId": "vpc-partneral", "vpnGwId": 272, "vpnConnId": "1022", "RequestClient": "SDK_PYTHON_2.0.15" });
    let with = |extra: Json| {
        let mut parameters = address.clone();
        parameters.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        parameters
    };
    for (extra, field, expected) in [
        (
            json!({ "spdAcl": { "10.9.0.0/24": ["172.16.0.0/16", "172.17.0.0/16"] } }),
            "destinationCidr",
            json!(["172.16.0.0/16", "172.17.0.0/16"]),
        ),
        (json!({ "IKESet": [{ "dhGroupName": "group14" }] }), "IKESet", json!("group14")),
    ] {
        let body = call(&mut world, v2::MODIFY, with(extra)).unwrap();
        assert_eq!(body["data"]["vpcConnStatus"], 2);
        world.store.advance(Store::SETTLE_MS);
        let item = call(&mut world, v2::DESCRIBE, json!({})).unwrap()["data"][0].clone();
        let seen = if field == "IKESet" { item[field]["dhGroupName"].clone() } else { item[field].clone() };
        assert_eq!(seen, expected);
    }
    for (extra, code) in [
        (json!({ "vpcId": "vpc-other" }), "InvalidVpc.NotFound"),
        (json!({ "vpnGwId": "vpngw-other" }), "InvalidVpnGw.NotFound"),
        (json!({ "vpnConnId": "vpnx-other" }), "InvalidVpnConn.NotFound"),
        (json!({ "vpnConnId": "" }), "InvalidParameter"),
        (json!({ "spdAcl": "nonsense" }), "InvalidParameter"),
        (json!({ "IKESet": { "dhGroupName": "group15" } }), "InvalidParameter"),
    ] {
        assert_eq!(call(&mut world, v2::MODIFY, with(extra)), Err(code.to_owned()));
    }
    assert_eq!(call(&mut world, "AddVpnConnEx", json!({})), Err("6100 ActionNotFound".to_owned()));
}

#[test]
fn refusals_on_demand_have_their_class() {
    for api in [v3::API, v2::API] {
        let mut world = World::new("ap-guangzhou", api, None);
        let request = world.provider.show(&world.target("vpnx-ol6bcqp0")).request;
        let incoming = world.arrive(request);
        for (refusal, class) in [(Refusal::Throttle, Class::Rate), (Refusal::Busy, Class::Busy), (Refusal::Internal, Class::Ambiguous)] {
            assert_eq!(world.provider.error(&refuse(refusal, &incoming)).unwrap().class, class);
        }
    }
}
