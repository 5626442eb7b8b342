//! Rules that no single field shows: field against field, and against what was read.

pub mod bgp;
mod dpd;
mod health_check;
mod policy;
#[cfg(test)]
mod tests;

use super::{cloud, identity, warnings};
use crate::provider::{Edit, Findings};

/// The violations and warnings of a change.
#[must_use]
pub fn rules(edit: &Edit<'_>) -> Findings {
    let mut findings = Findings::default();
    let after = edit.current.map_or_else(|| edit.change.clone(), |current| current.settings.with(edit.change));
    if let Err(violations) = identity::complete(edit) {
        findings.violations.extend(violations);
    }
    findings.violations.extend(policy::violations(edit.change));
    if cloud::is_v2(edit.target) {
        findings.warnings.extend(policy::warnings_v2(edit.change, &after));
    }
    dpd::check(edit, &after, &mut findings);
    bgp::check(edit, &after, &mut findings);
    health_check::check(edit, &after, &mut findings);
    findings.warnings.extend(warnings::values(edit.change, &after));
    findings.warnings.extend(warnings::effects(edit));
    findings
}
