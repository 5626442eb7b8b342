//! BGP: three settings that the cloud accepts only together.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::error::Violation;
use crate::model::{Key, Settings};
use crate::provider::{Edit, Findings};

/// The settings of a `BgpConfig`.
pub const KEYS: &[Key] = &[Key::BgpTunnelCidr, Key::BgpLocalAddress, Key::BgpPeerAddress];

/// Whether a change touches a `BgpConfig`.
#[must_use]
pub fn is_in(change: &Settings) -> bool {
    KEYS.iter().any(|key| change.has(*key))
}

/// What a `BgpConfig` lacks.
#[must_use]
pub fn missing(after: &Settings) -> Vec<Violation> {
    let rule = "is needed: the tunnel network and both BGP addresses can only be set together";
    KEYS.iter().filter(|key| !after.has(**key)).map(|key| Violation::of(*key, rule)).collect()
}

pub(super) fn check(edit: &Edit<'_>, after: &Settings, findings: &mut Findings) {
    if !is_in(edit.change) {
        return;
    }
    findings.violations.extend(missing(after));
    findings.violations.extend([Key::BgpLocalAddress, Key::BgpPeerAddress].into_iter().filter_map(|key| outside(after, key)));
    if after.has(Key::BgpLocalAddress) && after.text(Key::BgpLocalAddress) == after.text(Key::BgpPeerAddress) {
        findings.violations.push(Violation::of(Key::BgpPeerAddress, "must differ from the local BGP address"));
    }
    findings
        .warnings
        .push("the cloud may ignore the BGP settings: Terraform's provider sets them only when it creates a connection".to_owned());
}

/// Reports an address that does not belong to a host of the tunnel network.
fn outside(after: &Settings, key: Key) -> Option<Violation> {
    let net: Ipv4Net = after.text(Key::BgpTunnelCidr)?.parse().ok()?;
    let address: Ipv4Addr = after.text(key)?.parse().ok()?;
    let is_host = net.contains(&address) && address != net.network() && address != net.broadcast();
    (!is_host).then(|| Violation::of(key, format!("{address} must be one of the two host addresses of {net}")))
}
