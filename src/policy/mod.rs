//! Judges the cryptography of connections by published standards. No I/O.
//!
//! A standard is a table of rules, and a rule is data: the fields, the fault, its severity, its source, and the
//! replacement. A value that this program does not know is reported as unknown, never ignored.

mod beyond;
mod finding;
mod judge;
mod key;
mod place;
mod rule;
pub mod sarif;
mod shared;
mod standard;
mod subject;

use crate::model::Connection;

pub use crate::model::Severity;
pub use finding::{Advice, Finding, Within};
pub use place::Place;
pub use shared::{Holder, holders, shared};
pub use standard::Policy;
pub use subject::{Subject, subjects};

/// All findings of a policy in a connection, in the order of the model's fields.
#[must_use]
pub fn audit(policy: Policy, connection: &Connection) -> Vec<Finding> {
    findings(policy, &subjects(connection))
}

/// All findings of a policy in these subjects. A fault that several proposals of an end share is one finding.
#[must_use]
pub fn findings(policy: Policy, subjects: &[Subject<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for finding in subjects.iter().flat_map(|subject| judge::judge(policy, subject)) {
        let is_known = |known: &&mut Finding| {
            let same =
                (known.rule.id, known.key, &known.value, &known.place) == (finding.rule.id, finding.key, &finding.value, &finding.place);
            same && !finding.within.is_empty()
        };
        match findings.iter_mut().find(is_known) {
            Some(known) => known.within.extend(finding.within.into_iter().filter(|one| !known.within.contains(one)).collect::<Vec<_>>()),
            None => findings.push(finding),
        }
    }
    findings
}

#[cfg(test)]
mod tests;
