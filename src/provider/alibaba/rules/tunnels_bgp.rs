//! BGP of a dual-tunnel connection: it is on for both tunnels or for none, and each tunnel has its own network.

use super::Subject;
use crate::error::Violation;
use crate::model::{Connection, Key};
use crate::provider::Findings;
use crate::provider::alibaba::tunnels::{named, place};

/// The BGP settings of one tunnel.
const OF_A_TUNNEL: [Key; 3] = [Key::BgpLocalAsn, Key::BgpTunnelCidr, Key::BgpLocalAddress];

pub(super) fn tunnels_bgp(subject: &Subject<'_>, findings: &mut Findings) {
    network_list(subject, findings);
    let Some(connection) = subject.connection().filter(|connection| !connection.tunnels.is_empty()) else { return };
    on_before_one_tunnel(subject, connection, findings);
    each_network(subject, connection, findings);
    different_networks(subject, connection, findings);
}

/// The list of networks is one for each tunnel.
fn network_list(subject: &Subject<'_>, findings: &mut Findings) {
    let cidrs = subject.edit.change.list(Key::TunnelsBgpCidrs);
    if !cidrs.is_empty() && cidrs.len() != 2 {
        findings.violations.push(Violation::of(Key::TunnelsBgpCidrs, "must be two networks, one for each tunnel, in their order"));
    }
    if !cidrs.is_empty() && named(subject.edit.address).is_some() && subject.changes(&[Key::BgpTunnelCidr]) {
        findings.violations.push(Violation::of(Key::BgpTunnelCidr, "cannot be combined with --tunnels-bgp-cidr"));
    }
}

fn is_on(subject: &Subject<'_>) -> bool {
    subject.new.switch(Key::TunnelsBgp) == Some(true)
}

/// BGP must be on before it can be changed for one tunnel.
fn on_before_one_tunnel(subject: &Subject<'_>, connection: &Connection, findings: &mut Findings) {
    if named(subject.edit.address).is_none() || is_on(subject) {
        return;
    }
    let rule = format!(
        "needs BGP on for both tunnels first: tunnelctl modify {} --tunnels-bgp on --tunnels-bgp-cidr CIDR,CIDR",
        connection.reference
    );
    let changed = OF_A_TUNNEL.into_iter().filter(|key| subject.changes(&[*key]));
    findings.violations.extend(changed.map(|key| Violation::of(key, rule.clone())));
}

/// The network of a tunnel after the change.
fn network<'a>(subject: &'a Subject<'_>, connection: &'a Connection, index: usize) -> Option<&'a str> {
    let change = subject.edit.change;
    let target = named(subject.edit.address).and_then(|name| place(connection, name));
    let current = connection.tunnels.get(index).and_then(|tunnel| tunnel.settings.text(Key::BgpTunnelCidr));
    let given = change.text(Key::BgpTunnelCidr).filter(|_| target == Some(index));
    given.or_else(|| change.list(Key::TunnelsBgpCidrs).get(index).map(String::as_str)).or(current)
}

/// Turning BGP on needs a network for each tunnel.
fn each_network(subject: &Subject<'_>, connection: &Connection, findings: &mut Findings) {
    if !is_on(subject) || !subject.changes(&[Key::TunnelsBgp]) {
        return;
    }
    for (index, tunnel) in connection.tunnels.iter().enumerate().filter(|(index, _)| network(subject, connection, *index).is_none()) {
        let rule = format!("is required when BGP is on: tunnel {} ({}) has no network yet", index + 1, tunnel.id);
        findings.violations.push(Violation::of(Key::TunnelsBgpCidrs, rule));
    }
}

fn different_networks(subject: &Subject<'_>, connection: &Connection, findings: &mut Findings) {
    let by_list = !subject.edit.change.list(Key::TunnelsBgpCidrs).is_empty();
    if (subject.changes(&[Key::BgpTunnelCidr]) || by_list)
        && let (Some(one), Some(other)) = (network(subject, connection, 0), network(subject, connection, 1))
        && one == other
    {
        let key = if by_list { Key::TunnelsBgpCidrs } else { Key::BgpTunnelCidr };
        findings.violations.push(Violation::of(key, format!("must differ between the two tunnels; both would have {one}")));
    }
}
