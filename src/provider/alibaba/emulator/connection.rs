//! What the emulator reads and writes in the data of a connection or server: its keys, and whether its tunnels are up.

use serde_json::{Map, Value as Json};

use super::tunnels;

/// The reply that shows a connection.
pub(in crate::provider::alibaba) fn envelope(id: &str, mut data: Map<String, Json>) -> Json {
    data.insert("VpnConnectionId".to_owned(), Json::from(id));
    data.insert("RequestId".to_owned(), Json::from("-"));
    Json::Object(data)
}

/// The path of the key: in a connection, in one of its tunnels, or in a server.
fn key_path(data: &Map<String, Json>, number: usize) -> String {
    if data.contains_key("TunnelOptionsSpecification") {
        format!("TunnelOptionsSpecification/TunnelOptions/{number}/TunnelIkeConfig/Psk")
    } else if data.contains_key("Psk") {
        "Psk".to_owned()
    } else {
        "IkeConfig/Psk".to_owned()
    }
}

/// The key that is configured for a connection, one of its tunnels, or a server.
pub(in crate::provider::alibaba) fn configured(data: &Map<String, Json>, number: usize) -> Option<&str> {
    let path = key_path(data, number);
    let (first, rest) = path.split_once('/').unwrap_or((&path, ""));
    let value = data.get(first)?;
    if rest.is_empty() { value.as_str() } else { value.pointer(&format!("/{rest}"))?.as_str() }
}

/// Configures another key.
pub(in crate::provider::alibaba) fn set_key(data: &mut Map<String, Json>, number: usize, key: &str) {
    let path = key_path(data, number);
    let (first, rest) = path.split_once('/').unwrap_or((&path, ""));
    let value = data.get_mut(first);
    let found = if rest.is_empty() { value } else { value.and_then(|value| value.pointer_mut(&format!("/{rest}"))) };
    if let Some(found) = found {
        *found = Json::from(key);
    }
}

/// Records whether a tunnel is up.
pub(in crate::provider::alibaba) fn set_up(data: &mut Map<String, Json>, number: usize, up: bool) {
    let word = Json::from(if up { "ipsec_sa_established" } else { "ike_sa_not_established" });
    let mut tunnels = tunnels::of(data);
    match tunnels.get_mut(number) {
        Some(one) => {
            one.insert("Status".to_owned(), word);
            tunnels::put(data, tunnels);
        }
        None => drop(data.insert("Status".to_owned(), word)),
    }
}
