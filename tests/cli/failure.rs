//! Bad input and missing things: one clear message, the right exit code, nothing sent, never a panic.

use std::fs::File;
use std::process::Stdio;

use crate::harness::World;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const HUAWEI: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";

#[test]
fn two_faults_are_reported_together_and_nothing_is_sent() {
    let world = World::new();
    let ran =
        world.emulated(&["modify", ALIBABA, "--ike-lifetime", "86401", "--ike-encryption", "aes512", "--name", "http://x", "-v"]).expect(2);
    for part in ["--ike-lifetime", "--ike-encryption", "--name", "nothing was sent", "aes256"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("HTTP "), "{}", ran.stderr);
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other_fault() {
    let world = World::new();
    let words = ["modify", ALIBABA, "--psk-file", "missing-key", "--remote-ca-file", "missing-ca", "--ike-lifetime", "86401"];
    let ran = world.emulated(&words).expect(2);
    for part in ["3 faults", "--psk-file missing-key: No such file", "--remote-ca-file missing-ca: No such file", "--ike-lifetime 86401"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    world.write("taken", "something");
    let words = ["modify", HUAWEI, "--psk-generate", "--psk-out", "taken", "--ike-lifetime", "1", "--dry-run"];
    let ran = world.emulated(&words).expect(2);
    for part in ["2 faults", "--psk-out taken: exists already", "--ike-lifetime 1"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}

#[test]
fn an_invalid_id_is_refused_before_anything_is_sent() {
    let world = World::new();
    for id in ["vco-a/b", "vco-a\nb", "../x", "", "vco-", "vpnx-1", "vco-%2f", "vco-\u{202e}x"] {
        for words in [["modify", "alibaba", "connection", id].as_slice(), &["modify", "alibaba", id]] {
            let mut all = words.to_vec();
            all.extend(["--name", "x", "--yes", "--region", "cn-shanghai", "-v"]);
            let ran = world.emulated(&all).expect(2);
            assert!(!ran.stderr.contains("HTTP ") && !ran.stderr.contains('\u{202e}'), "{id:?}: {}", ran.stderr);
        }
    }
    for reference in ["alibaba", "alibaba@cn-shanghai/", "oracle@x/y", "alibaba@/x", "alibaba@cn-shanghai/vco-1/2/3"] {
        world.emulated(&["show", reference]).expect(2);
    }
}

#[test]
fn a_kind_that_a_cloud_does_not_have_is_reported_as_unsupported() {
    let world = World::new();
    let ran = world.emulated(&["show", "huawei@cn-north-4/ipsec-server/iss-1"]).expect(5);
    assert!(ran.stderr.contains("connection"), "{}", ran.stderr);
}

#[test]
fn a_missing_connection_is_not_found() {
    let world = World::new();
    for reference in [
        "alibaba@cn-shanghai/vco-missing",
        "alibaba@cn-shanghai/ipsec-server/iss-missing",
        "tencent@ap-guangzhou/vpnx-missing",
        "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-000000000000",
    ] {
        let ran = world.emulated(&["show", reference]).expect(4);
        assert!(!ran.stderr.is_empty());
        world.emulated(&["modify", reference, "--name", "x", "--yes"]).expect(4);
    }
}

#[test]
fn a_region_that_does_not_exist_is_not_found() {
    let world = World::new();
    for reference in [
        "alibaba@cn-nowhere/vco-bp1bbi27hojx80nck9k1i",
        "tencent@ap-nowhere/vpnx-ol6bcqp0",
        "huawei@cn-nowhere-9/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
    ] {
        let ran = world.emulated(&["show", reference]).expect(4);
        assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
    }
    world.emulated(&["show", "alibaba@cn-x.evil.test/vco-1"]).expect(2);
    let ran = world.emulated(&["show", "alibaba/vco-bp1bbi27hojx80nck9k1i"]).expect(2);
    assert!(ran.stderr.contains("--region"), "{}", ran.stderr);
}

#[test]
fn a_connection_that_is_being_changed_is_waited_for() {
    let world = World::new();
    for reference in [
        ALIBABA,
        "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf",
        "alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll",
        TENCENT,
        HUAWEI,
    ] {
        let subnet: &[&str] = if reference.contains("ipsec-server") { &["--client-pool", "10.9.0.0/24"] } else { &["--name", "first"] };
        let mut words = vec!["modify", reference, "--yes", "--no-wait", "-o", "json"];
        words.extend(subnet);
        assert_eq!(world.emulated(&words).expect(0).json()["outcome"], "accepted", "{reference}");
        let ran = world.emulated(&["modify", reference, "--name", "second", "--yes", "-o", "json"]).expect(0);
        assert_eq!(ran.json()["connection"]["name"], "second", "{reference}");
    }
}

#[test]
fn without_anybody_to_confirm_nothing_is_changed() {
    let world = World::new();
    let ran = world.emulated(&["modify", ALIBABA, "--name", "x"]).expect(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert_eq!(world.emulated(&["show", ALIBABA, "-o", "json"]).expect(0).json()["connections"][0]["name"], "vpn connection test");
}

#[test]
fn input_of_any_kind_never_panics() {
    let world = World::new();
    let odd = [
        "",
        " ",
        "\u{0}x",
        "\n",
        "-",
        "--",
        "=",
        "0",
        "-1",
        "18446744073709551616",
        "é",
        "\u{202e}",
        "a,b,,",
        "1:2=3",
        "/",
        "999.999.999.999/99",
        "::/0",
        "169.254.1.1/30",
    ];
    for value in odd.iter().filter(|value| !value.contains('\0')) {
        for (reference, flags) in [
            (
                ALIBABA,
                ["--local-subnet", "--ike-lifetime", "--bgp-tunnel-cidr", "--health-check-interval", "--local-id", "--ike-encryption"],
            ),
            (TENCENT, ["--policy-rule", "--dpd-timeout", "--bgp-local-address", "--ipsec-lifetime-kb", "--remote-id", "--ike-version"]),
            (HUAWEI, ["--policy-rule", "--remote-subnet", "--tunnel-local-address", "--dpd-interval", "--local-id", "--ipsec-pfs"]),
        ] {
            for flag in flags {
                let ran = world.emulated(&["modify", reference, &format!("{flag}={value}"), "--dry-run"]);
                assert!([0, 2].contains(&ran.code) && !ran.stderr.contains("panicked"), "{flag} {value:?}: {} {}", ran.code, ran.stderr);
            }
        }
    }
}

#[test]
fn a_ref_and_an_option_that_disagree_on_the_region_change_nothing() {
    let world = World::new();
    for words in
        [["modify", ALIBABA, "--region", "cn-hangzhou", "--name", "x"], ["modify", "--region", "cn-hangzhou", ALIBABA, "--name", "x"]]
    {
        let ran = world.emulated(&words).expect(2);
        assert!(ran.stderr.contains("cn-shanghai") && ran.stderr.contains("cn-hangzhou"), "{}", ran.stderr);
    }
    world.emulated(&["modify", ALIBABA, "--region", "cn-shanghai", "--name", "x", "--dry-run"]).expect(0);
}

#[test]
fn a_setting_that_the_connection_already_has_need_not_be_given() {
    const ATTACHMENT: &str = "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf";
    let world = World::new();
    for flag in ["--bgp", "--health-check"] {
        world.emulated(&["modify", ATTACHMENT, flag, "off", "--yes"]).expect(0);
        let ran = world.emulated(&["modify", ATTACHMENT, flag, "on", "--yes", "-o", "json"]).expect(0);
        assert_eq!(ran.json()["outcome"], "configured", "{flag}");
        // Without a read it is not known whether the setting is there, and on this connection it is not.
        world.emulated(&["modify", ATTACHMENT, flag, "on", "--no-read", "--dry-run"]).expect(2);
        world.emulated(&["modify", ALIBABA, flag, "on", "--dry-run"]).expect(2);
    }
    world.emulated(&["modify", TENCENT, "--remote-id-type", "ip", "--dry-run"]).expect(0);
    world.emulated(&["modify", TENCENT, "--remote-id-type", "fqdn", "--dry-run"]).expect(2);
    world.emulated(&["modify", HUAWEI, "--local-id-type", "fqdn", "--dry-run"]).expect(2);
}

#[test]
fn one_mistake_is_reported_once() {
    let world = World::new();
    let ran = world.emulated(&["modify", ALIBABA, "--bgp", "on", "--bgp-tunnel-cidr", "1.2.3.4/30", "--no-read", "--dry-run"]).expect(2);
    assert_eq!(ran.stderr.matches("--bgp-tunnel-cidr").count(), 1, "{}", ran.stderr);
}

#[test]
fn the_next_command_works_when_it_is_typed() {
    let world = World::new();
    for (words, verb) in [
        (["modify", ALIBABA, "--name", "x"], "wait alibaba@"),
        (["modify", TENCENT, "--api=v2", "--name=x"], "wait tencent@"),
        (["modify", HUAWEI, "--name", "x"], "wait huawei@"),
    ] {
        let mut words = words.to_vec();
        words.extend(["--yes", "--no-wait"]);
        let ran = world.emulated(&words).expect(0);
        let next = ran.stderr.lines().find_map(|line| line.split_once("tunnelctl ")).unwrap().1;
        assert!(next.starts_with(verb), "{next}");
        world.run(&next.split(' ').collect::<Vec<_>>()).expect(0);
    }
}

#[test]
fn a_name_of_any_kind_comes_back_as_it_was_given() {
    let world = World::new();
    for name in [" lead", "trail ", "on", "1e3", "12:30:45", "a: b", "\u{202e}x", "\u{200b}", "\u{1b}[31m", "\u{e9}\u{4e2d}"] {
        world.emulated(&["modify", ALIBABA, &format!("--name={name}"), "--yes"]).expect(0);
        let json = world.emulated(&["show", ALIBABA, "-o", "json"]).expect(0);
        assert_eq!(json.json()["connections"][0]["name"], name);
        let yaml = world.emulated(&["show", ALIBABA, "-o", "yaml"]).expect(0);
        // A text that YAML could only hold with characters that control a terminal is printed as JSON, which is valid YAML.
        match serde_json::from_str::<serde_json::Value>(&yaml.stdout) {
            Ok(read) => assert_eq!(read["connections"][0]["name"], name),
            Err(_) => assert!(!name.contains(['\u{202e}', '\u{200b}']), "{}", yaml.stdout),
        }
        for ran in [json, yaml] {
            assert!(!ran.stdout.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "{name:?}");
        }
    }
}

#[test]
fn a_revealed_key_is_in_the_json() {
    let world = World::new();
    for format in ["json", "yaml"] {
        let file = world.path().join("revealed");
        let mut command = world.command();
        command.args(["show", ALIBABA, "--emulated", "--reveal-psk", "-o", format]).stdin(Stdio::null()).stderr(Stdio::piped());
        assert!(command.stdout(File::create(&file).unwrap()).status().unwrap().success());
        let text = std::fs::read_to_string(file).unwrap();
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(read) => assert_eq!(read["connections"][0]["psk"]["value"], "pgw6dy7d1i8in7x5"),
            Err(_) => assert!(format == "yaml" && text.contains("value: pgw6dy7d1i8in7x5"), "{text}"),
        }
    }
}

#[test]
fn a_task_is_accepted_only_with_the_api_that_has_tasks() {
    let world = World::new();
    world.emulated(&["wait", TENCENT, "--api", "v3", "--task", "1"]).expect(2);
    let ran = world.emulated(&["wait", TENCENT, "--api", "v2", "--task", "99999"]).expect(4);
    assert!(ran.stderr.contains("no such task"), "{}", ran.stderr);
}
