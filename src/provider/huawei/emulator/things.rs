//! The things that the emulated cloud holds: their classes, and how a project finds its own.

use super::reply::{Failure, missing};
use crate::emulated::{Store, Thing};
use crate::provider::huawei::cloud::ID;

/// A VPN connection.
pub(super) const CONNECTION: &str = "connection";
/// A VPN gateway.
pub(super) const GATEWAY: &str = "gateway";
/// A customer gateway.
pub(super) const CUSTOMER_GATEWAY: &str = "customer-gateway";
/// A project; it has one region.
pub(super) const PROJECT: &str = "project";

/// The region of a project.
pub(super) fn region<'a>(store: &'a Store, project: &str) -> Result<&'a str, Failure> {
    store.find(ID, PROJECT, project).map(|thing| thing.region.as_str()).ok_or_else(|| missing(PROJECT, project))
}

/// A thing in the region of a project.
pub(super) fn find<'a>(store: &'a Store, project: &str, class: &str, id: &str) -> Result<&'a Thing, Failure> {
    let region = region(store, project).map_err(|_| missing(class, id))?;
    store.find(ID, class, id).filter(|thing| thing.region == region).ok_or_else(|| missing(class, id))
}
