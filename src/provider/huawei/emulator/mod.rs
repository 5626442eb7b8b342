//! Huawei Cloud's part of the emulator.

use serde_json::{Map, Value as Json, json};

use super::cloud::{LIST, RESET, SHOW, UPDATE};
use crate::emulated::{Incoming, Store};
use crate::wire::{Reply, percent_decode};

mod list;
mod modify;
mod psk;
mod reply;
mod reset;
mod scale;
mod seed;
mod show;
mod things;
mod validate;
mod verify;

pub use psk::{configured, key, set_key};
pub use reply::{envelope, refuse};
pub use scale::scale;
pub use seed::seed;
pub use verify::CREDENTIALS;

use reply::{Failure, Outcome};

/// Answers a request: checks signature and time first, then runs the operation.
pub fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let id = store.request_id().to_lowercase();
    if let Err(failure) = verify::verify(incoming) {
        return if incoming.path().starts_with("/v3/") { reply::identity_error(failure, &id) } else { reply::error(failure, &id) };
    }
    match route(incoming, store, &id) {
        Ok(body) => reply::success(&body, &id),
        Err(failure) => reply::error(failure, &id),
    }
}

fn route(incoming: &Incoming, store: &mut Store, request_id: &str) -> Outcome {
    let segments: Vec<String> = incoming.path().trim_matches('/').split('/').filter_map(percent_decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let body = match (incoming.method.as_str(), segments.as_slice()) {
        // The identity service puts no request id into its bodies.
        ("GET", ["v3", "projects"]) => return Ok(list::projects(incoming, store)),
        ("GET", ["v5", project, "vpn-connection"]) => list::connections(incoming, store, project),
        ("GET", ["v5", project, "vpn-connection", id]) => show::connection(store, project, id),
        ("PUT", ["v5", project, "vpn-connection", id]) => modify::update(incoming, store, project, id),
        ("POST", ["v5", project, "vpn-connection", id, "reset"]) => reset::reset(store, project, id),
        ("GET", ["v5", project, "vpn-gateways"]) => list::gateways(incoming, store, project),
        ("GET", ["v5", project, "vpn-gateways", id]) => show::gateway(store, project, id),
        ("GET", ["v5", project, "customer-gateways"]) => list::customer_gateways(incoming, store, project),
        ("GET", ["v5", project, "customer-gateways", id]) => show::customer_gateway(store, project, id),
        _ => Err(Failure(404, "APIGW.0101", "The API does not exist or has not been published in the environment".to_owned())),
    };
    body.map(|body| reply::with_request_id(body, request_id))
}

/// The vendor's name of an operation on connections, by method and path.
pub fn operation(incoming: &Incoming) -> Option<&'static str> {
    let segments: Vec<&str> = incoming.path().trim_matches('/').split('/').collect();
    match (incoming.method.as_str(), segments.as_slice()) {
        ("GET", ["v5", _, "vpn-connection"]) => Some(LIST),
        ("GET", ["v5", _, "vpn-connection", _]) => Some(SHOW),
        ("PUT", ["v5", _, "vpn-connection", _]) => Some(UPDATE),
        ("POST", ["v5", _, "vpn-connection", _, "reset"]) => Some(RESET),
        _ => None,
    }
}

/// Records whether the tunnel is up. A frozen or failed connection keeps its status.
pub fn set_up(data: &mut Map<String, Json>, _number: usize, up: bool) {
    if matches!(data.get("status").and_then(Json::as_str), Some("ACTIVE" | "DOWN")) {
        data.insert("status".to_owned(), json!(if up { "ACTIVE" } else { "DOWN" }));
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Class;
    use crate::model::Key;
    use crate::provider::Profile;
    use crate::provider::huawei::PROVIDER;
    use crate::provider::huawei::testing::{MIRROR, POLICY, World, get, profile, refusal, target};

    #[test]
    fn unknown_things_are_not_found() {
        let mut world = World::new();
        for id in ["1a2b3c4d-0000-4000-8000-00000000ffff", MIRROR] {
            let refused = world.refused(id, &[(Key::Name, "x")]);
            assert_eq!((refused.class, refused.code.as_str()), (Class::NotFound, "VPN.0004"), "{id}");
            assert!(refused.request_id.is_some());
        }
        world.provider = (PROVIDER.connect)(Profile { project_id: Some("f".repeat(32)), ..profile("cn-north-4") });
        let call = world.provider.show(&target(POLICY));
        assert_eq!(refusal(world.call(&call)).code, "VPN.0004");
        let call = get("/v5/p/nothing", &[]);
        assert_eq!(refusal(world.call(&call)).code, "APIGW.0101");
    }
}
