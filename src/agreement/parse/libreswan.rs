//! Reads Libreswan's `ipsec.conf`, and keys from its `ipsec.secrets`.

use std::sync::Arc;

use ipnet::IpNet;

use super::swanctl::decode;
use super::{Fault, daemon, seconds};
use crate::agreement::connection::net;
use crate::agreement::{Address, Algorithm, Child, Encapsulation, End, Identity, Kind, NONE, Peers, Proposal, Psk, Start};
use crate::model::{Secret, Term};

/// A setting with the place of its value.
#[derive(Debug, Clone)]
struct Setting {
    name: String,
    value: String,
    line: usize,
    column: usize,
}

impl Setting {
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, self.column, message)
    }
}

/// A key with the identities that it is for; none: for any.
type Key = (Vec<Identity>, Arc<Secret>);

#[derive(Debug, Default)]
struct Conn {
    name: String,
    line: usize,
    settings: Vec<Setting>,
}

const KNOWN: &[&str] = &[
    "also",
    "type",
    "authby",
    "auto",
    "ike",
    "esp",
    "phase2",
    "phase2alg",
    "phase2-alg",
    "ikev2",
    "keyexchange",
    "aggressive",
    "aggrmode",
    "left",
    "right",
    "leftid",
    "rightid",
    "leftsubnet",
    "rightsubnet",
    "leftsubnets",
    "rightsubnets",
    "leftsourceip",
    "rightsourceip",
    "leftnexthop",
    "rightnexthop",
    "leftauth",
    "rightauth",
    "leftupdown",
    "rightupdown",
    "pfs",
    "ikelifetime",
    "salifetime",
    "keylife",
    "ipsec-lifetime",
    "lifetime",
    "rekey",
    "rekeymargin",
    "rekeyfuzz",
    "keyingtries",
    "dpddelay",
    "dpdtimeout",
    "dpdaction",
    "encapsulation",
    "forceencaps",
    "nat-keepalive",
    "narrowing",
    "compress",
    "sha2-truncbug",
    "reauth",
    "fragmentation",
    "mobike",
    "esn",
    "ikepad",
    "replay-window",
    "mtu",
    "priority",
    "initial-contact",
    "vti-interface",
    "vti-routing",
    "vti-shared",
    "ipsec-interface",
    "mark",
    "mark-in",
    "mark-out",
    "nflog-group",
    "retransmit-interval",
    "retransmit-timeout",
    "connalias",
    "hostaddrfamily",
    "clientaddrfamily",
    "nic-offload",
    "tfc",
    "accept-redirect-to",
    "send-no-esp-tfc",
    "decap-dscp",
    "nopmtudisc",
    "overlapip",
    "metric",
    "reqid",
    "modecfgpull",
    "failureshunt",
    "negotiationshunt",
];

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

fn conns(text: &str) -> Result<Vec<Conn>, Fault> {
    let mut conns: Vec<Conn> = Vec::new();
    let mut in_setup = false;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let body = line.trim_end();
        let trimmed = body.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = body.chars().count() - trimmed.chars().count();
        if indent == 0 {
            let mut words = trimmed.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("conn"), Some(name), None) => {
                    if conns.iter().any(|conn| conn.name == name) {
                        return Err(Fault::new(number, 6, format!("there are two connections {name:?}")));
                    }
                    conns.push(Conn { name: name.to_owned(), line: number, settings: Vec::new() });
                    in_setup = false;
                }
                (Some("config"), Some("setup"), None) => in_setup = true,
                (Some("version"), Some(_), None) => {}
                (Some("include"), ..) => {
                    return Err(Fault::new(number, 1, "include is not followed: give the file that holds the connection itself"));
                }
                (Some(word), ..) => return Err(Fault::new(number, 1, format!("expected conn NAME or config setup, not {word:?}"))),
                (None, ..) => {}
            }
            continue;
        }
        let Some((name, value)) = trimmed.split_once('=') else {
            return Err(Fault::new(number, indent + 1, "expected NAME=VALUE"));
        };
        if in_setup {
            continue;
        }
        let Some(conn) = conns.last_mut() else { return Err(Fault::new(number, indent + 1, "a setting before the first conn")) };
        let column = indent + name.chars().count() + 2 + value.chars().take_while(|c| c.is_whitespace()).count();
        let setting = Setting { name: name.trim().to_ascii_lowercase(), value: unquote(value.trim()).to_owned(), line: number, column };
        if !KNOWN.contains(&setting.name.as_str()) {
            return Err(Fault::new(number, indent + 1, format!("{:?} is no setting of a connection", setting.name)));
        }
        conn.settings.push(setting);
    }
    Ok(conns)
}

fn unquote(text: &str) -> &str {
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

/// The settings of a connection, with those of `also=` and `%default` behind them.
fn whole(conn: &Conn, conns: &[Conn], defaults: Option<&Conn>) -> Result<Vec<Setting>, Fault> {
    let (mut settings, mut seen, mut next) = (Vec::new(), vec![conn.name.clone()], vec![conn]);
    while let Some(conn) = next.pop() {
        for setting in &conn.settings {
            if setting.name != "also" {
                settings.push(setting.clone());
                continue;
            }
            let other = conns.iter().find(|other| other.name == setting.value);
            let other = other.ok_or_else(|| setting.fault(format!("there is no connection {:?}", setting.value)))?;
            if seen.contains(&other.name) {
                return Err(setting.fault("also= leads back to a connection that it came from"));
            }
            seen.push(other.name.clone());
            next.push(other);
        }
    }
    settings.extend(defaults.into_iter().flat_map(|conn| conn.settings.iter().cloned()));
    Ok(settings)
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
        Some(setting) => Address::Known(setting.value.parse().map_err(|_| setting.fault("an address, or %defaultroute"))?),
    };
    end.peers = match get(&["right"]) {
        None => return Err(Fault::new(conn.line, 1, "the connection has no right=")),
        Some(setting) if setting.value.starts_with("%any") => Peers::Any,
        Some(setting) => Peers::Listed(vec![net(&setting.value).ok_or_else(|| setting.fault("an address, or %any"))?]),
    };
    end.local_id = text(&["leftid"]).map(Identity::parse).filter(|id| id.kind != crate::agreement::IdKind::Any);
    end.remote_id = text(&["rightid"]).map(Identity::parse);
    end.ike = match get(&["ike"]) {
        Some(setting) => algorithms(setting, true)?,
        None => super::words::default_ike(),
    };
    let pfs = switch(&["pfs"])?.unwrap_or(true);
    end.esp = match get(&["esp", "phase2alg", "phase2-alg"]) {
        Some(setting) => algorithms(setting, false)?,
        None => super::words::default_esp(),
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

fn key(end: &End, secrets: &[Key]) -> Psk {
    let ids = [end.sends(), end.expects()];
    let score = |of: &[Identity]| ids.iter().flatten().filter(|id| of.contains(id)).count();
    let fits =
        secrets.iter().filter(|(of, _)| of.is_empty() || of.iter().any(|id| id.kind == crate::agreement::IdKind::Any) || score(of) > 0);
    fits.max_by_key(|(of, _)| score(of)).map_or(Psk::Missing, |(_, secret)| Psk::Known(Arc::clone(secret)))
}

/// Reads `ipsec.secrets`: identities, a colon, `PSK`, the key.
fn keys(text: &str) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = |message: &str| Fault::new(number + 1, 1, message);
        if line.starts_with("include") {
            return Err(fault("include is not followed"));
        }
        let (ids, rest) =
            line.split_once(": PSK").or_else(|| line.split_once(":PSK")).ok_or_else(|| fault("expected [IDS] : PSK \"KEY\""))?;
        let key = rest.trim();
        let key = match key.strip_prefix(['"', '\'']) {
            Some(_) if key.len() > 1 => key.get(1..key.len() - 1).unwrap_or_default().to_owned(),
            Some(_) => return Err(fault("the key's quote is not closed")),
            None => decode(key).ok_or_else(|| fault("the key is not the hex or base64 that its prefix says"))?,
        };
        keys.push((ids.split_whitespace().map(Identity::parse).collect(), Arc::new(Secret::new(key))));
    }
    Ok(keys)
}

/// Reads `ike=` and `esp=`: `aes256-sha2_256;modp2048`, `aes_gcm256-null;dh19`, commas between proposals, `+` between values.
fn algorithms(setting: &Setting, is_ike: bool) -> Result<Vec<Proposal>, Fault> {
    let (mut proposals, mut offset) = (Vec::new(), 0);
    for item in setting.value.split(',') {
        let (mut encryption, mut integrity, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        let mut place = offset;
        for (position, part) in item.trim().split(['-', ';']).enumerate() {
            for word in part.split('+') {
                let unknown = || Fault::new(setting.line, setting.column + place, format!("{word:?} is no algorithm that is known"));
                match (position, group(word)) {
                    (1.., Some(group)) => groups.push(group),
                    (0, None) => encryption.push(cipher(word).ok_or_else(unknown)?),
                    (1, None) => integrity.push(hash(word).ok_or_else(unknown)?),
                    // A third word is the PRF or a group; IKEv2's PRF follows the integrity.
                    (2, None) if hash(word).is_some() => {}
                    _ => return Err(unknown()),
                }
                place += word.chars().count() + 1;
            }
        }
        let aead = encryption.iter().any(Algorithm::is_aead);
        if integrity.is_empty() {
            integrity = if aead { vec![NONE] } else { ["sha256", "sha512", "sha1"].map(Algorithm::named).to_vec() };
        }
        if groups.is_empty() {
            groups = if is_ike {
                [14, 15, 16, 19, 20, 21, 31].map(|number| Algorithm::made(format!("group{number}"))).to_vec()
            } else {
                vec![NONE]
            };
        }
        let (encryption, integrity, groups) = (Some(encryption), Some(integrity), Some(groups));
        proposals.push(Proposal { encryption, integrity, groups, ..Proposal::default() });
        offset += item.chars().count() + 1;
    }
    Ok(proposals)
}

fn cipher(word: &str) -> Option<Algorithm> {
    let word = word.to_ascii_lowercase();
    Some(Algorithm::named(match word.as_str() {
        "3des" | "3des_cbc" => "3des",
        "des" => "des",
        "aes" | "aes128" | "aes_cbc128" | "aes_128" | "aes_cbc_128" => "aes128",
        "aes192" | "aes_cbc192" | "aes_192" | "aes_cbc_192" => "aes192",
        "aes256" | "aes_cbc256" | "aes_256" | "aes_cbc_256" => "aes256",
        "aes_gcm128" | "aes_gcm_128" | "aes_gcm_c_128" | "aes_gcm_16_128" => "aes128gcm16",
        "aes_gcm192" | "aes_gcm_192" | "aes_gcm_c_192" | "aes_gcm_16_192" => "aes192gcm16",
        "aes_gcm256" | "aes_gcm_256" | "aes_gcm_c_256" | "aes_gcm_16_256" | "aes_gcm" => "aes256gcm16",
        "chacha20_poly1305" | "chacha20poly1305" => "chacha20poly1305",
        "null" => "null",
        _ => return None,
    }))
}

fn hash(word: &str) -> Option<Algorithm> {
    let word = word.to_ascii_lowercase();
    Some(Algorithm::named(match word.as_str() {
        "md5" | "hmac_md5" => "md5",
        "sha1" | "sha" | "hmac_sha1" => "sha1",
        "sha2" | "sha256" | "sha2_256" | "hmac_sha2_256" => "sha256",
        "sha384" | "sha2_384" | "hmac_sha2_384" => "sha384",
        "sha512" | "sha2_512" | "hmac_sha2_512" => "sha512",
        "null" | "none" => "none",
        _ => return None,
    }))
}

fn group(word: &str) -> Option<Algorithm> {
    let word = word.to_ascii_lowercase();
    if let Some(number) = word.strip_prefix("dh").and_then(|number| number.parse::<u8>().ok()) {
        return Some(Algorithm::made(format!("group{number}")));
    }
    super::words::read(&word).filter(|(transform, _)| *transform == crate::agreement::Transform::Group).map(|(_, group)| group)
}

#[cfg(test)]
#[path = "libreswan_tests.rs"]
mod tests;
