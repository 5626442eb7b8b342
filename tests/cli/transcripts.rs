//! Transcripts: `fixtures/cli/*.txt` and the examples of `README.md` and `docs/*.md`, run and compared.
//!
//! `$ tunnelctl ...` is a line for the shell (a `\` at its end continues it on the next line), `< text` its input, `? 4` its
//! exit code if not 0. The lines between are stdout, and those with `! ` in front are stderr. `UPDATE=1 cargo test` rewrites them.

use std::path::Path;

use chrono::{NaiveDateTime, Utc};

use crate::harness::World;
use crate::pages::pages;

/// Replaces what differs from run to run.
fn masked(text: &str, world: &World) -> String {
    let text = times(&operations(&text.replace(world.path().to_str().unwrap(), "~")));
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        if let Some(place) = line.find("ClientToken") {
            let (head, tail) = line.split_at(place + "ClientToken".len());
            let tail: String = tail.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
            line = format!("{head}{tail}");
        }
        if let Some(place) = line.find("updated") {
            let (head, tail) = line.split_at(place + "updated".len());
            let tail: String = tail.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            line = format!("{head}{tail}");
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// Replaces the ids of operations, `20261121-023159-k7f2`.
fn operations(text: &str) -> String {
    let is_id = |word: &str| {
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let tail = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        word.len() == 20
            && word.is_ascii()
            && digits(&word[..8])
            && digits(&word[9..15])
            && tail(&word[16..])
            && [8, 15].iter().all(|place| word.as_bytes()[*place] == b'-')
    };
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    text.split_inclusive(ends)
        .map(|word| {
            let bare = word.trim_end_matches(ends);
            if is_id(bare) { word.replacen(bare, "OPERATION", 1) } else { word.to_owned() }
        })
        .collect()
}

/// Replaces the times of recent events, such as `2026-11-21 02:31:59 UTC`, by placeholders of the same length.
fn times(text: &str) -> String {
    const LENGTH: usize = "2026-11-21 02:31:59".len();
    let mut text = text.to_owned();
    for place in 0..text.len().saturating_sub(LENGTH) {
        // The parser of times accepts blanks too.
        let word = text.get(place..place + LENGTH).filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let Some(Ok(time)) = word.map(|word| NaiveDateTime::parse_from_str(word, "%Y-%m-%d %H:%M:%S")) else { continue };
        // The emulated clouds' time is ahead of the machine's.
        if (time.and_utc() - Utc::now()).num_days().abs() < 2 {
            text.replace_range(place..place + LENGTH, "YYYY-MM-DD hh:mm:ss");
        }
    }
    text
}

/// Runs the transcript in `lines`, and returns it with the actual output.
fn rerun(lines: &[&str], world: &World) -> String {
    let mut actual = String::new();
    let mut rest = lines.iter().copied().peekable();
    while let Some(line) = rest.next() {
        let Some(first) = line.strip_prefix("$ ") else {
            if line.starts_with('#') || line.is_empty() {
                actual.push_str(line);
                actual.push('\n');
            }
            continue;
        };
        let (mut shown, mut command) = (line.to_owned(), first.to_owned());
        while command.ends_with('\\') {
            command.pop();
            let more = rest.next().unwrap_or_default();
            shown.push('\n');
            shown.push_str(more);
            command.push_str(more.trim_start());
        }
        let mut input = String::new();
        while let Some(text) = rest.peek().and_then(|line| line.strip_prefix("< ")) {
            shown.push_str(&format!("\n< {text}"));
            input.push_str(text);
            input.push('\n');
            rest.next();
        }
        actual.push_str(&shown);
        actual.push('\n');
        // The expected output is skipped; only comments and empty lines between runs are kept.
        while rest.peek().is_some_and(|line| !line.starts_with("$ ") && !line.starts_with('#')) {
            rest.next();
        }
        let ran = world.shell(&command, &input);
        for line in masked(&ran.stdout, world).lines() {
            actual.push_str(&format!("{line}\n"));
        }
        for line in masked(&ran.stderr, world).lines() {
            actual.push_str(format!("! {line}").trim_end());
            actual.push('\n');
        }
        if ran.code != 0 {
            actual.push_str(&format!("? {}\n", ran.code));
        }
        if rest.peek().is_some() {
            actual.push('\n');
        }
    }
    actual
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// How a page or transcript differs from what the program prints, if it does.
fn difference(expected: &str, actual: &str, place: &Path) -> Option<String> {
    if expected.trim_end() == actual.trim_end() {
        return None;
    }
    let first = expected.lines().zip(actual.lines()).enumerate().find(|(_, (left, right))| left != right);
    Some(format!("{} differs, first at {first:?}; UPDATE=1 cargo test rewrites it\n--- actual\n{actual}", place.display()))
}

#[track_caller]
fn compare(expected: &str, actual: &str, place: &Path) {
    if let Some(difference) = difference(expected, actual, place) {
        panic!("{difference}");
    }
}

fn world() -> World {
    let world = World::new();
    world.write("psk.txt", "Rotated-By-Transcript-2026-key-0123456789\n");
    world.write("ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    world.write("swanctl.conf", include_str!("../../fixtures/ends/swanctl.conf"));
    world.write("lists.conf", include_str!("../../fixtures/ends/lists.conf"));
    world.write("ipsec.conf", include_str!("../../fixtures/ends/ipsec.conf"));
    world.write("ipsec.secrets", include_str!("../../fixtures/ends/ipsec.secrets"));
    world.write("hq.toml", include_str!("../../fixtures/ends/hq.toml"));
    world
}

#[test]
fn every_transcript_is_what_the_program_prints() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cli");
    let mut paths: Vec<_> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 10, "{paths:?}");
    for path in paths {
        let expected = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = expected.lines().collect();
        let actual = rerun(&lines, &world());
        if updating() {
            std::fs::write(&path, &actual).unwrap();
        } else {
            compare(&expected, &actual, &path);
        }
    }
}

#[test]
fn every_example_of_the_readme_and_the_docs_prints_what_the_page_shows() {
    let mut wrong = Vec::new();
    for path in pages() {
        let text = std::fs::read_to_string(&path).unwrap();
        // A reader may start at any page.
        let world = world();
        let (mut actual, mut blocks, mut block) = (String::new(), 0, None::<Vec<&str>>);
        for line in text.lines() {
            match block.as_mut() {
                None if line == "```console" => {
                    actual.push_str("```console\n");
                    block = Some(Vec::new());
                }
                None => actual.push_str(&format!("{line}\n")),
                Some(lines) if line == "```" => {
                    blocks += 1;
                    actual.push_str(rerun(lines, &world).trim_end());
                    actual.push_str("\n```\n");
                    block = None;
                }
                Some(lines) => lines.push(line),
            }
        }
        assert!(block.is_none(), "{}: an example has no end", path.display());
        assert!(blocks >= 2, "{} has {blocks} examples", path.display());
        if updating() {
            std::fs::write(&path, &actual).unwrap();
        } else {
            wrong.extend(difference(&text, &actual, &path));
        }
    }
    // All pages at once: one message is often on several pages.
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
