//! FRRouting: the BGP session inside the tunnel.

use std::fmt::Write;
use std::net::IpAddr;

use zeroize::Zeroizing;

use super::file::{Exported, File, head};
use super::session::{Session, networks};
use crate::model::{Connection, Key, Settings};

/// Writes the BGP part of a `frr.conf`.
pub(super) fn write(connection: &Connection, only: Option<usize>) -> Result<Exported, Vec<String>> {
    let mut warnings = Vec::new();
    let tunnels: Vec<Settings> = match connection.tunnels.as_slice() {
        [] => vec![connection.settings.clone()],
        tunnels => {
            let written = tunnels.iter().enumerate().filter(|(place, _)| only.is_none_or(|only| only == *place));
            written.map(|(_, tunnel)| connection.settings.with(&tunnel.settings)).collect()
        }
    };
    let sessions: Vec<Session> = tunnels.iter().filter_map(|settings| Session::of(settings, connection.extra_text("style"))).collect();
    let Some(first) = sessions.first() else {
        return Err(vec!["the connection has no BGP session: BGP is off, or the cloud does not return its addresses".to_owned()]);
    };
    let mut text = head("!", "frr.conf for FRRouting: the BGP part", &connection.reference.to_string());
    text.push_str("!\nfrr defaults traditional\n");
    let own_asn = first.own_asn.map_or_else(
        || {
            warnings.push("the cloud does not return the peer's AS number: replace PEER-ASN with it".to_owned());
            text.push_str("! FILL IN PEER-ASN: your own AS number\n");
            "PEER-ASN".to_owned()
        },
        |asn| asn.to_string(),
    );
    let _ = writeln!(text, "router bgp {own_asn}");
    if let Some(IpAddr::V4(own)) = first.own {
        let _ = writeln!(text, " bgp router-id {own}");
    }
    for session in &sessions {
        // Where the cloud does not return its AS number, `external` accepts any but the peer's own.
        let asn = session.cloud_asn.map_or("external".to_owned(), |asn| asn.to_string());
        if session.cloud_asn.is_none() {
            warnings.push("the cloud does not return its own AS number: any number but the peer's is accepted".to_owned());
        }
        let _ = writeln!(text, " neighbor {} remote-as {asn}", session.cloud);
        if let Some(own) = session.own {
            let _ = writeln!(text, " neighbor {} update-source {own}", session.cloud);
        }
    }
    let own_networks = networks(connection, Key::RemoteSubnets);
    let cloud_networks = networks(connection, Key::LocalSubnets);
    text.push_str(" !\n address-family ipv4 unicast\n");
    for network in own_networks.iter() {
        let _ = writeln!(text, "  network {network}");
    }
    for session in &sessions {
        let _ = writeln!(
            text,
            "  neighbor {0} activate\n  neighbor {0} route-map FROM-CLOUD in\n  neighbor {0} route-map TO-CLOUD out",
            session.cloud
        );
    }
    text.push_str(" exit-address-family\nexit\n!\n");
    for (name, list, what) in [("FROM-CLOUD", &cloud_networks, "the cloud's"), ("TO-CLOUD", &own_networks, "the peer's own")] {
        if list.is_empty() {
            // Without a policy, FRR passes no route over an external session (RFC 8212); that is safer than passing all.
            warnings.push(format!("{what} networks are not known: add them to prefix-list {name}, which denies everything until then"));
            let _ = writeln!(text, "! FILL IN: {what} networks\nip prefix-list {name} seq 5 deny 0.0.0.0/0 le 32");
        }
        for (place, network) in list.iter().enumerate() {
            let _ = writeln!(text, "ip prefix-list {name} seq {} permit {network}", place * 5 + 5);
        }
        let _ = writeln!(text, "route-map {name} permit 10\n match ip address prefix-list {name}\nexit\n!");
    }
    Ok(Exported { files: vec![File { suffix: "", text: Zeroizing::new(text) }], warnings })
}
