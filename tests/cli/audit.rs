//! `audit`: the shape of SARIF, and what decides the exit code.

use crate::harness::World;

#[test]
fn sarif_has_what_the_standard_requires() {
    let world = World::new();
    let file = world.write("lists.conf", include_str!("../../fixtures/ends/lists.conf"));
    let absolute = file.to_str().unwrap();
    for ends in [&["--all", "huawei@cn-east-3", "huawei@cn-north-4"][..], &["lists.conf"], &[absolute, "./lists.conf:hq"]] {
        is_sarif(&world.emulated(&[&["audit", "--sarif"], ends].concat()).expect(10).json());
    }
}

fn is_sarif(log: &serde_json::Value) {
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "tunnelctl");
    let rules = driver["rules"].as_array().unwrap();
    let ids: std::collections::BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "ids are unique");
    for rule in rules {
        assert!(rule["shortDescription"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(["note", "warning", "error"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
    }
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let location = &result["locations"][0];
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.contains(['@', ' ', '\\']) && !uri.starts_with('/'), "{uri}");
        assert!(location["logicalLocations"][0]["fullyQualifiedName"].as_str().is_some());
    }
}

#[test]
fn each_severity_decides_the_exit_code() {
    let world = World::new();
    // Its worst finding is a warning.
    let place = ["audit", "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3", "--policy"];
    let run = |more: &[&str]| world.emulated(&[&place[..], more].concat()).code;
    assert_eq!(run(&["bsi", "--fail-on", "error"]), 0);
    assert_eq!(run(&["rfc", "--fail-on", "warn"]), 0);
    assert_eq!(run(&["rfc", "--fail-on", "info"]), 10);
    assert_eq!(run(&["cnsa"]), 10);
    assert_eq!(run(&["off", "--fail-on", "info"]), 0);
}

#[test]
fn both_tunnels_are_judged_and_no_key_is_printed() {
    let world = World::new();
    for more in [&["-o", "json"][..], &["-o", "yaml"], &["--sarif"], &[]] {
        let ran = world.emulated(&[&["audit", "alibaba@cn-beijing/vco-2zedualtunnel00001"], more].concat()).expect(10);
        assert!(ran.stdout.contains("master") && ran.stdout.contains("slave"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("DualMaster2026key") && !ran.stdout.contains("DualSlave"), "{}", ran.stdout);
    }
}

#[test]
fn a_failed_read_decides_the_exit_code_over_findings() {
    let world = World::new();
    let ran = world.emulated(&["audit", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i", "alibaba@cn-shanghai/vco-missing"]).expect(4);
    assert!(ran.stdout.contains("modern/weak-group"));
}

#[test]
fn a_saved_reply_is_audited_offline_beside_a_live_end() {
    let world = World::new();
    let reply =
        "{\"VpnConnectionId\": \"vco-1\", \"State\": \"active\", \"IkeConfig\": {\"IkePfs\": \"group2\", \"Psk\": \"tencenttest\"}}";
    world.write("reply.json", reply);
    let offline = world.run(&["audit", "reply.json"]).expect(10);
    assert!(offline.stdout.contains("modern/weak-group") && offline.stdout.contains("audit/not-returned"), "{}", offline.stdout);
    assert!(!offline.stdout.contains("tencenttest"));
    let both = world.emulated(&["audit", "./reply.json", "tencent@ap-beijing/vpnx-partnerhw01", "-o", "json"]).expect(10).json();
    assert_eq!(both["audited"].as_array().unwrap().len(), 2);
    world.write("error.json", "{\"error_code\": \"VPN.0306\", \"error_msg\": \"busy\"}");
    world.run(&["audit", "error.json"]).expect(2);
}

#[test]
fn every_command_that_fixes_a_finding_is_accepted_by_the_cloud() {
    let world = World::new();
    let mut words =
        vec!["audit", "-o", "json", "alibaba@cn-beijing/vco-2zedualtunnel00001", "alibaba@cn-beijing/attachment/vco-2zedualattach00001"];
    words.extend(["alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll", "alibaba@cn-guangzhou/vco-7xvpartnertencent001"]);
    words.extend(["huawei@cn-east-3/1a2b3c4d-0000-4000-8000-00000000aaaa", "tencent@ap-guangzhou/vpnx-ol6bcqp0"]);
    let findings = world.emulated(&words).expect(10).json()["findings"].as_array().unwrap().clone();
    let mut tried = 0;
    for finding in findings.iter().filter(|finding| finding["replacement"].is_string()) {
        let command = finding["command"].as_str().unwrap_or_else(|| panic!("{finding}"));
        // A tunnel has two ends: only a server, which has clients, is changed alone. One other end is audited here, too.
        let both = command.contains("vco-7xvpartnertencent001") && command.contains("vpnx-ol6bcqp0");
        assert!(both || command.contains(" OTHER-END") || command.contains("/ipsec-server/"), "{command}");
        assert!(command.ends_with(" --emulated"), "{command}");
        // The cloud's rules are what is tried, not the other end.
        let alone = if command.contains(" rotate ") { " --one-end" } else { "" };
        let command = match command.split_once(" --check ") {
            Some((change, check)) => format!("{change} {}", check.split_once(' ').unwrap().1),
            None => command.replace(" OTHER-END", alone),
        };
        let ran = world.shell(&format!("{command} --dry-run"), "");
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn the_other_end_is_named_where_it_is_audited_too() {
    let world = World::new();
    let ends = ["alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i", "tencent@ap-shanghai/vpnx-partneral01"];
    let findings = world.emulated(&[&["audit", "-o", "json"], &ends[..]].concat()).expect(10).json()["findings"].clone();
    let of = |field: &str, end: &str| {
        let all = findings.as_array().unwrap().iter();
        let mut found = all.filter(|finding| finding["field"] == field && finding["ref"] == end && finding["command"].is_string());
        found.next().unwrap()["command"].as_str().unwrap().to_owned()
    };
    let [one, other] = ends;
    assert_eq!(of("psk", one), format!("tunnelctl rotate {one} {other} --emulated"));
    assert!(of("ike.dh_group", other).ends_with(&format!(" --check {one} --emulated")));
}

#[test]
fn a_reply_may_come_through_a_pipe_and_be_larger_than_a_configuration() {
    let world = World::new();
    let reply = world.emulated(&["api", "huawei", "ListVpnConnections", "--region", "cn-north-4"]).expect(0).stdout;
    world.write("reply.json", &reply);
    // A pipe can be read once.
    let piped = world.shell("cat reply.json | tunnelctl audit /dev/stdin -q -o json", "").expect(10).json();
    assert!(piped["audited"].as_array().unwrap().len() > 1);
    let padded = format!("{}{reply}", " ".repeat(5 << 20));
    world.write("large.json", &padded);
    assert_eq!(world.run(&["audit", "large.json", "-q", "-o", "json"]).expect(10).json()["audited"], piped["audited"]);
    // A list of connections is not an end; one connection of it is.
    let ids = piped["audited"].as_array().unwrap();
    let id = ids[0].as_str().unwrap().rsplit('/').next().unwrap();
    let far = include_str!("../../fixtures/ends/hq.toml");
    world.write("hq.toml", far);
    assert!(world.run(&["check", "reply.json", "hq.toml"]).expect(2).stderr.contains("name one after a colon"));
    world.run(&["check", &format!("reply.json:{id}"), "hq.toml"]).expect(10);
}

#[test]
fn no_key_of_a_file_is_printed() {
    let world = World::new();
    for (name, text) in [
        ("swanctl.conf", include_str!("../../fixtures/ends/swanctl.conf")),
        ("hq.toml", include_str!("../../fixtures/ends/hq.toml")),
        ("ipsec.conf", include_str!("../../fixtures/ends/ipsec.conf")),
        ("ipsec.secrets", include_str!("../../fixtures/ends/ipsec.secrets")),
    ] {
        world.write(name, text);
    }
    for more in [&["-o", "json"][..], &["-o", "yaml"], &["-o", "csv"], &["--sarif"], &["-vv"]] {
        let ran = world.run(&[&["audit", "swanctl.conf", "hq.toml", "ipsec.conf"], more].concat()).expect(10);
        assert!(!ran.stdout.contains("not-the-key") && !ran.stderr.contains("not-the-key"), "{}{}", ran.stdout, ran.stderr);
    }
}
