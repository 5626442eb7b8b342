//! The names of locks on connections and gateways.

use super::super::event::Site;
use crate::model::Ref;
use crate::provider::Target;

/// Marks what is emulated or at a service of its own, so that it does not share a lock with the real thing.
fn at_site(name: &str, service: &str, site: &Site) -> String {
    match (site.emulated, service.starts_with("https:")) {
        (true, _) => format!("{name} (emulated)"),
        (false, true) => name.to_owned(),
        (false, false) => format!("{name} at {service}"),
    }
}

/// The name of a connection's lock. A tunnel, like any other part of a connection, is locked with the whole connection.
#[must_use]
pub fn connection_lock(reference: &Ref, target: &Target, service: &str, site: &Site) -> String {
    let kind = if target.kind.listed { reference.kind.clone() } else { Ref::DEFAULT_KIND.to_owned() };
    at_site(&Ref { kind, ..reference.clone() }.to_string(), service, site)
}

/// The name of the lock of a gateway that accepts one change at a time.
#[must_use]
pub fn gateway_lock(reference: &Ref, gateway: &str, service: &str, site: &Site) -> String {
    let region = reference.region.as_deref().unwrap_or_default();
    at_site(&format!("{}@{region}/gateway/{gateway}", reference.provider), service, site)
}
