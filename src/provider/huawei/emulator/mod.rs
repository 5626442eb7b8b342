//! Huawei Cloud's part of the emulator.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value as Json, json};

use super::{PROVIDER, sign};
use crate::emulated::{Incoming, Refusal, Store, Thing};
use crate::wire::{Reply, percent_decode};

mod list;
mod seed;
mod update;
mod verify;

pub use seed::{scale, seed};

/// The fake key pair.
pub const CREDENTIALS: (&str, &str) = ("EMULATEDHUAWEIAK0001", "emulatedHuaweiSecretKey000000000000000001");
/// The fake IAM token.
pub const TOKEN: &str = "emulated-huawei-iam-token";
/// Name of the key that a connection was given, in its data. No reply holds names that begin so.
pub const PSK: &str = "_psk";
/// Name of the key that an IKEv2 connection still uses until it is reset, after an update of nothing but the key.
pub const PSK_IN_FORCE: &str = "_psk_in_force";

const CONNECTION: &str = "connection";
const GATEWAY: &str = "gateway";
const CUSTOMER_GATEWAY: &str = "customer-gateway";
const PROJECT: &str = "project";

/// How an operation ends: a body, or an error's status, code and message.
type Outcome = Result<Json, Failure>;

/// An error in Huawei's words.
struct Failure(u16, &'static str, String);

/// Refuses a request that is not looked at.
#[must_use]
pub fn refuse(refusal: Refusal, _incoming: &Incoming) -> Reply {
    const ID: &str = "0e3a0000-0000-4000-8000-00000000ffff";
    let failure = match refusal {
        Refusal::Throttle => Failure(429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit".to_owned()),
        Refusal::Busy => busy(),
        Refusal::Internal => Failure(500, "VPN.0002", "internal error".to_owned()),
    };
    error(failure, ID)
}

/// The reply that shows a connection.
pub fn envelope(id: &str, mut data: Map<String, Json>) -> Json {
    data.insert("id".to_owned(), json!(id));
    json!({ "vpn_connection": data })
}

/// The key that the running tunnel was made with; no reply holds it.
pub fn key(data: &Map<String, Json>) -> Option<&str> {
    data.get(PSK_IN_FORCE).or_else(|| data.get(PSK)).and_then(Json::as_str)
}

/// The key that a connection was given.
pub fn configured(data: &Map<String, Json>, _number: usize) -> Option<&str> {
    data.get(PSK).and_then(Json::as_str)
}

/// Sets another key, which an IKEv2 connection does not use until it is reset.
pub fn set_key(data: &mut Map<String, Json>, _number: usize, key: &str) {
    update::give_key(data, &json!(key), true);
}

/// The vendor's name of an operation on connections, which is in the path.
pub fn operation(incoming: &Incoming) -> Option<&'static str> {
    let segments: Vec<&str> = incoming.path().trim_matches('/').split('/').collect();
    match (incoming.method.as_str(), segments.as_slice()) {
        ("GET", ["v5", _, "vpn-connection"]) => Some("ListVpnConnections"),
        ("GET", ["v5", _, "vpn-connection", _]) => Some("ShowVpnConnection"),
        ("PUT", ["v5", _, "vpn-connection", _]) => Some("UpdateVpnConnection"),
        ("POST", ["v5", _, "vpn-connection", _, "reset"]) => Some("ResetVpnConnection"),
        _ => None,
    }
}

/// Writes whether the tunnel is up; one that is frozen or faulty stays so.
pub fn set_up(data: &mut Map<String, Json>, _number: usize, up: bool) {
    if matches!(data.get("status").and_then(Json::as_str), Some("ACTIVE" | "DOWN")) {
        data.insert("status".to_owned(), json!(if up { "ACTIVE" } else { "DOWN" }));
    }
}

/// Answers a request: signature and time first, then the operation.
pub fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let id = store.request_id().to_lowercase();
    if let Err(Failure(status, code, message)) = verify::verify(incoming) {
        return if incoming.path().starts_with("/v3/") {
            reply(status, &json!({ "error": { "code": status, "message": message, "title": "Unauthorized" } }), &id)
        } else {
            error(Failure(status, code, message), &id)
        };
    }
    match route(incoming, store, &id) {
        Ok(body) => reply(200, &body, &id),
        Err(failure) => error(failure, &id),
    }
}

fn route(incoming: &Incoming, store: &mut Store, id: &str) -> Outcome {
    let segments: Vec<String> = incoming.path().trim_matches('/').split('/').filter_map(percent_decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let with_id = |mut body: Json| {
        if let Some(body) = body.as_object_mut() {
            body.insert("request_id".to_owned(), json!(id));
        }
        body
    };
    match (incoming.method.as_str(), segments.as_slice()) {
        ("GET", ["v3", "projects"]) => Ok(list::projects(incoming, store)),
        ("GET", ["v5", project, "vpn-connection"]) => list::connections(incoming, store, &region(store, project)?).map(with_id),
        ("GET", ["v5", project, "vpn-connection", which]) => {
            let thing = find(store, project, CONNECTION, which)?;
            Ok(with_id(json!({ "vpn_connection": view(thing) })))
        }
        ("PUT", ["v5", project, "vpn-connection", which]) => {
            find(store, project, CONNECTION, which)?;
            update::update(incoming, store, which).map(with_id)
        }
        ("POST", ["v5", project, "vpn-connection", which, "reset"]) => {
            find(store, project, CONNECTION, which)?;
            update::reset(store, which).map(with_id)
        }
        ("GET", ["v5", project, "vpn-gateways"]) => Ok(with_id(list::gateways(incoming, store, &region(store, project)?))),
        ("GET", ["v5", project, "customer-gateways"]) => list::customer_gateways(incoming, store, &region(store, project)?).map(with_id),
        ("GET", ["v5", project, "customer-gateways", which]) => {
            let thing = find(store, project, CUSTOMER_GATEWAY, which)?;
            Ok(with_id(json!({ "customer_gateway": shown(&thing.data) })))
        }
        ("GET", ["v5", project, "vpn-gateways", which]) => {
            let thing = find(store, project, GATEWAY, which)?;
            Ok(with_id(json!({ "vpn_gateway": shown(&thing.data) })))
        }
        _ => Err(Failure(404, "APIGW.0101", "The API does not exist or has not been published in the environment".to_owned())),
    }
}

fn region(store: &Store, project: &str) -> Result<String, Failure> {
    store.find(PROVIDER.id, PROJECT, project).map(|thing| thing.region.clone()).ok_or_else(|| missing("project", project))
}

fn find<'a>(store: &'a Store, project: &str, class: &str, id: &str) -> Result<&'a Thing, Failure> {
    let region = region(store, project).map_err(|_| missing(class, id))?;
    store.find(PROVIDER.id, class, id).filter(|thing| thing.region == region).ok_or_else(|| missing(class, id))
}

fn missing(class: &str, id: &str) -> Failure {
    Failure(404, "VPN.0004", format!("resource (type={}, ID={id}) is not found", class.to_uppercase()))
}

fn busy() -> Failure {
    Failure(400, "VPN.0306", "the vpn connection is being updated".to_owned())
}

fn invalid(text: impl std::fmt::Display) -> Failure {
    Failure(400, "VPN.0001", format!("invalid request: {text}"))
}

/// What a reply shows of data: everything but the names that are the emulator's own.
fn shown(data: &Map<String, Json>) -> Map<String, Json> {
    data.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A connection as Show and List have it.
fn view(thing: &Thing) -> Json {
    let mut view = shown(&thing.data);
    if thing.is_changing() {
        view.insert("status".to_owned(), json!("PENDING_UPDATE"));
    }
    Json::Object(view)
}

fn time(ms: i64) -> String {
    let time: DateTime<Utc> = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn error(Failure(status, code, message): Failure, id: &str) -> Reply {
    reply(status, &json!({ "error_code": code, "error_msg": message, "request_id": id }), id)
}

fn reply(status: u16, body: &Json, id: &str) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned()), ("x-request-id".to_owned(), id.to_owned())];
    Reply { status, headers, body: body.to_string().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;
    use crate::model::{Key, Secret, Settings, Term, Value};
    use crate::provider::Profile;
    use crate::provider::huawei::testing::{BGP, Failed, MIRROR, POLICY, PROJECT, STATIC, World, profile, settings, target};
    use crate::wire::{Body, Endpoint, Method, Request};
    use crate::wire::{Call, ReadError};

    fn get(path: &str, query: &[(&str, &str)]) -> Call<Json> {
        call(Method::Get, path, query, Body::Empty)
    }

    fn call(method: Method, path: &str, query: &[(&str, &str)], body: Body) -> Call<Json> {
        let request = Request {
            operation: "Test",
            method,
            endpoint: Endpoint::parse("http://127.0.0.1:8080").unwrap(),
            path: path.to_owned(),
            query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            headers: Vec::new(),
            body,
        };
        Call { request, read: Box::new(|reply| reply.json().ok_or_else(|| ReadError::Missing(String::new()))) }
    }

    fn own(tail: &str) -> String {
        format!("/v5/{PROJECT}/{tail}")
    }

    fn error<T: std::fmt::Debug>(result: Result<T, Failed>) -> crate::error::ApiError {
        match result {
            Err(Failed::Api(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_change_of_each_setting_is_seen_after_it_has_settled() {
        let common: &[(Key, &str)] = &[
            (Key::Name, "renamed"),
            (Key::CustomerGateway, "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"),
            (Key::IkeVersion, "ikev2"),
            (Key::IkeEncryption, "aes256gcm16"),
            (Key::IkeIntegrity, "sha512"),
            (Key::IkeDhGroup, "group21"),
            (Key::IkeLifetime, "60"),
            (Key::DpdTimeout, "2"),
            (Key::DpdInterval, "3600"),
            (Key::DpdMessage, "seq-notify-hash"),
            (Key::LocalId, "1.2.3.4"),
            (Key::RemoteId, "4.3.2.1"),
            (Key::IpsecEncryption, "aes192"),
            (Key::IpsecIntegrity, "sha384"),
            (Key::IpsecPfs, "none"),
            (Key::IpsecLifetime, "30"),
            (Key::IpsecEncapsulation, "tunnel"),
            (Key::IpsecProtocol, "esp"),
        ];
        let rules = "10.0.0.0/24=192.168.1.0/24,192.168.2.0/24 10.0.1.0/24=192.168.1.0/24";
        let mut rows: Vec<(&str, Vec<(Key, &str)>)> = common.iter().map(|setting| (STATIC, vec![*setting])).collect();
        rows.push((STATIC, common.to_vec()));
        rows.push((STATIC, vec![(Key::IkeVersion, "ikev1"), (Key::IkeMode, "aggressive")]));
        rows.push((STATIC, vec![(Key::TunnelLocalAddress, "169.254.9.5/30"), (Key::TunnelPeerAddress, "169.254.9.6/30")]));
        rows.push((STATIC, vec![(Key::LocalIdType, "fqdn"), (Key::LocalId, "Hub.example")]));
        rows.push((STATIC, vec![(Key::RemoteIdType, "fqdn"), (Key::RemoteId, "branch.example")]));
        rows.push((POLICY, vec![(Key::PolicyRules, rules), (Key::RemoteSubnets, "192.168.1.0/24,192.168.2.0/24")]));
        rows.push((BGP, vec![(Key::Hub, "on")]));
        for (id, flags) in rows {
            let mut world = World::new();
            let change = settings(&flags);
            let before = world.show(id);
            world.modify(id, &change).unwrap();
            let meanwhile = world.show(id);
            assert_eq!(meanwhile.status.change, Term::Changing, "{flags:?}");
            assert_eq!(meanwhile.settings, before.settings, "{flags:?}");
            world.settle();
            let after = world.show(id);
            assert_eq!(after.status.change, Term::Settled);
            for (key, value) in change.iter() {
                assert_eq!(after.settings.get(key), Some(value), "{key:?}");
            }
            assert_ne!(after.updated, before.updated);
            let untouched = |settings: &Settings| {
                let derived = |key: &Key| change.has(*key) || matches!(key, Key::IkeMode | Key::LocalSubnets);
                settings.iter().filter(|(key, _)| !derived(key)).map(|(key, value)| format!("{key:?} {value}")).collect::<Vec<_>>()
            };
            assert_eq!(untouched(&after.settings), untouched(&before.settings), "{flags:?}");
        }
    }

    #[test]
    fn rules_are_stored_one_for_each_destination_and_numbered() {
        let mut world = World::new();
        world.modify(POLICY, &settings(&[(Key::PolicyRules, "7:10.0.0.0/24=1.0.0.0/8,2.0.0.0/8")])).unwrap();
        world.settle();
        let call = get(&own(&format!("vpn-connection/{POLICY}")), &[]);
        let shown = world.call(&call).unwrap();
        let expected = json!([
            { "rule_index": 1, "source": "10.0.0.0/24", "destination": ["1.0.0.0/8"] },
            { "rule_index": 2, "source": "10.0.0.0/24", "destination": ["2.0.0.0/8"] }
        ]);
        assert_eq!(shown["vpn_connection"]["policy_rules"], expected);
    }

    #[test]
    fn a_key_is_stored_and_never_returned() {
        let mut world = World::new();
        let change = settings(&[(Key::Psk, "Canary-5d1c")]);
        let target = target(POLICY);
        let edit = crate::provider::Edit { target: &target, current: None, change: &change, address: &[], token: "t" };
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
        assert_eq!((data[PSK].as_str(), data[PSK_IN_FORCE].as_str()), (Some("Canary-5d1c"), Some("Huawei-Seed-2022")));
        let reset = call_reset();
        assert!(world.call(&reset).unwrap()["request_id"].is_string());
        world.settle();
        assert!(!world.show(POLICY).settings.has(Key::Psk));
        assert!(!world.store.find("huawei", CONNECTION, POLICY).unwrap().data.contains_key(PSK_IN_FORCE));
    }

    fn call_reset() -> Call<Json> {
        call(Method::Post, &own(&format!("vpn-connection/{POLICY}/reset")), &[], Body::Empty)
    }

    #[test]
    fn a_second_change_meanwhile_is_refused_as_busy() {
        let mut world = World::new();
        world.modify(POLICY, &settings(&[(Key::Name, "one")])).unwrap();
        let error = world.refused(POLICY, &[(Key::Name, "two")]);
        assert_eq!((error.class, error.code.as_str()), (Class::Busy, "VPN.0306"));
        assert!(matches!(world.call(&call_reset()), Err(Failed::Api(_))));
        let call = world.provider.progress(&target(POLICY), None, None);
        assert_eq!(world.call(&call).unwrap().reported, "status PENDING_UPDATE");
        world.settle();
        world.modify(POLICY, &settings(&[(Key::Name, "two")])).unwrap();
    }

    #[test]
    fn a_wrong_key_or_clock_is_refused_in_words_that_tell_which() {
        let mut world = World::new();
        let call = world.provider.show(&target(POLICY));
        world.credentials.secret = Secret::new("wrong");
        let refused = error(world.call(&call));
        assert_eq!((refused.class, refused.code.as_str()), (Class::Auth, "APIGW.0301"));
        assert!(refused.message.ends_with("verify aksk signature fail"), "{}", refused.message);
        world = World::new();
        world.credentials.id = "SOMEBODY".to_owned();
        assert!(error(world.call(&call)).message.contains("not exist"));
        for (skew, fine) in [(900, true), (-900, true), (901, false), (-901, false)] {
            let mut world = World { skew, ..World::new() };
            match world.call(&call) {
                Ok(_) => assert!(fine, "{skew}"),
                Err(Failed::Api(error)) => assert_eq!((error.class, error.code.as_str(), fine), (Class::Clock, "APIGW.0303", false)),
                Err(other) => panic!("{other:?}"),
            }
        }
        let mut world = World { skew: 5000, ..World::new() };
        let located = (PROVIDER.connect)(Profile { project_id: None, ..profile("cn-north-4") }).locate().unwrap();
        assert_eq!(error(world.call(&located)).class, Class::Clock);
    }

    #[test]
    fn every_byte_that_is_signed_counts() {
        let mut world = World::new();
        let call = call(Method::Put, &own("vpn-connection/x"), &[("a", "1")], Body::Json("{}".to_owned()));
        let stamp = crate::wire::Stamp { time: "2026-01-02T03:04:05Z".parse().unwrap(), nonce: uuid::Uuid::nil() };
        let signature = world.provider.sign(&call.request, &world.credentials, &stamp);
        let good = Incoming::from_request(&call.request.clone().signed(signature), stamp.time);
        assert_eq!(world.handle(&good).status, 404);
        let tampered: [fn(&mut Incoming); 5] = [
            |incoming| incoming.body.push(b' '),
            |incoming| incoming.method = "POST".to_owned(),
            |incoming| incoming.target.push('1'),
            |incoming| incoming.headers[0].1.push('x'),
            |incoming| incoming.headers.retain(|(name, _)| name != "Authorization"),
        ];
        for tamper in tampered {
            let mut incoming = good.clone();
            tamper(&mut incoming);
            assert_eq!(world.handle(&incoming).status, 401, "{}", incoming.target);
        }
    }

    #[test]
    fn what_the_vendors_sdk_signs_is_accepted() {
        // The same habit as the SDK for Python: every header that it sets is signed, JSON with blanks, derived keys as an option.
        for (algorithm, scope) in [(sign::SDK, None), (sign::V11, Some("20260102/cn-north-4/vpn"))] {
            let signed = ["content-type", "host", "user-agent", "x-project-id", "x-sdk-date"];
            let mut headers: Vec<(String, String)> = [
                ("User-Agent", "huaweicloud-usdk-python/3.0"),
                ("Content-Type", "application/json"),
                ("host", "127.0.0.1:1"),
                ("X-Project-Id", PROJECT),
                ("X-Sdk-Date", "20260102T030405Z"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
            let body = b"{\"vpn_connection\": {\"name\": \"by-sdk\"}}";
            let path = own(&format!("vpn-connection/{POLICY}"));
            let wire = sign::Wire { method: "PUT", path: &path, query: "", headers: &headers, body };
            let key = scope.map_or_else(|| CREDENTIALS.1.to_owned(), |scope| sign::derived_key(CREDENTIALS.0, CREDENTIALS.1, scope));
            let text = sign::string_to_sign(algorithm, "20260102T030405Z", scope, &sign::canonical_request(&wire, &signed));
            let header = sign::authorization(algorithm, CREDENTIALS.0, scope, &signed, &sign::signature(&key, &text));
            headers.push(("Authorization".to_owned(), header));
            let at = "2026-01-02T03:04:05Z".parse().unwrap();
            let incoming = Incoming { method: "PUT".to_owned(), target: path, headers, body: body.to_vec(), at };
            let reply = World::new().handle(&incoming);
            assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
            assert!(reply.header("x-request-id").is_some() && reply.header("content-type") == Some("application/json"));
        }
    }

    #[test]
    fn tokens_are_accepted_in_both_forms() {
        let call = |world: &World| world.provider.show(&target(POLICY));
        let mut world = World::new();
        world.credentials.bearer = Some(Secret::new(TOKEN));
        assert!(world.call(&call(&world)).is_ok());
        world.credentials.bearer = Some(Secret::new("another"));
        assert_eq!(error(world.call(&call(&world))).class, Class::Auth);
        world.credentials.bearer = None;
        world.credentials.token = Some(Secret::new("temporary"));
        assert!(world.call(&call(&world)).is_ok());
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let mut world = World::new();
        for id in ["1a2b3c4d-0000-4000-8000-00000000ffff", MIRROR] {
            let refused = world.refused(id, &[(Key::Name, "x")]);
            assert_eq!((refused.class, refused.code.as_str()), (Class::NotFound, "VPN.0004"), "{id}");
            assert!(refused.request_id.is_some());
        }
        world.provider = (PROVIDER.connect)(Profile { project_id: Some("f".repeat(32)), ..profile("cn-north-4") });
        let call = world.provider.show(&target(POLICY));
        assert_eq!(error(world.call(&call)).code, "VPN.0004");
        let call = get("/v5/p/nothing", &[]);
        assert_eq!(error(world.call(&call)).code, "APIGW.0101");
    }

    #[test]
    fn the_project_of_a_region_is_found_and_that_of_an_unknown_region_is_not() {
        let mut world = World::new();
        let mut provider = (PROVIDER.connect)(Profile { project_id: None, ..profile("cn-east-3") });
        let call = provider.locate().unwrap();
        let found = world.call(&call).unwrap();
        assert_eq!(found, "1123456789abcdef0123456789abcdef");
        provider.located(found);
        assert!(provider.locate().is_none());
        world.provider = provider;
        let connection = world.show(MIRROR);
        let rules = Value::Rules(vec![]);
        assert_ne!(connection.settings.get(Key::PolicyRules), Some(&rules));
        assert_eq!(connection.settings.list(Key::LocalSubnets), ["10.1.3.0/24", "10.1.4.0/24"]);
        assert_eq!((connection.status.change, connection.status.tunnel), (Term::Settled, Term::Down));
        let nowhere = (PROVIDER.connect)(Profile { project_id: None, ..profile("xx-nowhere-1") });
        let call = nowhere.locate().unwrap();
        assert!(matches!(world.call(&call), Err(Failed::Read(ReadError::Missing(_)))));
    }

    #[test]
    fn what_the_service_forbids_is_refused_with_the_rule() {
        let put = |id: &str, body: Json| {
            let path = own(&format!("vpn-connection/{id}"));
            error(World::new().call(&call(Method::Put, &path, &[], Body::Json(body.to_string()))))
        };
        for (id, content) in [
            (POLICY, json!({ "psk": "Canary" })),
            (POLICY, json!({ "psk": 12_345_678 })),
            (POLICY, json!({ "name": "a b" })),
            (POLICY, json!({ "name": null })),
            (POLICY, json!({ "style": "BGP" })),
            (POLICY, json!({ "enable_nqa": true })),
            (POLICY, json!({ "peer_subnets": "10.0.0.0/8" })),
            (POLICY, json!({ "peer_subnets": ["100.64.0.0/10"] })),
            (POLICY, json!({ "tunnel_local_address": "169.254.56.225/30" })),
            (POLICY, json!({ "policy_rules": [{ "source": "10.0.0.0/8" }] })),
            (POLICY, json!({ "policy_rules": [{ "source": "10.0.0.0/8", "destination": ["x"] }] })),
            (STATIC, json!({ "policy_rules": [] })),
            (STATIC, json!({ "enable_hub": true })),
            (STATIC, json!({ "tunnel_local_address": "169.254.80.5/30" })),
            (STATIC, json!({ "tunnel_local_address": "169.254.80.2/30" })),
            (POLICY, json!({ "ikepolicy": { "lifetime_seconds": 59 } })),
            (POLICY, json!({ "ikepolicy": { "lifetime_seconds": "60" } })),
            (POLICY, json!({ "ikepolicy": { "ike_version": "ikev1" } })),
            (POLICY, json!({ "ikepolicy": { "encryption_algorithm": "sm4" } })),
            (POLICY, json!({ "ikepolicy": { "authentication_method": "pre-share" } })),
            (POLICY, json!({ "ikepolicy": { "local_id_type": "fqdn" } })),
            (POLICY, json!({ "ikepolicy": { "peer_id_type": "any" } })),
            (POLICY, json!({ "ikepolicy": { "local_id": "hub.example" } })),
            (POLICY, json!({ "ikepolicy": "x" })),
            (POLICY, json!({ "ipsecpolicy": { "lifetime_seconds": 29 } })),
        ] {
            let refused = put(id, json!({ "vpn_connection": content.clone() }));
            assert_eq!((refused.class, refused.code.as_str()), (Class::Final, "VPN.0001"), "{content}");
            assert!(refused.message.starts_with("invalid request: ") && !refused.message.contains("Canary"), "{}", refused.message);
        }
        assert_eq!(put(POLICY, json!({ "name": "unwrapped" })).code, "VPN.0001");
        let mut world = World::new();
        world.store.find_mut("huawei", CONNECTION, POLICY).unwrap().data.insert("status".to_owned(), json!("FREEZED"));
        assert_eq!(world.refused(POLICY, &[(Key::Name, "x")]).message, "invalid request: ILLEGAL not allowed update vpnConnection");
    }

    #[test]
    fn a_list_comes_in_pages_with_a_marker_on_the_last_too() {
        let mut world = World::new();
        let mut page = |query: &[(&str, &str)]| world.call(&get(&own("vpn-connection"), query)).unwrap();
        let names = |page: &Json| -> Vec<String> {
            page["vpn_connections"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        let all = page(&[]);
        assert_eq!(names(&all), ["static-1", "bgp-1", "vpn-1655"]);
        let first = page(&[("limit", "2")]);
        assert_eq!((names(&first), &first["page_info"]["current_count"]), (vec!["static-1".to_owned(), "bgp-1".to_owned()], &json!(2)));
        let marker = first["page_info"]["next_marker"].as_str().unwrap().to_owned();
        let last = page(&[("limit", "2"), ("marker", &marker)]);
        assert_eq!((names(&last), &last["total_count"]), (vec!["vpn-1655".to_owned()], &json!(3)));
        assert_eq!(last["page_info"]["next_marker"], "2022-11-26T13:41:34.626Z");
        let some =
            page(&[("vgw_id", "b32d91a4-1111-4222-8333-e907174eb11d"), ("enterprise_project_id", "0"), ("enterprise_project_id", "x")]);
        assert_eq!((names(&some), &some["total_count"]), (vec!["vpn-1655".to_owned()], &json!(3)));
        for query in [[("limit", "201")].as_slice(), &[("limit", "x")], &[("marker", "2022")]] {
            assert_eq!(error(world.call(&get(&own("vpn-connection"), query))).code, "VPN.0001");
        }
    }

    #[test]
    fn a_request_cut_anywhere_breaks_nothing() {
        let body = r#"{"vpn_connection":{"policy_rules":[{"source":"10.0.0.0/8","destination":["é"]}],"ikepolicy":{"dpd":{"timeout":2}}}}"#;
        let authorization = "V11-HMAC-SHA256 Credential=EMULATEDHUAWEIAK0001/20260102/cn-north-4/vpn, SignedHeaders=é, Signature=0";
        let request = |body: &[u8], name: &str, value: &str| Incoming {
            method: "PUT".to_owned(),
            target: own(&format!("vpn-connection/{POLICY}")),
            headers: vec![(name.to_owned(), value.to_owned()), (sign::DATE.to_owned(), "2026010éT".to_owned())],
            body: body.to_vec(),
            at: "2026-01-02T03:04:05Z".parse().unwrap(),
        };
        let mut world = World::new();
        for end in 0..=body.len() {
            assert_eq!(world.handle(&request(&body.as_bytes()[..end], sign::AUTH_TOKEN, TOKEN)).status, 400);
        }
        for end in (0..=authorization.len()).filter(|end| authorization.is_char_boundary(*end)) {
            assert_eq!(world.handle(&request(b"", "Authorization", &authorization[..end])).status, 401);
        }
    }

    #[test]
    fn a_gateway_is_shown() {
        let call = get(&own("vpn-gateways/b32d91a4-1111-4222-8333-e907174eb11d"), &[]);
        let shown = World::new().call(&call).unwrap();
        assert_eq!((&shown["vpn_gateway"]["flavor"], &shown["vpn_gateway"]["attachment_type"]), (&json!("Professional1"), &json!("vpc")));
    }

    #[test]
    fn refusals_on_demand_are_of_their_class() {
        let incoming =
            Incoming { method: "GET".to_owned(), target: "/".to_owned(), headers: vec![], body: vec![], at: DateTime::<Utc>::default() };
        let provider = (PROVIDER.connect)(profile("cn-north-4"));
        for (refusal, class) in [(Refusal::Throttle, Class::Rate), (Refusal::Busy, Class::Busy), (Refusal::Internal, Class::Ambiguous)] {
            assert_eq!(provider.error(&refuse(refusal, &incoming)).unwrap().class, class);
        }
    }

    #[test]
    fn seeds_hold_what_the_clients_rules_let_through() {
        let mut world = World::new();
        for id in [POLICY, BGP, STATIC] {
            let current = world.show(id);
            let (target, change) = (target(id), settings(&[(Key::Name, "x")]));
            let edit = crate::provider::Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" };
            assert!(world.provider.rules(&edit).violations.is_empty());
            for (key, value) in current.settings.iter() {
                assert!(!format!("{value:?}").contains("Foreign"), "{key:?} {value:?}");
            }
        }
    }
}
