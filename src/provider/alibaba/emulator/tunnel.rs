//! The tunnels of a dual-tunnel connection: what they are after a change, and how replies show them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::change::random_key;
use super::check;
use super::reply::Failure;
use super::{CLOUD, Call};
use crate::emulated::Store;
use crate::provider::field::insert_at;

const PREFIX: &str = "TunnelOptionsSpecification.";

/// A tunnel, or what a request says of one.
pub(super) type Tunnel = Map<String, Json>;

fn illegal() -> Failure {
    Failure::new(400, "IllegalParam.TunnelOptionsSpecification", "The specified TunnelOptionsSpecification is invalid.")
}

/// The tunnels of a connection; empty for a single-tunnel one.
pub(super) fn of(data: &Map<String, Json>) -> Vec<Tunnel> {
    let list = data.get("TunnelOptionsSpecification").and_then(|object| object.get("TunnelOptions")).and_then(Json::as_array);
    list.into_iter().flatten().filter_map(|tunnel| tunnel.as_object().cloned()).collect()
}

/// Puts tunnels back.
pub(super) fn put(data: &mut Map<String, Json>, tunnels: Vec<Tunnel>) {
    data.insert("TunnelOptionsSpecification".to_owned(), json!({ "TunnelOptions": tunnels }));
}

/// The options of the one tunnel of a request, unflattened.
pub(super) fn options(call: &Call) -> Tunnel {
    let mut options = Map::new();
    for (name, value) in &call.parameters {
        if let Some(path) = name.strip_prefix(PREFIX).filter(|_| !value.is_empty()) {
            insert_at(&mut options, path, json!(value));
        }
    }
    options
}

/// The list of a request: its entries in the order of their numbers, unflattened.
pub(super) fn entries(call: &Call) -> Result<Vec<Tunnel>, Failure> {
    let mut entries: BTreeMap<usize, Tunnel> = BTreeMap::new();
    for (number, options) in options(call) {
        let number = number.parse().ok().filter(|number| (1..=2).contains(number)).ok_or_else(illegal)?;
        let Json::Object(options) = options else { return Err(illegal()) };
        entries.insert(number, options);
    }
    Ok(entries.into_values().collect())
}

/// The place of the tunnel that an entry names, by id, role or index. Two that disagree are refused.
pub(super) fn place(entry: &Tunnel, tunnels: &[Tunnel]) -> Result<usize, Failure> {
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

pub(super) fn not_found() -> Failure {
    Failure::new(404, "InvalidTunnelId.NotFound", "The specified tunnel does not exist.")
}

/// A tunnel after a change. Blocks are replaced whole, as those of a single-tunnel connection.
pub(super) fn after(options: &Tunnel, now: &Tunnel, bgp: bool, store: &Store, sequence: u64) -> Result<Tunnel, Failure> {
    let known = [
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
    if options.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(illegal());
    }
    let mut after = now.clone();
    for name in ["EnableDpd", "EnableNatTraversal"] {
        let Some(word) = options.get(name).and_then(Json::as_str).map(str::to_ascii_lowercase) else { continue };
        check::word(&word, &["true", "false"], "InvalidParameter", name)?;
        after.insert(name.to_owned(), json!(word));
    }
    for name in ["CustomerGatewayId", "RemoteCaCertificate"] {
        if let Some(text) = options.get(name) {
            after.insert(name.to_owned(), text.clone());
        }
    }
    let peer = after.get("CustomerGatewayId").and_then(Json::as_str).unwrap_or_default();
    let peer = store.find(CLOUD, "customer-gateway", peer).ok_or_else(|| {
        Failure::new(404, "InvalidCustomerGatewayInstanceId.NotFound", "The specified customer gateway instance id does not exist.")
    })?;
    let block = |name: &str| options.get(name).and_then(Json::as_object);
    if let Some(given) = block("TunnelIkeConfig") {
        let local = after.get("InternetIp").cloned().unwrap_or_default();
        let remote = peer.data.get("IpAddress").cloned().unwrap_or_default();
        let mut ike = check::ike(given, ("ikev1", "md5"), &local, &remote)?;
        let psk = check::psk(given.get("Psk").and_then(Json::as_str))?.map_or_else(|| random_key(sequence), str::to_owned);
        ike.insert("Psk".to_owned(), json!(psk));
        after.insert("TunnelIkeConfig".to_owned(), texts(ike));
    }
    if let Some(given) = block("TunnelIpsecConfig") {
        after.insert("TunnelIpsecConfig".to_owned(), texts(check::ipsec(given, "md5")?));
    }
    if let Some(given) = block("TunnelBgpConfig") {
        if !bgp {
            return Err(Failure::new(400, "OperationUnsupported.EnableBgp", "BGP is not enabled for the tunnels of the connection."));
        }
        let mut given = given.clone();
        given.insert("EnableBgp".to_owned(), json!("true"));
        let mut shown = check::bgp(&given, peer.data.get("Asn"))?;
        shown.remove("EnableBgp");
        if let Some(status) = shown.remove("Status") {
            shown.insert("BgpStatus".to_owned(), status);
        }
        after.insert("TunnelBgpConfig".to_owned(), texts(shown));
    }
    Ok(after)
}

/// With BGP on, each tunnel has a network, and not the other's.
pub(super) fn networks(tunnels: &[Tunnel]) -> Result<(), Failure> {
    let network = |tunnel: &Tunnel| tunnel.get("TunnelBgpConfig")?.get("TunnelCidr")?.as_str().map(str::to_owned);
    let networks: Option<Vec<String>> = tunnels.iter().map(network).collect();
    let networks = networks
        .ok_or_else(|| Failure::new(400, "MissingParameter.TunnelCidr", "The parameter TunnelCidr is mandatory when BGP is enabled."))?;
    match networks.as_slice() {
        [one, other] if one == other => Err(Failure::new(400, "IllegalParam.TunnelCidr", "The specified TunnelCidr is invalid.")),
        _ => Ok(()),
    }
}

/// Inside tunnels, a read has texts for numbers.
fn texts(block: Map<String, Json>) -> Json {
    let text = |value: Json| if value.is_number() { json!(value.to_string()) } else { value };
    Json::Object(block.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// A tunnel as a modify answers: with numbers and booleans where a read has texts.
pub(super) fn answered(tunnel: &Tunnel, bgp: bool) -> Tunnel {
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
    let mut answer: Tunnel =
        tunnel.iter().filter(|(name, _)| *name != "Status").map(|(name, value)| (name.clone(), native(name, value))).collect();
    if let Some(Json::Object(shown)) = answer.get_mut("TunnelBgpConfig") {
        shown.remove("BgpStatus");
        shown.insert("EnableBgp".to_owned(), json!(bgp));
    }
    answer.insert("State".to_owned(), json!("updating"));
    answer
}
