//! Health checks.

use crate::error::Violation;
use crate::model::{Key, Settings};
use crate::provider::{Edit, Findings};

pub(super) fn check(edit: &Edit<'_>, after: &Settings, findings: &mut Findings) {
    findings.violations.extend(probes_itself(edit.change, after));
    if edit.change.switch(Key::HealthCheckEnabled) == Some(true) {
        check_routes(edit, findings);
    }
}

fn probes_itself(change: &Settings, after: &Settings) -> Option<Violation> {
    let (local, remote) = (after.text(Key::HealthCheckLocal), after.text(Key::HealthCheckRemote));
    let asked = change.has(Key::HealthCheckLocal) || change.has(Key::HealthCheckRemote);
    // 0.0.0.0 stands for no address.
    let same = local.is_some() && local == remote && local != Some("0.0.0.0");
    (asked && same).then(|| Violation::of(Key::HealthCheckRemote, "must differ from the address that the probes are sent from"))
}

/// Checks that a connection is routed in a way that allows a health check.
fn check_routes(edit: &Edit<'_>, findings: &mut Findings) {
    let rule = "a connection with policy rules cannot have a health check";
    match edit.current.and_then(|current| current.extra_text("RouteType")) {
        Some(kind) if kind.eq_ignore_ascii_case("Policy") => {
            let rule = format!("{rule}; the route type of this one is {kind}, and it would have to be StaticRoute or BGP");
            findings.violations.push(Violation::of(Key::HealthCheckEnabled, rule));
        }
        Some(kind) if kind.eq_ignore_ascii_case("StaticRoute") || kind.eq_ignore_ascii_case("Bgp") => {}
        _ => findings.warnings.push(format!("{rule}: the cloud may refuse")),
    }
}
