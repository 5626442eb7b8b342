//! Lists of thousands of connections.

use std::collections::BTreeSet;

use crate::emulator::Served;
use crate::harness::World;

const PLACES: [&str; 3] = ["alibaba@cn-shanghai", "huawei@cn-north-4", "tencent@ap-guangzhou"];

fn listed(world: &World, served: &Served) -> Vec<String> {
    let mut words = vec!["list"];
    words.extend(PLACES);
    words.extend(["-o", "json"]);
    let json = served.run(world, &words, &[]).expect(0).json();
    json["connections"].as_array().unwrap().iter().map(|connection| connection["ref"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn five_thousand_connections_are_each_listed_once_although_pages_fail() {
    let world = World::new();
    let faults = [
        "garble*2@DescribeVpnConnections",
        "internal*2@DescribeVpnConnections",
        "throttle@DescribeVpnConnections",
        "cut@DescribeVpnConnections",
    ];
    let mut words = vec!["--scale", "5", "--settle-ms", "0"];
    words.extend(faults.iter().flat_map(|fault| ["--fault", fault]));
    let served = Served::start(&world, &words);
    let refs = listed(&world, &served);
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
