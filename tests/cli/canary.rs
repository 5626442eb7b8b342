//! No key, of either kind, is found in any output, error, log or state.

use base64::Engine;

use crate::harness::{Ran, World};
use crate::served::Served;

const PSK: &str = "Canary-Psk_7f3b9a%1+Zq";

/// The key in every encoding that it could show up in.
fn forms(secret: &str) -> Vec<String> {
    let percent = |text: &str| {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    vec![secret.to_owned(), percent(secret), percent(&percent(secret)), base64::engine::general_purpose::STANDARD.encode(secret), hex]
}

#[track_caller]
fn clean(ran: &Ran, secret: &str) {
    for form in forms(secret) {
        assert!(!ran.stdout.contains(&form) && !ran.stderr.contains(&form), "found {form}\n{}\n{}", ran.stdout, ran.stderr);
    }
}

const REFS: [&str; 5] = [
    "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i",
    "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf",
    "alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll",
    "tencent@ap-guangzhou/vpnx-ol6bcqp0",
    "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
];

#[test]
fn a_key_that_is_set_is_printed_nowhere() {
    for reference in REFS {
        // Huawei Cloud does not allow `%` in a key.
        let psk = if reference.starts_with("huawei") { PSK.replace('%', "^") } else { PSK.to_owned() };
        for flow in [["--dry-run", "-vvv"], ["--yes", "-vvv"], ["--yes", "-q"]] {
            for format in ["table", "json", "yaml"] {
                let world = World::new();
                world.write("psk", &psk);
                let mut words = vec!["modify", reference, "--psk-file", "psk", "-o", format];
                words.extend(flow);
                let ran = world.emulated(&words).expect(0);
                clean(&ran, &psk);
                let shown = world.emulated(&["show", reference, "-o", format, "-vvv"]).expect(0);
                clean(&shown, &psk);
            }
        }
    }
}

#[test]
fn a_key_that_breaks_a_rule_is_not_repeated() {
    let world = World::new();
    for (reference, psk) in
        [(REFS[0], "canary blank 123456"), (REFS[3], " canary-edge-123456"), (REFS[4], "canarycanary1234"), (REFS[4], "Canary&Canary<1234")]
    {
        world.write("psk", psk);
        let ran = world.emulated(&["modify", reference, "--psk-file", "psk", "--yes", "-vvv"]).expect(2);
        clean(&ran, psk.trim());
        assert!(ran.stderr.contains("--psk-file"), "{}", ran.stderr);
    }
}

#[test]
fn a_request_that_a_cloud_echoes_is_hidden() {
    let world = World::new();
    world.write("psk", PSK);
    let served = Served::start(&world, &[]);
    // With a wrong secret, Alibaba Cloud returns the string to sign, which contains the key.
    let variable = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "canary-wrong-secret-key");
    let words = ["modify", REFS[0], "--psk-file", "psk", "--ike-version", "ikev2", "--no-read", "--yes", "-vvv"];
    let ran = served.run(&world, &words, &[variable]).expect(3);
    clean(&ran, PSK);
    clean(&ran, variable.1);
    for (_, value) in
        served.variables.iter().filter(|(name, _)| name.contains("SECRET_KEY") || name.ends_with("_SK") || name.ends_with("KEY_SECRET"))
    {
        let ran = served.run(&world, &["show", REFS[0], REFS[3], REFS[4], "-vvv"], &[]).expect(0);
        clean(&ran, value);
    }
}

#[test]
fn a_network_error_does_not_show_the_request() {
    let world = World::new();
    world.write("psk", PSK);
    for fault in ["cut*9", "garble*9", "internal*9", "lose-reply*9"] {
        let served = Served::start(&world, &["--settle-ms", "10", "--fault", &format!("{fault}@ModifyVpnConnectionAttribute")]);
        let ran =
            served.run(&world, &["modify", REFS[0], "--psk-file", "psk", "--yes", "-vvv", "--no-read", "--ike-version", "ikev1"], &[]);
        assert!([9].contains(&ran.code), "{fault}: {} {}", ran.code, ran.stderr);
        clean(&ran, PSK);
    }
}

#[test]
fn only_the_emulators_own_state_holds_a_key() {
    let world = World::new();
    world.write("psk", PSK);
    world.emulated(&["modify", REFS[0], "--psk-file", "psk", "--yes"]).expect(0);
    let mut paths = vec![world.path().to_owned()];
    let mut holders = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(PSK) {
            holders.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    holders.sort();
    assert_eq!(holders, ["psk", "state.json"]);
}

#[test]
fn a_key_is_revealed_on_request_but_not_into_a_pipe() {
    let world = World::new();
    let ran = world.emulated(&["show", REFS[0], "--reveal-psk"]).expect(2);
    clean(&ran, "pgw6dy7d1i8in7x5");
    let mut command = world.command();
    let file = world.path().join("revealed");
    command.args(["show", REFS[0], "--reveal-psk", "--emulated"]).stdout(std::fs::File::create(&file).unwrap());
    assert!(command.output().unwrap().status.success());
    assert!(std::fs::read_to_string(&file).unwrap().contains("psk pgw6dy7d1i8in7x5"));
}

#[test]
fn a_generated_key_is_written_before_it_is_sent_and_only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let ran = world.emulated(&["modify", REFS[4], "--psk-generate", "--psk-out", "new-key", "--yes"]).expect(0);
    let key = std::fs::read_to_string(world.path().join("new-key")).unwrap();
    assert_eq!(key.trim().len(), 44);
    assert_eq!(std::fs::metadata(world.path().join("new-key")).unwrap().permissions().mode() & 0o777, 0o600);
    clean(&ran, key.trim());
    // Huawei Cloud never returns a key, so a key that is not written anywhere would be lost.
    let ran = world.emulated(&["modify", REFS[4], "--psk-generate", "--yes"]).expect(2);
    assert!(ran.stderr.contains("--psk-out"), "{}", ran.stderr);
    // An existing file is not overwritten.
    world.emulated(&["modify", REFS[4], "--psk-generate", "--psk-out", "new-key", "--yes"]).expect(2);
}
