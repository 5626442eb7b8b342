//! Checks of the emulated service, with the codes of the vendor's pages. Written apart from the program's own rules, so
//! that a mistake in one shows at the other.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Map, Value as Json, json};

use super::reply::Failure;

const ENCRYPTION: &[&str] = &["aes", "aes192", "aes256", "des", "3des", "sm4"];
const INTEGRITY: &[&str] = &["md5", "sha1", "sha256", "sha384", "sha512", "sm3"];
const GROUPS: &[&str] = &["group1", "group2", "group5", "group14"];
const PFS: &[&str] = &["disabled", "group1", "group2", "group5", "group14"];

type Block = Result<Map<String, Json>, Failure>;

fn illegal(name: &str) -> Failure {
    Failure::new(400, format!("IllegalParam.{name}"), format!("The specified {name} is invalid."))
}

pub(super) fn word(word: &str, allowed: &[&str], code: &str, name: &str) -> Result<(), Failure> {
    if allowed.contains(&word) { Ok(()) } else { Err(Failure::new(400, code, format!("The specified {name} ({word}) is invalid."))) }
}

pub(super) fn name(name: &str) -> Result<(), Failure> {
    let good = name.chars().count() <= 100 && !name.starts_with("http://") && !name.starts_with("https://");
    if good { Ok(()) } else { Err(Failure::new(400, "InvalidName", "The name is not valid")) }
}

pub(super) fn networks(field: &str, text: &str) -> Result<(), Failure> {
    if text.split(',').all(|network| network.parse::<Ipv4Net>().is_ok()) {
        return Ok(());
    }
    Err(Failure::new(400, format!("IllegalParam.{field}"), format!("The specified \"{field}\" ({text}) is invalid.")))
}

pub(super) fn client_pool(pool: &str, local: &str) -> Result<(), Failure> {
    let Ok(network) = pool.parse::<Ipv4Net>() else {
        return Err(Failure::new(400, "IllegalParam.ClientIpPool", format!("The specified \"ClientIpPool\" ({pool}) is invalid.")));
    };
    if !(16..=29).contains(&network.prefix_len()) {
        let message = "The netmask length of client IP pool must be greater than or equal to 16 and less than or equal to 29.";
        return Err(Failure::new(400, "ClientIpPool.NetmaskInvalid", message));
    }
    let clash =
        |text: &str| text.parse::<Ipv4Net>().is_ok_and(|other| other.contains(&network.network()) || network.contains(&other.network()));
    if local.split(',').any(clash) {
        let message = "The specified client IP pool conflicts with other resources in the same VPC.";
        return Err(Failure::new(400, "InvalidClientIpPool.Conflict", message));
    }
    Ok(())
}

/// A key that was given; an empty one counts as none.
pub(super) fn psk(text: Option<&str>) -> Result<Option<&str>, Failure> {
    let Some(psk) = text.filter(|psk| !psk.is_empty()) else { return Ok(None) };
    if psk.len() <= 100 && psk.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Some(psk));
    }
    Err(Failure::new(400, "IllegalParam.Psk", "The specified Psk is invalid."))
}

/// Text of a block's member; numbers and switches count as text.
fn text(block: &Map<String, Json>, name: &str) -> Option<String> {
    // Upper and lower case of keys are probably not told apart: the vendor's pages and tools differ.
    let (_, value) = block.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?;
    match value {
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn one_of(block: &Map<String, Json>, name: &str, allowed: &[&str], default: &str) -> Result<Json, Failure> {
    let value = text(block, name).unwrap_or_else(|| default.to_owned());
    let code = format!("NotSupportVpnConnectionParameter.{name}");
    if allowed.contains(&value.as_str()) {
        return Ok(json!(value));
    }
    Err(Failure::new(400, code, format!("The specified vpn connection {name} is not support.")))
}

fn lifetime(block: &Map<String, Json>, name: &str) -> Result<Json, Failure> {
    let value = text(block, name).map_or(Some(86_400), |text| text.parse::<u64>().ok());
    value.filter(|secs| *secs <= 86_400).map(|secs| json!(secs)).ok_or_else(|| illegal(name))
}

fn identity(block: &Map<String, Json>, name: &str, default: &Json) -> Result<Json, Failure> {
    match text(block, name) {
        None => Ok(default.clone()),
        Some(id) if id.len() <= 100 && !id.contains(char::is_whitespace) => Ok(json!(id)),
        Some(_) => Err(illegal(name)),
    }
}

fn object(members: [(&str, Json); 8]) -> Map<String, Json> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `IkeConfig` without its key; `defaults` are version and integrity.
pub(super) fn ike(block: &Map<String, Json>, defaults: (&str, &str), local: &Json, remote: &Json) -> Block {
    Ok(object([
        ("IkeVersion", one_of(block, "IkeVersion", &["ikev1", "ikev2"], defaults.0)?),
        ("IkeMode", one_of(block, "IkeMode", &["main", "aggressive"], "main")?),
        ("IkeEncAlg", one_of(block, "IkeEncAlg", ENCRYPTION, "aes")?),
        ("IkeAuthAlg", one_of(block, "IkeAuthAlg", INTEGRITY, defaults.1)?),
        ("IkePfs", one_of(block, "IkePfs", GROUPS, "group2")?),
        ("IkeLifetime", lifetime(block, "IkeLifetime")?),
        ("LocalId", identity(block, "LocalId", local)?),
        ("RemoteId", identity(block, "RemoteId", remote)?),
    ]))
}

pub(super) fn ipsec(block: &Map<String, Json>, integrity: &str) -> Block {
    let mut ipsec = Map::new();
    ipsec.insert("IpsecEncAlg".to_owned(), one_of(block, "IpsecEncAlg", ENCRYPTION, "aes")?);
    ipsec.insert("IpsecAuthAlg".to_owned(), one_of(block, "IpsecAuthAlg", INTEGRITY, integrity)?);
    ipsec.insert("IpsecPfs".to_owned(), one_of(block, "IpsecPfs", PFS, "group2")?);
    ipsec.insert("IpsecLifetime".to_owned(), lifetime(block, "IpsecLifetime")?);
    Ok(ipsec)
}

fn on(block: &Map<String, Json>, name: &str, code: &str) -> Result<bool, Failure> {
    match text(block, name).map(|text| text.to_ascii_lowercase()).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(illegal(code)),
    }
}

/// `VpnBgpConfig` as it is read after a `BgpConfig`; `peer` is the AS number of the customer gateway.
pub(super) fn bgp(block: &Map<String, Json>, peer: Option<&Json>) -> Block {
    let enabled = on(block, "EnableBgp", "BgpConfig")?;
    let asn =
        text(block, "LocalAsn").map_or(Some(45_104), |text| crate::provider::field::parse_asn(&text)).ok_or_else(|| illegal("LocalAsn"))?;
    let mut bgp = Map::new();
    bgp.insert("EnableBgp".to_owned(), json!(enabled.to_string()));
    bgp.insert("LocalAsn".to_owned(), json!(asn));
    bgp.insert("Status".to_owned(), json!("false"));
    let network = text(block, "TunnelCidr");
    if enabled && network.is_none() {
        return Err(Failure::new(400, "MissingParameter.TunnelCidr", "The parameter TunnelCidr is mandatory when BGP is enabled."));
    }
    if enabled && peer.and_then(Json::as_u64).is_none() {
        let message = "Asn of customer gateway is mandatory when BGP is enabled.";
        return Err(Failure::new(400, "MissingParam.CustomerGatewayAsn", message));
    }
    if let Some(asn) = peer.filter(|asn| asn.is_u64()) {
        bgp.insert("PeerAsn".to_owned(), asn.clone());
    }
    let Some(network) = network else { return Ok(bgp) };
    let Ok(net) = network.parse::<Ipv4Net>() else {
        return Err(Failure::new(400, "InvalidTunnelCidr.Malformed", "The specified TunnelCidr is malformed."));
    };
    let [first, second, third, fourth] = net.network().octets();
    if net.prefix_len() != 30 || (first, second) != (169, 254) || (third < 7 && fourth < 4) || (third, fourth) == (169, 252) {
        return Err(illegal("TunnelCidr"));
    }
    bgp.insert("TunnelCidr".to_owned(), json!(network));
    if let Some(address) = text(block, "LocalBgpIp") {
        let Ok(local) = address.parse::<Ipv4Addr>() else {
            return Err(Failure::new(400, "InvalidLocalBgpIp.Malformed", "The specified LocalBgpIp is malformed."));
        };
        if !net.contains(&local) {
            return Err(illegal("LocalBgpIp"));
        }
        bgp.insert("LocalBgpIp".to_owned(), json!(address));
        if let Some(peer) = net.hosts().find(|host| *host != local) {
            bgp.insert("PeerBgpIp".to_owned(), json!(peer.to_string()));
        }
    }
    Ok(bgp)
}

/// `VcoHealthCheck` as it is read after a `HealthCheckConfig`.
pub(super) fn health(block: &Map<String, Json>, with_policy: bool) -> Block {
    let enabled = on(block, "enable", "HealthCheckConfig")?;
    let mut health = Map::new();
    health.insert("Enable".to_owned(), json!(enabled.to_string()));
    for (name, shown) in [("dip", "Dip"), ("sip", "Sip")] {
        match text(block, name) {
            Some(address) if address.parse::<Ipv4Addr>().is_ok() => health.insert(shown.to_owned(), json!(address)),
            None if !enabled => None,
            _ => return Err(illegal("HealthCheckConfig")),
        };
    }
    for (name, shown) in [("interval", "Interval"), ("retry", "Retry")] {
        let number = text(block, name).map_or(Some(3), |text| text.parse::<u64>().ok()).ok_or_else(|| illegal("HealthCheckConfig"))?;
        health.insert(shown.to_owned(), json!(number));
    }
    if with_policy {
        let policy = text(block, "Policy").unwrap_or_else(|| "revoke_route".to_owned());
        word(&policy, &["revoke_route", "reserve_route"], "IllegalParam.HealthCheckConfig", "Policy")?;
        health.insert("Policy".to_owned(), json!(policy));
    }
    Ok(health)
}
