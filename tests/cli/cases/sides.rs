//! Which side of a file this machine is, which connection of a file is meant, and the files that it includes.

use std::os::unix::fs::PermissionsExt;

use super::{check, edit, fields, verdict, world};
use crate::harness::World;

const DUAL: &str = "alibaba@cn-beijing/vco-2zedualtunnel00001";

/// A file with `left` and `right` exchanged.
fn flipped(text: &str) -> String {
    let flip = |line: &str| match line.trim_start() {
        own if own.starts_with("left") => line.replacen("left", "right", 1),
        far if far.starts_with("right") => line.replacen("right", "left", 1),
        _ => line.to_owned(),
    };
    text.lines().map(|line| flip(line) + "\n").collect()
}

fn read(world: &World, file: &str) -> String {
    std::fs::read_to_string(world.path().join(file)).unwrap()
}

#[test]
fn this_machine_may_be_the_right_side() {
    let world = world("libreswan-on-a-machine-with-an-elastic-ip");
    world.write("flipped.conf", &flipped(&read(&world, "gateway.conf")));
    world.write("flipped.conf.secrets", &read(&world, "gateway.conf.secrets"));
    for words in [["cloud.toml", "flipped.conf"], ["flipped.conf", "cloud.toml"]] {
        let ran = world.run(&["check", words[0], words[1], "-o", "json"]);
        let checked = ran.json()["checks"][0].clone();
        assert_eq!(verdict(&checked), ("up", ""), "{checked}");
        assert_eq!(fields(&checked, "error"), [""; 0]);
        assert!(ran.stderr.contains("flipped.conf:to-cloud: this machine is `right` there"), "{}", ran.stderr);
    }
    // The address that is stated tells it too.
    let ran = world.run(&["check", "flipped.conf", "cloud.toml", "--left-address", "172.31.24.85", "-o", "json"]);
    assert_eq!((verdict(&ran.json()["checks"][0].clone()), ran.stderr.contains("right")), (("up", ""), false));
}

#[test]
fn both_machines_may_have_the_same_file() {
    let world = World::new();
    let conf = "conn net\n  authby=secret\n  ikev2=insist\n  left=192.0.2.1\n  leftsubnet=10.1.0.0/24\n  right=198.51.100.1\n  \
                rightsubnet=10.2.0.0/24\n";
    for name in ["one.conf", "two.conf"] {
        world.write(name, conf);
        world.write(&format!("{name}.secrets"), ": PSK \"a-made-up-key-for-this-case-0001\"\n");
    }
    let ran = world.run(&["check", "one.conf", "two.conf", "-o", "json"]);
    assert_eq!(verdict(&ran.json()["checks"][0].clone()), ("up", ""));
    assert!(ran.stderr.contains("two.conf:net: this machine is `right` there") && !ran.stderr.contains("one.conf:net: this"));
}

#[test]
fn a_dual_connection_meets_two_connections_of_one_file() {
    let world = World::new();
    for format in ["swanctl", "libreswan"] {
        let file = format!("{format}.conf");
        world.run(&["export", "-f", format, DUAL, "--emulated", "--include-key", "-O", &file]).expect(0);
        let ran = world.run(&["check", DUAL, &file, "--emulated", "-o", "json"]);
        let json = ran.json();
        let checks = json["checks"].as_array().unwrap();
        assert_eq!(checks.len(), 2);
        for (checked, number) in checks.iter().zip(["-1", "-2"]) {
            assert_eq!(verdict(checked), ("up", ""), "{checked}");
            assert!(checked["right"].to_string().contains(&format!("vco-2zedualtunnel00001{number}")), "{checked}");
        }
        // One tunnel alone still wants a name.
        let ran = world.run(&["check", "alibaba@cn-guangzhou/vco-7xvpartnertencent001", &file, "--emulated"]).expect(2);
        assert!(ran.stderr.contains("there are several connections; name one after a colon"), "{}", ran.stderr);
    }
    // The order in the file does not matter, and neither does the side.
    let text = flipped(&read(&world, "libreswan.conf"));
    let (head, conns) = text.split_once("conn ").unwrap();
    let (one, two) = conns.split_once("conn ").unwrap();
    world.write("turned.conf", &format!("{head}conn {two}\nconn {one}"));
    world.write("turned.conf.secrets", &read(&world, "libreswan.conf.secrets"));
    let json = world.run(&["check", DUAL, "turned.conf", "--emulated", "-o", "json"]).json();
    assert_eq!(json["verdict"], "up", "{json}");
    assert!(json["checks"][0]["right"].to_string().contains("vco-2zedualtunnel00001-1"), "{json}");
}

#[test]
fn what_an_ipsec_conf_includes_is_read_where_it_is_private() {
    let world = world("libreswan-on-a-machine-with-an-elastic-ip");
    std::fs::create_dir(world.path().join("ipsec.d")).unwrap();
    let (conf, secrets) = (read(&world, "gateway.conf"), read(&world, "gateway.conf.secrets"));
    world.write("ipsec.d/office.conf", &conf);
    world.write("ipsec.d/office.secrets", &secrets);
    world.write("gateway.conf", "config setup\n\ninclude ipsec.d/*.conf\n");
    world.write("gateway.conf.secrets", "include ipsec.d/*.secrets\n");
    assert_eq!(verdict(&check(&world, "cloud.toml", "gateway.conf:to-cloud")), ("up", ""));
    // A fault names the file that it is in.
    edit(&world, "ipsec.d/office.conf", "ike=", "ike=rot13-");
    let ran = world.run(&["check", "cloud.toml", "gateway.conf:to-cloud"]).expect(2);
    assert!(ran.stderr.contains("ipsec.d/office.conf: line ") && ran.stderr.contains("rot13"), "{}", ran.stderr);
    world.write("ipsec.d/office.conf", &conf);
    // Keys that others can read are not read, and that is said; then the key is not known.
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(world.path().join("ipsec.d/office.secrets"), open).unwrap();
    let ran = world.run(&["check", "cloud.toml", "gateway.conf:to-cloud", "-o", "json"]);
    assert_eq!(ran.json()["checks"][0]["verdict"], "unknown");
    assert!(ran.stderr.contains("an included file is not read") && ran.stderr.contains("chmod 600"), "{}", ran.stderr);
}
