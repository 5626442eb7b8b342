//! Reads Libreswan's `ipsec.conf`, and keys from its `ipsec.secrets`.

mod algorithms;
mod file;
mod keys;
mod secrets;

use ipnet::IpNet;

use super::{Fault, daemon, seconds, words};
use crate::agreement::connection::net;
use crate::agreement::{Address, Algorithm, Child, Encapsulation, End, IdKind, Identity, Kind, NONE, Peers, Psk, Start};
use crate::model::Term;
use algorithms::algorithms;
use file::{Conn, Setting, conns, whole};
use keys::{Key, key, keys};

pub(crate) use secrets::{is_found_in, scan};

/// Reads the connections of a file, each with its name. `local` says which side this end is: Libreswan finds out by its
/// addresses; here `left` is this end.
///
/// # Errors
/// What cannot be read, and where.
pub fn read(text: &str, file: &str, secrets: Option<&str>) -> Result<Vec<(String, End)>, Fault> {
    let conns = conns(text)?;
    let secrets = secrets.map(keys).transpose()?.unwrap_or_default();
    let defaults = conns.iter().find(|conn| conn.name == "%default");
    let mut ends = Vec::new();
    for conn in conns.iter().filter(|conn| conn.name != "%default") {
        let settings = whole(conn, &conns, defaults)?;
        ends.push((conn.name.clone(), end(conn, &settings, file, &secrets)?));
    }
    Ok(ends)
}

fn end(conn: &Conn, settings: &[Setting], file: &str, secrets: &[Key]) -> Result<End, Fault> {
    // What stands nearest counts.
    let get = |names: &[&str]| settings.iter().find(|setting| names.contains(&setting.name.as_str()));
    let text = |names: &[&str]| get(names).map(|setting| setting.value.as_str());
    let switch = |names: &[&str]| match get(names) {
        None => Ok(None),
        Some(setting) => match setting.value.as_str() {
            "yes" => Ok(Some(true)),
            "no" => Ok(Some(false)),
            _ => Err(setting.fault(format!("{} is yes or no", setting.name))),
        },
    };
    let time = |names: &[&str]| match get(names) {
        None => Ok(None),
        Some(setting) => {
            seconds(&setting.value).map(Some).ok_or_else(|| setting.fault(format!("{} is a time, such as 3600, 60m or 8h", setting.name)))
        }
    };
    let mut end = daemon(&format!("{file}:{}", conn.name), Kind::Libreswan);
    let v1 = match (text(&["ikev2"]), text(&["keyexchange"])) {
        (Some("no" | "never"), _) | (None, Some("ikev1")) => true,
        (Some("insist" | "yes" | "propose" | "permit") | None, None | Some("ikev2" | "ike")) => false,
        _ => {
            return Err(
                get(&["ikev2", "keyexchange"]).map_or_else(|| Fault::new(conn.line, 1, ""), |one| one.fault("ikev2 is insist or no"))
            );
        }
    };
    end.versions = Some(vec![if v1 { Term::Ikev1 } else { Term::Ikev2 }]);
    end.mode = Some(if switch(&["aggressive", "aggrmode"])?.unwrap_or(false) { Term::Aggressive } else { Term::Main });
    end.address = match get(&["left"]) {
        None => return Err(Fault::new(conn.line, 1, "the connection has no left=")),
        Some(setting) if setting.value.starts_with('%') => Address::Any,
        Some(setting) => Address::Known(
            setting.value.parse().map_err(|_| setting.fault("an address, or %defaultroute: a name would have to be looked up"))?,
        ),
    };
    end.peers = match get(&["right"]) {
        None => return Err(Fault::new(conn.line, 1, "the connection has no right=")),
        Some(setting) if setting.value.starts_with("%any") => Peers::Any,
        Some(setting) => {
            Peers::Listed(vec![net(&setting.value).ok_or_else(|| setting.fault("an address, or %any: a name would have to be looked up"))?])
        }
    };
    end.local_id = text(&["leftid"]).map(Identity::parse).filter(|id| id.kind != IdKind::Any);
    end.remote_id = text(&["rightid"]).map(Identity::parse);
    end.ike = match get(&["ike"]) {
        Some(setting) => algorithms(setting, true)?,
        None => words::default_ike(),
    };
    let pfs = switch(&["pfs"])?.unwrap_or(true);
    end.esp = match get(&["esp", "phase2alg", "phase2-alg"]) {
        Some(setting) => algorithms(setting, false)?,
        None => words::default_esp(),
    };
    // With pfs=yes and no group of its own a Child SA takes the group of the IKE SA.
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
    let nets = |one: &str, many: &str, own: Option<IpNet>| match get(&[many]).or_else(|| get(&[one])) {
        None => Ok(own.into_iter().collect()),
        Some(setting) => {
            let list = setting.value.trim_start_matches('{').trim_end_matches('}').split([',', ' ']).filter(|item| !item.is_empty());
            list.map(net).collect::<Option<Vec<IpNet>>>().ok_or_else(|| setting.fault("networks only, such as 10.0.0.0/24"))
        }
    };
    let far = match &end.peers {
        Peers::Listed(nets) => nets.first().copied(),
        _ => None,
    };
    let local: Vec<IpNet> = nets("leftsubnet", "leftsubnets", end.address.get().map(IpNet::from))?;
    let remote: Vec<IpNet> = nets("rightsubnet", "rightsubnets", far)?;
    // One tunnel a pair.
    let pair = |local: &IpNet, remote: &IpNet| Child { name: String::new(), local: vec![*local], remote: vec![*remote] };
    end.children = Some(local.iter().flat_map(|local| remote.iter().map(move |remote| pair(local, remote))).collect());
    end.ike_lifetime_secs = Some(time(&["ikelifetime"])?.unwrap_or(8 * 3600));
    end.child_lifetime_secs = Some(time(&["salifetime", "keylife", "ipsec-lifetime", "lifetime"])?.unwrap_or(8 * 3600));
    end.reauth = switch(&["reauth"])?.unwrap_or(false);
    let delay = time(&["dpddelay"])?.unwrap_or(0);
    (end.dpd.enabled, end.dpd.interval_secs, end.dpd.timeout_secs) = (Some(delay > 0), Some(delay), time(&["dpdtimeout"])?);
    end.dpd.action = Some(match text(&["dpdaction"]) {
        Some(action) if action.starts_with("restart") => Term::Restart,
        Some("clear") => Term::Clear,
        _ => Term::OnTraffic,
    });
    end.encapsulation = Some(match (text(&["encapsulation"]), switch(&["forceencaps"])?) {
        (Some("yes"), _) | (None, Some(true)) => Encapsulation::Forced,
        (Some("no"), _) => Encapsulation::Off,
        _ => Encapsulation::Auto,
    });
    end.start = Some(match text(&["auto"]) {
        Some("start") => Start::Always,
        Some("ondemand" | "route") => Start::OnTraffic,
        _ => Start::ByHand,
    });
    end.narrowing = switch(&["narrowing"])?.unwrap_or(false);
    end.compress = switch(&["compress"])?.unwrap_or(false);
    end.truncates_sha256 = switch(&["sha2-truncbug"])?.unwrap_or(false);
    end.psk = if secrets.is_empty() { Psk::Unreadable } else { key(&end, secrets) };
    Ok(end)
}

#[cfg(test)]
mod tests;
