//! Blocks such as `IkeConfig`: checked, and completed with the values of a new connection, as a read shows them
//! afterwards. Like `check.rs`, this is independent of the program's own rules.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::check;
use super::reply::Failure;
use crate::model::hex;
use crate::provider::field::parse_asn;

const ENCRYPTION: &[&str] = &["aes", "aes192", "aes256", "des", "3des", "sm4"];
const INTEGRITY: &[&str] = &["md5", "sha1", "sha256", "sha384", "sha512", "sm3"];
const GROUPS: &[&str] = &["group1", "group2", "group5", "group14"];
const PFS: &[&str] = &["disabled", "group1", "group2", "group5", "group14"];

type Block = Map<String, Json>;

/// `IkeConfig` without its key; `defaults` are version and integrity.
pub(super) fn ike(block: &Block, defaults: (&str, &str), local: &Json, remote: &Json) -> Result<Block, Failure> {
    let members = [
        ("IkeVersion", one_of(block, "IkeVersion", &["ikev1", "ikev2"], defaults.0)?),
        ("IkeMode", one_of(block, "IkeMode", &["main", "aggressive"], "main")?),
        ("IkeEncAlg", one_of(block, "IkeEncAlg", ENCRYPTION, "aes")?),
        ("IkeAuthAlg", one_of(block, "IkeAuthAlg", INTEGRITY, defaults.1)?),
        ("IkePfs", one_of(block, "IkePfs", GROUPS, "group2")?),
        ("IkeLifetime", lifetime(block, "IkeLifetime")?),
        ("LocalId", identity(block, "LocalId", local)?),
        ("RemoteId", identity(block, "RemoteId", remote)?),
    ];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// `IkeConfig` of a connection or tunnel with its key. A missing key is generated from `sequence`.
pub(super) fn ike_with_key(block: &Block, local: &Json, remote: &Json, sequence: u64) -> Result<Block, Failure> {
    let mut ike = ike(block, ("ikev1", "md5"), local, remote)?;
    let psk = check::psk(block.get("Psk").and_then(Json::as_str))?.map_or_else(|| generated_key(sequence), str::to_owned);
    ike.insert("Psk".to_owned(), json!(psk));
    Ok(ike)
}

/// Sixteen characters, the same for the same number: the emulator has no randomness of its own.
fn generated_key(sequence: u64) -> String {
    let digest = Sha256::digest(format!("emulated key {sequence}").as_bytes());
    hex(digest.as_slice()).chars().take(16).collect()
}

/// `IpsecConfig`.
pub(super) fn ipsec(block: &Block, integrity: &str) -> Result<Block, Failure> {
    let members = [
        ("IpsecEncAlg", one_of(block, "IpsecEncAlg", ENCRYPTION, "aes")?),
        ("IpsecAuthAlg", one_of(block, "IpsecAuthAlg", INTEGRITY, integrity)?),
        ("IpsecPfs", one_of(block, "IpsecPfs", PFS, "group2")?),
        ("IpsecLifetime", lifetime(block, "IpsecLifetime")?),
    ];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// `VpnBgpConfig` as it is read after a `BgpConfig`; `peer` is the AS number of the customer gateway.
pub(super) fn bgp(block: &Block, peer: Option<&Json>) -> Result<Block, Failure> {
    let enabled = switch(block, "EnableBgp", "BgpConfig")?;
    let asn = text(block, "LocalAsn").map_or(Some(45_104), |text| parse_asn(&text)).ok_or_else(|| Failure::illegal("LocalAsn"))?;
    let mut bgp = Map::new();
    bgp.insert("EnableBgp".to_owned(), json!(enabled.to_string()));
    bgp.insert("LocalAsn".to_owned(), json!(asn));
    bgp.insert("Status".to_owned(), json!("false"));
    let network = text(block, "TunnelCidr");
    if enabled && network.is_none() {
        return Err(Failure::no_tunnel_cidr());
    }
    if enabled && peer.and_then(Json::as_u64).is_none() {
        let message = "Asn of customer gateway is mandatory when BGP is enabled.";
        return Err(Failure::new(400, "MissingParam.CustomerGatewayAsn", message));
    }
    if let Some(asn) = peer.filter(|asn| asn.is_u64()) {
        bgp.insert("PeerAsn".to_owned(), asn.clone());
    }
    if let Some(network) = network {
        bgp_addresses(block, &network, &mut bgp)?;
    }
    Ok(bgp)
}

/// Adds the network of BGP, and the addresses of both ends when the local one is given.
fn bgp_addresses(block: &Block, network: &str, bgp: &mut Block) -> Result<(), Failure> {
    let Ok(net) = network.parse::<Ipv4Net>() else {
        return Err(Failure::new(400, "InvalidTunnelCidr.Malformed", "The specified TunnelCidr is malformed."));
    };
    let [first, second, third, fourth] = net.network().octets();
    if net.prefix_len() != 30 || (first, second) != (169, 254) || (third < 7 && fourth < 4) || (third, fourth) == (169, 252) {
        return Err(Failure::illegal("TunnelCidr"));
    }
    bgp.insert("TunnelCidr".to_owned(), json!(network));
    let Some(address) = text(block, "LocalBgpIp") else { return Ok(()) };
    let Ok(local) = address.parse::<Ipv4Addr>() else {
        return Err(Failure::new(400, "InvalidLocalBgpIp.Malformed", "The specified LocalBgpIp is malformed."));
    };
    if !net.contains(&local) {
        return Err(Failure::illegal("LocalBgpIp"));
    }
    bgp.insert("LocalBgpIp".to_owned(), json!(address));
    if let Some(peer) = net.hosts().find(|host| *host != local) {
        bgp.insert("PeerBgpIp".to_owned(), json!(peer.to_string()));
    }
    Ok(())
}

/// `VcoHealthCheck` as it is read after a `HealthCheckConfig`.
pub(super) fn health(block: &Block, with_policy: bool) -> Result<Block, Failure> {
    let enabled = switch(block, "enable", "HealthCheckConfig")?;
    let mut health = Map::new();
    health.insert("Enable".to_owned(), json!(enabled.to_string()));
    for (name, shown) in [("dip", "Dip"), ("sip", "Sip")] {
        match text(block, name) {
            Some(address) if address.parse::<Ipv4Addr>().is_ok() => health.insert(shown.to_owned(), json!(address)),
            None if !enabled => None,
            _ => return Err(Failure::illegal("HealthCheckConfig")),
        };
    }
    for (name, shown) in [("interval", "Interval"), ("retry", "Retry")] {
        let number = text(block, name).map_or(Some(3), |text| text.parse::<u64>().ok());
        health.insert(shown.to_owned(), json!(number.ok_or_else(|| Failure::illegal("HealthCheckConfig"))?));
    }
    if with_policy {
        let policy = text(block, "Policy").unwrap_or_else(|| "revoke_route".to_owned());
        check::word(&policy, &["revoke_route", "reserve_route"], "IllegalParam.HealthCheckConfig", "Policy")?;
        health.insert("Policy".to_owned(), json!(policy));
    }
    Ok(health)
}

/// The text of a member; numbers and switches count as text.
fn text(block: &Block, name: &str) -> Option<String> {
    // The vendor's pages and tools differ in the case of member names, so the cloud probably ignores it.
    let (_, value) = block.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?;
    match value {
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn one_of(block: &Block, name: &str, allowed: &[&str], default: &str) -> Result<Json, Failure> {
    let value = text(block, name).unwrap_or_else(|| default.to_owned());
    if allowed.contains(&value.as_str()) {
        return Ok(json!(value));
    }
    let code = format!("NotSupportVpnConnectionParameter.{name}");
    Err(Failure::new(400, code, format!("The specified vpn connection {name} is not support.")))
}

fn lifetime(block: &Block, name: &str) -> Result<Json, Failure> {
    let value = text(block, name).map_or(Some(86_400), |text| text.parse::<u64>().ok());
    value.filter(|secs| *secs <= 86_400).map(|secs| json!(secs)).ok_or_else(|| Failure::illegal(name))
}

fn identity(block: &Block, name: &str, default: &Json) -> Result<Json, Failure> {
    match text(block, name) {
        None => Ok(default.clone()),
        Some(id) if id.len() <= 100 && !id.contains(char::is_whitespace) => Ok(json!(id)),
        Some(_) => Err(Failure::illegal(name)),
    }
}

/// A switch of a block; `block_name` is the one that an error names.
fn switch(block: &Block, name: &str, block_name: &str) -> Result<bool, Failure> {
    match text(block, name).map(|text| text.to_ascii_lowercase()).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Failure::illegal(block_name)),
    }
}
