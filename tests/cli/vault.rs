//! A command that stores the key and needs variables of its own, as `vault` does.

use crate::harness::{Ran, World};

/// A `vault` that stores what it gets, if it is told where and by whom.
const VAULT: &str = r#"#!/bin/sh
test "$*" = "kv put secret/vpn/hq-branch key=-" || exit 3
test "$VAULT_ADDR" = https://vault.example.test || { echo "VAULT_ADDR is not set" >&2; exit 2; }
test "$VAULT_TOKEN" = canary-token || { echo "VAULT_TOKEN is not set" >&2; exit 2; }
test -z "$OTHER" || exit 4
cat > "$HOME/stored"
"#;
const PAIR: [&str; 2] = ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"];
const STORE: [&str; 2] = ["--store-key-with", "vault kv put secret/vpn/hq-branch key=-"];

fn rotate(world: &World, more: &[&str]) -> Ran {
    use std::os::unix::fs::PermissionsExt;
    let vault = world.write("vault", VAULT);
    std::fs::set_permissions(vault, std::fs::Permissions::from_mode(0o700)).unwrap();
    let words = [&["rotate", PAIR[0], PAIR[1], "--yes", "--emulated"], STORE.as_slice(), more].concat();
    let path = format!("{}:/usr/bin:/bin", world.path().display());
    let variables =
        [("PATH", path.as_str()), ("VAULT_ADDR", "https://vault.example.test"), ("VAULT_TOKEN", "canary-token"), ("OTHER", "canary-other")];
    let ran = world.run_with(&words, &variables, "");
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{}{}", ran.stdout, ran.stderr);
    ran
}

#[test]
fn a_store_that_needs_variables_gets_those_that_are_named_and_no_others() {
    let world = World::new();
    let ran = rotate(&world, &[]).expect(1);
    assert!(ran.stderr.contains("VAULT_ADDR is not set"), "{}", ran.stderr);
    let ran = rotate(&world, &["--pass-env", "VAULT_ADDR"]).expect(1);
    assert!(ran.stderr.contains("VAULT_TOKEN is not set"), "{}", ran.stderr);
    rotate(&world, &["--pass-env", "VAULT_ADDR", "--pass-env", "VAULT_TOKEN"]).expect(0);
    assert_eq!(std::fs::read_to_string(world.path().join("stored")).unwrap().len(), 44);
}

#[test]
fn the_configuration_names_variables_as_well() {
    let world = World::new();
    std::fs::create_dir_all(world.path().join(".config/tunnelctl")).unwrap();
    world.write(".config/tunnelctl/config.toml", "pass_env = [\"VAULT_ADDR\", \"VAULT_TOKEN\", \"NOT_SET_HERE\"]\n");
    rotate(&world, &[]).expect(0);
    world.write(".config/tunnelctl/config.toml", "pass_env = [\"VAULT_TOKEN=canary-token\"]\n");
    let ran = rotate(&world, &[]).expect(3);
    assert!(ran.stderr.contains("config.toml:1:12: pass_env: a name of a variable"), "{}", ran.stderr);
}

#[test]
fn a_variable_that_is_not_set_or_a_value_is_refused_before_anything_is_sent() {
    let world = World::new();
    let ran = rotate(&world, &["--pass-env", "VAULT_NAMESPACE"]).expect(2);
    assert!(ran.stderr.contains("--pass-env: the variable VAULT_NAMESPACE is not set"), "{}", ran.stderr);
    let ran = rotate(&world, &["--pass-env", "VAULT_TOKEN=canary-token"]).expect(2);
    assert!(ran.stderr.contains("--pass-env: expected the NAME of a variable"), "{}", ran.stderr);
}
