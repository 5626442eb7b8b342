//! The clouds of `tunnelctl emulate`, over real sockets.

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
fn a_clock_that_is_off_is_reported_and_the_clouds_time_is_used() {
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
fn a_wrong_secret_is_a_credentials_error_and_is_not_retried() {
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
fn after_a_lost_reply_the_connection_is_read_back() {
    for (reference, operation) in [(ALIBABA, "ModifyVpnConnectionAttribute"), (TENCENT, "ModifyVpnConnectionAttribute")] {
        let world = World::new();
        let served = Served::start(&world, &["--settle-ms", "50", "--fault", &format!("lose-reply@{operation}")]);
        let ran = served.run(&world, &["modify", reference, "--name", "lost", "--yes", "-o", "json", "-v"], &[]).expect(0);
        assert_eq!(ran.json()["outcome"], "configured");
        assert_eq!(ran.stderr.matches(&format!("{operation} http")).count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn a_request_that_was_not_executed_is_sent_again_after_reading_back() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "50", "--fault", "cut@ModifyVpnConnectionAttribute"]);
    let ran = served.run(&world, &["modify", ALIBABA, "--name", "cut", "--yes", "-o", "json", "-v"], &[]).expect(0);
    assert_eq!(ran.json()["outcome"], "configured");
    assert_eq!(ran.stderr.matches("ModifyVpnConnectionAttribute http").count(), 2, "{}", ran.stderr);
}

#[test]
fn a_delayed_request_is_found_by_reading_back_and_not_sent_again() {
    for (reference, operation) in [(ALIBABA, "ModifyVpnConnectionAttribute"), (HUAWEI, "UpdateVpnConnection")] {
        let world = World::new();
        let fault = format!("late:300@{operation}#{}", reference.split('/').nth(1).unwrap());
        let served = Served::start(&world, &["--settle-ms", "50", "--fault", &fault]);
        let ran = served.run(&world, &["modify", reference, "--name", "late", "--yes", "-o", "json", "-v"], &[]).expect(0);
        assert_eq!(ran.json()["outcome"], "configured");
        assert_eq!(ran.stderr.matches(&format!("{operation} http")).count(), 1, "{}", ran.stderr);
    }
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

#[test]
fn a_change_that_was_ignored_is_never_reported_as_partly_in_effect() {
    let rows = [
        (ALIBABA, "ModifyVpnConnectionAttribute", 1, "everything is as it was before"),
        (HUAWEI, "UpdateVpnConnection", 9, "does not return psk"),
    ];
    for (reference, operation, code, state) in rows {
        let world = World::new();
        world.write("key", "Rotated-By-Test-2026-key-0123456789abc\n");
        let fault = format!("ignore*2@{operation}");
        let served = Served::start(&world, &["--settle-ms", "50", "--fault", &fault]);
        let words = ["modify", reference, "--name", "ignored", "--psk-file", "key", "--yes", "--timeout", "3s"];
        let ran = served.run(&world, &words, &[]).expect(code);
        assert!(ran.stderr.contains(state), "{}", ran.stderr);
        let ran = served.run(&world, &[words.as_slice(), &["--no-read"]].concat(), &[]).expect(8);
        assert!(ran.stderr.contains("nothing that was asked for is shown"), "{}", ran.stderr);
    }
}

#[test]
fn an_ipsec_server_that_was_not_read_is_found_by_its_gateway() {
    let world = World::new();
    world.write("key", "Rotated-By-Test-2026-key-0123456789abc\n");
    let served = Served::start(&world, &["--settle-ms", "50"]);
    let server = "alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll";
    for gateway in [["--gateway", "vpn-bp1servergateway00001"].as_slice(), &[]] {
        let words = ["modify", server, "--client-pool", "10.9.0.0/24", "--psk-file", "key", "--no-read", "--yes", "--timeout", "20s"];
        let ran = served.run(&world, &[words.as_slice(), gateway].concat(), &[("COLUMNS", "200")]).expect(0);
        assert!(ran.stderr.contains("every setting reads back as requested"), "{}", ran.stderr);
    }
}

#[test]
fn a_read_takes_no_longer_than_the_timeout() {
    let world = World::new();
    let served = Served::start(&world, &["--fault", "delay:20000*9"]);
    let started = std::time::Instant::now();
    let ran = served.run(&world, &["show", ALIBABA, "--timeout", "2s"], &[]).expect(6);
    assert!(started.elapsed().as_secs() < 8, "{:?} {}", started.elapsed(), ran.stderr);
}

#[test]
fn values_that_somebody_else_set_are_not_overwritten_after_a_lost_reply() {
    // The first attempt is cut, and the second is refused as busy about two seconds later; another run changes the values before
    // the third.
    let world = World::new();
    let faults = ["--fault", "cut@ModifyVpnConnectionAttribute", "--fault", "busy@ModifyVpnConnectionAttribute"];
    let served = Served::start(&world, &[["--settle-ms", "50"].as_slice(), &faults].concat());
    let ran = std::thread::scope(|scope| {
        let first = scope.spawn(|| served.run(&world, &["modify", ALIBABA, "--name", "mine", "--yes"], &[]));
        std::thread::sleep(std::time::Duration::from_millis(3400));
        // Somebody at another machine: on this machine, the first run holds the lock.
        let elsewhere = World::new();
        served.run(&elsewhere, &["modify", ALIBABA, "--name", "theirs", "--yes", "--no-wait"], &[]).expect(0);
        first.join().unwrap()
    });
    let ran = ran.expect(9);
    assert!(ran.stderr.contains("neither as it was nor as asked"), "{}", ran.stderr);
    assert_eq!(served.run(&world, &["show", ALIBABA, "-o", "json"], &[]).expect(0).json()["connections"][0]["name"], "theirs");
}
