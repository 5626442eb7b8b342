//! A new pre-shared key, and what makes it take effect.

use super::cloud::RESET;
use super::read::request_id;
use super::rules::is_gm;
use super::settings::FIELDS;
use super::wire::request;
use crate::model::{Connection, Key, Secret, Settings, Term, Value, Word};
use crate::provider::field::field;
use crate::provider::{Accepted, Profile, Target};
use crate::wire::{Body, Call, Method, Reply, object};

/// The change that sets a new key. With IKEv2 an update of the key alone does not take effect, so the IKE policy is sent
/// with it as it was read. Left out, and so kept by the cloud: identities of type ip, which the cloud fills in itself;
/// identity types that only replies use; and the whole policy on gateways of flavour GM, which use no pre-shared key.
#[must_use]
pub(super) fn key_change(current: &Connection, key: &Secret) -> Settings {
    let mut change = Settings::from_iter([(Key::Psk, Value::secret(key.expose()))]);
    let stored = &current.settings;
    if stored.term(Key::IkeVersion) != Some(Term::Ikev2) || is_gm(stored) {
        return change;
    }
    for (key, value) in stored.iter().filter(|(key, _)| is_resent(*key, stored)) {
        if !matches!(value, Value::Word(Word::Foreign(_))) {
            change.set(key, value.clone());
        }
    }
    change
}

/// Whether a setting of the IKE policy is sent with a new key.
fn is_resent(key: Key, stored: &Settings) -> bool {
    match key {
        // The mode is for IKEv1 only.
        Key::IkeMode => false,
        Key::LocalIdType | Key::LocalId => stored.term(Key::LocalIdType) == Some(Term::Fqdn),
        Key::RemoteIdType | Key::RemoteId => stored.term(Key::RemoteIdType) == Some(Term::Fqdn),
        _ => field(FIELDS, key).is_some_and(|field| field.write.starts_with("ikepolicy.")),
    }
}

/// Resets the connection, which renegotiates it with the configured key.
#[must_use]
pub(super) fn reset(profile: &Profile, target: &Target) -> Call<Accepted> {
    let mut request = request(RESET, Method::Post, profile, target, Body::Empty);
    request.path.push_str("/reset");
    let read = |reply: &Reply| {
        object(RESET, reply)?;
        Ok(Accepted { request_id: request_id(reply), task: None })
    };
    Call { request, read: Box::new(read) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::provider::Edit;
    use crate::provider::huawei::testing::{POLICY, STATIC, World, profile, settings, target};
    use crate::provider::huawei::wire;

    fn sent(connection: &Connection, id: &str) -> Json {
        let (target, change) = (target(id), key_change(connection, &Secret::new("Canary-2026")));
        let edit = Edit { target: &target, current: Some(connection), change: &change, address: &[], token: "" };
        serde_json::from_str(&wire::update(&profile("cn-north-4"), &edit).unwrap().request.body_text()).unwrap()
    }

    #[test]
    fn ikev1_sends_the_key_alone() {
        let shown = World::new().show(STATIC);
        assert_eq!(sent(&shown, STATIC), json!({ "vpn_connection": { "psk": "Canary-2026" } }));
    }

    #[test]
    fn ikev2_sends_the_ike_policy_with_the_key() {
        let mut shown = World::new().show(POLICY);
        let policy = json!({
            "ike_version": "v2", "encryption_algorithm": "aes-128", "authentication_algorithm": "sha2-256", "dh_group": "group15",
            "lifetime_seconds": 86_400, "dpd": { "timeout": 15, "interval": 30, "msg": "seq-hash-notify" },
        });
        assert_eq!(sent(&shown, POLICY), json!({ "vpn_connection": { "psk": "Canary-2026", "ikepolicy": policy } }));
        // A name was set by the user and is sent again; only replies use `any`.
        shown.settings = shown.settings.with(&settings(&[(Key::LocalIdType, "fqdn"), (Key::LocalId, "hub.example")]));
        shown.settings.set(Key::RemoteIdType, Value::term(Term::Any));
        let named = &sent(&shown, POLICY)["vpn_connection"]["ikepolicy"];
        assert_eq!((&named["local_id_type"], &named["local_id"]), (&json!("fqdn"), &json!("hub.example")));
        assert_eq!((named.get("peer_id_type"), named.get("peer_id")), (None, None));
    }

    #[test]
    fn reset_is_a_post_without_a_body() {
        let call = reset(&profile("cn-north-4"), &target(POLICY));
        assert_eq!((call.request.method, call.request.body_text().as_str()), (Method::Post, ""));
        assert!(call.request.path.ends_with(&format!("/vpn-connection/{POLICY}/reset")), "{}", call.request.path);
        let mut world = World::new();
        assert!(world.call(&call).unwrap().request_id.is_some());
    }
}
