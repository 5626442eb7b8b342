//! The clouds of `tunnelctl emulate`, met over real sockets.

pub use crate::emulator::Served;
use crate::harness::World;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";

#[test]
fn a_change_over_sockets_is_seen_by_the_next_process() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "100"]);
    for reference in [ALIBABA, TENCENT, HUAWEI] {
        let ran = served.run(&world, &["modify", reference, "--name", "over-sockets", "--yes", "-o", "json"], &[]).expect(0);
        assert_eq!(ran.json()["outcome"], "configured", "{reference}");
        let shown = served.run(&world, &["show", reference, "-o", "json"], &[]).expect(0);
        assert_eq!(shown.json()["connections"][0]["name"], "over-sockets", "{reference}");
    }
}

#[test]
fn a_clock_that_is_off_is_told_and_the_clouds_time_is_used() {
    for skew in ["1200", "-1200"] {
        let world = World::new();
        let served = Served::start(&world, &["--clock-skew", skew]);
        for reference in [ALIBABA, TENCENT, HUAWEI] {
            let ran = served.run(&world, &["show", reference], &[]).expect(0);
            assert!(ran.stderr.contains("clock is 20 min") || ran.stderr.contains("clock is 19 min"), "{reference}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_wrong_secret_is_a_matter_of_credentials_and_is_tried_once() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    for (reference, variable) in
        [(ALIBABA, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"), (TENCENT, "TENCENTCLOUD_SECRET_KEY"), (HUAWEI, "HUAWEICLOUD_SDK_SK")]
    {
        let ran = served.run(&world, &["show", reference, "-v"], &[(variable, "wrong-secret-wrong-secret")]).expect(3);
        assert_eq!(ran.stderr.matches("HTTP ").count(), 1, "{}", ran.stderr);
        assert!(!ran.stderr.contains("wrong-secret"), "{}", ran.stderr);
    }
}

#[test]
fn a_lost_reply_is_answered_by_reading_back() {
    for (reference, operation) in [(ALIBABA, "ModifyVpnConnectionAttribute"), (TENCENT, "ModifyVpnConnectionAttribute")] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "50", "--fault", &format!("lose-reply@{operation}")]);
        let ran = served.run(&world, &["modify", reference, "--name", "lost", "--yes", "-o", "json", "-v"], &[]).expect(0);
        assert_eq!(ran.json()["outcome"], "configured");
        assert_eq!(ran.stderr.matches(&format!("{operation} http")).count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn a_request_that_was_cut_before_it_was_executed_is_sent_again_after_reading_back() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "50", "--fault", "cut@ModifyVpnConnectionAttribute"]);
    let ran = served.run(&world, &["modify", ALIBABA, "--name", "cut", "--yes", "-o", "json", "-v"], &[]).expect(0);
    assert_eq!(ran.json()["outcome"], "configured");
    assert_eq!(ran.stderr.matches("ModifyVpnConnectionAttribute http").count(), 2, "{}", ran.stderr);
}

#[test]
fn the_state_is_kept_in_a_file_when_one_is_named() {
    let world = World::new();
    {
        let served = Served::start(&world, &["--settle-ms", "0", "--state", "clouds.json"]);
        served.run(&world, &["modify", ALIBABA, "--name", "kept", "--yes"], &[]).expect(0);
    }
    let served = Served::start(&world, &["--state", "clouds.json"]);
    assert_eq!(served.run(&world, &["show", ALIBABA, "-o", "json"], &[]).expect(0).json()["connections"][0]["name"], "kept");
}
