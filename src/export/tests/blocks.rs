//! Readers of Cisco IOS, Huawei VRP and H3C Comware: a line without a blank opens a block, and lines with one are in it.

use super::facts::{Facts, bare, cipher, group, hash, identity, pair, wild};

/// The blocks of a text, comments left out: the line that opens it, and the lines in it.
struct Blocks<'a>(Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Blocks<'a> {
    fn of(text: &'a str, mark: char) -> Self {
        let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with(mark)) {
            match (line.strip_prefix(' '), blocks.last_mut()) {
                (Some(line), Some((_, lines))) => lines.push(line.trim_start()),
                _ => blocks.push((line, Vec::new())),
            }
        }
        Self(blocks)
    }

    /// The blocks that a prefix opens: the rest of the line, and the lines.
    fn all(&self, prefix: &str) -> Vec<(&'a str, &[&'a str])> {
        let found = self.0.iter().filter_map(|(line, lines)| Some((line.strip_prefix(prefix)?, lines.as_slice())));
        found.collect()
    }

    /// The block with this first line.
    fn one(&self, line: &str) -> &[&'a str] {
        self.0.iter().find(|(known, _)| *known == line).map_or_else(|| panic!("no block {line}"), |(_, lines)| lines.as_slice())
    }
}

/// The rest of the line with this prefix.
fn get<'a>(lines: &[&'a str], prefix: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| line.strip_prefix(prefix))
}

/// The rest of the line that must be there.
fn need<'a>(lines: &[&'a str], prefix: &str) -> &'a str {
    get(lines, prefix).unwrap_or_else(|| panic!("no {prefix} in {lines:?}"))
}

fn number(text: &str) -> u64 {
    text.split(' ').next().unwrap().parse().unwrap()
}

/// An identity in one line: the type, the text, and perhaps a mask.
fn said(text: &str) -> String {
    let mut words = text.split(' ');
    identity(words.next().unwrap(), words.next().unwrap())
}

/// The pairs of an access list, or all traffic.
fn pairs(facts: &mut Facts, list: Option<&[&str]>, skip: usize) {
    for line in list.unwrap_or_default() {
        let words: Vec<&str> = line.split(' ').filter(|word| !matches!(*word, "source" | "destination")).skip(skip).collect();
        let [own, own_mask, cloud, cloud_mask] = words[..] else { panic!("no pair: {line}") };
        facts.pairs.insert(pair(wild(own, own_mask), wild(cloud, cloud_mask)));
    }
    if list.is_none() {
        facts.pairs.insert(pair("0.0.0.0/0", "0.0.0.0/0"));
    }
}

/// The tunnels of a Cisco configuration.
pub(super) fn cisco(text: &str) -> Vec<Facts> {
    let blocks = Blocks::of(text, '!');
    let tunnels = blocks.all("crypto ipsec transform-set ");
    let one = |(line, _): &(&str, &[&str])| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let words: Vec<&str> = words.collect();
        // The key length stands behind the cipher.
        let split = if words.get(1).is_some_and(|word| word.parse::<u16>().is_ok()) { 2 } else { 1 };
        let mut facts = Facts::default();
        let maps = blocks.all("crypto map ");
        let map = maps.iter().find(|(_, lines)| get(lines, "set transform-set ") == Some(name)).map(|(_, lines)| *lines);
        let set = map.unwrap_or_else(|| blocks.one(&format!("crypto ipsec profile {name}")));
        facts.esp = [
            cipher(&words[..split].join(" ")),
            words.get(split).map(|word| hash(word)).unwrap_or_default(),
            get(set, "set pfs ").map_or("none".to_owned(), group),
        ];
        facts.ipsec_secs = number(need(set, "set security-association lifetime seconds "));
        let list = map.map(|lines| blocks.one(&format!("ip access-list extended {}", need(lines, "match address "))));
        pairs(&mut facts, list, 2);
        let tunnel = blocks.all("interface Tunnel").into_iter().map(|(_, lines)| lines);
        let mut tunnel = tunnel.filter(|lines| get(lines, "tunnel protection ipsec profile ") == Some(name));
        facts.cloud = map.map_or_else(|| need(tunnel.next().unwrap(), "tunnel destination "), |lines| need(lines, "set peer ")).to_owned();
        facts.ikev2 = get(set, "set ikev2-profile ") == Some(name);
        if facts.ikev2 {
            let policies: Vec<_> = blocks.all("crypto ikev2 policy ");
            assert!(policies.len() == 1 && policies[0].1.contains(&format!("proposal {name}").as_str()), "{text}");
            let ike = blocks.one(&format!("crypto ikev2 proposal {name}"));
            let integrity = get(ike, "integrity ").unwrap_or_else(|| need(ike, "prf "));
            facts.ike = [cipher(need(ike, "encryption ")), hash(integrity), group(need(ike, "group "))];
            let profile = blocks.one(&format!("crypto ikev2 profile {name}"));
            facts.ike_secs = number(need(profile, "lifetime "));
            (facts.id, facts.cloud_id) = (said(need(profile, "identity local ")), said(need(profile, "match identity remote ")));
            let ring = blocks.one(&format!("crypto ikev2 keyring {}", need(profile, "keyring local ")));
            facts.key = need(ring, "pre-shared-key hex ").to_owned();
        } else {
            let policies = blocks.all("crypto isakmp policy ");
            let ike = policies[tunnels.iter().position(|(known, _)| known == line).unwrap()].1;
            facts.ike = [cipher(need(ike, "encryption ")), hash(need(ike, "hash ")), group(need(ike, "group "))];
            facts.ike_secs = number(need(ike, "lifetime "));
            let profile = blocks.one(&format!("crypto isakmp profile {name}"));
            facts.cloud_id = said(need(profile, "match identity "));
            // The device sends its outer address.
            facts.id = String::new();
            let ring = blocks.one(&format!("crypto keyring {name}"));
            facts.key = bare(need(ring, &format!("pre-shared-key address {} key ", facts.cloud)));
        }
        facts
    };
    tunnels.iter().map(one).collect()
}

/// The tunnels of a Huawei configuration.
pub(super) fn huawei(text: &str) -> Vec<Facts> {
    let blocks = Blocks::of(text, '#');
    let one = |(name, peer): (&str, &[&str])| {
        let mut facts = Facts::default();
        let policies = blocks.all("ipsec policy ");
        let policy = policies.iter().find(|(_, lines)| get(lines, "ike-peer ") == Some(name));
        let set = policy.map_or_else(|| blocks.one(&format!("ipsec profile {name}")), |(_, lines)| lines);
        let proposal = blocks.one(&format!("ipsec proposal {}", need(set, "proposal ")));
        facts.esp = [
            cipher(need(proposal, "esp encryption-algorithm ")),
            get(proposal, "esp authentication-algorithm ").map(hash).unwrap_or_default(),
            get(set, "pfs ").map_or("none".to_owned(), group),
        ];
        facts.ipsec_secs = number(need(set, "sa duration time-based "));
        pairs(&mut facts, get(set, "security acl ").map(|acl| blocks.one(&format!("acl number {acl}"))), 4);
        facts.ikev2 = peer.contains(&"undo version 1");
        facts.aggressive = get(peer, "exchange-mode ") == Some("aggressive");
        let ike = blocks.one(&format!("ike proposal {}", need(peer, "ike-proposal ")));
        let integrity = if facts.ikev2 { need(ike, "integrity-algorithm ") } else { need(ike, "authentication-algorithm ") };
        facts.ike = [cipher(need(ike, "encryption-algorithm ")), hash(integrity), group(need(ike, "dh "))];
        facts.ike_secs = number(need(ike, "sa duration "));
        facts.id = identity(need(peer, "local-id-type "), need(peer, "local-id "));
        facts.cloud_id = identity(need(peer, "remote-id-type "), need(peer, "remote-id "));
        facts.cloud = need(peer, "remote-address ").to_owned();
        facts.key = bare(need(peer, "pre-shared-key "));
        facts
    };
    blocks.all("ike peer ").into_iter().map(one).collect()
}

/// The tunnels of an H3C configuration.
pub(super) fn h3c(text: &str) -> Vec<Facts> {
    let blocks = Blocks::of(text, '#');
    let one = |(name, transform): (&str, &[&str])| {
        let mut facts = Facts {
            esp: [
                cipher(need(transform, "esp encryption-algorithm ")),
                get(transform, "esp authentication-algorithm ").map(hash).unwrap_or_default(),
                get(transform, "pfs ").map_or("none".to_owned(), group),
            ],
            ..Facts::default()
        };
        let policies = blocks.all("ipsec policy ");
        let policy = policies.iter().find(|(_, lines)| get(lines, "transform-set ") == Some(name));
        let set = policy.map_or_else(|| blocks.one(&format!("ipsec profile {name} isakmp")), |(_, lines)| lines);
        facts.ipsec_secs = number(need(set, "sa duration time-based "));
        pairs(&mut facts, get(set, "security acl name ").map(|acl| blocks.one(&format!("acl advanced name {acl}"))), 4);
        let tunnels = blocks.all("interface Tunnel");
        let tunnel = tunnels.iter().find(|(_, lines)| get(lines, "tunnel protection ipsec profile ") == Some(name));
        let remote = get(set, "remote-address ").unwrap_or_else(|| need(tunnel.unwrap().1, "destination "));
        facts.cloud = remote.to_owned();
        facts.ikev2 = get(set, "ikev2-profile ").is_some();
        if facts.ikev2 {
            let policies = blocks.all("ikev2 policy ");
            assert!(policies.len() == 1 && policies[0].1.contains(&format!("proposal {name}").as_str()), "{text}");
            let ike = blocks.one(&format!("ikev2 proposal {name}"));
            facts.ike = [cipher(need(ike, "encryption ")), hash(need(ike, "integrity ")), group(need(ike, "dh "))];
            let profile = blocks.one(&format!("ikev2 profile {}", need(set, "ikev2-profile ")));
            facts.ike_secs = number(need(profile, "sa duration "));
            (facts.id, facts.cloud_id) = (said(need(profile, "identity local ")), said(need(profile, "match remote identity ")));
            facts.key = bare(need(blocks.one(&format!("ikev2 keychain {name}")), "pre-shared-key plaintext "));
        } else {
            let profile = blocks.one(&format!("ike profile {}", need(set, "ike-profile ")));
            let ike = blocks.one(&format!("ike proposal {}", need(profile, "proposal ")));
            facts.aggressive = need(profile, "exchange-mode ") == "aggressive";
            facts.ike = [cipher(need(ike, "encryption-algorithm ")), hash(need(ike, "authentication-algorithm ")), group(need(ike, "dh "))];
            facts.ike_secs = number(need(ike, "sa duration "));
            (facts.id, facts.cloud_id) = (said(need(profile, "local-identity ")), said(need(profile, "match remote identity ")));
            let ring = blocks.one(&format!("ike keychain {name}"));
            facts.key = bare(need(ring, &format!("pre-shared-key address {} 255.255.255.255 key simple ", facts.cloud)));
        }
        facts
    };
    blocks.all("ipsec transform-set ").into_iter().map(one).collect()
}
