//! Help, completions and manual pages: every command has them, down to the last leaf.

use crate::harness::World;

/// Every command there is, as the words that lead to it.
fn commands(world: &World) -> Vec<Vec<String>> {
    let pages = world.path().join("pages");
    world.run(&["man", "--dir", pages.to_str().unwrap()]).expect(0);
    let mut found: Vec<Vec<String>> = Vec::new();
    for entry in std::fs::read_dir(pages).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_prefix("tunnelctl").unwrap().strip_suffix(".1").unwrap().replace("ipsec-server", "ipsec_server");
        found.push(name.split('-').filter(|word| !word.is_empty()).map(|word| word.replace('_', "-")).collect());
    }
    assert!(found.len() > 15, "{found:?}");
    found
}

#[test]
fn every_command_has_short_and_long_help_with_an_example() {
    let world = World::new();
    for words in commands(&world) {
        let help = |flag: &str| {
            let mut all: Vec<&str> = words.iter().map(String::as_str).collect();
            all.push(flag);
            world.run(&all).expect(0).stdout
        };
        let (short, long) = (help("-h"), help("--help"));
        assert!(short.contains("Example") && long.contains("Example"), "{words:?}\n{short}");
        assert!(long.len() > short.len(), "{words:?}");
        assert!(!short.contains("--query") && long.contains("--query"), "{words:?}");
        assert!(short.lines().all(|line| line.chars().count() <= 100), "{words:?}\n{short}");
    }
}

#[test]
fn every_command_has_a_manual_page_with_its_options() {
    let world = World::new();
    for words in commands(&world) {
        let mut all = vec!["man"];
        all.extend(words.iter().map(String::as_str));
        let page = world.run(&all).expect(0).stdout;
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS") && page.contains("Example"), "{words:?}\n{page}");
        assert_eq!(page.contains("project\\-id"), words.is_empty(), "{words:?}");
    }
    let page = world.run(&["man"]).expect(0).stdout;
    assert!(page.contains("looked up by the region"), "the manual also has what -h leaves out: {page}");
    world.run(&["man", "modify", "oracle"]).expect(2);
}

#[test]
fn bash_completes_commands_flags_and_words() {
    let world = World::new();
    world.write("complete.bash", &world.run(&["completions", "bash"]).expect(0).stdout);
    let complete = |words: &str| {
        let list: Vec<&str> = words.split(' ').collect();
        let script = format!(
            ". ./complete.bash; COMP_WORDS=({}); COMP_CWORD={}; _tunnelctl_named tunnelctl \"{}\" \"{}\"; echo \"${{COMPREPLY[*]}}\"",
            list.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            list.len() - 1,
            list[list.len() - 1],
            list[list.len() - 2],
        );
        let mut command = std::process::Command::new("bash");
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_tunnelctl")).parent().unwrap();
        command.args(["--norc", "-c", &script]).env_clear().env("HOME", world.path()).current_dir(world.path());
        command.env("PATH", format!("{}:/usr/bin:/bin", program.display()));
        let ran = crate::harness::finish(command, "").expect(0);
        assert_eq!(ran.stderr, "");
        ran.stdout.trim().to_owned()
    };
    assert_eq!(complete("tunnelctl mod"), "modify");
    assert_eq!(complete("tunnelctl modify alibaba connection --ike-dh-group group1"), "group1 group14");
    assert_eq!(complete("tunnelctl modify tencent connection --dpd o"), "on off");
    assert_eq!(complete("tunnelctl modify huawei connection --ipsec-pf"), "--ipsec-pfs");
    assert_eq!(complete("tunnelctl list -o js"), "json jsonl");
}

#[test]
fn mistakes_in_completable_values_are_reported_together() {
    let world = World::new();
    let ran = world.emulated(&[
        "modify",
        "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i",
        "--ike-dh-group",
        "group99",
        "--dpd",
        "maybe",
        "--ike-encryption",
        "AES",
    ]);
    let stderr = ran.expect(2).stderr;
    assert!(stderr.contains("--ike-dh-group group99") && stderr.contains("--dpd maybe") && stderr.contains("2 faults"), "{stderr}");
}
