//! What the service refuses when a connection is looked at as a whole.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Map, Value as Json};

use super::flaw::Flaw;
use crate::provider::field::at;
use crate::provider::rule::overlap;
use crate::provider::tencent::identity;

/// A connection before and after a modification.
struct Versions {
    current: Json,
    after: Json,
}

impl Versions {
    /// A text of the connection afterwards; empty when there is none.
    fn text(&self, path: &str) -> &str {
        at(&self.after, path).and_then(Json::as_str).unwrap_or_default()
    }

    fn differ(&self, path: &str) -> bool {
        at(&self.after, path) != at(&self.current, path)
    }
}

/// Why the service would refuse what a connection becomes.
pub(super) fn conflict(after: &Map<String, Json>, current: &Map<String, Json>, gateway_version: &str) -> Option<Flaw> {
    let versions = Versions { current: Json::Object(current.clone()), after: Json::Object(after.clone()) };
    missing_identity(&versions)
        .or_else(|| overlapping_rule(after))
        .or_else(|| old_gateway(&versions, gateway_version))
        .or_else(|| bgp(&versions))
        .or_else(|| health_check(&versions))
}

fn missing_identity(versions: &Versions) -> Option<Flaw> {
    let needed = |side: &identity::Side| if versions.text(side.kind_path) == "FQDN" { side.name_path } else { side.address_path };
    let missing = identity::V3.iter().map(needed).find(|path| versions.text(path).is_empty())?;
    Some(("MissingParameter", format!("The parameter `{missing}` is required.")))
}

fn overlapping_rule(after: &Map<String, Json>) -> Option<Flaw> {
    let is_all = |net: &str| net.ends_with("/0");
    let overlaps = |row: &Json| {
        let source = row.get("LocalCidrBlock").and_then(Json::as_str).unwrap_or_default();
        let mut remote = row.get("RemoteCidrBlock").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        remote.any(|remote| overlap(source, remote) && !is_all(source) && !is_all(remote))
    };
    let mut rows = after.get("SecurityPolicyDatabaseSet").and_then(Json::as_array).into_iter().flatten();
    rows.any(overlaps).then(|| ("InvalidParameterValue.VpnConnSpdCidrConflict", "The SPD source and destination overlap.".to_owned()))
}

fn old_gateway(versions: &Versions, gateway_version: &str) -> Option<Flaw> {
    let encryptions = ["IKEOptionsSpecification.PropoEncryAlgorithm", "IPSECOptionsSpecification.EncryptAlgorithm"];
    let is_gcm = encryptions.iter().any(|path| versions.differ(path) && versions.text(path).contains("GCM"));
    ((is_gcm || versions.differ("CustomerGatewayId")) && gateway_version < "ver4.0")
        .then(|| ("UnsupportedOperation.VersionNotSupported", "The gateway version does not support this.".to_owned()))
}

fn bgp(versions: &Versions) -> Option<Flaw> {
    if !versions.differ("BgpConfig") {
        return None;
    }
    let Ok(net) = versions.text("BgpConfig.TunnelCidr").parse::<Ipv4Net>() else {
        return Some(("MissingParameter", "The parameter `BgpConfig.TunnelCidr` is required.".to_owned()));
    };
    let is_inside = |path: &&str| versions.text(path).parse().is_ok_and(|address: Ipv4Addr| net.contains(&address));
    (!["BgpConfig.LocalBgpIp", "BgpConfig.RemoteBgpIp"].iter().all(is_inside))
        .then(|| ("InvalidParameterValue.VpnConnBgpTunnelCidrNotSupported", "The BGP IP is outside the tunnel CIDR.".to_owned()))
}

fn health_check(versions: &Versions) -> Option<Flaw> {
    let is_on = at(&versions.after, "EnableHealthCheck") == Some(&Json::Bool(true));
    (versions.differ("EnableHealthCheck") && is_on && versions.text("RouteType") == "Policy")
        .then(|| ("UnsupportedOperation.VpnConnCidrNotSupportedHealthCheck", "SPD tunnels have no health check.".to_owned()))
}
