//! Which tunnel of a dual-tunnel connection is meant: the words that name one, and its place in the connection.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::model::{Connection, Key, Tunnel};
use crate::provider::rule::prefixed;

/// The address word that names a tunnel, and its flag.
pub(super) const ADDRESS: &str = "tunnel";
/// The flag of [`ADDRESS`], for messages.
pub(super) const FLAG: &str = "--tunnel";

/// How to name a tunnel of a gateway's connection, `(address word, help line)`.
pub(super) const ADDRESS_OF_CONNECTION: (&str, &str) = (ADDRESS, "Tunnel of a dual-tunnel connection: its id, master or slave");
/// How to name a tunnel of an attachment.
pub(super) const ADDRESS_OF_ATTACHMENT: (&str, &str) = (ADDRESS, "Tunnel of a dual-tunnel connection: its id, 1 or 2");

/// The settings that both tunnels share; all others belong to each tunnel.
pub(super) const SHARED: [Key; 8] = [
    Key::Name,
    Key::LocalSubnets,
    Key::RemoteSubnets,
    Key::EffectImmediately,
    Key::AutoConfigRoute,
    Key::NetworkType,
    Key::TunnelsBgp,
    Key::TunnelsBgpCidrs,
];

/// The tunnel that `--tunnel` names.
pub(super) fn named<'a>(address: &'a [(&'static str, String)]) -> Option<&'a str> {
    address.iter().find(|(name, _)| *name == ADDRESS).map(|(_, value)| value.as_str())
}

/// Whether a text can name a tunnel.
pub(super) fn can_name(text: &str) -> bool {
    prefixed(text, "tun-") || place_of_word(text).is_some()
}

/// The place that a role or a number stands for; it is known without a read.
pub(super) fn place_of_word(text: &str) -> Option<usize> {
    match text.to_ascii_lowercase().as_str() {
        "master" | "1" => Some(0),
        "slave" | "2" => Some(1),
        _ => None,
    }
}

/// The place of the tunnel with this id, role or number.
pub(super) fn place(connection: &Connection, name: &str) -> Option<usize> {
    let by = |fits: &dyn Fn(&Tunnel) -> bool| connection.tunnels.iter().position(fits);
    by(&|tunnel| tunnel.id == name)
        .or_else(|| by(&|tunnel| tunnel.role.as_deref().is_some_and(|role| role.eq_ignore_ascii_case(name))))
        .or_else(|| place_of_word(name).filter(|place| *place < connection.tunnels.len()))
}

/// A tunnel in one word: its role, or its id.
pub(super) fn name(tunnel: &Tunnel) -> &str {
    tunnel.role.as_deref().unwrap_or(&tunnel.id)
}

/// The tunnels of a connection by id and role, for messages.
pub(super) fn list(connection: &Connection) -> String {
    let one = |tunnel: &Tunnel| match &tunnel.role {
        Some(role) => format!("{} ({role})", tunnel.id),
        None => tunnel.id.clone(),
    };
    connection.tunnels.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// Whether an address is inside a network.
pub(super) fn inside(network: &str, address: &str) -> bool {
    network.parse::<Ipv4Net>().is_ok_and(|network| address.parse::<Ipv4Addr>().is_ok_and(|address| network.contains(&address)))
}
