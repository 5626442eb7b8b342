//! `export`: one golden file for each format and each connection that a fresh emulator holds (`fixtures/export`), and what
//! prevents an export. `UPDATE=1 cargo test` rewrites the files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::World;

const FORMATS: [&str; 10] = [
    "swanctl",
    "libreswan",
    "cisco-ios",
    "juniper-junos",
    "huawei-usg",
    "h3c-comware",
    "fortinet-fortios",
    "vyos",
    "mikrotik-routeros",
    "frr-bgp",
];

const PLACES: [&str; 9] = [
    "alibaba@cn-shanghai",
    "alibaba@cn-hangzhou",
    "alibaba@cn-guangzhou",
    "alibaba@cn-beijing",
    "huawei@cn-north-4",
    "huawei@cn-east-3",
    "tencent@ap-guangzhou",
    "tencent@ap-shanghai",
    "tencent@ap-beijing",
];

/// The refs of all connections that the emulator holds, servers left out.
fn connections(world: &World) -> Vec<String> {
    let mut words = vec!["list", "-o", "json"];
    words.extend(PLACES);
    // The emulator lists the rest and reports what it cannot list; the count below notices what is missing.
    let listed = world.emulated(&words).json();
    let refs: Vec<String> = listed["connections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|connection| connection["kind"] != "ipsec-server")
        .map(|connection| connection["ref"].as_str().unwrap().to_owned())
        .collect();
    assert!(refs.len() >= 11, "{refs:?}");
    refs
}

#[test]
fn every_connection_of_the_emulator_exports_as_its_golden_file_says() {
    let world = World::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/export");
    for reference in connections(&world) {
        for format in FORMATS {
            let ran = world.emulated(&["export", &reference, "--format", format]);
            assert!(matches!(ran.code, 0 | 5), "{reference} {format}: {}", ran.stderr);
            let mut text = ran.stdout;
            text.extend(ran.stderr.lines().map(|line| format!("## {line}\n")));
            let path = directory.join(format).join(format!("{}.txt", reference.replace(['/', '@'], "-")));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &text).unwrap();
            } else {
                let expected = std::fs::read_to_string(&path).unwrap_or_default();
                assert_eq!(text, expected, "{} differs; UPDATE=1 cargo test rewrites it", path.display());
            }
        }
    }
}

#[test]
fn every_connection_exports_to_swanctl_with_its_key_in_hexadecimal() {
    let world = World::new();
    world.write("key", "0sAAAA\"}#{\n");
    for reference in connections(&world) {
        let dual = reference.contains("-2zedual");
        let given = if dual { &[][..] } else { &["--psk-file", "key"][..] };
        let mut words = vec!["export", &reference, "--format", "swanctl", "--include-key", "-O", "x.conf", "--force"];
        words.extend(given);
        world.emulated(&words).expect(0);
        let text = std::fs::read_to_string(world.path().join("x.conf")).unwrap();
        let secrets: Vec<&str> = text.lines().filter(|line| line.trim().starts_with("secret =")).collect();
        assert!(!secrets.is_empty());
        assert!(secrets.iter().all(|line| line.trim().starts_with("secret = 0x")), "{secrets:?}");
        assert!(dual || text.contains("secret = 0x30734141414122") && !text.contains("0sAAAA"), "{text}");
    }
}

#[test]
fn files_are_private_and_replaced_only_with_force() {
    let world = World::new();
    let words = ["export", "tencent@ap-beijing/vpnx-partnerhw01", "--format", "libreswan", "--include-key", "-O", "peer.conf"];
    world.emulated(&words).expect(0);
    for name in ["peer.conf", "peer.conf.secrets"] {
        assert_eq!(std::fs::metadata(world.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_file(world.path().join("peer.conf")).unwrap();
    std::fs::write(world.path().join("peer.conf.secrets"), "mine").unwrap();
    let ran = world.emulated(&words).expect(1);
    assert!(ran.stderr.contains("nothing was written") && ran.stderr.contains("--force"), "{}", ran.stderr);
    assert!(!world.path().join("peer.conf").exists());
    assert_eq!(std::fs::read_to_string(world.path().join("peer.conf.secrets")).unwrap(), "mine");
    world.emulated(&[&words[..], &["--force"]].concat()).expect(0);
    assert!(std::fs::read_to_string(world.path().join("peer.conf.secrets")).unwrap().contains(": PSK 0x"));
}

#[test]
fn a_key_is_written_to_a_file_or_terminal_only_and_never_printed() {
    let world = World::new();
    let place = ["export", "tencent@ap-beijing/vpnx-partnerhw01", "--format", "swanctl"];
    world.emulated(&[&place[..], &["--include-key"]].concat()).expect(2);
    world.emulated(&[&place[..], &["--include-key", "-o", "json"]].concat()).expect(2);
    for more in [&["-o", "json"][..], &["-o", "json", "--include-key", "-O", "x"], &[]] {
        let ran = world.emulated(&[&place[..], more].concat()).expect(0);
        for text in [ran.stdout, ran.stderr] {
            assert!(!text.contains("Huawei-Seed") && !text.contains("4875617765692d"), "{text}");
        }
    }
}

#[test]
fn a_second_file_that_cannot_be_written_leaves_the_first_as_it_was() {
    let world = World::new();
    let export = ["export", "tencent@ap-beijing/vpnx-partnerhw01", "--format", "libreswan", "--include-key", "-O", "peer.conf"];
    world.emulated(&export).expect(0);
    world.write("peer.conf", "mine");
    std::fs::remove_file(world.path().join("peer.conf.secrets")).unwrap();
    std::fs::create_dir(world.path().join("peer.conf.secrets")).unwrap();
    let ran = world.emulated(&[&export[..], &["--force"]].concat()).expect(2);
    assert!(ran.stderr.contains("peer.conf.secrets is a directory") && ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(world.path().join("peer.conf")).unwrap(), "mine");
}
