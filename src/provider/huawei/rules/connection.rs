//! What the status, the style and the gateway of the connection rule out.

use super::case::Case;
use crate::error::Violation;
use crate::model::{Connection, Key};

/// A frozen connection cannot be updated; other states only deserve a warning.
pub(super) fn status(case: &mut Case<'_>, current: Option<&Connection>) {
    let reported = current.and_then(|current| current.status.reported.iter().find(|(field, _)| *field == "status"));
    let Some((_, word)) = reported else { return };
    match word.to_ascii_uppercase().as_str() {
        "FREEZED" => case.findings.violations.push(Violation {
            setting: "status".to_owned(),
            value: Some(word.clone()),
            rule: "a frozen connection cannot be updated; first resolve why it is frozen (arrears or a policy)".to_owned(),
        }),
        "ERROR" => case.warn("the connection is in status ERROR; the cloud may refuse the update, or the status may stay ERROR"),
        status if status.starts_with("PENDING_") => {
            case.warn(format!("the connection is in status {status}; the cloud refuses updates until that ends"));
        }
        _ => {}
    }
}

/// Settings that only connections of another style have.
pub(super) fn style(case: &mut Case<'_>) {
    let Some(style) = case.known.style.clone() else { return };
    if style != "POLICY" {
        let rule = format!("policy rules are for connections of style POLICY; this one is {style}");
        case.forbid_each(&[Key::PolicyRules, Key::PolicyRulesV6], &rule);
    }
    if !matches!(style.as_str(), "STATIC" | "BGP") {
        let rule = format!("tunnel interface addresses are for connections of style STATIC or BGP; this one is {style}");
        case.forbid_each(&[Key::TunnelLocalAddress, Key::TunnelPeerAddress], &rule);
    }
    if style != "BGP" {
        case.forbid_each(&[Key::Hub], &format!("is for connections of style BGP; this one is {style}"));
    }
}

/// Customer subnets and policy rules must fit the gateway: those behind an enterprise router cannot be set, and IPv4
/// and IPv6 do not mix.
pub(super) fn networks(case: &mut Case<'_>) {
    if case.known.router {
        let style = case.known.style.clone().unwrap_or_default();
        let rule = format!(
            "cannot be set: the connection has style {style} and no customer subnets, as on a gateway attached to an enterprise router"
        );
        case.forbid_each(&[Key::RemoteSubnets, Key::RemoteSubnetsV6], &rule);
        return;
    }
    match case.known.ipv6 {
        Some(true) => case.forbid_each(
            &[Key::RemoteSubnets, Key::PolicyRules],
            "is for IPv4 gateways; this connection has IPv6 networks: use the IPv6 setting",
        ),
        Some(false) => case.forbid_each(
            &[Key::RemoteSubnetsV6, Key::PolicyRulesV6],
            "is for IPv6 gateways; this connection has IPv4 networks: use the IPv4 setting",
        ),
        None => {}
    }
}
