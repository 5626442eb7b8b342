//! Child SAs.

use ipnet::IpNet;

use super::section::Section;
use super::{lifetimes, names, proposals};
use crate::agreement::connection::net;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Child, End, Peers, Start};
use crate::model::Term;

/// Reads the children of a connection.
pub(super) fn children(end: &mut End, section: &Section) -> Result<(), Fault> {
    let mut children = Vec::new();
    for part in section.section("children").into_iter().flat_map(|children| &children.sections) {
        children.push(child(end, part)?);
    }
    end.children = Some(children);
    Ok(())
}

/// Reads a child. What the end has only once goes there: of several, what ends first, starts first or is asked for at all.
fn child(end: &mut End, part: &Section) -> Result<Child, Fault> {
    part.allow(names::CHILD)?;
    if part.get("ah_proposals").is_some() {
        return Err(part.fault_of("ah_proposals", "AH is not compared: only ESP is"));
    }
    let far = match &end.peers {
        Peers::Listed(nets) => nets.first().copied(),
        _ => None,
    };
    let local = selectors(part, "local_ts", end.address.get().map(IpNet::from))?;
    let remote = selectors(part, "remote_ts", far)?;
    let esp = proposals::proposals(part, "esp_proposals", false)?.unwrap_or_else(proposals::default_esp);
    for proposal in &esp {
        if !end.esp.contains(proposal) {
            end.esp.push(proposal.clone());
        }
    }
    let (renewal, life) = lifetimes::child(part)?;
    let earlier = |one: Option<u64>, other: Option<u64>| one.into_iter().chain(other).min();
    end.child_lifetime_secs = earlier(end.child_lifetime_secs, life);
    end.child_renewal_secs = earlier(end.child_renewal_secs, renewal);
    end.dpd.action = match part.text("dpd_action") {
        Some("restart" | "start") => Some(Term::Restart),
        Some("trap" | "hold") => Some(Term::OnTraffic),
        _ => Some(Term::Clear),
    };
    let start = match part.text("start_action") {
        None | Some("none" | "") => Start::ByHand,
        Some(action) if action.contains("start") => Start::Always,
        Some("trap") => Start::OnTraffic,
        Some(_) => return Err(part.fault_of("start_action", "start_action must be none, trap or start")),
    };
    end.start = Some(match (end.start, start) {
        (Some(Start::Always), _) | (_, Start::Always) => Start::Always,
        (Some(Start::OnTraffic), _) | (_, Start::OnTraffic) => Start::OnTraffic,
        _ => start,
    });
    end.truncates_sha256 |= part.switch("sha256_96")?.unwrap_or(false);
    end.compress |= part.switch("ipcomp")?.unwrap_or(false);
    let transport = match part.text("mode").map(str::to_ascii_lowercase).as_deref() {
        None | Some("tunnel") => false,
        Some("transport" | "transport_proxy" | "beet") => true,
        Some("pass" | "drop") => return Err(part.fault_of("mode", "mode = pass and drop carry no tunnel")),
        Some(_) => return Err(part.fault_of("mode", "mode must be tunnel or transport")),
    };
    Ok(Child { name: part.name.clone(), local, remote, transport, esp })
}

/// The networks of a child; `dynamic`, the default, is the address of the end itself.
fn selectors(part: &Section, name: &str, own: Option<IpNet>) -> Result<Vec<IpNet>, Fault> {
    let Some(setting) = part.get(name) else { return Ok(own.into_iter().collect()) };
    let nets = setting.items().map(|item| if item == "dynamic" { own } else { net(item) }).collect::<Option<Vec<IpNet>>>();
    nets.ok_or_else(|| setting.fault("expected networks only, such as 10.0.0.0/24; protocols and ports are not compared"))
}
