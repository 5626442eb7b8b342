//! The rules that one field alone cannot show: field against field, and against the connection that was read.

use super::warnings;
use crate::provider::{Edit, Findings};

mod case;
mod connection;
mod gm;
mod identities;
mod known;
mod policy;
mod tunnel;

use case::Case;
pub(super) use gm::UNCHANGEABLE as GM_UNCHANGEABLE;
pub(super) use known::is_gm;

/// Checks one change against all rules.
#[must_use]
pub(super) fn check(edit: &Edit<'_>) -> Findings {
    let mut case = Case::new(edit);
    connection::status(&mut case, edit.current);
    connection::style(&mut case);
    connection::networks(&mut case);
    gm::check(&mut case);
    tunnel::addresses(&mut case);
    identities::check(&mut case);
    policy::check(&mut case);
    warnings::add(edit.change, &case.after, &mut case.findings.warnings);
    case.findings
}

#[cfg(test)]
mod tests;
