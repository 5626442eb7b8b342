//! Readers of formats whose every line stands for itself: Junos, VyOS, RouterOS, and FortiOS with its nested `edit`.

use super::facts::{Facts, cipher, group, hash, identity, net, pair};
use crate::agreement::Identity;

/// What follows a prefix, in each line that has it.
fn all<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(prefix)).map(|rest| rest.trim_matches('\'')).collect()
}

fn get<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    all(text, prefix).first().copied()
}

fn need<'a>(text: &'a str, prefix: &str) -> &'a str {
    get(text, prefix).unwrap_or_else(|| panic!("no line {prefix} in {text}"))
}

/// The tunnels of a Junos configuration.
pub(super) fn juniper(text: &str) -> Vec<Facts> {
    let one = |line: &str| {
        let name = line.strip_suffix(" protocol esp")?;
        let ike = format!("set security ike proposal {name} ");
        let esp = format!("set security ipsec proposal {name} ");
        let gateway = format!("set security ike gateway {name} ");
        let own = |what: &str| {
            let (kind, text) = need(text, &format!("{gateway}{what} ")).split_once(' ').unwrap();
            identity(kind, text)
        };
        let mut facts = Facts {
            ikev2: need(text, &format!("{gateway}version ")) == "v2-only",
            aggressive: get(text, &format!("set security ike policy {name} mode ")) == Some("aggressive"),
            ike: [
                cipher(need(text, &format!("{ike}encryption-algorithm "))),
                get(text, &format!("{ike}authentication-algorithm ")).map(hash).unwrap_or_default(),
                group(need(text, &format!("{ike}dh-group "))),
            ],
            esp: [
                cipher(need(text, &format!("{esp}encryption-algorithm "))),
                get(text, &format!("{esp}authentication-algorithm ")).map(hash).unwrap_or_default(),
                get(text, &format!("set security ipsec policy {name} perfect-forward-secrecy keys ")).map_or("none".to_owned(), group),
            ],
            ike_secs: need(text, &format!("{ike}lifetime-seconds ")).parse().unwrap(),
            ipsec_secs: need(text, &format!("{esp}lifetime-seconds ")).parse().unwrap(),
            cloud: need(text, &format!("{gateway}address ")).to_owned(),
            id: own("local-identity"),
            cloud_id: own("remote-identity"),
            key: need(text, &format!("set security ike policy {name} pre-shared-key hexadecimal ")).to_owned(),
            ..Facts::default()
        };
        for line in all(text, &format!("set security ipsec vpn {name} traffic-selector ")) {
            let words: Vec<&str> = line.split(' ').collect();
            facts.pairs.insert(pair(words[2], words[4]));
        }
        if facts.pairs.is_empty() {
            facts.pairs.insert(pair("0.0.0.0/0", "0.0.0.0/0"));
        }
        Some(facts)
    };
    all(text, "set security ipsec proposal ").into_iter().filter_map(one).collect()
}

/// The tunnels of a VyOS configuration.
pub(super) fn vyos(text: &str) -> Vec<Facts> {
    let one = |line: &str| {
        let name = line.strip_suffix(" authentication mode 'pre-shared-secret")?;
        let site = format!("set vpn ipsec site-to-site peer {name} ");
        let group_of = |kind: &str, field: &str| {
            let names = [format!("{site}{kind} '"), format!("{site}default-{kind} '")];
            let name = names.iter().find_map(|prefix| get(text, prefix)).unwrap();
            get(text, &format!("set vpn ipsec {kind} {name} {field} '"))
        };
        let ike = |field: &str| group_of("ike-group", field);
        let esp = |field: &str| group_of("esp-group", field);
        let ids = all(text, &format!("set vpn ipsec authentication psk {name} id '"));
        let own = need(text, &format!("{site}authentication local-id '"));
        let cloud = need(text, &format!("{site}authentication remote-id '"));
        assert_eq!(ids, [own, cloud]);
        let aead = esp("proposal 1 encryption").unwrap().contains("gcm");
        let mut facts = Facts {
            ikev2: ike("key-exchange") == Some("ikev2"),
            aggressive: ike("mode") == Some("aggressive"),
            ike: [
                cipher(ike("proposal 1 encryption").unwrap()),
                hash(ike("proposal 1 prf").or(ike("proposal 1 hash")).unwrap()),
                group(ike("proposal 1 dh-group").unwrap()),
            ],
            esp: [
                cipher(esp("proposal 1 encryption").unwrap()),
                esp("proposal 1 hash").filter(|_| !aead).map(hash).unwrap_or_default(),
                group(esp("pfs").unwrap()),
            ],
            ike_secs: ike("lifetime").unwrap().parse().unwrap(),
            ipsec_secs: esp("lifetime").unwrap().parse().unwrap(),
            cloud: need(text, &format!("{site}remote-address '")).to_owned(),
            id: Identity::parse(own).to_string(),
            cloud_id: Identity::parse(cloud).to_string(),
            key: need(text, &format!("set vpn ipsec authentication psk {name} secret '0x")).to_owned(),
            ..Facts::default()
        };
        for number in 1.. {
            let Some(own) = get(text, &format!("{site}tunnel {number} local prefix '")) else { break };
            facts.pairs.insert(pair(own, need(text, &format!("{site}tunnel {number} remote prefix '"))));
        }
        if let Some(vti) = get(text, &format!("{site}vti bind '")) {
            assert!(text.contains(&format!("set interfaces vti {vti}")));
            facts.pairs.insert(pair("0.0.0.0/0", "0.0.0.0/0"));
        }
        Some(facts)
    };
    all(text, "set vpn ipsec site-to-site peer ").into_iter().filter_map(one).collect()
}

/// The tunnels of a RouterOS script.
pub(super) fn mikrotik(text: &str) -> Vec<Facts> {
    let mut menu = "";
    let mut added: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(fields) = line.strip_prefix("add ") {
            let fields = fields.split(' ').map(|field| field.split_once('=').unwrap()).map(|(name, value)| (name, value.trim_matches('"')));
            added.push((menu, fields.collect()));
        } else {
            menu = line;
        }
    }
    let find = |menu: &str, key: &str, name: &str| {
        let found = added.iter().filter(|(known, fields)| *known == menu && fields.contains(&(key, name)));
        found.map(|(_, fields)| fields.iter().copied().collect::<std::collections::BTreeMap<_, _>>()).collect::<Vec<_>>()
    };
    let names = added.iter().filter(|(menu, _)| *menu == "/ip ipsec peer").map(|(_, fields)| fields[0].1);
    let one = |name: &str| {
        let peer = &find("/ip ipsec peer", "name", name)[0];
        let profile = &find("/ip ipsec profile", "name", peer["profile"])[0];
        let identities = &find("/ip ipsec identity", "peer", name)[0];
        let policies = find("/ip ipsec policy", "peer", name);
        let proposal = &find("/ip ipsec proposal", "name", policies[0]["proposal"])[0];
        let said = |text: &str| {
            let (kind, text) = text.split_once(':').unwrap();
            identity(kind, text)
        };
        let secs = |text: &str| text.strip_suffix('s').unwrap().parse().unwrap();
        let esp_hash = proposal["auth-algorithms"];
        Facts {
            ikev2: peer["exchange-mode"] == "ike2",
            aggressive: peer["exchange-mode"] == "aggressive",
            ike: [cipher(profile["enc-algorithm"]), hash(profile["hash-algorithm"]), group(profile["dh-group"])],
            esp: [
                cipher(proposal["enc-algorithms"]),
                if esp_hash.is_empty() { String::new() } else { hash(esp_hash) },
                group(proposal["pfs-group"]),
            ],
            ike_secs: secs(profile["lifetime"]),
            ipsec_secs: secs(proposal["lifetime"]),
            cloud: peer["address"].strip_suffix("/32").unwrap().to_owned(),
            id: said(identities["my-id"]),
            cloud_id: said(identities["remote-id"]),
            pairs: policies.iter().map(|policy| pair(policy["src-address"], policy["dst-address"])).collect(),
            key: identities["secret"].strip_prefix("0x").unwrap().to_owned(),
        }
    };
    names.map(one).collect()
}

/// The tunnels of a FortiOS script.
pub(super) fn fortinet(text: &str) -> Vec<Facts> {
    let mut path: Vec<String> = Vec::new();
    let mut values: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "config" | "edit" => path.push(rest.trim_matches('"').to_owned()),
            "next" | "end" => drop(path.pop().unwrap()),
            "set" => {
                let (name, value) = rest.split_once(' ').unwrap();
                values.push((format!("{}/{name}", path.join("/")), value.trim_matches('"').to_owned()));
            }
            _ => assert!(word.is_empty(), "{line}"),
        }
    }
    assert!(path.is_empty(), "{path:?}");
    let get = |path: &str| values.iter().find(|(known, _)| known == path).map(|(_, value)| value.as_str());
    let proposal = |text: &str| {
        let (first, rest) = text.split_once('-').unwrap_or((text, ""));
        (cipher(first), if rest.is_empty() { String::new() } else { hash(rest) })
    };
    let subnet = |text: &str| {
        let (address, mask) = text.split_once(' ').unwrap();
        net(address, mask)
    };
    let names = values.iter().filter_map(|(path, _)| path.strip_prefix("vpn ipsec phase1-interface/")?.strip_suffix("/psksecret"));
    let one = |name: &str| {
        let ike = |field: &str| get(&format!("vpn ipsec phase1-interface/{name}/{field}"));
        let mut facts = Facts {
            ikev2: ike("ike-version") == Some("2"),
            aggressive: ike("mode") == Some("aggressive"),
            ike_secs: ike("keylife").unwrap().parse().unwrap(),
            cloud: ike("remote-gw").unwrap().to_owned(),
            id: identity(ike("localid-type").unwrap(), ike("localid").unwrap()),
            // The type of the other end's identity follows from its text.
            cloud_id: ike("peerid").unwrap_or_default().to_owned(),
            key: ike("psksecret").unwrap().strip_prefix("0x").unwrap().to_owned(),
            ..Facts::default()
        };
        let (encryption, integrity) = proposal(ike("proposal").unwrap());
        facts.ike = [encryption, integrity, group(ike("dhgrp").unwrap())];
        for number in 1.. {
            let esp = |field: &str| get(&format!("vpn ipsec phase2-interface/{name}-net{number}/{field}"));
            let Some(words) = esp("proposal") else { break };
            assert_eq!(esp("phase1name"), Some(name));
            let (encryption, integrity) = proposal(words);
            facts.esp = [encryption, integrity, esp("dhgrp").map_or("none".to_owned(), group)];
            facts.ipsec_secs = esp("keylifeseconds").unwrap().parse().unwrap();
            facts.pairs.insert(pair(subnet(esp("src-subnet").unwrap()), subnet(esp("dst-subnet").unwrap())));
        }
        facts
    };
    names.map(one).collect()
}
