//! BGP of a single tunnel.

use super::Subject;
use crate::error::Violation;
use crate::model::Key;
use crate::provider::Findings;
use crate::provider::alibaba::tunnels::inside;

pub(super) fn bgp(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.changes(&[Key::BgpEnabled, Key::BgpLocalAsn, Key::BgpTunnelCidr, Key::BgpLocalAddress]) {
        return;
    }
    let network = subject.new.text(Key::BgpTunnelCidr);
    if subject.new.switch(Key::BgpEnabled) == Some(true) {
        if network.is_none() {
            findings.violations.push(Violation::of(Key::BgpTunnelCidr, "is required when BGP is on: a /30 inside 169.254.0.0/16"));
        }
        if subject.current.as_ref().is_some_and(|current| !current.has(Key::BgpPeerAsn)) {
            let warning = "BGP needs an AS number at the customer gateway; without one the cloud refuses the change";
            findings.warnings.push(warning.to_owned());
        }
    }
    if let (Some(network), Some(address)) = (network, subject.new.text(Key::BgpLocalAddress))
        && !inside(network, address)
    {
        let rule = format!("must be an address inside the tunnel's network {network}");
        findings.violations.push(Violation { setting: Key::BgpLocalAddress.named(), value: Some(address.to_owned()), rule });
    }
}
