//! `ResetVpnConnection`.

use serde_json::json;

use super::modify::find_idle;
use super::psk::put_into_effect;
use super::reply::Outcome;
use super::things::CONNECTION;
use crate::emulated::Store;
use crate::provider::huawei::cloud::ID;

/// `POST /v5/{project_id}/vpn-connection/{vpn_connection_id}/reset`: renegotiates with the configured key.
pub(super) fn reset(store: &mut Store, project: &str, id: &str) -> Outcome {
    let mut data = find_idle(store, project, id)?.data.clone();
    put_into_effect(&mut data);
    store.change(ID, CONNECTION, id, data);
    store.restart(ID, CONNECTION, id, 0..1);
    Ok(json!({}))
}
