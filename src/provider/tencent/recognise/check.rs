//! How a connection in a saved document is checked against the cloud's rules.

use crate::error::Violation;
use crate::model::{Connection, Key, Settings};
use crate::provider::Edit;
use crate::provider::field::Field;
use crate::provider::recognise::{Check, target};
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::kinds::KINDS;
use crate::provider::tencent::{rules, settings};

/// The check of a request of API 3.0.
pub(super) const REQUEST_V3: Check = check(settings::V3, |connection, settings| broken(v3::API, connection, None, settings));
/// The check of a request of API 2.0.
pub(super) const REQUEST_V2: Check = check(settings::V2, |connection, settings| broken(v2::API, connection, None, settings));
/// The check of a reply of API 3.0.
pub(super) const REPLY_V3: Check = check(settings::V3, reported);
/// The check of a reply of API 2.0.
pub(super) const REPLY_V2: Check = check(settings::V2, reported);

const fn check(fields: &'static [Field], rules: fn(&Connection, &Settings) -> Vec<Violation>) -> Check {
    Check { fields, tunnel_fields: &[], rules, retired: &[] }
}

fn broken(api: &str, connection: &Connection, current: Option<&Connection>, change: &Settings) -> Vec<Violation> {
    let rows = KINDS.iter().flat_map(|kind| kind.operations.iter().map(move |operation| (kind, operation)));
    let Some((kind, operation)) = rows.into_iter().find(|(_, operation)| operation.api == api) else { return Vec::new() };
    let target = target(kind, operation, &connection.reference.id);
    rules::rules(&Edit { target: &target, current, change, address: &[], token: "" }).violations
}

/// A reply may hold what a request must not: timeout and action of a dead peer detection that is off.
fn reported(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let mut settings = settings.clone();
    if settings.switch(Key::DpdEnabled) != Some(true) {
        settings.remove(Key::DpdTimeout);
        settings.remove(Key::DpdAction);
    }
    broken(v3::API, connection, Some(connection), &settings)
}
