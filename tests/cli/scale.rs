//! Lists of thousands of connections.

use std::collections::BTreeSet;

use crate::emulator::Served;
use crate::harness::World;

const PLACES: [&str; 3] = ["alibaba@cn-shanghai", "huawei@cn-north-4", "tencent@ap-guangzhou"];

/// The refs of a list, and how many requests were retried.
fn listed(world: &World, served: &Served) -> (Vec<String>, usize) {
    let mut words = vec!["list"];
    words.extend(PLACES);
    words.extend(["-o", "json", "-v", "-v"]);
    let ran = served.run(world, &words, &[]).expect(0);
    let again = ran.stderr.matches("; again in ").count();
    let json = ran.json();
    (json["connections"].as_array().unwrap().iter().map(|connection| connection["ref"].as_str().unwrap().to_owned()).collect(), again)
}

#[test]
fn five_thousand_connections_are_each_listed_once_although_pages_fail() {
    let world = World::new();
    // Alibaba Cloud and Tencent Cloud have the same name for the operation; each fault meets a different page.
    let faults = [
        "garble+9@DescribeVpnConnections",
        "internal+14@DescribeVpnConnections",
        "throttle+19@DescribeVpnConnections",
        "cut+24@DescribeVpnConnections",
        "garble+4@GET /v5/0123456789abcdef0123456789abcdef/vpn-connection",
    ];
    let mut words = vec!["--scale", "5", "--settle-ms", "0"];
    words.extend(faults.iter().flat_map(|fault| ["--fault", fault]));
    let served = Served::start(&world, &words);
    let (refs, again) = listed(&world, &served);
    assert_eq!(again, faults.len());
    let unique: BTreeSet<&String> = refs.iter().collect();
    assert_eq!(unique.len(), refs.len());
    let generated = |reference: &&String| ["vco-bp1scale", "vpnx-s0", "5ca1e000"].iter().any(|mark| reference.contains(mark));
    assert_eq!(refs.iter().filter(generated).count(), 5000);
    for (place, count) in PLACES.iter().zip([1667, 1667, 1666]) {
        assert_eq!(refs.iter().filter(generated).filter(|reference| reference.starts_with(place)).count(), count, "{place}");
    }
}

#[test]
fn a_scaled_state_is_kept_and_not_scaled_twice() {
    let world = World::new();
    let first = listed(&world, &Served::start(&world, &["--scale", "1"]));
    let saved = Served::start(&world, &["--scale", "1", "--state", "clouds.json"]);
    assert_eq!(listed(&world, &saved), first);
    std::thread::sleep(std::time::Duration::from_millis(500));
    drop(saved);
    assert_eq!(listed(&world, &Served::start(&world, &["--scale", "1", "--state", "clouds.json"])), first);
}

#[test]
fn a_generated_connection_is_like_any_other() {
    let world = World::new();
    let served = Served::start(&world, &["--scale", "1", "--settle-ms", "50"]);
    for reference in [
        "alibaba@cn-shanghai/vco-bp1scale00000007",
        "tencent@ap-guangzhou/vpnx-s0000007",
        "huawei@cn-north-4/5ca1e000-0000-4000-8000-000000000007",
    ] {
        let ran = served.run(&world, &["modify", reference, "--name", "renamed", "--yes", "-o", "json"], &[]).expect(0);
        assert_eq!(ran.json()["outcome"], "configured", "{reference}");
    }
}

/// Makes one raw call; returns its reply.
fn api(world: &World, served: &Served, words: &[&str]) -> serde_json::Value {
    served.run(world, &[["api"].as_slice(), words].concat(), &[]).expect(0).json()
}

#[test]
fn gateways_and_customer_gateways_are_listed_page_by_page_and_by_filter() {
    let world = World::new();
    let served = Served::start(&world, &["--scale", "3"]);
    for (operation, wrapper, inner, id, count) in [
        ("DescribeVpnGateways", "VpnGateways", "VpnGateway", "VpnGatewayId", 12),
        ("DescribeCustomerGateways", "CustomerGateways", "CustomerGateway", "CustomerGatewayId", 11),
    ] {
        let mut ids = BTreeSet::new();
        for page in 1..=3 {
            let number = format!("PageNumber={page}");
            let reply = api(&world, &served, &["alibaba@cn-shanghai", operation, "PageSize=5", &number]);
            assert_eq!(reply["TotalCount"], count, "{operation}");
            ids.extend(reply[wrapper][inner].as_array().unwrap().iter().map(|row| row[id].as_str().unwrap().to_owned()));
        }
        assert_eq!(ids.len(), count, "{operation}");
        let one = format!("{id}={}", ids.first().unwrap());
        assert_eq!(api(&world, &served, &["alibaba@cn-shanghai", operation, &one])["TotalCount"], 1);
    }
    let one = api(&world, &served, &["alibaba@cn-beijing", "DescribeCustomerGateway", "CustomerGatewayId=cgw-2zepeer0000001"]);
    assert_eq!((&one["IpAddress"], &one["Asn"]), (&"203.0.113.21".into(), &65530.into()));
    let attachments = api(&world, &served, &["alibaba@cn-beijing", "DescribeVpnAttachments"]);
    assert_eq!(attachments["VpnAttachments"][0]["InstanceId"], "vco-2zedualattach00001");
    assert!(attachments["VpnAttachments"][0].get("LocalSubnet").is_none());
    let regions = api(&world, &served, &["alibaba@cn-beijing", "DescribeRegions"]);
    assert_eq!(regions["Regions"]["Region"][0]["RegionEndpoint"], "vpc.cn-qingdao.aliyuncs.com");

    for (operation, set, id, filter) in [
        ("DescribeVpnGateways", "VpnGatewaySet", "VpnGatewayId", "vpn-gateway-id"),
        ("DescribeCustomerGateways", "CustomerGatewaySet", "CustomerGatewayId", "customer-gateway-id"),
    ] {
        let mut ids = BTreeSet::new();
        for offset in ["Offset=0", "Offset=8"] {
            let reply = api(&world, &served, &["tencent@ap-guangzhou", operation, "Limit=8", offset]);
            assert_eq!(reply["Response"]["TotalCount"], 11, "{operation}");
            ids.extend(reply["Response"][set].as_array().unwrap().iter().map(|row| row[id].as_str().unwrap().to_owned()));
        }
        assert_eq!(ids.len(), 11, "{operation}");
        let (name, value) = (format!("Filters.0.Name={filter}"), format!("Filters.0.Values.0={}", ids.last().unwrap()));
        assert_eq!(api(&world, &served, &["tencent@ap-guangzhou", operation, &name, &value])["Response"]["TotalCount"], 1);
    }

    let vgws = api(&world, &served, &["huawei@cn-north-4", "/v5/{project_id}/vpn-gateways"]);
    assert_eq!(vgws["vpn_gateways"].as_array().unwrap().len(), 13);
    let (mut ids, mut marker) = (BTreeSet::new(), String::new());
    for _ in 0..3 {
        let mut words = vec!["huawei@cn-north-4", "/v5/{project_id}/customer-gateways", "limit=5"];
        if !marker.is_empty() {
            words.push(&marker);
        }
        let reply = api(&world, &served, &words);
        ids.extend(reply["customer_gateways"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        marker = format!("marker=\"{}\"", reply["page_info"]["next_marker"].as_str().unwrap());
    }
    assert_eq!(ids.len(), 13);
}

#[test]
fn a_tencent_connection_is_reset() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "60000"]);
    let words = ["tencent@ap-guangzhou", "ResetVpnConnection", "VpnGatewayId=vpngw-kfldykuz", "VpnConnectionId=vpnx-ol6bcqp0"];
    let task = format!("TaskId={}", api(&world, &served, &words)["Response"]["RequestId"].as_str().unwrap());
    assert_eq!(api(&world, &served, &["tencent@ap-guangzhou", "DescribeVpcTaskResult", &task])["Response"]["Status"], "RUNNING");
    let shown = served.run(&world, &["show", "tencent@ap-guangzhou/vpnx-ol6bcqp0", "-o", "json"], &[]).expect(0).json();
    assert_eq!(shown["connections"][0]["status"]["change"], "changing");
    served.run(&world, &[["api"].as_slice(), &words].concat(), &[]).expect(1);
}
