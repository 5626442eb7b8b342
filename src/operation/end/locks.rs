//! The names of locks on connections and gateways.

use super::super::event::Site;
use crate::model::Ref;
use crate::provider::Target;
use crate::wire::Endpoint;

/// Marks what is emulated or at a service of its own, so that it does not share a lock with the real thing. A service has one lock
/// however it is spelled.
fn at_site(name: &str, service: &str, site: &Site) -> String {
    match Endpoint::parse(service) {
        _ if site.emulated => format!("{name} (emulated)"),
        Ok(service) if !service.tls => format!("{name} at {}", service.service()),
        _ => name.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_service_has_one_lock_under_all_its_names() {
        let lock = |service: &str| at_site("alibaba@cn-x/vco-1", service, &Site::default());
        assert_eq!(lock("http://localhost:8080"), lock("http://127.0.0.1:8080"));
        assert_ne!(lock("http://localhost:8080"), lock("http://localhost:8081"));
        assert_eq!(lock("https://vpc.example.test"), "alibaba@cn-x/vco-1");
        assert_ne!(lock("http://localhost:8080"), lock("https://vpc.example.test"));
    }
}
