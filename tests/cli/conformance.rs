//! One story for every cloud and kind.

use serde_json::{Value as Json, json};

use crate::harness::World;

const CONNECTION: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
const ATTACHMENT: &str = "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf";
const SERVER: &str = "alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll";
const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const POLICY: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
const BGP: &str = "huawei@cn-north-4/1a2b3c4d-0000-4000-8000-00000000bbbb";
const STATIC: &str = "huawei@cn-north-4/1a2b3c4d-0000-4000-8000-00000000cccc";

/// A ref, flags, and what the connection shows afterwards, as `(JSON pointer, value)`.
type Case = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    (CONNECTION, &["--name", "hq"], &[("/name", "\"hq\"")]),
    (
        CONNECTION,
        &["--local-subnet", "10.0.0.0/24", "--remote-subnet", "10.1.0.0/24"],
        &[("/local_subnets", "[\"10.0.0.0/24\"]"), ("/remote_subnets", "[\"10.1.0.0/24\"]")],
    ),
    (
        CONNECTION,
        &[
            "--ike-version",
            "ikev2",
            "--ike-encryption",
            "aes256",
            "--ike-integrity",
            "sha256",
            "--ike-dh-group",
            "group14",
            "--ike-lifetime",
            "8h",
        ],
        &[
            ("/ike/version", "\"ikev2\""),
            ("/ike/encryption", "\"aes256\""),
            ("/ike/integrity", "\"sha256\""),
            ("/ike/dh_group", "\"group14\""),
            ("/ike/lifetime_secs", "28800"),
        ],
    ),
    (
        CONNECTION,
        &["--local-id", "192.0.2.1", "--remote-id", "192.0.2.2"],
        &[("/ike/local_id/value", "\"192.0.2.1\""), ("/ike/remote_id/value", "\"192.0.2.2\"")],
    ),
    (
        CONNECTION,
        &["--ipsec-encryption", "aes192", "--ipsec-integrity", "sha512", "--ipsec-pfs", "none", "--ipsec-lifetime", "3600"],
        &[
            ("/ipsec/encryption", "\"aes192\""),
            ("/ipsec/integrity", "\"sha512\""),
            ("/ipsec/pfs", "\"none\""),
            ("/ipsec/lifetime_secs", "3600"),
        ],
    ),
    (
        CONNECTION,
        &["--dpd", "off", "--nat-traversal", "off", "--effect-immediately", "on"],
        &[("/ike/dpd/enabled", "false"), ("/nat_traversal", "false"), ("/effect_immediately", "true")],
    ),
    (
        CONNECTION,
        &[
            "--health-check",
            "on",
            "--health-check-local",
            "1.1.1.1",
            "--health-check-remote",
            "2.2.2.2",
            "--health-check-interval",
            "5s",
            "--health-check-retries",
            "4",
        ],
        &[("/health_check/enabled", "true"), ("/health_check/interval_ms", "5000"), ("/health_check/retries", "4")],
    ),
    (
        ATTACHMENT,
        &["--bgp", "on", "--bgp-tunnel-cidr", "169.254.12.0/30", "--bgp-local-address", "169.254.12.1", "--bgp-local-asn", "65001"],
        &[("/bgp/enabled", "true"), ("/bgp/tunnel_cidr", "\"169.254.12.0/30\""), ("/bgp/local_asn", "65001")],
    ),
    (ATTACHMENT, &["--name", "branch", "--ipsec-integrity", "sha256"], &[("/name", "\"branch\""), ("/ipsec/integrity", "\"sha256\"")]),
    (ATTACHMENT, &["--health-check-policy", "reserve-route"], &[("/health_check/policy", "\"reserve-route\"")]),
    (SERVER, &["--name", "clients"], &[("/name", "\"clients\"")]),
    (
        SERVER,
        &["--client-pool", "10.20.0.0/24", "--local-subnet", "192.168.4.0/24"],
        &[("/client_pool", "\"10.20.0.0/24\""), ("/local_subnets", "[\"192.168.4.0/24\"]")],
    ),
    (
        SERVER,
        &["--ike-encryption", "aes256", "--ipsec-encryption", "aes256"],
        &[("/ike/encryption", "\"aes256\""), ("/ipsec/encryption", "\"aes256\"")],
    ),
    (TENCENT, &["--name", "idc-2"], &[("/name", "\"idc-2\"")]),
    (
        TENCENT,
        &["--policy-rule", "10.0.0.0/24=10.100.2.0/24,10.100.3.0/24", "--policy-rule", "10.0.1.0/24=10.100.4.0/24"],
        &[("/policy_rules/1/destinations", "[\"10.100.4.0/24\"]")],
    ),
    (
        TENCENT,
        &["--ike-version", "ikev2", "--ike-encryption", "aes256", "--ike-integrity", "sha512", "--ike-dh-group", "group20"],
        &[("/ike/version", "\"ikev2\""), ("/ike/dh_group", "\"group20\"")],
    ),
    (
        TENCENT,
        &["--remote-id-type", "fqdn", "--remote-id", "idc.example.test"],
        &[("/ike/remote_id/type", "\"fqdn\""), ("/ike/remote_id/value", "\"idc.example.test\"")],
    ),
    (
        TENCENT,
        &["--ipsec-pfs", "group14", "--ipsec-lifetime", "1h", "--ipsec-lifetime-kb", "2560"],
        &[("/ipsec/pfs", "\"group14\""), ("/ipsec/lifetime_kb", "2560")],
    ),
    (
        TENCENT,
        &["--dpd", "on", "--dpd-timeout", "45", "--dpd-action", "restart", "--negotiation", "on-traffic"],
        &[("/ike/dpd/timeout_secs", "45"), ("/negotiation", "\"on-traffic\"")],
    ),
    (
        TENCENT,
        &["--api", "v2", "--name", "by-v2", "--ike-encryption", "aes128", "--ipsec-integrity", "sha1"],
        &[("/name", "\"by-v2\""), ("/ike/encryption", "\"aes128\"")],
    ),
    (
        POLICY,
        &["--name", "vpn-2", "--policy-rule", "10.0.0.0/24=192.168.7.0/24"],
        &[("/name", "\"vpn-2\""), ("/policy_rules/0/destinations", "[\"192.168.7.0/24\"]")],
    ),
    (POLICY, &["--remote-subnet", "192.168.1.0/24,192.168.2.0/24"], &[("/remote_subnets", "[\"192.168.1.0/24\",\"192.168.2.0/24\"]")]),
    (
        POLICY,
        &[
            "--ike-encryption",
            "aes256gcm16",
            "--ike-integrity",
            "sha512",
            "--ike-dh-group",
            "group21",
            "--dpd-interval",
            "60",
            "--dpd-timeout",
            "20",
        ],
        &[("/ike/encryption", "\"aes256gcm16\""), ("/ike/dpd/interval_secs", "60")],
    ),
    (
        POLICY,
        &["--ipsec-encryption", "aes256", "--ipsec-pfs", "none", "--ipsec-lifetime", "30"],
        &[("/ipsec/pfs", "\"none\""), ("/ipsec/lifetime_secs", "30")],
    ),
    (
        BGP,
        &["--hub", "on", "--tunnel-local-address", "169.254.90.1/30", "--tunnel-peer-address", "169.254.90.2/30"],
        &[("/hub", "true"), ("/tunnel_local_address", "\"169.254.90.1/30\"")],
    ),
    (STATIC, &["--ike-mode", "aggressive", "--ike-version", "ikev1"], &[("/ike/mode", "\"aggressive\"")]),
];

#[test]
fn a_change_of_each_kind_of_setting_is_in_effect_afterwards() {
    for (reference, flags, expected) in CASES {
        let world = World::new();
        // The peer does not change alike, so the tunnel may go down.
        let mut words = vec!["modify", reference, "--yes", "--allow-down", "-o", "json"];
        words.extend(*flags);
        let report = world.emulated(&words).expect(0).json();
        assert_eq!(report["outcome"], "configured", "{reference} {flags:?}: {report:#}");
        assert_eq!(report["verification"]["different"], json!([]));
        assert_eq!(report["verification"]["changed_besides"], json!([]));
        // Another process sees it too.
        let shown = world.emulated(&["show", reference, "-o", "json"]).expect(0).json();
        for (pointer, value) in *expected {
            let value: Json = serde_json::from_str(value).unwrap();
            assert_eq!(shown["connections"][0].pointer(pointer), Some(&value), "{reference} {flags:?} {pointer}");
            assert_eq!(report["connection"].pointer(pointer), Some(&value), "{reference} {flags:?} {pointer}");
        }
        // Asking again changes nothing.
        let again = world.emulated(&words).expect(0).json();
        assert_eq!(again["outcome"], "unchanged", "{reference} {flags:?}: {again:#}");
    }
}

#[test]
fn a_dry_run_changes_nothing_and_reports_that_something_would_change() {
    for (reference, flags, _) in CASES {
        let world = World::new();
        let before = world.emulated(&["show", reference, "-o", "json"]).expect(0).stdout;
        let mut words = vec!["modify", reference, "--dry-run", "--exit-code", "-o", "json"];
        words.extend(*flags);
        let report = world.emulated(&words).expect(10).json();
        assert_eq!(report["outcome"], "planned");
        assert!(report["request"]["url"].is_string() && !report["plan"].as_array().unwrap().is_empty());
        assert_eq!(world.emulated(&["show", reference, "-o", "json"]).expect(0).stdout, before);
    }
}

#[test]
fn tables_and_yaml_show_what_json_shows() {
    let world = World::new();
    for reference in [CONNECTION, ATTACHMENT, SERVER, TENCENT, POLICY] {
        let table = world.emulated(&["modify", reference, "--name", "shape", "--yes"]).expect(0);
        assert!(table.stdout.contains("shape") && table.stderr.contains("NEW"), "{}", table.stderr);
        assert!(
            table
                .stdout
                .lines()
                .chain(table.stderr.lines().filter(|line| !line.starts_with("warning")))
                .all(|line| line.chars().count() <= 120),
            "{}",
            table.stdout
        );
        let yaml = world.emulated(&["show", reference, "-o", "yaml"]).expect(0);
        assert!(yaml.stdout.contains("name: shape"), "{}", yaml.stdout);
    }
}
