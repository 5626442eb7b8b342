//! The two pre-shared keys of a connection: the configured one, and the one in effect until a reset.

use serde_json::{Map, Value as Json, json};

/// Name of the configured key in a connection's data.
pub(super) const PSK: &str = "_psk";
/// Name of the key that an IKEv2 connection uses until it is reset, after an update of the key alone. The word is that
/// of saved states.
pub(super) const PSK_IN_EFFECT: &str = "_psk_in_force";

/// The key that the running tunnel uses.
pub fn key(data: &Map<String, Json>) -> Option<&str> {
    data.get(PSK_IN_EFFECT).or_else(|| data.get(PSK)).and_then(Json::as_str)
}

/// The configured key.
pub fn configured(data: &Map<String, Json>, _number: usize) -> Option<&str> {
    data.get(PSK).and_then(Json::as_str)
}

/// Configures another key, as an update of the key alone does.
pub fn set_key(data: &mut Map<String, Json>, _number: usize, key: &str) {
    configure(data, &json!(key), true);
}

/// Configures a key. If nothing else changes (`alone`), an IKEv2 connection uses its previous key until it is reset. No
/// vendor page says whether settings sent unchanged make a difference; here they do not.
pub(super) fn configure(data: &mut Map<String, Json>, psk: &Json, alone: bool) {
    let v2 = data.get("ikepolicy").and_then(|ike| ike.get("ike_version")).and_then(Json::as_str) == Some("v2");
    let previous = data.insert(PSK.to_owned(), psk.clone());
    if !(v2 && alone) {
        put_into_effect(data);
    } else if let Some(previous) = previous
        && !data.contains_key(PSK_IN_EFFECT)
    {
        data.insert(PSK_IN_EFFECT.to_owned(), previous);
    }
}

/// Makes the tunnel use the configured key.
pub(super) fn put_into_effect(data: &mut Map<String, Json>) {
    data.remove(PSK_IN_EFFECT);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Key;
    use crate::provider::Edit;
    use crate::provider::huawei::emulator::things::CONNECTION;
    use crate::provider::huawei::testing::{POLICY, World, reset, settings, target};

    #[test]
    fn key_is_stored_and_never_returned() {
        let mut world = World::new();
        let change = settings(&[(Key::Psk, "Canary-5d1c")]);
        let target = target(POLICY);
        let edit = Edit { target: &target, current: None, change: &change, address: &[], token: "t" };
        let call = world.provider.modify(&edit).unwrap();
        let reply = world.reply(&call);
        assert!((call.read)(&reply).unwrap().request_id.is_some());
        assert_eq!(reply.json().unwrap()["vpn_connection"].get("status"), None);
        world.settle();
        let shown = world.reply(&world.provider.show(&target));
        for reply in [&reply, &shown] {
            let text = String::from_utf8(reply.body.clone()).unwrap();
            assert!(!text.contains("Canary") && !text.contains("Seed") && !text.contains("\"_"), "{text}");
        }
        let connection = world.show(POLICY);
        assert!(!connection.settings.has(Key::Psk) && !format!("{connection:?}").contains("Canary"));
        let data = &world.store.find("huawei", CONNECTION, POLICY).unwrap().data;
        assert_eq!((data[PSK].as_str(), data[PSK_IN_EFFECT].as_str()), (Some("Canary-5d1c"), Some("Huawei-Seed-2022")));
        let reset = reset(POLICY);
        assert!(world.call(&reset).unwrap()["request_id"].is_string());
        world.settle();
        assert!(!world.show(POLICY).settings.has(Key::Psk));
        assert!(!world.store.find("huawei", CONNECTION, POLICY).unwrap().data.contains_key(PSK_IN_EFFECT));
    }
}
