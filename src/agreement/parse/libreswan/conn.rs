//! One connection as an end.

use std::collections::HashSet;

use ipnet::IpNet;

use super::addresses;
use super::algorithms::{Place, algorithms, left_out};
use super::auth::auth;
use super::dialect;
use super::file::{Conn, File, Setting};
use super::keys::Secrets;
use super::names::{CONNECTION, NOTED, SETUP};
use super::settings::Settings;
use crate::agreement::connection::net;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Algorithm, Child, Encapsulation, End, Form, Kind, NONE, Peers, Refusal, Start};
use crate::model::Term;

/// The end that a connection describes: its left one, unless the right one is this machine. Where the file does not tell, the
/// right one is kept beside it.
pub(super) fn end(conn: &Conn, all: &File, file: &str, secrets: Option<&Secrets>) -> Result<End, Fault> {
    let settings = Settings::of(conn, all)?;
    if let Some(wrong) = settings.iter().find(|setting| !is_known(&setting.name)) {
        let whose = if dialect::is_named(&wrong.name) {
            "is a setting of strongSwan's ipsec.conf, not of Libreswan's"
        } else {
            "is not a setting of a connection"
        };
        return Err(wrong.fault_of_name(format!("{:?} {whose}", wrong.name)));
    }
    let (left, right) = (addresses::is_this(&settings, "left", "right"), addresses::is_this(&settings, "right", "left"));
    let turned = settings.turned();
    let on_the_right = |end: End| End { is_right: true, ..end };
    if right && !left {
        return seen_from_left(&turned, conn, all, file, secrets).map(on_the_right);
    }
    let mut end = seen_from_left(&settings, conn, all, file, secrets)?;
    if !left {
        end.turned = seen_from_left(&turned, conn, all, file, secrets).ok().map(on_the_right).map(Box::new);
    }
    Ok(end)
}

/// The end that the left side of a connection describes.
fn seen_from_left(settings: &Settings, conn: &Conn, all: &File, file: &str, secrets: Option<&Secrets>) -> Result<End, Fault> {
    let mut end = End::new(format!("{file}:{}", conn.name), Kind::Libreswan);
    end.form = Some(Form::Libreswan);
    if let Some(twice) = &settings.twice {
        let why = format!("{} stands there twice ({})", twice.name, twice.place());
        end.refusals.push(Refusal { field: "connection", value: format!("{}={}", twice.name, twice.value), why });
    }
    if let Some(place) = &all.carriage {
        let why = format!("{place} ends with a carriage return, as in a file of Windows, which it takes for part of the line");
        end.refusals.push(Refusal { field: "connection", value: "CR LF".to_owned(), why });
    }
    let is_new = |setting: &&Setting| !SETUP.contains(&setting.name.as_str()) && !setting.name.starts_with("x-");
    if let Some(strange) = all.setup.iter().find(is_new) {
        let why = format!(
            "config setup has {} ({}), which Libreswan 4.10 does not know: it then loads no connection, other versions may",
            strange.name,
            strange.place()
        );
        end.doubts.push(Refusal { field: "connection", value: strange.name.clone(), why });
    }
    shape(settings)?;
    version(&mut end, settings, all)?;
    let v1 = end.versions.as_deref() == Some(&[Term::Ikev1]);
    addresses::addresses(&mut end, conn, settings)?;
    proposals(&mut end, settings, v1)?;
    children(&mut end, settings)?;
    end.ike_lifetime_secs = Some(settings.time("ikelifetime")?.unwrap_or(8 * 3600));
    end.child_lifetime_secs = Some(settings.time("salifetime")?.unwrap_or(8 * 3600));
    end.reauth = settings.switch("reauth")?.unwrap_or(false);
    dpd(&mut end, settings)?;
    end.encapsulation = Some(match (settings.text("encapsulation"), settings.switch("forceencaps")?) {
        (Some("yes"), _) | (None, Some(true)) => Encapsulation::Forced,
        (Some("no"), _) => Encapsulation::Off,
        _ => Encapsulation::Auto,
    });
    end.start = Some(match settings.text("auto") {
        Some("start" | "up") => Start::Always,
        Some("ondemand" | "route") => Start::OnTraffic,
        _ => Start::ByHand,
    });
    end.narrowing = settings.switch("narrowing")?.unwrap_or(false);
    end.compress = settings.switch("compress")?.unwrap_or(false);
    end.truncates_sha256 = settings.switch("sha2-truncbug")?.unwrap_or(false);
    let (methods, refusals) = auth(settings, v1)?;
    end.refusals.extend(refusals);
    end.auth = methods;
    let from_cert = settings.text("leftid") == Some("%fromcert") && end.auth.needs_key();
    if from_cert {
        let why = "an identity cannot come from a certificate where a pre-shared key is used".to_owned();
        end.refusals.push(Refusal { field: "ike.local_id.value", value: "%fromcert".to_owned(), why });
    }
    let passed: Vec<&str> = settings.iter().map(|setting| setting.name.as_str()).filter(|name| NOTED.contains(name)).collect();
    if !passed.is_empty() {
        end.notes.push(format!("connection {}: read, but not compared: {}", conn.name, passed.join(", ")));
    }
    if let Some(secrets) = secrets.filter(|_| end.auth.needs_key()) {
        secrets.give(&mut end);
    }
    Ok(end)
}

/// The connections that others name and that lack an end: templates, which Libreswan does not set up.
pub(super) fn templates(all: &File) -> HashSet<&str> {
    let named: HashSet<&str> = all
        .conns
        .iter()
        .flat_map(|conn| &conn.settings)
        .filter(|setting| setting.name.starts_with("also"))
        .map(|setting| setting.value.as_str())
        .collect();
    let lacks =
        |conn: &&Conn| Settings::of(conn, all).is_ok_and(|settings| settings.get("left").is_none() || settings.get("right").is_none());
    all.conns.iter().filter(|conn| named.contains(conn.name.as_str())).filter(lacks).map(|conn| conn.name.as_str()).collect()
}

fn is_known(name: &str) -> bool {
    CONNECTION.contains(&name) || NOTED.contains(&name) || name.starts_with("x-") || name.starts_with("x_")
}

/// Refuses what is no tunnel of this kind.
fn shape(settings: &Settings) -> Result<(), Fault> {
    match settings.get("type") {
        None => {}
        Some(setting) if matches!(setting.value.as_str(), "tunnel" | "transport") => {}
        Some(setting) if matches!(setting.value.as_str(), "passthrough" | "pass" | "reject" | "drop" | "no" | "shunt") => {
            return Err(setting.fault(format!("type={}: this connection sets up no tunnel", setting.value)));
        }
        Some(setting) => return Err(setting.fault("type must be tunnel or transport")),
    }
    match settings.get("phase2") {
        Some(setting) if setting.value != "esp" => Err(setting.fault("only ESP is compared, not AH")),
        _ => Ok(()),
    }
}

/// The version, which is always one alone (measured: `permit` is IKEv1, `propose` is IKEv2).
fn version(end: &mut End, settings: &Settings, all: &File) -> Result<(), Fault> {
    let ikev2 = match settings.get("ikev2") {
        None => None,
        Some(setting) => Some(match setting.value.as_str() {
            "no" | "never" | "permit" => Term::Ikev1,
            "insist" | "yes" | "propose" => Term::Ikev2,
            _ => return Err(setting.fault("ikev2 must be insist or no")),
        }),
    };
    let exchange = match settings.get("keyexchange") {
        None => None,
        Some(setting) => match setting.value.as_str() {
            "ike" => None,
            "ikev1" => Some(Term::Ikev1),
            "ikev2" => Some(Term::Ikev2),
            _ => return Err(setting.fault("keyexchange must be ike")),
        },
    };
    if exchange.is_some() {
        let text = "keyexchange names a version: Libreswan 4 takes only keyexchange=ike, and ikev2=insist or ikev2=no".to_owned();
        end.notes.push(text);
    }
    let version = ikev2.or(exchange).unwrap_or(Term::Ikev2);
    end.versions = Some(vec![version]);
    end.mode = Some(if settings.switch("aggressive")?.unwrap_or(false) { Term::Aggressive } else { Term::Main });
    if version == Term::Ikev1 {
        match all.setup.iter().rev().find(|setting| setting.name == "ikev1-policy" && !setting.value.is_empty()) {
            Some(setting) if setting.value == "accept" => {}
            Some(setting) if matches!(setting.value.as_str(), "drop" | "reject") => {
                let why = format!(
                    "config setup has ikev1-policy={} ({}), and then no connection of IKEv1 is loaded",
                    setting.value,
                    setting.place()
                );
                end.refusals.push(Refusal { field: "ike.version", value: "ikev1".to_owned(), why });
            }
            Some(setting) => return Err(setting.fault("ikev1-policy must be accept, drop or reject")),
            None => {
                let why = "config setup has no ikev1-policy: the packages of Debian and Ubuntu (4.5-2 and later) then load no connection \
                           of IKEv1, others do; ikev1-policy=accept settles it";
                end.doubts.push(Refusal { field: "ike.version", value: "ikev1".to_owned(), why: why.to_owned() });
            }
        }
    }
    Ok(())
}

fn proposals(end: &mut End, settings: &Settings, v1: bool) -> Result<(), Fault> {
    let pfs = settings.switch("pfs")?.unwrap_or(true);
    let read = |name: &str, ike: bool| match settings.get(name) {
        Some(setting) => algorithms(setting, Place { ike, v1, pfs }),
        None => Ok(left_out(Place { ike, v1, pfs })),
    };
    end.ike = read("ike", true)?;
    end.esp = read("esp", false)?;
    end.answers_any = (v1 && settings.get("ike").is_none(), v1 && settings.get("esp").is_none());
    let (esn, unchecked) = (settings.get("esn"), settings.text("replay-window") == Some("0"));
    let esn: &[&'static str] = match esn.map(|setting| setting.value.as_str()) {
        _ if v1 => &[],
        _ if unchecked => &["noesn"],
        None | Some("either") => &["esn", "noesn"],
        Some("yes") => &["esn"],
        Some("no") => &["noesn"],
        Some(_) => return Err(esn.map_or_else(|| Fault::new(1, 1, ""), |setting| setting.fault("esn must be yes, no or either"))),
    };
    // With pfs=yes and no group of its own, a Child SA uses the group of the IKE SA.
    let first = end.ike.first().and_then(|proposal| proposal.groups.as_ref()?.first().cloned());
    for proposal in &mut end.esp {
        if !pfs {
            // It is not used, but still refused.
            let lacks = |number: u8| matches!(number, 1 | 2 | 22..=24) || (v1 && number >= 19);
            let lacking = proposal.groups.iter().flatten().filter(|group| group.group().is_some_and(lacks));
            let why = "it does not support this group, even where pfs=no leaves it unused";
            let refusal = |group: &Algorithm| Refusal { field: "ipsec.pfs", value: group.to_string(), why: why.to_owned() };
            end.refusals.extend(lacking.map(refusal));
            proposal.groups = Some(vec![NONE]);
        } else if proposal.groups.is_none() {
            proposal.groups = Some(first.clone().into_iter().collect());
            end.pfs_of_ike = true;
        }
        proposal.esn = esn.iter().map(|word| Algorithm::named(word)).collect();
    }
    Ok(())
}

/// One child for each pair of networks.
fn children(end: &mut End, settings: &Settings) -> Result<(), Fault> {
    let nets = |one: &str, many: &str, own: Option<IpNet>| match settings.get(many).or_else(|| settings.get(one)) {
        None => Ok(own.into_iter().collect()),
        Some(setting) => {
            let list = setting.value.trim_start_matches('{').trim_end_matches('}').split([',', ' ', '\t']).filter(|item| !item.is_empty());
            list.map(subnet).collect::<Option<Vec<IpNet>>>().ok_or_else(|| setting.fault("expected networks only, such as 10.0.0.0/24"))
        }
    };
    let far = match &end.peers {
        Peers::Listed(nets) => nets.first().copied(),
        _ => None,
    };
    let local: Vec<IpNet> = nets("leftsubnet", "leftsubnets", end.address.get().map(IpNet::from))?;
    let remote: Vec<IpNet> = nets("rightsubnet", "rightsubnets", far)?;
    let transport = settings.text("type") == Some("transport");
    let pair = |local: &IpNet, remote: &IpNet| Child { local: vec![*local], remote: vec![*remote], transport, ..Child::default() };
    end.children = Some(local.iter().flat_map(|local| remote.iter().map(move |remote| pair(local, remote))).collect());
    Ok(())
}

/// A network: also `0/0`, and with a mask.
fn subnet(text: &str) -> Option<IpNet> {
    let masked = || {
        let (address, mask) = text.split_once('/')?;
        IpNet::with_netmask(address.parse().ok()?, mask.parse().ok()?).ok()
    };
    if text == "0/0" { "0.0.0.0/0".parse().ok() } else { net(text).or_else(masked) }
}

fn dpd(end: &mut End, settings: &Settings) -> Result<(), Fault> {
    let delay = settings.time("dpddelay")?.unwrap_or(0);
    (end.dpd.enabled, end.dpd.interval_secs, end.dpd.timeout_secs) = (Some(delay > 0), Some(delay), settings.time("dpdtimeout")?);
    end.dpd.action = Some(match settings.text("dpdaction") {
        Some(action) if action.starts_with("restart") => Term::Restart,
        Some("clear") => Term::Clear,
        _ => Term::OnTraffic,
    });
    Ok(())
}
