//! Which key a strongSwan takes: every row was measured between two real ones.

use super::*;

const TABLE: &str = include_str!("../../../fixtures/cases/swanctl-secrets-measured/table");
const NAMES: [(&str, &str); 5] =
    [("l", "l.example.com"), ("r", "r.example.com"), ("LA", "192.0.2.1"), ("RA", "198.51.100.1"), ("x", "203.0.113.77")];

fn full(short: &str) -> &str {
    NAMES.iter().find(|(name, _)| *name == short).map_or(short, |(_, full)| full)
}

/// An end of a row: addresses, identities (empty: none) and the sections of keys.
fn end(mode: &str, addresses: [&str; 2], ids: [&str; 2], secrets: &str) -> End {
    let version = match mode {
        "v2" => "version = 2",
        "main" => "version = 1",
        _ => "version = 1\n  aggressive = yes",
    };
    let id = |id: &str| if id.is_empty() { String::new() } else { format!("id = {id}") };
    let text = format!(
        "connections {{\n s {{\n  {version}\n  local_addrs = {}\n  remote_addrs = {}\n  proposals = aes256-sha256-modp2048\n  \
         local {{\n auth = psk\n {}\n }}\n  remote {{\n auth = psk\n {}\n }}\n  children {{\n n {{\n esp_proposals = aes256-sha256\n }}\n }}\n }}\n}}\n\
         secrets {{\n{secrets}}}\n",
        addresses[0],
        addresses[1],
        id(ids[0]),
        id(ids[1]),
    );
    parse::swanctl::read(&text, "a").unwrap().remove(0).1
}

/// The sections of `r,l=G =W`.
fn sections(keys: &str) -> String {
    let mut text = String::new();
    for (place, key) in keys.split(' ').enumerate() {
        let (ids, key) = key.rsplit_once('=').unwrap();
        let ids = ids.split(',').filter(|id| !id.is_empty()).enumerate();
        let ids: String = ids.map(|(number, id)| format!("  id-{number} = {}\n", full(id))).collect();
        text.push_str(&format!(" ike-{place} {{\n{ids}  secret = {}\n }}\n", if key == "G" { "the-key" } else { "another" }));
    }
    text
}

#[test]
fn the_key_that_counts_is_the_measured_one() {
    let (left, right) = ("192.0.2.1", "198.51.100.1");
    let mut wrong = Vec::new();
    for row in TABLE.lines() {
        let mut parts = row.split(" | ");
        let [head, keys, wanted] = [(); 3].map(|()| parts.next().unwrap());
        let head: Vec<&str> = head.split(' ').collect();
        let [mode, starter, own, far, named] = head[..] else { panic!("{row}") };
        let id = |short: &'static str| if short == "-" { "" } else { full(short) };
        let (own, far) = (id(if own == "l" { "l" } else { "-" }), id(if far == "r" { "r" } else { "-" }));
        let ours = end(mode, [left, right], [own, far], &sections(keys));
        // The peer sends a name where either end uses names.
        let theirs = if own.is_empty() && far.is_empty() { "" } else { full("r") };
        let expects = if named == "unnamed" {
            ""
        } else if own.is_empty() {
            left
        } else {
            own
        };
        let theirs = end(mode, [right, left], [theirs, expects], " ike {\n  secret = the-key\n }\n");
        let agreement = check(&ours, &theirs, &Options::default());
        let verdict = if starter == "left" { agreement.left_initiates } else { agreement.right_initiates };
        if verdict.word() != wanted {
            wrong.push(format!("{row}: {}", verdict.word()));
        }
    }
    assert!(TABLE.lines().count() == 512 && wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
