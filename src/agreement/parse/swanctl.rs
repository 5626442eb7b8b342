//! Reads `swanctl.conf`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::{Fault, daemon, seconds, words};
use crate::agreement::connection::net;
use crate::agreement::{Address, Child, Encapsulation, End, Identity, Kind, Peers, Proposal, Psk, Start};
use crate::model::{Secret, Term};

/// A setting with the place of its value.
#[derive(Debug)]
struct Setting {
    name: String,
    value: String,
    line: usize,
    column: usize,
}

/// A section with everything in it.
#[derive(Debug, Default)]
struct Section {
    name: String,
    line: usize,
    settings: Vec<Setting>,
    sections: Vec<Section>,
}

impl Section {
    fn section(&self, name: &str) -> Option<&Self> {
        self.sections.iter().find(|section| section.name == name)
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        // The last one counts.
        self.settings.iter().rev().find(|setting| setting.name == name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }
}

impl Setting {
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }

    fn items(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').map(str::trim).filter(|item| !item.is_empty())
    }
}

/// Reads the connections of a file, each with its name.
///
/// # Errors
/// What cannot be read, and where.
pub fn read(text: &str, file: &str) -> Result<Vec<(String, End)>, Fault> {
    let root = sections(text)?;
    for section in &root.sections {
        if !matches!(section.name.as_str(), "connections" | "secrets" | "pools" | "authorities") {
            return Err(Fault::new(section.line, 1, format!("{:?} is no section of swanctl.conf", section.name)));
        }
    }
    if let Some(stray) = root.settings.first() {
        return Err(Fault::new(stray.line, 1, format!("{:?} stands outside of every section", stray.name)));
    }
    let secrets = keys(&root)?;
    let Some(connections) = root.section("connections") else { return Ok(Vec::new()) };
    connections.sections.iter().map(|section| Ok((section.name.clone(), connection(section, &secrets, file)?))).collect()
}

/// The sections of a text, by strongSwan's syntax.
fn sections(text: &str) -> Result<Section, Fault> {
    let mut stack = vec![Section { name: String::new(), line: 1, ..Section::default() }];
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let mut rest = line;
        loop {
            let column = line.chars().count() - rest.chars().count() + 1;
            let trimmed = rest.trim_start();
            let column = column + rest.chars().count() - trimmed.chars().count();
            rest = trimmed;
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            if let Some(after) = rest.strip_prefix('}') {
                let closed = stack.pop().filter(|_| !stack.is_empty());
                let Some(closed) = closed else { return Err(Fault::new(number, column, "a } without its {")) };
                if let Some(parent) = stack.last_mut() {
                    parent.sections.push(closed);
                }
                rest = after;
                continue;
            }
            if rest.starts_with("include ") || rest.starts_with("include\t") {
                return Err(Fault::new(number, column, "include is not followed: give the file that holds the connection itself"));
            }
            let end = rest.find(['{', '=', '#', '}', ':']).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default().trim().to_owned();
            let mark = rest.get(end..).unwrap_or_default();
            let legal = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
            if !legal(&name) {
                return Err(Fault::new(number, column, "expected the name of a section or setting"));
            }
            if let Some(after) = mark.strip_prefix('{') {
                stack.push(Section { name, line: number, ..Section::default() });
                rest = after;
            } else if let Some(after) = mark.strip_prefix('=') {
                let column = column + rest.chars().count() - after.chars().count();
                let (value, skipped, after) = value(after).map_err(|message| Fault::new(number, column, message))?;
                if let Some(section) = stack.last_mut() {
                    section.settings.push(Setting { name, value, line: number, column: column + skipped });
                }
                rest = after;
            } else if mark.starts_with(':') {
                return Err(Fault::new(number, column, "references to other sections are not followed"));
            } else {
                return Err(Fault::new(number, column, format!("expected {{ or = after {name:?}")));
            }
        }
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(root), true) => Ok(root),
        (open, _) => {
            let open = open.unwrap_or_default();
            Err(Fault::new(text.lines().count().max(1), 1, format!("the file ends inside {:?}, opened on line {}", open.name, open.line)))
        }
    }
}

/// A value with how many characters stand before it, and what follows it.
fn value(text: &str) -> Result<(String, usize, &str), &'static str> {
    let trimmed = text.trim_start();
    let skipped = text.chars().count() - trimmed.chars().count();
    if let Some(inner) = trimmed.strip_prefix('"') {
        let (mut value, mut escaped) = (String::new(), false);
        for (place, c) in inner.char_indices() {
            match (escaped, c) {
                (false, '"') => return Ok((value, skipped, inner.get(place + 1..).unwrap_or_default())),
                (false, '\\') => escaped = true,
                (true, 'n') => (value.push('\n'), escaped = false).1,
                (true, 't') => (value.push('\t'), escaped = false).1,
                (true, 'r') => (value.push('\r'), escaped = false).1,
                (_, other) => (value.push(other), escaped = false).1,
            }
        }
        return Err("a quote is not closed");
    }
    let end = trimmed.find(['#', '}']).unwrap_or(trimmed.len());
    Ok((trimmed.get(..end).unwrap_or_default().trim_end().to_owned(), skipped, trimmed.get(end..).unwrap_or_default()))
}

/// A key with the identities that it is for; none: for any.
struct Key {
    ids: Vec<Identity>,
    secret: Arc<Secret>,
}

fn keys(root: &Section) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for section in root.section("secrets").into_iter().flat_map(|secrets| &secrets.sections) {
        if !section.name.starts_with("ike") {
            continue;
        }
        let setting = section.get("secret").ok_or_else(|| Fault::new(section.line, 1, "the secret has no value"))?;
        let ids = section.settings.iter().filter(|setting| setting.name == "id" || setting.name.starts_with("id-"));
        let ids = ids.map(|setting| Identity::parse(&setting.value)).collect();
        let secret = decode(&setting.value).ok_or_else(|| setting.fault("the secret is not the hex or base64 that its prefix says"))?;
        keys.push(Key { ids, secret: Arc::new(Secret::new(secret)) });
    }
    Ok(keys)
}

/// The bytes of a key, `0x` and `0s` decoded even inside quotes. Bytes that are no text stay comparable.
pub(super) fn decode(text: &str) -> Option<String> {
    let bytes = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digits = hex.bytes().map(|byte| digit(&byte)).collect::<Option<Vec<u8>>>()?;
        digits.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | digit)).collect()
    } else if let Some(base64) = text.strip_prefix("0s") {
        STANDARD.decode(base64).ok()?
    } else {
        return Some(text.to_owned());
    };
    Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(raw) => raw.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    })
}

const KNOWN: &[&str] = &[
    "version",
    "local_addrs",
    "remote_addrs",
    "local_port",
    "remote_port",
    "proposals",
    "vips",
    "aggressive",
    "pull",
    "dscp",
    "encap",
    "mobike",
    "dpd_delay",
    "dpd_timeout",
    "fragmentation",
    "childless",
    "send_certreq",
    "send_cert",
    "ppk_id",
    "ppk_required",
    "keyingtries",
    "unique",
    "reauth_time",
    "rekey_time",
    "over_time",
    "rand_time",
    "pools",
    "if_id_in",
    "if_id_out",
    "mediation",
    "mediated_by",
    "mediation_peer",
];

const KNOWN_CHILD: &[&str] = &[
    "ah_proposals",
    "esp_proposals",
    "sha256_96",
    "local_ts",
    "remote_ts",
    "rekey_time",
    "life_time",
    "rand_time",
    "rekey_bytes",
    "life_bytes",
    "rand_bytes",
    "rekey_packets",
    "life_packets",
    "rand_packets",
    "updown",
    "hostaccess",
    "mode",
    "policies",
    "policies_fwd_out",
    "dpd_action",
    "ipcomp",
    "inactivity",
    "reqid",
    "priority",
    "interface",
    "mark_in",
    "mark_in_sa",
    "mark_out",
    "set_mark_in",
    "set_mark_out",
    "if_id_in",
    "if_id_out",
    "label",
    "label_mode",
    "tfc_padding",
    "replay_window",
    "hw_offload",
    "copy_df",
    "copy_ecn",
    "copy_dscp",
    "start_action",
    "close_action",
];

fn connection(section: &Section, keys: &[Key], file: &str) -> Result<End, Fault> {
    known(section, KNOWN)?;
    let mut end = daemon(&format!("{file}:{}", section.name), Kind::Strongswan);
    end.versions = Some(match section.text("version") {
        Some("1") => vec![Term::Ikev1],
        Some("2") => vec![Term::Ikev2],
        None | Some("0") => vec![Term::Ikev2, Term::Ikev1],
        Some(_) => return Err(fault_of(section, "version", "version is 0, 1 or 2")),
    });
    end.mode = Some(if switch(section, "aggressive")?.unwrap_or(false) { Term::Aggressive } else { Term::Main });
    end.address = match section.get("local_addrs") {
        None => Address::Any,
        Some(setting) => match setting.items().next().map(str::parse) {
            Some(Ok(address)) => Address::Known(address),
            _ if setting.value.starts_with('%') => Address::Any,
            _ => return Err(setting.fault("the first local address must be an address, or %any")),
        },
    };
    end.peers = match section.get("remote_addrs") {
        None => Peers::Any,
        Some(setting) if setting.items().all(|item| item.starts_with("%any")) => Peers::Any,
        Some(setting) => {
            let nets = setting.items().map(net).collect::<Option<Vec<IpNet>>>();
            Peers::Listed(nets.ok_or_else(|| setting.fault("addresses and networks only: a name would have to be looked up"))?)
        }
    };
    end.ike = proposals(section, "proposals", true)?.unwrap_or_else(words::default_ike);
    end.encapsulation = Some(if switch(section, "encap")?.unwrap_or(false) { Encapsulation::Forced } else { Encapsulation::Auto });
    let delay = time(section, "dpd_delay")?.unwrap_or(0);
    (end.dpd.enabled, end.dpd.interval_secs, end.dpd.timeout_secs) = (Some(delay > 0), Some(delay), time(section, "dpd_timeout")?);
    let (rekey, reauth) = (time(section, "rekey_time")?, time(section, "reauth_time")?.filter(|time| *time > 0));
    end.reauth = reauth.is_some();
    end.ike_lifetime_secs = Some(reauth.or(rekey).unwrap_or(4 * 3600));
    for part in &section.sections {
        let id = || part.text("id").map(Identity::parse);
        if part.name.starts_with("local") {
            end.local_id = id();
        } else if part.name.starts_with("remote") {
            end.remote_id = Some(id().unwrap_or_else(Identity::any));
        } else if part.name != "children" {
            return Err(Fault::new(part.line, 1, format!("{:?} is no section of a connection", part.name)));
        }
    }
    if end.local_id.as_ref().is_some_and(|id| id.kind == crate::agreement::IdKind::Any) {
        end.local_id = None;
    }
    end.remote_id.get_or_insert_with(Identity::any);
    end.psk = key(&end, keys);
    children(&mut end, section)?;
    Ok(end)
}

/// The key for this peer: one that names it, before one for anybody; of equal ones the last, which strongSwan sends.
fn key(end: &End, keys: &[Key]) -> Psk {
    let peer = end.expects().filter(|id| id.kind != crate::agreement::IdKind::Any);
    let address = match &end.peers {
        Peers::Listed(nets) => nets.first().map(|net| Identity::address(net.addr())),
        _ => None,
    };
    let sends = end.sends();
    let fits = |key: &&Key| {
        let names = |id: &Option<Identity>| id.as_ref().is_some_and(|id| key.ids.contains(id));
        names(&peer) || (peer.is_none() && names(&address)) || (names(&sends) && key.ids.len() == 1)
    };
    let found = keys.iter().rev().find(fits).or_else(|| keys.iter().rev().find(|key| key.ids.is_empty()));
    found.map_or(Psk::Missing, |key| Psk::Known(Arc::clone(&key.secret)))
}

fn children(end: &mut End, section: &Section) -> Result<(), Fault> {
    let mut children = Vec::new();
    for part in section.section("children").into_iter().flat_map(|children| &children.sections) {
        known(part, KNOWN_CHILD)?;
        let nets = |name: &str, own: Option<IpNet>| match part.get(name) {
            None => Ok(own.into_iter().collect()),
            Some(setting) => setting
                .items()
                .map(|item| if item == "dynamic" { own } else { net(item) })
                .collect::<Option<Vec<IpNet>>>()
                .ok_or_else(|| setting.fault("networks only, such as 10.0.0.0/24; protocols and ports are not compared")),
        };
        let far = match &end.peers {
            Peers::Listed(nets) => nets.first().copied(),
            _ => None,
        };
        let local = nets("local_ts", end.address.get().map(IpNet::from))?;
        let remote = nets("remote_ts", far)?;
        children.push(Child { name: part.name.clone(), local, remote });
        let esp = proposals(part, "esp_proposals", false)?.unwrap_or_else(words::default_esp);
        // Children of one connection share their proposals here: what differs is added.
        for proposal in esp {
            if !end.esp.contains(&proposal) {
                end.esp.push(proposal);
            }
        }
        let life = time(part, "life_time")?;
        let rekey = time(part, "rekey_time")?;
        end.child_lifetime_secs = Some(life.or(rekey.map(|rekey| rekey * 11 / 10)).unwrap_or(3960));
        end.dpd.action = match part.text("dpd_action") {
            Some("restart" | "start") => Some(Term::Restart),
            Some("trap" | "hold") => Some(Term::OnTraffic),
            _ => Some(Term::Clear),
        };
        let start = match part.text("start_action") {
            None | Some("none" | "") => Start::ByHand,
            Some(action) if action.contains("start") => Start::Always,
            Some("trap") => Start::OnTraffic,
            Some(_) => return Err(fault_of(part, "start_action", "start_action is none, trap or start")),
        };
        end.start = Some(start);
        end.truncates_sha256 |= switch(part, "sha256_96")?.unwrap_or(false);
        end.compress |= switch(part, "ipcomp")?.unwrap_or(false);
    }
    end.children = Some(children);
    Ok(())
}

fn known(section: &Section, names: &[&str]) -> Result<(), Fault> {
    match section.settings.iter().find(|setting| !names.contains(&setting.name.as_str())) {
        None => Ok(()),
        Some(setting) => Err(Fault::new(setting.line, 1, format!("{:?} is no setting of {:?}", setting.name, section.name))),
    }
}

fn fault_of(section: &Section, name: &str, message: &str) -> Fault {
    section.get(name).map_or_else(|| Fault::new(section.line, 1, message), |setting| setting.fault(message))
}

fn switch(section: &Section, name: &str) -> Result<Option<bool>, Fault> {
    match section.text(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("yes" | "true" | "1" | "enabled") => Ok(Some(true)),
        Some("no" | "false" | "0" | "disabled") => Ok(Some(false)),
        Some(_) => Err(fault_of(section, name, &format!("{name} is yes or no"))),
    }
}

fn time(section: &Section, name: &str) -> Result<Option<u64>, Fault> {
    let Some(setting) = section.get(name) else { return Ok(None) };
    seconds(&setting.value).map(Some).ok_or_else(|| setting.fault(format!("{name} is a time, such as 3600, 60m or 8h")))
}

fn proposals(section: &Section, name: &str, is_ike: bool) -> Result<Option<Vec<Proposal>>, Fault> {
    let Some(setting) = section.get(name) else { return Ok(None) };
    let (mut proposals, mut offset) = (Vec::new(), 0);
    for item in setting.value.split(',') {
        let lead = item.chars().count() - item.trim_start().chars().count();
        let word = item.trim();
        if word == "default" {
            proposals.extend(if is_ike { words::default_ike() } else { words::default_esp() });
        } else {
            let read = words::proposal(word, is_ike);
            proposals.push(read.map_err(|(place, message)| Fault::new(setting.line, setting.column + offset + lead + place, message))?);
        }
        offset += item.chars().count() + 1;
    }
    Ok(Some(proposals))
}

#[cfg(test)]
#[path = "swanctl_tests.rs"]
mod tests;
