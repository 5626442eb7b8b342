//! Shows one connection, gateway or customer gateway.

use serde_json::json;

use super::reply::{Outcome, shown, view};
use super::things::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY, find};
use crate::emulated::Store;

/// `GET /v5/{project_id}/vpn-connection/{vpn_connection_id}`.
pub(super) fn connection(store: &Store, project: &str, id: &str) -> Outcome {
    find(store, project, CONNECTION, id).map(|thing| json!({ "vpn_connection": view(thing) }))
}

/// `GET /v5/{project_id}/vpn-gateways/{vgw_id}`.
pub(super) fn gateway(store: &Store, project: &str, id: &str) -> Outcome {
    find(store, project, GATEWAY, id).map(|thing| json!({ "vpn_gateway": shown(&thing.data) }))
}

/// `GET /v5/{project_id}/customer-gateways/{customer_gateway_id}`.
pub(super) fn customer_gateway(store: &Store, project: &str, id: &str) -> Outcome {
    find(store, project, CUSTOMER_GATEWAY, id).map(|thing| json!({ "customer_gateway": shown(&thing.data) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::huawei::testing::{World, get, own};

    #[test]
    fn gateway_is_shown() {
        let call = get(&own("vpn-gateways/b32d91a4-1111-4222-8333-e907174eb11d"), &[]);
        let shown = World::new().call(&call).unwrap();
        assert_eq!((&shown["vpn_gateway"]["flavor"], &shown["vpn_gateway"]["attachment_type"]), (&json!("Professional1"), &json!("vpc")));
    }
}
