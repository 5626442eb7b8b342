//! The health check of a single-tunnel connection.

use super::Subject;
use crate::error::Violation;
use crate::model::Key;
use crate::provider::Findings;

pub(super) fn health_check(subject: &Subject<'_>, findings: &mut Findings) {
    use Key::{HealthCheckEnabled, HealthCheckInterval, HealthCheckLocal, HealthCheckPolicy, HealthCheckRemote, HealthCheckRetries};
    let parts = [HealthCheckRemote, HealthCheckLocal, HealthCheckInterval, HealthCheckRetries];
    if !subject.changes(&parts) && !subject.changes(&[HealthCheckEnabled, HealthCheckPolicy]) {
        return;
    }
    if subject.new.switch(HealthCheckEnabled) != Some(true) {
        if subject.changed(HealthCheckEnabled).is_none() {
            let warning = "the health check is off, or its state is not known; its settings have no effect until --health-check on";
            findings.warnings.push(warning.to_owned());
        }
        return;
    }
    for key in parts.into_iter().filter(|key| !subject.new.has(*key)) {
        let rule = "is required when the health check is on: it needs both addresses, the interval and the retries";
        findings.violations.push(Violation::of(key, rule));
    }
}
