//! `inspect`, as a user runs it: no network, no credentials, no key in what it prints.

use std::path::{Path, PathBuf};

use crate::harness::World;

/// The keys in the fixtures.
const KEYS: [&str; 5] = ["pgw6dy7d1i8in7x5", "tencenttest", "Dual-canary-", "Cfd123-canary", "canary"];
/// Every format of `inspect`.
const FORMATS: [&str; 6] = ["table", "wide", "json", "jsonl", "yaml", "csv"];

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = |cloud: &str| std::fs::read_dir(root.join(cloud)).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let named = |path: &PathBuf| path.to_str().is_some_and(|text| text.contains(".reply.") || text.contains(".request."));
    ["alibaba", "huawei", "tencent"].into_iter().flat_map(files).filter(named).collect()
}

#[test]
fn no_key_of_a_saved_document_is_printed() {
    let world = World::new();
    let paths = fixtures();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let saved = world.write("saved.txt", &format!("log {text} end"));
        let saved = saved.to_str().unwrap();
        let inspected = FORMATS.iter().map(|format| vec!["inspect", saved, "-o", format, "-vv"]);
        // Most are no ends; what refuses them shows no key either.
        let judged = ["table", "json", "csv", "sarif"].iter().map(|format| vec!["audit", saved, "-o", format, "-vv"]);
        let checked = ["table", "json", "csv"].iter().map(|format| vec!["check", saved, saved, "-o", format, "-vv"]);
        let exported = ["swanctl", "cisco-ios"].iter().map(|format| vec!["export", saved, "--format", format]);
        for words in inspected.chain(judged).chain(checked).chain(exported) {
            let ran = world.run(&words);
            assert!(words[0] != "inspect" || ran.code == 0, "{words:?}: {}", ran.stderr);
            for key in KEYS {
                assert!(!ran.stdout.contains(key) && !ran.stderr.contains(key), "{words:?} {}: {key}\n{}", path.display(), ran.stdout);
            }
        }
    }
}

/// Fields that no cloud documents, in every place of every kind of document, shown in every format.
#[test]
fn what_looks_like_a_secret_is_hidden_under_any_name() {
    const NAMES: [&str; 14] = [
        "SecretKey",
        "PreSharedKey2",
        "Psk2",
        "pre_shared_key",
        "SharedKey",
        "passphrase",
        "Passwd",
        "pwd",
        "key",
        "auth",
        "Authorization",
        "credential",
        "private_key",
        "PskValue",
    ];
    let world = World::new();
    let mut lines = Vec::new();
    for name in NAMES {
        let text = format!("{{\"{name}\":\"Field-Canary-1\"}}");
        let inside = serde_json::to_string(&text).unwrap();
        let fields = format!(
            "\"{name}\":\"Field-Canary-2\",\"a\":{{\"{name}\":\"Field-Canary-3\"}},\"b\":[[[{{\"{name}\":[\"Field-Canary-4\"]}}]]],\
             \"c\":{inside},\"d\":[[{inside}]],\"e\":{{\"{name}\":{{\"x\":\"Field-Canary-5\"}}}},\"f\":\"{name}: Field-Canary-6\",\
             \"g\":\"{{\\\"{name}\\\":\\\"Field-Canary-7\",\"h\":[{{\"Key\":\"{name}\",\"Value\":\"Field-Canary-8\"}}]"
        );
        lines.extend([
            format!("{{\"VpnConnectionId\":\"vco-1\",\"State\":\"active\",{fields}}}"),
            format!("{{\"VpnConnectionId\":\"vco-1\",\"State\":\"active\",\"IkeConfig\":{{\"IkeVersion\":\"ikev2\",{fields}}}}}"),
            format!("{{\"VpnConnectionId\":\"vco-1\",\"State\":\"active\",\"IkeConfig\":\"{{\\\"{name}\\\":\\\"Field-Canary-9\"}}"),
            format!("{{\"vpn_connection\":{{\"id\":\"i\",\"status\":\"ACTIVE\",\"ikepolicy\":{{{fields}}},{fields}}}}}"),
            format!("{{\"Response\":{{\"VpnConnectionSet\":[{{\"VpnConnectionId\":\"vpnx-1\",{fields}}}],\"RequestId\":\"r\"}}}}"),
            format!("{{\"code\":0,\"codeDesc\":\"Success\",\"data\":{{\"status\":0,{fields}}}}}"),
            format!("Action=ModifyVpnConnectionAttribute&VpnConnectionId=vco-1&{name}=Field-Canary-10&x.{name}=Field-Canary-11&RegionId=a"),
            format!("Action=ModifyVpnConnectionAttribute&VpnConnectionId=vco-1&IkeConfig=%7B%22{name}%22%3A%22Field-Canary-12&RegionId=a"),
            format!("Action=ModifyVpnConnectionAttribute&VpnConnectionId=vco-1&Other=%7B%22{name}%22%3A%22Field-Canary-13%zz%2&RegionId=a"),
        ]);
    }
    let path = world.write("odd.jsonl", &lines.join("\n"));
    let path = path.to_str().unwrap();
    for format in FORMATS {
        let ran = world.run(&["inspect", path, "-o", format, "-vv"]).expect(0);
        let seen = format!("{}{}", ran.stdout, ran.stderr);
        let shown: Vec<&str> = seen.lines().filter(|line| line.contains("Field-Canary")).collect();
        assert!(shown.is_empty(), "{format}: {shown:#?}");
        assert!(seen.contains("(hidden)"), "{format}");
    }
    let all = world.run(&["inspect", path, "-o", "json"]).expect(0).json();
    assert_eq!(all["documents"].as_array().unwrap().len(), lines.len());
}

#[test]
fn what_was_cut_is_marked_and_an_end_is_never_made_of_it() {
    let world = World::new();
    let text = "{\"VpnConnectionId\": \"vco-1\", \"State\": \"active\", \"IkeConfig\": {\"IkeLifetime\": 864";
    let path = world.write("cut.json", text);
    let path = path.to_str().unwrap();
    let ran = world.run(&["inspect", path, "-o", "json"]).expect(0);
    assert_eq!(ran.json()["recognised"]["cut"], "line 1, column 81: the JSON is incomplete");
    assert!(ran.json()["connections"][0].get("ike").is_none() && ran.stderr.contains("was cut"), "{}{}", ran.stdout, ran.stderr);
    world.run(&["inspect", path, "--exit-code"]).expect(10);
    let check = world.run(&["check", path, path]).expect(2);
    assert!(check.stderr.contains("line 1, column 81: the JSON is incomplete"), "{}", check.stderr);
}

#[test]
fn a_masked_key_is_set_and_cannot_be_read() {
    let world = World::new();
    for mask in ["pgw6****n7x5", "***", "(hidden)", "<redacted>", "REDACTED"] {
        let text = format!(
            "{{\"VpnConnectionId\": \"vco-1\", \"State\": \"active\", \"IkeConfig\": {{\"Psk\": {mask:?}, \"IkeVersion\": \"ikev2\"}}}}"
        );
        let path = world.write("masked.json", &text);
        let path = path.to_str().unwrap();
        let table = world.run(&["inspect", path]).expect(0);
        assert!(table.stdout.contains("set, cannot be read") && !table.stdout.contains("BREAKS"), "{}", table.stdout);
        let json = world.run(&["inspect", path, "-o", "json"]).expect(0).json();
        assert_eq!(json["connections"][0]["psk"], serde_json::json!({ "state": "set" }));
        let check = world.run(&["check", path, path, "-o", "json"]);
        assert!(!check.stdout.contains("fp "), "{}", check.stdout);
    }
}

#[test]
fn a_large_list_is_read_whole_and_listed() {
    let world = World::new();
    let row = |number: usize| {
        format!(
            r#"{{"VpnConnectionId":"vpnx-{number:08}","State":"AVAILABLE","PreShareKey":"canary-{number}","DpdEnable":1,"DpdTimeout":"99"}}"#
        )
    };
    let rows: Vec<String> = (0..2000).map(row).collect();
    let path = world.write("list.json", &format!(r#"{{"Response":{{"VpnConnectionSet":[{}],"TotalCount":2000}}}}"#, rows.join(",\n")));
    let path = path.to_str().unwrap();
    let ran = world.run(&["inspect", path, "-o", "json", "--exit-code", "--region", "ap-guangzhou"]).expect(10);
    let json = ran.json();
    assert_eq!((json["connections"].as_array().unwrap().len(), json["findings"].as_array().unwrap().len()), (2000, 2000));
    assert_eq!(json["connections"][1999]["ref"], "tencent@ap-guangzhou/vpnx-00001999");
    assert!(!ran.stdout.contains("canary"));
    let table = world.run(&["inspect", path]).expect(0);
    assert!(table.stdout.contains("connections  2000") && table.stdout.contains("vpnx-00001999"));
}

#[test]
fn a_file_above_the_limit_is_refused() {
    let world = World::new();
    let path = world.write("big.log", &" ".repeat((16 << 20) + 1));
    let path = path.to_str().unwrap();
    let ran = world.run(&["inspect", path]).expect(2);
    assert!(ran.stderr.contains("it is larger than 16 MiB; split it"), "{}", ran.stderr);
    world.run(&["check", path, path]).expect(2);
}
