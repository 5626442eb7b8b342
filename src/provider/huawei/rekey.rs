//! A new key, and what makes it take effect.

use super::settings::FIELDS;
use super::wire::{request, request_id};
use crate::model::{Connection, Key, Secret, Settings, Term, Value, Word};
use crate::provider::field::field;
use crate::provider::{Accepted, Profile, Target};
use crate::wire::{Body, Method, Reply};
use crate::wire::{Call, object};

const RESET: &str = "ResetVpnConnection";

/// A new key. With IKEv2 an update of nothing but the key does not take effect: the IKE policy goes along as it was read.
/// What is left out of it stays as it is: the identities of type ip, which the cloud filled in, a type that only replies
/// have, and all of it on gateways of flavour GM, where no PSK is used.
#[must_use]
pub(super) fn key_change(current: &Connection, key: &Secret) -> Settings {
    let mut change = Settings::from_iter([(Key::Psk, Value::secret(key.expose()))]);
    let now = &current.settings;
    let national = now.term(Key::IkeAuthentication) == Some(Term::DigitalEnvelope) || now.term(Key::IkeEncryption) == Some(Term::Sm4);
    if now.term(Key::IkeVersion) != Some(Term::Ikev2) || national {
        return change;
    }
    let named = |kind: Key| now.term(kind) == Some(Term::Fqdn);
    let goes = |key: Key| match key {
        Key::IkeMode => false,
        Key::LocalIdType | Key::LocalId => named(Key::LocalIdType),
        Key::RemoteIdType | Key::RemoteId => named(Key::RemoteIdType),
        _ => field(FIELDS, key).is_some_and(|field| field.write.starts_with("ikepolicy.")),
    };
    for (key, value) in now.iter().filter(|(key, _)| goes(*key)) {
        if !matches!(value, Value::Word(Word::Foreign(_))) {
            change.set(key, value.clone());
        }
    }
    change
}

/// Resets the connection: it is negotiated anew, with the key that it was given.
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
    fn with_ikev1_the_key_goes_alone() {
        let shown = World::new().show(STATIC);
        assert_eq!(sent(&shown, STATIC), json!({ "vpn_connection": { "psk": "Canary-2026" } }));
    }

    #[test]
    fn with_ikev2_the_policy_goes_along_as_it_was_read() {
        let mut shown = World::new().show(POLICY);
        let policy = json!({
            "ike_version": "v2", "encryption_algorithm": "aes-128", "authentication_algorithm": "sha2-256", "dh_group": "group15",
            "lifetime_seconds": 86_400, "dpd": { "timeout": 15, "interval": 30, "msg": "seq-hash-notify" },
        });
        assert_eq!(sent(&shown, POLICY), json!({ "vpn_connection": { "psk": "Canary-2026", "ikepolicy": policy } }));
        // A name is somebody's choice; `any` is a word of replies only.
        shown.settings = shown.settings.with(&settings(&[(Key::LocalIdType, "fqdn"), (Key::LocalId, "hub.example")]));
        shown.settings.set(Key::RemoteIdType, Value::term(Term::Any));
        let named = &sent(&shown, POLICY)["vpn_connection"]["ikepolicy"];
        assert_eq!((&named["local_id_type"], &named["local_id"]), (&json!("fqdn"), &json!("hub.example")));
        assert_eq!((named.get("peer_id_type"), named.get("peer_id")), (None, None));
    }

    #[test]
    fn a_reset_is_a_post_without_a_body() {
        let call = reset(&profile("cn-north-4"), &target(POLICY));
        assert_eq!((call.request.method, call.request.body_text().as_str()), (Method::Post, ""));
        assert!(call.request.path.ends_with(&format!("/vpn-connection/{POLICY}/reset")), "{}", call.request.path);
        let mut world = World::new();
        assert!(world.call(&call).unwrap().request_id.is_some());
    }
}
