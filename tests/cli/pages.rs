//! The pages of the documentation: their length, their links, and the examples of configuration files and CI jobs.
//! `transcripts.rs` runs the other examples.

use std::path::{Path, PathBuf};

use crate::harness::World;

/// The most lines that a page may have: what a reader can read in one go.
const MOST_LINES: usize = 250;

/// `README.md` and `docs/*.md`.
pub fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 10, "{pages:?}");
    pages.insert(0, root.join("README.md"));
    pages
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks of a language, without their fences.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let (mut blocks, mut block) = (Vec::new(), None::<String>);
    for line in text.lines() {
        match block.as_mut() {
            None if line.trim_start() == format!("```{language}") => block = Some(String::new()),
            None => {}
            Some(_) if line.trim_start() == "```" => blocks.extend(block.take()),
            Some(text) => text.push_str(&format!("{line}\n")),
        }
    }
    blocks
}

/// A page without its blocks of code.
fn prose(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The anchor that a heading gets, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn no_page_has_more_than_250_lines() {
    for path in pages() {
        let lines = read(&path).lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    for path in pages() {
        let text = prose(&read(&path));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", path.display());
            if !part.is_empty() {
                let there = prose(&read(&target));
                let mut headings = there.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#')));
                assert!(headings.any(|heading| heading == part), "{}: {link}", path.display());
            }
        }
    }
}

#[test]
fn the_readme_leads_to_every_page() {
    let readme = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    for path in pages().iter().skip(1) {
        let name = format!("(docs/{})", path.file_name().unwrap().to_str().unwrap());
        assert!(readme.contains(&name), "{name}");
    }
}

#[test]
fn the_configuration_of_a_page_is_read_and_its_names_are_found() {
    let mut count = 0;
    for path in pages() {
        for example in blocks(&read(&path), "toml") {
            count += 1;
            let world = World::new();
            std::fs::create_dir_all(world.path().join(".config/tunnelctl")).unwrap();
            world.write(".config/tunnelctl/config.toml", &example);
            // A mistake in it would be reported before anything else; the names in it are those of emulated connections.
            world.emulated(&["show", "hq", "branch"]).expect(0);
        }
    }
    assert!(count >= 1, "no page has an example of a configuration");
}

#[test]
fn every_rotation_of_a_ci_job_can_be_planned() {
    let mut count = 0;
    for path in pages() {
        for job in blocks(&read(&path), "yaml") {
            assert!(!job.contains('\t'), "{}: YAML has no tabs", path.display());
            for command in job.replace("\\\n", " ").lines().filter_map(|line| line.split_once("tunnelctl rotate ")) {
                count += 1;
                let world = World::new();
                std::fs::create_dir_all(world.path().join(".config/tunnelctl")).unwrap();
                world.write(
                    ".config/tunnelctl/config.toml",
                    "[pairs.hq-branch]\n\
                     left = \"tencent@ap-shanghai/vpnx-partneral01\"\n\
                     right = \"alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i\"\n",
                );
                let variables = "export VAULT_ADDR=https://vault.example.test VAULT_TOKEN=made-up; ";
                world.shell(&format!("{variables}tunnelctl rotate --emulated --dry-run {}", command.1), "").expect(0);
            }
        }
    }
    assert!(count >= 2, "the pages have {count} rotations in CI jobs");
}
