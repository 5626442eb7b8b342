//! `rotate` with local files as ends.

use crate::harness::{Ran, World};

const OLD: &str = "canary-0ld-Key-Of-Both-Ends-0123456789";

/// Two files that hold the key in two forms; `told` records which reload commands ran.
fn files(world: &World) -> [String; 2] {
    let swanctl = format!("# mine\nsecrets {{\n  ike-hq {{\n    secret = \"{OLD}\"\n  }}\n  ike-other {{\n    secret = x\n  }}\n}}\n");
    let swanctl = world.write("swanctl.conf", &swanctl);
    let ipsec = world.write("ipsec.secrets", &format!("@hq @branch : PSK '{OLD}' # theirs\n"));
    [format!("file:{}:ike-hq", swanctl.display()), format!("file:{}", ipsec.display())]
}

fn rotate(world: &World, ends: &[String; 2], more: &[&str]) -> Ran {
    let mut words = vec!["rotate", &ends[0], &ends[1], "--yes", "-o", "json", "--renegotiate-with", "echo renegotiate >> told"];
    words.extend(more);
    if more.iter().filter(|word| **word == "--reload").count() < 2 {
        words.push("--no-reload");
    }
    let ran = world.run_with(&words, &[("PATH", "/usr/bin:/bin")], "");
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{}{}", ran.stdout, ran.stderr);
    ran
}

fn text(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.path().join(name)).unwrap_or_default()
}

#[test]
fn both_files_get_the_key_and_are_reloaded_in_order() {
    let world = World::new();
    let ends = files(&world);
    let more = ["--reload", "echo left >> told", "--reload", "echo right >> told", "--store-key-with", "cat > stored"];
    let ran = rotate(&world, &ends, &more).expect(0);
    let key = text(&world, "stored");
    assert_eq!(key.len(), 44);
    assert!(!ran.stdout.contains(&key) && !ran.stderr.contains(&key));
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        text(&world, "swanctl.conf"),
        format!("# mine\nsecrets {{\n  ike-hq {{\n    secret = 0x{hex}\n  }}\n  ike-other {{\n    secret = x\n  }}\n}}\n")
    );
    assert_eq!(text(&world, "ipsec.secrets"), format!("@hq @branch : PSK 0x{hex} # theirs\n"));
    assert_eq!(text(&world, "told"), "left\nright\nrenegotiate\n");
}

#[test]
fn a_key_that_could_not_be_stored_is_not_used() {
    let world = World::new();
    let ends = files(&world);
    for (command, cause) in [("cat > /dev/null; exit 4", "exit code 4"), ("true", "did not read the key")] {
        let ran = rotate(&world, &ends, &["--store-key-with", command, "--reload", "echo left >> told"]).expect(1);
        assert!(ran.stderr.contains("--store-key-with") && ran.stderr.contains(cause), "{}", ran.stderr);
    }
    assert_eq!(text(&world, "told"), "");
    assert!(text(&world, "swanctl.conf").contains(OLD) && text(&world, "ipsec.secrets").contains(OLD));
}

#[test]
fn a_key_that_somebody_writes_between_the_ends_is_left_alone() {
    let world = World::new();
    let ends = files(&world);
    // The reload command of the first file changes the second file.
    let meddle = "sed -i 's/canary-0ld/canary-third/' ipsec.secrets";
    let ran = rotate(&world, &ends, &["--reload", meddle, "--reload", "true"]);
    assert_ne!(ran.code, 0);
    assert!(text(&world, "ipsec.secrets").contains("canary-third"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_not_an_end_is_refused_before_anything_is_written() {
    let world = World::new();
    let ends = files(&world);
    for (word, cause) in [
        ("file:swanctl.conf", "there are several pre-shared keys: ike-hq, ike-other"),
        ("file:swanctl.conf:ike-none", "there is no pre-shared key \"ike-none\" in it"),
        ("file:none", "there is no file none"),
    ] {
        let ran = rotate(&world, &[word.to_owned(), ends[1].clone()], &[]);
        assert!(ran.code == 2 && ran.stderr.contains(cause), "{} {}", ran.code, ran.stderr);
    }
    assert!(text(&world, "ipsec.secrets").contains(OLD));
}
