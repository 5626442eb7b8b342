//! The rules that a recognised connection is checked against.

use crate::error::Violation;
use crate::model::{Connection, Key, Settings};
use crate::provider::Edit;
use crate::provider::alibaba::settings::TUNNEL;
use crate::provider::alibaba::{kinds::kind, rules};
use crate::provider::field::Field;
use crate::provider::recognise::{Check, Role, target};

const RETIRED: &[(&str, &str)] = &[("group24", "is on the vendor's page of 2019, but is no longer accepted")];

/// The check of a connection in a request or reply.
pub(super) fn check(fields: &'static [Field], role: Role) -> Check {
    let rules = if role == Role::Request { requested } else { reported };
    Check { fields, tunnel_fields: TUNNEL, rules, retired: RETIRED }
}

fn requested(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let Some(kind) = kind(&connection.reference.kind) else { return Vec::new() };
    let Some(operation) = kind.operations.first() else { return Vec::new() };
    let target = target(kind, operation, &connection.reference.id);
    rules::rules(&Edit { target: &target, current: None, change: settings, address: &[], token: "" }).violations
}

/// A reply may show authentication by key as off; a request cannot turn it off.
fn reported(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let mut settings = settings.clone();
    settings.remove(Key::PskEnabled);
    requested(connection, &settings)
}
