//! Changes of dual-tunnel connections, by the whole binary.

use serde_json::{Value as Json, json};

use crate::emulator::Served;
use crate::harness::World;

const DUAL: &str = "alibaba@cn-beijing/vco-2zedualtunnel00001";
const TUNNEL: &str = "alibaba@cn-beijing/tunnel/vco-2zedualtunnel00001";
const ATTACHMENT: &str = "alibaba@cn-beijing/attachment/vco-2zedualattach00001";

fn tunnels(world: &World, reference: &str) -> Json {
    world.emulated(&["show", reference, "-o", "json"]).expect(0).json()["connections"][0]["tunnels"].clone()
}

#[test]
fn a_change_of_one_tunnel_leaves_the_other_as_it_was() {
    for (reference, name, place) in [
        (TUNNEL, "slave", 1),
        (TUNNEL, "tun-2zemaster000001", 0),
        (DUAL, "slave", 1),
        (ATTACHMENT, "2", 1),
        (ATTACHMENT, "tun-2zefirst0000001", 0),
    ] {
        let world = World::new();
        let before = tunnels(&world, reference);
        let words =
            ["modify", reference, "--tunnel", name, "--ike-lifetime", "8h", "--ipsec-pfs", "none", "--dpd", "off", "--yes", "-o", "json"];
        let report = world.emulated(&words).expect(0).json();
        assert_eq!(report["outcome"], "configured", "{report:#}");
        assert_eq!(report["verification"]["changed_besides"], json!([]));
        let after = tunnels(&world, reference);
        assert_eq!(after, report["connection"]["tunnels"]);
        assert_eq!(after[1 - place], before[1 - place], "{reference} {name}");
        let changed = &after[place];
        assert_eq!((&changed["ike"]["lifetime_secs"], &changed["ipsec"]["pfs"]), (&json!(28800), &json!("none")));
        assert_eq!((&changed["ike"]["dpd"]["enabled"], &changed["psk"]), (&json!(false), &before[place]["psk"]));
        assert_eq!(world.emulated(&words).expect(0).json()["outcome"], "unchanged");
    }
}

#[test]
fn a_setting_that_both_tunnels_share_needs_no_tunnel() {
    for reference in [DUAL, ATTACHMENT] {
        let world = World::new();
        let words =
            ["modify", reference, "--name", "both", "--local-subnet", "10.28.0.0/16", "--auto-config-route", "off", "--yes", "-o", "json"];
        let report = world.emulated(&words).expect(0).json();
        assert_eq!((&report["outcome"], &report["connection"]["name"]), (&json!("configured"), &json!("both")));
        let on = ["--tunnels-bgp", "on", "--tunnels-bgp-cidr", "169.254.30.0/30,169.254.31.0/30", "--yes", "-o", "json"];
        let report = world.emulated(&[["modify", reference].as_slice(), &on].concat()).expect(0).json();
        assert_eq!(report["outcome"], "configured", "{report:#}");
        assert_eq!(report["connection"]["tunnels_bgp"], json!({ "enabled": true, "cidrs": ["169.254.30.0/30", "169.254.31.0/30"] }));
        let one = ["--tunnel", "2", "--bgp-tunnel-cidr", "169.254.32.0/30", "--bgp-local-address", "169.254.32.1", "--yes", "-o", "json"];
        let report = world.emulated(&[["modify", reference].as_slice(), &one].concat()).expect(0).json();
        assert_eq!((&report["outcome"], &report["verification"]["changed_besides"]), (&json!("configured"), &json!([])), "{report:#}");
        assert_eq!(report["connection"]["tunnels"][1]["bgp"]["local_address"], "169.254.32.1");
    }
}

#[test]
fn keys_of_tunnels_are_never_shown() {
    let world = World::new();
    for (reference, name) in [(TUNNEL, "master"), (DUAL, "master"), (ATTACHMENT, "1")] {
        for words in [["--dry-run", "-o", "json"].as_slice(), &["--yes", "-v", "-v"], &["--dry-run"]] {
            let ran =
                world.emulated(&[["modify", reference, "--tunnel", name, "--ike-lifetime", "7h"].as_slice(), words].concat()).expect(0);
            for key in ["DualMaster2026key", "DualSlave2026keyB", "DualFirst2026key", "DualSecond2026key"] {
                assert!(!ran.stdout.contains(key) && !ran.stderr.contains(key), "{}{}", ran.stdout, ran.stderr);
            }
        }
    }
}

#[test]
fn a_tunnel_is_waited_for_over_sockets_and_a_lost_reply_is_read_back() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "300", "--fault", "lose-reply@ModifyTunnelAttribute"]);
    let words = ["modify", TUNNEL, "--tunnel", "slave", "--ike-lifetime", "8h", "--yes", "-o", "json", "-v"];
    let ran = served.run(&world, &words, &[]).expect(0);
    assert_eq!(ran.json()["outcome"], "configured");
    assert_eq!(ran.stderr.matches("ModifyTunnelAttribute http").count(), 1, "{}", ran.stderr);
    served.run(&world, &["wait", TUNNEL], &[]).expect(0);
}
