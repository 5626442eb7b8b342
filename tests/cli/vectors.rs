//! Compares the requests that a dry run shows with those that the vendors' own SDKs send.

use serde_json::{Value as Json, json};

use crate::harness::World;

fn vectors(text: &str) -> Vec<Json> {
    serde_json::from_str::<Json>(text).unwrap()["vectors"].as_array().unwrap().clone()
}

fn vector(text: &str, id: &str) -> Json {
    vectors(text).into_iter().find(|vector| vector["id"] == id).unwrap()
}

fn request(words: &[&str]) -> Json {
    let world = World::new();
    world.write("psk", "1234TestPsk");
    let mut all = vec!["modify"];
    all.extend(words);
    all.extend(["--dry-run", "--no-read", "-o", "json"]);
    world.emulated(&all).expect(0).json()["request"].clone()
}

#[test]
fn alibabas_request_has_the_parameters_of_the_sdks() {
    let vector = vector(include_str!("../../fixtures/signing/alibaba/alibaba.json"), "rpc-nested-json");
    let request = request(&[
        "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf",
        "--name",
        "nametest",
        "--local-subnet",
        "10.1.1.0/24,10.1.2.0/24",
        "--remote-subnet",
        "10.1.3.0/24,10.1.4.0/24",
        "--psk-file",
        "psk",
        "--ike-version",
        "ikev2",
        "--ike-mode",
        "main",
        "--ike-encryption",
        "aes256",
        "--ike-integrity",
        "sha256",
        "--ike-dh-group",
        "group14",
        "--ike-lifetime",
        "86400",
        "--local-id",
        "192.0.2.10",
        "--remote-id",
        "198.51.100.20",
        "--ipsec-encryption",
        "aes256",
        "--ipsec-integrity",
        "sha256",
        "--ipsec-pfs",
        "none",
        "--ipsec-lifetime",
        "3600",
        "--bgp",
        "on",
        "--bgp-local-asn",
        "65530",
        "--bgp-tunnel-cidr",
        "169.254.11.0/30",
        "--bgp-local-address",
        "169.254.11.1",
        "--health-check",
        "on",
        "--health-check-remote",
        "192.0.2.1",
        "--health-check-local",
        "10.1.1.1",
        "--health-check-interval",
        "3",
        "--health-check-retries",
        "3",
        "--health-check-policy",
        "revoke-route",
        "--dpd",
        "on",
        "--nat-traversal",
        "off",
        "--auto-config-route",
        "on",
        "--effect-immediately",
        "off",
    ]);
    let mut sent = request["form"].as_object().unwrap().clone();
    assert!(sent.remove("ClientToken").is_some());
    for (name, theirs) in vector["sdk_input"]["params"].as_object().unwrap() {
        let ours = sent.remove(name).unwrap_or_else(|| panic!("{name} is not sent"));
        let parsed = |value: &Json| value.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
        match (name.as_str(), theirs) {
            ("VpnConnectionId", _) => assert_eq!(ours, "vco-p0w5112fgnl2ihlmf"),
            // The dry run hides the key; the rest of the block is equal.
            ("IkeConfig", _) => {
                let (mut ours, mut theirs) = (parsed(&ours).unwrap(), parsed(theirs).unwrap());
                assert_eq!(ours["Psk"], "(hidden)");
                ours["Psk"] = Json::Null;
                theirs["Psk"] = Json::Null;
                assert_eq!(ours, theirs);
            }
            (_, Json::Bool(on)) => assert_eq!(ours, on.to_string(), "{name}"),
            _ => assert_eq!(parsed(&ours).unwrap_or(ours), parsed(theirs).unwrap_or_else(|| theirs.clone()), "{name}"),
        }
    }
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn tencents_request_has_the_body_of_the_sdks() {
    let text = include_str!("../../fixtures/signing/tencent/tencent.json");
    let ike = [
        "--ike-encryption",
        "aes128",
        "--ike-mode",
        "main",
        "--local-id-type",
        "ip",
        "--local-id",
        "203.0.113.7",
        "--remote-id-type",
        "fqdn",
        "--remote-id",
        "idc.example.test",
        "--ike-dh-group",
        "group14",
        "--ike-lifetime",
        "86400",
        "--ipsec-encryption",
        "aes256",
        "--ipsec-lifetime",
        "3600",
        "--ipsec-lifetime-kb",
        "1843200",
        "--ipsec-pfs",
        "group14",
    ];
    let mut v3 =
        vec!["tencent@ap-guangzhou/vpnx-f49l6u0z", "--ike-version", "ikev2", "--ike-integrity", "sha256", "--ipsec-integrity", "sha256"];
    v3.extend(ike);
    assert_eq!(request(&v3)["body"], vector(text, "v3-TC3-HMAC-SHA256/nested-post")["call"]["params"]);
    let rules = request(&[
        "tencent@ap-guangzhou/vpnx-f49l6u0z",
        "--policy-rule",
        "10.0.0.0/24=172.16.0.0/16,192.168.1.0/24",
        "--policy-rule",
        "10.0.1.0/24=172.17.0.0/16",
    ]);
    assert_eq!(rules["body"], vector(text, "v3-TC3-HMAC-SHA256/spd-arrays-post")["call"]["params"]);

    let mut v2 = vec![
        "tencent@gz/vpnx-ol6bcqp0",
        "--api",
        "v2",
        "--vpc-id",
        "vpc-03vihbk9",
        "--gateway",
        "vpngw-kfldykuz",
        "--ike-integrity",
        "sha1",
        "--ipsec-integrity",
        "sha1",
    ];
    v2.extend(ike);
    for (words, id) in [
        (v2, "v2-HmacSHA256/ike-ipsec-dict-post"),
        (
            vec![
                "tencent@gz/vpnx-ol6bcqp0",
                "--api",
                "v2",
                "--vpc-id",
                "vpc-03vihbk9",
                "--gateway",
                "vpngw-kfldykuz",
                "--remote-subnet",
                "10.100.2.0/24,10.100.3.0/24,10.100.4.0/24",
            ],
            "v2-HmacSHA256/cidr-array-get",
        ),
    ] {
        let request = request(&words);
        let shown = |name: &str| request[name].as_object().cloned().unwrap_or_default();
        let ours: std::collections::BTreeMap<String, Json> = shown("form").into_iter().chain(shown("query")).collect();
        let vector = vector(text, id);
        for pair in vector["expect"]["signed_params"].as_array().unwrap() {
            let (name, value) = (pair[0].as_str().unwrap(), &pair[1]);
            if !["Nonce", "Timestamp", "SecretId", "RequestClient", "SignatureMethod"].contains(&name) {
                assert_eq!(ours.get(name), Some(value), "{id} {name}");
            }
        }
    }
}

#[test]
fn huaweis_request_has_the_body_of_the_sdks() {
    let vector = vector(include_str!("../../fixtures/signing/huawei/huawei.json"), "update-full-ike-and-ipsec");
    let request = request(&[
        "huawei@cn-north-4/11111111-2222-4333-8444-555555555555",
        "--name",
        "hq_to-branch.01",
        "--customer-gateway",
        "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff",
        "--remote-subnet",
        "192.168.1.0/24,192.168.2.0/24",
        "--tunnel-local-address",
        "169.254.76.1/30",
        "--tunnel-peer-address",
        "169.254.76.2/30",
        "--hub",
        "on",
        "--psk-generate",
        "--psk-out",
        "unused",
        "--ike-version",
        "ikev2",
        "--ike-integrity",
        "sha512",
        "--ike-encryption",
        "aes256gcm16",
        "--ike-dh-group",
        "group21",
        "--ike-lifetime",
        "604800",
        "--local-id-type",
        "fqdn",
        "--local-id",
        "cloud.example.com",
        "--remote-id-type",
        "fqdn",
        "--remote-id",
        "branch-1.example.com",
        "--dpd-interval",
        "3600",
        "--dpd-timeout",
        "60",
        "--dpd-message",
        "seq-notify-hash",
        "--ipsec-integrity",
        "sha384",
        "--ipsec-encryption",
        "aes128gcm16",
        "--ipsec-pfs",
        "group15",
        "--ipsec-protocol",
        "esp",
        "--ipsec-lifetime",
        "30",
        "--ipsec-encapsulation",
        "tunnel",
    ]);
    let mut theirs = vector["input"]["body"].clone();
    theirs["vpn_connection"]["psk"] = json!("(hidden)");
    assert_eq!(request["body"], theirs);
}
