//! Reads strongSwan's `swanctl.conf`.

mod keys;
mod names;
mod scan;
mod section;

use ipnet::IpNet;

use super::fault::Fault;
use super::words;
use crate::agreement::connection::net;
use crate::agreement::{Address, Child, Encapsulation, End, IdKind, Identity, Kind, Peers, Proposal, Start};
use crate::model::Term;
use keys::{Key, choose, keys};
use scan::sections;

pub(crate) use keys::bytes;
pub(super) use keys::decode;
pub(crate) use scan::scan;
pub(crate) use section::Section;

/// Reads the connections of a file, each with its name.
///
/// # Errors
/// What cannot be read, and where.
pub fn read(text: &str, file: &str) -> Result<Vec<(String, End)>, Fault> {
    let root = sections(text)?;
    for section in &root.sections {
        if !matches!(section.name.as_str(), "connections" | "secrets" | "pools" | "authorities") {
            return Err(section.fault(format!("{:?} is not a section of swanctl.conf", section.name)));
        }
    }
    if let Some(stray) = root.settings.first() {
        return Err(stray.fault_of_name(format!("{:?} is outside all sections", stray.name)));
    }
    let secrets = keys(&root)?;
    let Some(connections) = root.section("connections") else { return Ok(Vec::new()) };
    connections.sections.iter().map(|section| Ok((section.name.clone(), connection(section, &secrets, file)?))).collect()
}

fn connection(section: &Section, keys: &[Key], file: &str) -> Result<End, Fault> {
    section.allow(names::CONNECTION)?;
    let mut end = End::new(format!("{file}:{}", section.name), Kind::Strongswan);
    end.versions = Some(match section.text("version") {
        Some("1") => vec![Term::Ikev1],
        Some("2") => vec![Term::Ikev2],
        None | Some("0") => vec![Term::Ikev2, Term::Ikev1],
        Some(_) => return Err(section.fault_of("version", "version must be 0, 1 or 2")),
    });
    end.mode = Some(if section.switch("aggressive")?.unwrap_or(false) { Term::Aggressive } else { Term::Main });
    end.address = address(section)?;
    end.peers = peers(section)?;
    end.ike = proposals(section, "proposals", true)?.unwrap_or_else(words::default_ike);
    end.encapsulation = Some(if section.switch("encap")?.unwrap_or(false) { Encapsulation::Forced } else { Encapsulation::Auto });
    let delay = section.time("dpd_delay")?.unwrap_or(0);
    (end.dpd.enabled, end.dpd.interval_secs, end.dpd.timeout_secs) = (Some(delay > 0), Some(delay), section.time("dpd_timeout")?);
    let (rekey, reauth) = (section.time("rekey_time")?, section.time("reauth_time")?.filter(|time| *time > 0));
    end.reauth = reauth.is_some();
    end.ike_lifetime_secs = Some(reauth.or(rekey).unwrap_or(4 * 3600));
    identities(&mut end, section)?;
    choose(&mut end, keys);
    children(&mut end, section)?;
    Ok(end)
}

fn address(section: &Section) -> Result<Address, Fault> {
    let Some(setting) = section.get("local_addrs") else { return Ok(Address::Any) };
    match setting.items().next().map(str::parse) {
        Some(Ok(address)) => Ok(Address::Known(address)),
        _ if setting.value.starts_with('%') => Ok(Address::Any),
        _ => Err(setting.fault("the first local address must be an address or %any")),
    }
}

fn peers(section: &Section) -> Result<Peers, Fault> {
    let Some(setting) = section.get("remote_addrs") else { return Ok(Peers::Any) };
    if setting.items().all(|item| item.starts_with("%any")) {
        return Ok(Peers::Any);
    }
    let nets = setting.items().map(net).collect::<Option<Vec<IpNet>>>();
    nets.map(Peers::Listed).ok_or_else(|| setting.fault("only addresses and networks can be read: host names are not resolved"))
}

fn identities(end: &mut End, section: &Section) -> Result<(), Fault> {
    for part in &section.sections {
        let id = || part.text("id").map(Identity::parse);
        if part.name.starts_with("local") {
            end.local_id = id();
        } else if part.name.starts_with("remote") {
            end.remote_id = Some(id().unwrap_or_else(Identity::any));
        } else if part.name != "children" {
            return Err(part.fault(format!("{:?} is not a section of a connection", part.name)));
        }
    }
    if end.local_id.as_ref().is_some_and(|id| id.kind == IdKind::Any) {
        end.local_id = None;
    }
    end.remote_id.get_or_insert_with(Identity::any);
    Ok(())
}

fn children(end: &mut End, section: &Section) -> Result<(), Fault> {
    let mut children = Vec::new();
    for part in section.section("children").into_iter().flat_map(|children| &children.sections) {
        children.push(child(end, part)?);
    }
    end.children = Some(children);
    Ok(())
}

/// Reads a child. Its other settings go to the end, which has them only once: of different values the last counts.
fn child(end: &mut End, part: &Section) -> Result<Child, Fault> {
    part.allow(names::CHILD)?;
    let far = match &end.peers {
        Peers::Listed(nets) => nets.first().copied(),
        _ => None,
    };
    let local = selectors(part, "local_ts", end.address.get().map(IpNet::from))?;
    let remote = selectors(part, "remote_ts", far)?;
    // The children of a connection share one list of proposals here.
    for proposal in proposals(part, "esp_proposals", false)?.unwrap_or_else(words::default_esp) {
        if !end.esp.contains(&proposal) {
            end.esp.push(proposal);
        }
    }
    let (life, rekey) = (part.time("life_time")?, part.time("rekey_time")?);
    end.child_lifetime_secs = Some(life.or(rekey.map(|rekey| rekey * 11 / 10)).unwrap_or(3960));
    end.dpd.action = match part.text("dpd_action") {
        Some("restart" | "start") => Some(Term::Restart),
        Some("trap" | "hold") => Some(Term::OnTraffic),
        _ => Some(Term::Clear),
    };
    end.start = Some(match part.text("start_action") {
        None | Some("none" | "") => Start::ByHand,
        Some(action) if action.contains("start") => Start::Always,
        Some("trap") => Start::OnTraffic,
        Some(_) => return Err(part.fault_of("start_action", "start_action must be none, trap or start")),
    });
    end.truncates_sha256 |= part.switch("sha256_96")?.unwrap_or(false);
    end.compress |= part.switch("ipcomp")?.unwrap_or(false);
    Ok(Child { name: part.name.clone(), local, remote, ..Child::default() })
}

/// The networks of a child; `dynamic`, the default, is the address of the end itself.
fn selectors(part: &Section, name: &str, own: Option<IpNet>) -> Result<Vec<IpNet>, Fault> {
    let Some(setting) = part.get(name) else { return Ok(own.into_iter().collect()) };
    let nets = setting.items().map(|item| if item == "dynamic" { own } else { net(item) }).collect::<Option<Vec<IpNet>>>();
    nets.ok_or_else(|| setting.fault("expected networks only, such as 10.0.0.0/24; protocols and ports are not compared"))
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
