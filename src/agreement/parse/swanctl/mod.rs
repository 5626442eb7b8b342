//! Reads `swanctl.conf`.

mod keys;
mod names;
mod syntax;

use ipnet::IpNet;

use super::{Fault, daemon, words};
use crate::agreement::connection::net;
use crate::agreement::{Address, Child, Encapsulation, End, IdKind, Identity, Kind, Peers, Proposal, Start};
use crate::model::Term;
use keys::{Key, choose, keys};
use syntax::{fault_of, known, sections, switch, time};

pub(crate) use keys::bytes;
pub(super) use keys::decode;
pub(crate) use syntax::{Section, scan};

/// Reads the connections of a file, each with its name.
///
/// # Errors
/// What cannot be read, and where.
pub fn read(text: &str, file: &str) -> Result<Vec<(String, End)>, Fault> {
    let root = sections(text)?;
    for section in &root.sections {
        if !matches!(section.name.as_str(), "connections" | "secrets" | "pools" | "authorities") {
            return Err(section.fault(format!("{:?} is no section of swanctl.conf", section.name)));
        }
    }
    if let Some(stray) = root.settings.first() {
        return Err(stray.fault_of_name(format!("{:?} stands outside of every section", stray.name)));
    }
    let secrets = keys(&root)?;
    let Some(connections) = root.section("connections") else { return Ok(Vec::new()) };
    connections.sections.iter().map(|section| Ok((section.name.clone(), connection(section, &secrets, file)?))).collect()
}

fn connection(section: &Section, keys: &[Key], file: &str) -> Result<End, Fault> {
    known(section, names::CONNECTION)?;
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
            return Err(part.fault(format!("{:?} is no section of a connection", part.name)));
        }
    }
    if end.local_id.as_ref().is_some_and(|id| id.kind == IdKind::Any) {
        end.local_id = None;
    }
    end.remote_id.get_or_insert_with(Identity::any);
    choose(&mut end, keys);
    children(&mut end, section)?;
    Ok(end)
}

fn children(end: &mut End, section: &Section) -> Result<(), Fault> {
    let mut children = Vec::new();
    for part in section.section("children").into_iter().flat_map(|children| &children.sections) {
        known(part, names::CHILD)?;
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
mod tests;
