//! Alibaba's rules about several settings at once, and about a change of an existing connection.

mod authentication;
mod bgp;
mod health_check;
mod kind;
mod networks;
mod shangmi;
mod subject;
mod tunnels;
mod tunnels_bgp;

pub(super) use subject::Subject;

use super::warnings;
use crate::provider::{Edit, Findings};

/// What the rules find in a change. The order of the rules is the order of the messages.
pub(super) fn rules(edit: &Edit<'_>) -> Findings {
    let subject = Subject::new(edit);
    let mut findings = Findings::default();
    for rule in [
        kind::kind,
        tunnels::tunnels,
        tunnels_bgp::tunnels_bgp,
        shangmi::shangmi,
        networks::selectors,
        authentication::identities,
        bgp::bgp,
        health_check::health_check,
        networks::client_pool,
        authentication::key_enabled,
    ] {
        rule(&subject, &mut findings);
    }
    warnings::add(&subject, &mut findings);
    findings
}

#[cfg(test)]
mod tests;
