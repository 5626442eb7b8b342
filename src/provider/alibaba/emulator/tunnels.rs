//! The tunnels of a dual-tunnel connection: how requests name and change them, and how replies show them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::call::Call;
use super::reply::Failure;
use super::{blocks, check};
use crate::emulated::{Store, Thing};
use crate::provider::alibaba::cloud::ID;
use crate::provider::field::insert_at;

const PREFIX: &str = "TunnelOptionsSpecification.";

/// The members that a tunnel may have in a request.
const MEMBERS: [&str; 10] = [
    "TunnelId",
    "Role",
    "TunnelIndex",
    "CustomerGatewayId",
    "EnableDpd",
    "EnableNatTraversal",
    "RemoteCaCertificate",
    "TunnelIkeConfig",
    "TunnelIpsecConfig",
    "TunnelBgpConfig",
];

/// A tunnel as it is stored, or the part of a request about one.
pub(super) type Tunnel = Map<String, Json>;

fn illegal() -> Failure {
    Failure::illegal("TunnelOptionsSpecification")
}

/// The refusal of a request that names a tunnel that does not exist.
pub(super) fn not_found() -> Failure {
    Failure::new(404, "InvalidTunnelId.NotFound", "The specified tunnel does not exist.")
}

/// The tunnels of a connection; none for a single-tunnel connection.
pub(super) fn of(data: &Map<String, Json>) -> Vec<Tunnel> {
    let list = data.get("TunnelOptionsSpecification").and_then(|object| object.get("TunnelOptions")).and_then(Json::as_array);
    list.into_iter().flatten().filter_map(|tunnel| tunnel.as_object().cloned()).collect()
}

/// Stores the tunnels in their connection.
pub(super) fn put(data: &mut Map<String, Json>, tunnels: Vec<Tunnel>) {
    data.insert("TunnelOptionsSpecification".to_owned(), json!({ "TunnelOptions": tunnels }));
}

/// The options in a request, nested.
pub(super) fn options(call: &Call) -> Tunnel {
    let mut options = Map::new();
    for (name, value) in &call.parameters {
        if let Some(path) = name.strip_prefix(PREFIX).filter(|_| !value.is_empty()) {
            insert_at(&mut options, path, json!(value));
        }
    }
    options
}

/// The list entries of a request in the order of their numbers, nested.
pub(super) fn entries(call: &Call) -> Result<Vec<Tunnel>, Failure> {
    let mut entries: BTreeMap<usize, Tunnel> = BTreeMap::new();
    for (number, options) in options(call) {
        let number = number.parse().ok().filter(|number| (1..=2).contains(number)).ok_or_else(illegal)?;
        let Json::Object(options) = options else { return Err(illegal()) };
        entries.insert(number, options);
    }
    Ok(entries.into_values().collect())
}

/// The place of the tunnel that an entry names by id, role or index. Names of different tunnels are refused.
fn place(entry: &Tunnel, tunnels: &[Tunnel]) -> Result<usize, Failure> {
    let mut found = None;
    for name in ["TunnelId", "Role", "TunnelIndex"] {
        let Some(wanted) = entry.get(name).and_then(Json::as_str) else { continue };
        let is = |tunnel: &Tunnel| match tunnel.get(name) {
            Some(Json::String(text)) => text == wanted,
            Some(Json::Number(number)) => wanted.parse().is_ok_and(|wanted: u64| number.as_u64() == Some(wanted)),
            _ => false,
        };
        let place = tunnels.iter().position(is).ok_or_else(not_found)?;
        if found.is_some_and(|earlier| earlier != place) {
            return Err(illegal());
        }
        found = Some(place);
    }
    found.ok_or_else(illegal)
}

/// The tunnels after a change by list entries.
pub(super) fn changed(
    entries: &[Tunnel],
    mut tunnels: Vec<Tunnel>,
    bgp: bool,
    store: &Store,
    sequence: u64,
) -> Result<Vec<Tunnel>, Failure> {
    for entry in entries {
        let place = place(entry, &tunnels)?;
        let Some(one) = tunnels.get_mut(place) else { continue };
        *one = one_changed(entry, one, bgp, store, sequence)?;
    }
    if bgp {
        different_networks(&tunnels)?;
    }
    Ok(tunnels)
}

/// A tunnel after a change. Blocks are replaced whole, like those of a single-tunnel connection.
pub(super) fn one_changed(options: &Tunnel, current: &Tunnel, bgp: bool, store: &Store, sequence: u64) -> Result<Tunnel, Failure> {
    if options.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(illegal());
    }
    let mut new = current.clone();
    plain(options, &mut new)?;
    let peer = new.get("CustomerGatewayId").and_then(Json::as_str).unwrap_or_default();
    let peer = store.find(ID, "customer-gateway", peer).ok_or_else(Failure::no_customer_gateway)?;
    replace_blocks(options, peer, bgp, sequence, &mut new)?;
    Ok(new)
}

/// Changes what is not in a block.
fn plain(options: &Tunnel, new: &mut Tunnel) -> Result<(), Failure> {
    for name in ["EnableDpd", "EnableNatTraversal"] {
        let Some(word) = options.get(name).and_then(Json::as_str).map(str::to_ascii_lowercase) else { continue };
        check::word(&word, &["true", "false"], "InvalidParameter", name)?;
        new.insert(name.to_owned(), json!(word));
    }
    for name in ["CustomerGatewayId", "RemoteCaCertificate"] {
        if let Some(text) = options.get(name) {
            new.insert(name.to_owned(), text.clone());
        }
    }
    Ok(())
}

fn replace_blocks(options: &Tunnel, peer: &Thing, bgp: bool, sequence: u64, new: &mut Tunnel) -> Result<(), Failure> {
    let block = |name: &str| options.get(name).and_then(Json::as_object);
    if let Some(given) = block("TunnelIkeConfig") {
        let local = new.get("InternetIp").cloned().unwrap_or_default();
        let remote = peer.data.get("IpAddress").cloned().unwrap_or_default();
        new.insert("TunnelIkeConfig".to_owned(), as_texts(blocks::ike_with_key(given, &local, &remote, sequence)?));
    }
    if let Some(given) = block("TunnelIpsecConfig") {
        new.insert("TunnelIpsecConfig".to_owned(), as_texts(blocks::ipsec(given, "md5")?));
    }
    if let Some(given) = block("TunnelBgpConfig") {
        if !bgp {
            return Err(Failure::new(400, "OperationUnsupported.EnableBgp", "BGP is not enabled for the tunnels of the connection."));
        }
        new.insert("TunnelBgpConfig".to_owned(), as_texts(tunnel_bgp(given, peer)?));
    }
    Ok(())
}

/// `TunnelBgpConfig` as it is stored: without the switch, which belongs to the connection.
fn tunnel_bgp(given: &Map<String, Json>, peer: &Thing) -> Result<Map<String, Json>, Failure> {
    let mut given = given.clone();
    given.insert("EnableBgp".to_owned(), json!("true"));
    let mut shown = blocks::bgp(&given, peer.data.get("Asn"))?;
    shown.remove("EnableBgp");
    if let Some(status) = shown.remove("Status") {
        shown.insert("BgpStatus".to_owned(), status);
    }
    Ok(shown)
}

/// Checks that with BGP on each tunnel has a network, and not the same one as the other tunnel.
pub(super) fn different_networks(tunnels: &[Tunnel]) -> Result<(), Failure> {
    let network = |tunnel: &Tunnel| tunnel.get("TunnelBgpConfig")?.get("TunnelCidr")?.as_str().map(str::to_owned);
    let networks: Option<Vec<String>> = tunnels.iter().map(network).collect();
    match networks.ok_or_else(Failure::no_tunnel_cidr)?.as_slice() {
        [one, other] if one == other => Err(Failure::illegal("TunnelCidr")),
        _ => Ok(()),
    }
}

/// A block as a read shows it inside a tunnel: with texts for numbers.
fn as_texts(block: Map<String, Json>) -> Json {
    let text = |value: Json| if value.is_number() { json!(value.to_string()) } else { value };
    Json::Object(block.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// A tunnel as a modify returns it: with numbers and booleans where a read has texts.
pub(super) fn answer(tunnel: &Tunnel, bgp: bool) -> Tunnel {
    let shown = tunnel.iter().filter(|(name, _)| *name != "Status");
    let mut answer: Tunnel = shown.map(|(name, value)| (name.clone(), native(name, value))).collect();
    if let Some(Json::Object(shown)) = answer.get_mut("TunnelBgpConfig") {
        shown.remove("BgpStatus");
        shown.insert("EnableBgp".to_owned(), json!(bgp));
    }
    answer.insert("State".to_owned(), json!("updating"));
    answer
}

fn native(name: &str, value: &Json) -> Json {
    match value {
        Json::String(text) if name.ends_with("Lifetime") || name.ends_with("Asn") => {
            text.parse::<u64>().map_or_else(|_| value.clone(), |number| json!(number))
        }
        Json::String(text) if name.starts_with("Enable") => json!(text == "true"),
        Json::Object(members) => Json::Object(members.iter().map(|(name, value)| (name.clone(), native(name, value))).collect()),
        other => other.clone(),
    }
}
