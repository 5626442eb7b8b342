//! Whether a tunnel between two emulated ends is up depends on what they agreed on when they last negotiated.

use crate::harness::World;

/// Pairs of ends that are both seeded, in different clouds.
const PAIRS: [[&str; 2]; 4] = [
    ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"],
    ["tencent@ap-guangzhou/vpnx-ol6bcqp0", "alibaba@cn-guangzhou/vco-7xvpartnertencent001"],
    ["alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf", "huawei@cn-east-3/1a2b3c4d-0000-4000-8000-00000000aaaa"],
    ["tencent@ap-beijing/vpnx-partnerhw01", "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3"],
];

fn tunnel(world: &World, reference: &str) -> String {
    world.emulated(&["show", reference, "-o", "json"]).expect(0).json()["connections"][0]["status"]["tunnel"].as_str().unwrap().to_owned()
}

/// Lets the ends negotiate, and waits for the result.
fn settle(world: &World, reference: &str, then: &str) {
    let code = if then == "up" { 0 } else { 6 };
    world.emulated(&["wait", reference, "--up", "--timeout", "20s", "-q"]).expect(code);
}

#[test]
fn a_change_of_one_end_takes_the_tunnel_down_and_the_same_change_of_the_other_brings_it_up() {
    for ends in PAIRS {
        for order in [ends, [ends[1], ends[0]]] {
            let world = World::new();
            for (reference, then) in order.into_iter().zip(["down", "up"]) {
                let lost = then == "down" && tunnel(&world, reference) == "up";
                let ran = world.emulated(&["modify", reference, "--ike-dh-group", "group5", "--yes", "-q"]);
                let first = ran.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
                let said = (ran.code, first.contains("was up before this change and is down now"));
                assert_eq!(said, if lost { (8, true) } else { (0, false) }, "{reference}: {}", ran.stderr);
                settle(&world, reference, then);
                assert_eq!(order.map(|end| tunnel(&world, end)), [then, then], "{order:?} after {reference}");
            }
        }
    }
}

#[test]
fn a_new_key_at_one_end_takes_effect_at_a_reset() {
    let world = World::new();
    world.write("key", "Another-key-2026\n");
    let ends = PAIRS[0];
    let key = |reference: &str| world.emulated(&["modify", reference, "--psk-file", "key", "--yes", "-q"]).expect(0);
    let reset = |then: &str| {
        let ids = ["VpnGatewayId=vpngw-partneral", "VpnConnectionId=vpnx-partneral01"];
        let words = ["api", "tencent", "ResetVpnConnection", ids[0], ids[1], "--region", "ap-shanghai", "-q"];
        world.emulated(&words).expect(0);
        settle(&world, ends[0], then);
        assert_eq!(ends.map(|end| tunnel(&world, end)), [then, then]);
    };
    key(ends[0]);
    assert_eq!(ends.map(|end| tunnel(&world, end)), ["up", "up"], "an established tunnel needs no key");
    reset("down");
    key(ends[1]);
    assert_eq!(ends.map(|end| tunnel(&world, end)), ["down", "down"], "nobody starts");
    reset("up");
}

#[test]
fn a_finished_rotation_of_one_end_is_renegotiated_when_that_is_asked_for() {
    let world = World::new();
    let [tencent, alibaba] = PAIRS[0];
    let ran = world.emulated(&["rotate", tencent, "--one-end", "--yes", "-o", "json", "-q"]).expect(0);
    let json = ran.json();
    let id = json["operation"].as_str().unwrap().to_owned();
    assert_eq!(json["verified"], "left", "{json}");
    world.run(&["operation", "show", &id, "--psk-out", "new", "-q"]).expect(0);
    world.emulated(&["modify", alibaba, "--psk-file", "new", "--yes", "-q"]).expect(0);
    let json = world.run(&["operation", "resume", &id, "--renegotiate", "-o", "json", "-q"]).expect(0).json();
    assert_eq!((&json["verified"], &json["state"]), (&"verified".into(), &"committed".into()), "{json}");
}
