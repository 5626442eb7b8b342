//! Reads Libreswan's `ipsec.conf`, and keys from its `ipsec.secrets`.

mod algorithms;
mod file;
mod keys;
mod names;
mod secrets;

use ipnet::IpNet;

use super::fault::Fault;
use super::words;
use crate::agreement::connection::net;
use crate::agreement::{Address, Algorithm, Child, Encapsulation, End, IdKind, Identity, Kind, NONE, Peers, Psk, Start};
use crate::model::Term;
use algorithms::algorithms;
use file::{Conn, Settings, conns};
use keys::{Key, key, keys};

pub(crate) use secrets::{is_found_in, scan};

/// Reads the connections of a file, each with its name. Libreswan finds out by its addresses which side it is; here this
/// end is always `left`.
///
/// # Errors
/// What cannot be read, and where.
pub fn read(text: &str, file: &str, secrets: Option<&str>) -> Result<Vec<(String, End)>, Fault> {
    let conns = conns(text)?;
    let secrets = secrets.map(keys).transpose()?.unwrap_or_default();
    let defaults = conns.iter().find(|conn| conn.name == "%default");
    let mut ends = Vec::new();
    for conn in conns.iter().filter(|conn| conn.name != "%default") {
        let settings = Settings::of(conn, &conns, defaults)?;
        ends.push((conn.name.clone(), end(conn, &settings, file, &secrets)?));
    }
    Ok(ends)
}

fn end(conn: &Conn, settings: &Settings, file: &str, secrets: &[Key]) -> Result<End, Fault> {
    let mut end = End::new(format!("{file}:{}", conn.name), Kind::Libreswan);
    let v1 = is_v1(conn, settings)?;
    end.versions = Some(vec![if v1 { Term::Ikev1 } else { Term::Ikev2 }]);
    end.mode = Some(if settings.switch(&["aggressive", "aggrmode"])?.unwrap_or(false) { Term::Aggressive } else { Term::Main });
    end.address = address(conn, settings)?;
    end.peers = peers(conn, settings)?;
    end.local_id = settings.text(&["leftid"]).map(Identity::parse).filter(|id| id.kind != IdKind::Any);
    end.remote_id = settings.text(&["rightid"]).map(Identity::parse);
    end.ike = match settings.get(&["ike"]) {
        Some(setting) => algorithms(setting, true)?,
        None => words::default_ike(),
    };
    esp(&mut end, settings, v1)?;
    end.children = Some(children(&end, settings)?);
    end.ike_lifetime_secs = Some(settings.time(&["ikelifetime"])?.unwrap_or(8 * 3600));
    end.child_lifetime_secs = Some(settings.time(&["salifetime", "keylife", "ipsec-lifetime", "lifetime"])?.unwrap_or(8 * 3600));
    end.reauth = settings.switch(&["reauth"])?.unwrap_or(false);
    dpd(&mut end, settings)?;
    end.encapsulation = Some(match (settings.text(&["encapsulation"]), settings.switch(&["forceencaps"])?) {
        (Some("yes"), _) | (None, Some(true)) => Encapsulation::Forced,
        (Some("no"), _) => Encapsulation::Off,
        _ => Encapsulation::Auto,
    });
    end.start = Some(match settings.text(&["auto"]) {
        Some("start") => Start::Always,
        Some("ondemand" | "route") => Start::OnTraffic,
        _ => Start::ByHand,
    });
    end.narrowing = settings.switch(&["narrowing"])?.unwrap_or(false);
    end.compress = settings.switch(&["compress"])?.unwrap_or(false);
    end.truncates_sha256 = settings.switch(&["sha2-truncbug"])?.unwrap_or(false);
    end.psk = if secrets.is_empty() { Psk::Unreadable } else { key(&end, secrets) };
    Ok(end)
}

fn is_v1(conn: &Conn, settings: &Settings) -> Result<bool, Fault> {
    match (settings.text(&["ikev2"]), settings.text(&["keyexchange"])) {
        (Some("no" | "never"), _) | (None, Some("ikev1")) => Ok(true),
        (Some("insist" | "yes" | "propose" | "permit") | None, None | Some("ikev2" | "ike")) => Ok(false),
        _ => {
            let wrong = settings.get(&["ikev2", "keyexchange"]);
            Err(wrong.map_or_else(|| Fault::new(conn.line, 1, ""), |one| one.fault("ikev2 must be insist or no")))
        }
    }
}

fn address(conn: &Conn, settings: &Settings) -> Result<Address, Fault> {
    let Some(setting) = settings.get(&["left"]) else { return Err(Fault::new(conn.line, 1, "the connection has no left=")) };
    if setting.value.starts_with('%') {
        return Ok(Address::Any);
    }
    let address = setting.value.parse();
    address.map(Address::Known).map_err(|_| setting.fault("left must be an address or %defaultroute: host names are not resolved"))
}

fn peers(conn: &Conn, settings: &Settings) -> Result<Peers, Fault> {
    let Some(setting) = settings.get(&["right"]) else { return Err(Fault::new(conn.line, 1, "the connection has no right=")) };
    if setting.value.starts_with("%any") {
        return Ok(Peers::Any);
    }
    let address = net(&setting.value).ok_or_else(|| setting.fault("right must be an address or %any: host names are not resolved"))?;
    Ok(Peers::Listed(vec![address]))
}

fn esp(end: &mut End, settings: &Settings, v1: bool) -> Result<(), Fault> {
    let pfs = settings.switch(&["pfs"])?.unwrap_or(true);
    end.esp = match settings.get(&["esp", "phase2alg", "phase2-alg"]) {
        Some(setting) => algorithms(setting, false)?,
        None => words::default_esp(),
    };
    // With pfs=yes and no group of its own, a Child SA uses the group of the IKE SA.
    let first = end.ike.first().and_then(|proposal| proposal.groups.as_ref()?.first().cloned());
    for proposal in &mut end.esp {
        if !pfs {
            proposal.groups = Some(vec![NONE]);
        } else if proposal.groups.as_deref() == Some(&[NONE]) {
            proposal.groups = Some(first.clone().into_iter().collect());
        }
        if !v1 {
            proposal.esn = ["esn", "noesn"].map(Algorithm::named).to_vec();
        }
    }
    Ok(())
}

/// One child for each pair of networks.
fn children(end: &End, settings: &Settings) -> Result<Vec<Child>, Fault> {
    let nets = |one: &str, many: &str, own: Option<IpNet>| match settings.get(&[many]).or_else(|| settings.get(&[one])) {
        None => Ok(own.into_iter().collect()),
        Some(setting) => {
            let list = setting.value.trim_start_matches('{').trim_end_matches('}').split([',', ' ']).filter(|item| !item.is_empty());
            list.map(net).collect::<Option<Vec<IpNet>>>().ok_or_else(|| setting.fault("expected networks only, such as 10.0.0.0/24"))
        }
    };
    let far = match &end.peers {
        Peers::Listed(nets) => nets.first().copied(),
        _ => None,
    };
    let local: Vec<IpNet> = nets("leftsubnet", "leftsubnets", end.address.get().map(IpNet::from))?;
    let remote: Vec<IpNet> = nets("rightsubnet", "rightsubnets", far)?;
    let pair = |local: &IpNet, remote: &IpNet| Child { local: vec![*local], remote: vec![*remote], ..Child::default() };
    Ok(local.iter().flat_map(|local| remote.iter().map(move |remote| pair(local, remote))).collect())
}

fn dpd(end: &mut End, settings: &Settings) -> Result<(), Fault> {
    let delay = settings.time(&["dpddelay"])?.unwrap_or(0);
    (end.dpd.enabled, end.dpd.interval_secs, end.dpd.timeout_secs) = (Some(delay > 0), Some(delay), settings.time(&["dpdtimeout"])?);
    end.dpd.action = Some(match settings.text(&["dpdaction"]) {
        Some(action) if action.starts_with("restart") => Term::Restart,
        Some("clear") => Term::Clear,
        _ => Term::OnTraffic,
    });
    Ok(())
}

#[cfg(test)]
mod tests;
