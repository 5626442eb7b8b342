//! The provider against the emulator, both without sockets.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::super::PROVIDER;
use super::*;
use crate::error::{ApiError, Class};
use crate::model::{Connection, Key, Secret, Settings, Term, Value};
use crate::provider::{Edit, Profile, Provider, Target, field};
use crate::wire::{Call as Outgoing, Credentials, ReadError};
use crate::wire::{Request, Stamp};

/// A cloud and a client, at a time of their own.
struct World {
    store: Store,
    provider: Box<dyn Provider>,
    credentials: Credentials,
    now: DateTime<Utc>,
    skew: TimeDelta,
}

fn profile(region: &str, signature: Option<&'static str>) -> Profile {
    Profile { region: region.into(), endpoint: None, identity_endpoint: None, project_id: None, signature }
}

fn credentials(secret: &str) -> Credentials {
    Credentials { id: PROVIDER.emulation.credentials.0.into(), secret: Secret::new(secret), token: None, bearer: None }
}

#[derive(Debug, PartialEq)]
enum Trouble {
    Api(ApiError),
    Read(ReadError),
}

impl World {
    fn new(region: &str, signature: Option<&'static str>) -> Self {
        let mut store = Store::new();
        seed(&mut store);
        Self {
            store,
            provider: (PROVIDER.connect)(profile(region, signature)),
            credentials: credentials(PROVIDER.emulation.credentials.1),
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            skew: TimeDelta::zero(),
        }
    }

    fn send(&mut self, request: &Request) -> Reply {
        let stamp = Stamp { time: self.now + self.skew, nonce: uuid::Uuid::new_v4() };
        let signature = self.provider.sign(request, &self.credentials, &stamp);
        let incoming = Incoming::from_request(&request.clone().signed(signature), self.now);
        self.store.begin(self.now);
        handle(&incoming, &mut self.store)
    }

    fn call<T>(&mut self, call: &Outgoing<T>) -> Result<T, Trouble> {
        let reply = self.send(&call.request);
        match self.provider.error(&reply) {
            Some(error) => Err(Trouble::Api(error)),
            None => (call.read)(&reply).map_err(Trouble::Read),
        }
    }

    fn code<T: std::fmt::Debug>(&mut self, call: &Outgoing<T>) -> String {
        match self.call(call).unwrap_err() {
            Trouble::Api(error) => error.code,
            Trouble::Read(error) => panic!("{error}"),
        }
    }

    fn show(&mut self, target: &Target) -> Connection {
        let call = self.provider.show(target);
        self.call(&call).unwrap()
    }

    fn modify(
        &mut self,
        target: &Target,
        current: Option<&Connection>,
        change: &Settings,
        token: &str,
    ) -> Outgoing<crate::provider::Accepted> {
        self.provider.modify(&Edit { target, current, change, address: &[], token }).unwrap()
    }
}

fn target(kind: usize, id: &str) -> Target {
    let kind = &PROVIDER.kinds[kind];
    Target { kind, operation: &kind.operations[0], id: id.into() }
}

fn shanghai() -> Target {
    target(0, "vco-bp1bbi27hojx80nck9k1i")
}

fn attachment() -> Target {
    target(1, "vco-p0w5112fgnl2ihlmf")
}

fn server() -> Target {
    target(2, "iss-bp1bo3xuvcxo7ixll")
}

fn settings(target: &Target, flags: &[(Key, &str)]) -> Settings {
    let value = |key: Key, text: &str| field::field(target.operation.fields, key).unwrap().parse(&[text.to_owned()]).unwrap();
    flags.iter().map(|&(key, text)| (key, value(key, text))).collect()
}

const IKE: &[(Key, &str)] = &[
    (Key::IkeVersion, "ikev2"),
    (Key::IkeMode, "aggressive"),
    (Key::IkeEncryption, "aes256"),
    (Key::IkeIntegrity, "sha512"),
    (Key::IkeDhGroup, "group14"),
    (Key::IkeLifetime, "1h"),
    (Key::LocalId, "cloud.example.test"),
    (Key::RemoteId, "peer.example.test"),
];
const IPSEC: &[(Key, &str)] =
    &[(Key::IpsecEncryption, "aes192"), (Key::IpsecIntegrity, "sha384"), (Key::IpsecPfs, "none"), (Key::IpsecLifetime, "3600")];
const PLAIN: &[(Key, &str)] = &[(Key::Name, "a b*~+é"), (Key::LocalSubnets, "10.7.0.0/16"), (Key::EffectImmediately, "on")];
const SWITCHES: &[(Key, &str)] = &[(Key::NatTraversal, "off"), (Key::DpdEnabled, "off"), (Key::AutoConfigRoute, "off")];
const HEALTH: &[(Key, &str)] = &[
    (Key::HealthCheckEnabled, "on"),
    (Key::HealthCheckLocal, "10.0.0.1"),
    (Key::HealthCheckRemote, "10.9.0.1"),
    (Key::HealthCheckInterval, "7"),
    (Key::HealthCheckRetries, "9"),
];
const BGP: &[(Key, &str)] = &[
    (Key::BgpEnabled, "on"),
    (Key::BgpLocalAsn, "65001"),
    (Key::BgpTunnelCidr, "169.254.20.0/30"),
    (Key::BgpLocalAddress, "169.254.20.2"),
];

type Flags = &'static [(Key, &'static str)];

/// Each kind of setting, one change after another: seen after the settling time, not before, and nothing else moves.
#[test]
fn a_change_shows_after_the_settling_time_and_changes_nothing_else() {
    let pem = "-----BEGIN CERTIFICATE-----\nA+/=\n-----END CERTIFICATE-----";
    let cases: [(&str, Target, Vec<Flags>); 3] = [
        ("cn-shanghai", shanghai(), vec![PLAIN, SWITCHES, IKE, IPSEC, HEALTH, &[(Key::Psk, "~!`@#$%^&*()_-+={}[]|;:\",.<>/?")]]),
        (
            "cn-hangzhou",
            attachment(),
            vec![
                PLAIN,
                SWITCHES,
                IKE,
                IPSEC,
                HEALTH,
                BGP,
                &[(Key::HealthCheckPolicy, "reserve-route")],
                &[(Key::RemoteSubnets, "10.8.0.0/16,10.9.0.0/16")],
                &[(Key::NetworkType, "private"), (Key::CustomerGateway, "cgw-p0w2jemrcj5u61un8")],
            ],
        ),
        (
            "cn-shanghai",
            server(),
            vec![PLAIN, IKE, IPSEC, &[(Key::ClientPool, "10.99.0.0/20")], &[(Key::PskEnabled, "on"), (Key::Psk, "new-key")]],
        ),
    ];
    for signature in [None, Some("acs3")] {
        for (region, target, changes) in &cases {
            let mut world = World::new(region, signature);
            for (step, flags) in changes.iter().enumerate() {
                let before = world.show(target);
                let change = settings(target, flags);
                let call = world.modify(target, Some(&before), &change, &format!("t{step}"));
                assert!(world.call(&call).unwrap().request_id.is_some());
                assert_eq!(world.show(target).settings, before.settings, "too early");
                let poll = world.provider.progress(target, before.gateway.as_deref(), None);
                assert_eq!(world.call(&poll).unwrap().change, Term::Changing, "{flags:?}");
                world.store.advance(Store::SETTLE_MS);
                assert_eq!(world.call(&poll).unwrap().change, Term::Settled);
                let after = world.show(target).settings;
                for (key, value) in before.settings.with(&change).iter() {
                    // What the cloud finds out itself may move.
                    if ![Key::BgpPeerAddress, Key::BgpState, Key::HealthCheckState].contains(&key) {
                        assert_eq!(after.get(key), Some(value), "{key:?}");
                    }
                }
            }
        }
    }
    let mut world = World::new("cn-shanghai", None);
    let change = settings(&shanghai(), &[(Key::RemoteCa, pem)]);
    let call = world.modify(&shanghai(), None, &change, "t");
    world.call(&call).unwrap();
    world.store.advance(Store::SETTLE_MS);
    assert_eq!(world.show(&shanghai()).settings.text(Key::RemoteCa), Some(pem));
}

#[test]
fn a_second_change_meanwhile_is_refused() {
    let mut world = World::new("cn-shanghai", None);
    let name = settings(&shanghai(), &[(Key::Name, "a")]);
    let first = world.modify(&shanghai(), None, &name, "t1");
    world.call(&first).unwrap();
    let second = world.modify(&shanghai(), None, &name, "t2");
    assert_eq!(world.code(&second), "VpnGateway.Configuring");
    let before = world.show(&server());
    let pool = settings(&server(), &[(Key::ClientPool, "10.99.0.0/20")]);
    let call = world.modify(&server(), Some(&before), &pool, "t3");
    world.call(&call).unwrap();
    let call = world.modify(&server(), Some(&before), &pool, "t4");
    assert_eq!(world.code(&call), "VpnGateway.Configuring");
    let mut world = World::new("cn-hangzhou", None);
    let first = world.modify(&attachment(), None, &name, "t1");
    world.call(&first).unwrap();
    let second = world.modify(&attachment(), None, &name, "t2");
    assert_eq!(world.code(&second), "VpnConnection.Configuring");
}

#[test]
fn a_servers_name_changes_at_once() {
    let mut world = World::new("cn-shanghai", None);
    let call = world.modify(&server(), None, &settings(&server(), &[(Key::Name, "quick")]), "t");
    world.call(&call).unwrap();
    assert_eq!(world.show(&server()).settings.text(Key::Name), Some("quick"));
    let poll = world.provider.progress(&server(), Some("vpn-bp1servergateway00001"), None);
    assert_eq!(world.call(&poll).unwrap().change, Term::Settled);
}

#[test]
fn a_dry_run_checks_and_changes_nothing() {
    let mut world = World::new("cn-shanghai", None);
    let (target, before) = (server(), world.show(&server()));
    for (pool, passes) in [("10.99.0.0/20", true), ("192.168.0.0/24", false)] {
        let change = settings(&target, &[(Key::ClientPool, pool)]);
        let edit = Edit { target: &target, current: Some(&before), change: &change, address: &[], token: "t" };
        let call = world.provider.precheck(&edit).unwrap();
        assert_eq!(world.call(&call).is_ok(), passes);
        world.store.advance(Store::SETTLE_MS);
        assert_eq!(world.show(&target), before);
    }
}

#[test]
fn a_token_is_good_for_one_change() {
    let mut world = World::new("cn-shanghai", None);
    let name = |text: &str| settings(&shanghai(), &[(Key::Name, text)]);
    let first = world.modify(&shanghai(), None, &name("a"), "t");
    world.call(&first).unwrap();
    // The same again while the gateway is busy, and after somebody else's change: the stored reply, no second effect.
    world.call(&first).unwrap();
    world.store.advance(Store::SETTLE_MS);
    let other = world.modify(&shanghai(), None, &name("b"), "u");
    world.call(&other).unwrap();
    world.store.advance(Store::SETTLE_MS);
    world.call(&first).unwrap();
    world.store.advance(Store::SETTLE_MS);
    assert_eq!(world.show(&shanghai()).settings.text(Key::Name), Some("b"));
    let mismatch = world.modify(&shanghai(), None, &name("c"), "t");
    assert_eq!(world.code(&mismatch), "IdempotentParameterMismatch");
}

#[test]
fn refusals_come_in_the_clouds_own_words() {
    for signature in [None, Some("acs3")] {
        let mut world = World::new("cn-shanghai", signature);
        let show = world.provider.show(&shanghai());
        world.credentials = credentials("wrong");
        let Err(Trouble::Api(error)) = world.call(&show) else { panic!() };
        assert_eq!((error.class, error.code.as_str()), (Class::Auth, "SignatureDoesNotMatch"));
        world.credentials = Credentials { id: "LTAIother".into(), ..credentials("wrong") };
        assert_eq!(world.code(&show), "InvalidAccessKeyId.NotFound");
        world.credentials = credentials(PROVIDER.emulation.credentials.1);
        for (minutes, good) in [(15, true), (-15, true), (16, false), (-16, false)] {
            world.skew = TimeDelta::minutes(minutes);
            match world.call(&show) {
                Ok(_) => assert!(good),
                Err(Trouble::Api(error)) => assert_eq!((error.class, good), (Class::Clock, false)),
                Err(other) => panic!("{other:?}"),
            }
        }
        world.skew = TimeDelta::zero();
        let missing = world.provider.show(&target(0, "vco-missing"));
        assert_eq!(world.code(&missing), "InvalidVpnConnectionInstanceId.NotFound");
        let elsewhere = world.provider.show(&attachment());
        assert_eq!(world.code(&elsewhere), "InvalidVpnConnectionInstanceId.NotFound");
        let none = world.provider.show(&target(2, "iss-missing"));
        assert_eq!(world.call(&none), Err(Trouble::Read(ReadError::Missing("iss-missing".into()))));
        world.provider = (PROVIDER.connect)(profile("cn-nowhere", signature));
        let show = world.provider.show(&shanghai());
        assert_eq!(world.code(&show), "InvalidRegionId.NotFound");
    }
    let mut world = World::new("cn-hangzhou", None);
    let id = attachment().id;
    let wrong_kind = world.modify(&target(0, &id), None, &settings(&shanghai(), &[(Key::Name, "a")]), "t");
    assert_eq!(world.code(&wrong_kind), "OperationUnsupported.AttachType");
}

#[test]
fn a_nonce_is_taken_once() {
    let mut world = World::new("cn-shanghai", None);
    let request = world.provider.show(&shanghai()).request;
    let stamp = Stamp { time: world.now, nonce: uuid::Uuid::new_v4() };
    let signature = world.provider.sign(&request, &world.credentials, &stamp);
    let incoming = Incoming::from_request(&request.signed(signature), world.now);
    world.store.begin(world.now);
    assert_eq!(handle(&incoming, &mut world.store).status, 200);
    let reply = handle(&incoming, &mut world.store);
    assert_eq!(world.provider.error(&reply).unwrap().class, Class::Ambiguous);
}

#[test]
fn a_block_without_a_key_gets_a_new_one_and_the_defaults() {
    let mut world = World::new("cn-shanghai", None);
    let before = world.show(&shanghai());
    let mut request = world.modify(&shanghai(), Some(&before), &settings(&shanghai(), &[(Key::Name, "a")]), "t").request;
    if let crate::wire::Body::Form(form) = &mut request.body {
        form.push(("IkeConfig".into(), r#"{"IkePfs":"group14"}"#.into()));
    }
    assert_eq!(world.send(&request).status, 200);
    world.store.advance(Store::SETTLE_MS);
    let after = world.show(&shanghai()).settings;
    assert_ne!(after.get(Key::Psk), before.settings.get(Key::Psk));
    let Some(Value::Secret(secret)) = after.get(Key::Psk) else { panic!() };
    assert_eq!(secret.expose().len(), 16);
    assert_eq!(after.term(Key::IkeIntegrity), Some(Term::Md5));
    assert_eq!(after.term(Key::IkeDhGroup), Some(Term::Group14));
    assert_eq!(after.text(Key::RemoteId), Some("139.196.32.167"));
}

#[test]
fn values_are_refused_with_the_vendors_codes() {
    let long = "a".repeat(101);
    for (target, name, value, code) in [
        (shanghai(), "Name", long.as_str(), "InvalidName"),
        (shanghai(), "Name", "http://a", "InvalidName"),
        (shanghai(), "LocalSubnet", "10.0.0.0/33", "IllegalParam.LocalSubnet"),
        (shanghai(), "RemoteSubnet", "10.0.0.0/8, 11.0.0.0/8", "IllegalParam.RemoteSubnet"),
        (shanghai(), "EnableDpd", "maybe", "InvalidParameter"),
        (shanghai(), "IkeConfig", "ikev1, ikev2", "IllegalParam.IkeConfig"),
        (shanghai(), "IkeConfig", r#"{"IkePfs":"group24"}"#, "NotSupportVpnConnectionParameter.IkePfs"),
        (shanghai(), "IkeConfig", r#"{"IkeLifetime":86401}"#, "IllegalParam.IkeLifetime"),
        (shanghai(), "IkeConfig", r#"{"Psk":"a b"}"#, "IllegalParam.Psk"),
        (shanghai(), "IkeConfig", r#"{"LocalId":"a b"}"#, "IllegalParam.LocalId"),
        (shanghai(), "IpsecConfig", r#"{"IpsecPfs":"group3"}"#, "NotSupportVpnConnectionParameter.IpsecPfs"),
        (shanghai(), "IpsecConfig", r#"{"IpsecAuthAlg":"sha3"}"#, "NotSupportVpnConnectionParameter.IpsecAuthAlg"),
        (shanghai(), "BgpConfig", r#"{"EnableBgp":"true"}"#, "MissingParameter.TunnelCidr"),
        (shanghai(), "BgpConfig", r#"{"EnableBgp":"true","TunnelCidr":"169.254.9.0/30"}"#, "MissingParam.CustomerGatewayAsn"),
        (shanghai(), "BgpConfig", r#"{"EnableBgp":"x"}"#, "IllegalParam.BgpConfig"),
        (shanghai(), "BgpConfig", r#"{"LocalAsn":"0"}"#, "IllegalParam.LocalAsn"),
        (shanghai(), "BgpConfig", r#"{"TunnelCidr":"169.254.1.0/30"}"#, "IllegalParam.TunnelCidr"),
        (shanghai(), "BgpConfig", r#"{"TunnelCidr":"x"}"#, "InvalidTunnelCidr.Malformed"),
        (shanghai(), "BgpConfig", r#"{"TunnelCidr":"169.254.9.0/30","LocalBgpIp":"x"}"#, "InvalidLocalBgpIp.Malformed"),
        (shanghai(), "BgpConfig", r#"{"TunnelCidr":"169.254.9.0/30","LocalBgpIp":"169.254.9.4"}"#, "IllegalParam.LocalBgpIp"),
        (shanghai(), "HealthCheckConfig", r#"{"enable":"true"}"#, "IllegalParam.HealthCheckConfig"),
        (shanghai(), "EnableTunnelsBgp", "true", "OperationUnsupported.SingleTunnel"),
        (server(), "ClientIpPool", "x", "IllegalParam.ClientIpPool"),
        (server(), "ClientIpPool", "10.0.0.0/30", "ClientIpPool.NetmaskInvalid"),
        (server(), "ClientIpPool", "172.17.4.0/24", "InvalidClientIpPool.Conflict"),
        (server(), "PskEnabled", "false", "IllegalParam.AuthMethod"),
    ] {
        let mut world = World::new("cn-shanghai", None);
        let mut request = world.modify(&target, None, &settings(&target, &[(Key::Name, "a")]), "t").request;
        if let crate::wire::Body::Form(form) = &mut request.body {
            form.retain(|(field, _)| field != name);
            form.push((name.to_owned(), value.to_owned()));
        }
        let reply = world.send(&request);
        let error = world.provider.error(&reply).unwrap();
        assert_eq!(error.code, code, "{name} {value}");
        assert!(!error.meaning.is_empty(), "{code}");
    }
}

#[test]
fn what_the_vendors_sdks_do_is_understood() {
    let mut world = World::new("cn-shanghai", Some("acs3"));
    // Parameters in the query of a GET, switches as Python writes them, headers that our client does not send.
    let mut request = world.modify(&shanghai(), None, &settings(&shanghai(), &[(Key::Name, "a")]), "t").request;
    if let crate::wire::Body::Form(form) = std::mem::take(&mut request.body) {
        request.query = form;
    }
    request.method = crate::wire::Method::Get;
    request.query.push(("EnableDpd".into(), "False".into()));
    request.headers.push(("x-acs-credentials-provider".into(), "static_ak".into()));
    assert_eq!(world.send(&request).status, 200);
    world.store.advance(Store::SETTLE_MS);
    assert_eq!(world.show(&shanghai()).settings.switch(Key::DpdEnabled), Some(false));
    // A header of the cloud's that is not signed.
    let stamp = Stamp { time: world.now, nonce: uuid::Uuid::new_v4() };
    let signature = world.provider.sign(&request, &world.credentials, &stamp);
    let mut incoming = Incoming::from_request(&request.signed(signature), world.now);
    incoming.headers.push(("x-acs-extra".into(), "1".into()));
    assert_eq!(world.provider.error(&handle(&incoming, &mut world.store)).unwrap().code, "IncompleteSignature");
}

#[test]
fn lists_are_paged_and_xml_is_spoken() {
    let mut world = World::new("cn-shanghai", None);
    let mut request = world.provider.show(&shanghai()).request;
    request.query =
        vec![("Action".into(), "DescribeVpnConnections".into()), ("Version".into(), "2016-04-28".into()), ("PageSize".into(), "1".into())];
    request.body = crate::wire::Body::Form(vec![("RegionId".into(), "cn-shanghai".into())]);
    let reply = world.send(&request).json().unwrap();
    assert_eq!((&reply["TotalCount"], &reply["PageSize"]), (&json!(1), &json!(1)));
    assert_eq!(reply["VpnConnections"]["VpnConnection"][0]["VpnConnectionId"], json!("vco-bp1bbi27hojx80nck9k1i"));
    request.query.push(("PageNumber".into(), "2".into()));
    assert_eq!(world.send(&request).json().unwrap()["VpnConnections"]["VpnConnection"], json!([]));
    request.query.push(("Format".into(), "XML".into()));
    let reply = world.send(&request);
    assert_eq!(reply.header("content-type"), Some("text/xml;charset=utf-8"));
    assert!(String::from_utf8(reply.body).unwrap().contains("<DescribeVpnConnectionsResponse>"));
    request.query.retain(|(name, _)| name != "Action");
    request.query.push(("Action".into(), "Nothing".into()));
    let reply = world.send(&request);
    assert_eq!((reply.status, world.provider.error(&reply).unwrap().code.as_str()), (404, "InvalidAction.NotFound"));
}

#[test]
fn every_seed_is_read_and_its_key_is_never_shown() {
    for (region, target, tunnels) in [
        ("cn-shanghai", shanghai(), 0),
        ("cn-hangzhou", attachment(), 0),
        ("cn-shanghai", server(), 0),
        ("cn-guangzhou", target(0, "vco-7xvpartnertencent001"), 0),
        ("cn-beijing", target(0, "vco-2zedualtunnel00001"), 2),
    ] {
        let mut world = World::new(region, None);
        let connection = world.show(&target);
        assert_eq!(connection.tunnels.len(), tunnels);
        let shown = format!("{connection:?}{}", connection.to_json());
        for key in ["pgw6dy7d1i8in7x5", "1234AbcdEfgh5678", "Cfd123Emulated01", "tencenttest", "DualMaster2026key", "DualSlave2026keyB"] {
            assert!(!shown.contains(key), "{key}");
        }
        // A signature error repeats what was signed; the key is cut from it.
        world.credentials = credentials("wrong");
        let call = world.modify(&target, None, &settings(&target, &[(Key::Psk, "canary-psk")]), "t");
        let Err(Trouble::Api(error)) = world.call(&call) else { panic!() };
        assert!(!format!("{error:?} {call:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn faults_speak_the_clouds_language() {
    let world = World::new("cn-shanghai", None);
    let request = world.provider.show(&shanghai()).request;
    let incoming = Incoming::from_request(&request, world.now);
    for (refusal, class) in [(Refusal::Throttle, Class::Rate), (Refusal::Busy, Class::Busy), (Refusal::Internal, Class::Ambiguous)] {
        assert_eq!(world.provider.error(&refuse(refusal, &incoming)).unwrap().class, class);
    }
}

mod roles {
    use super::super::super::sts::{self, Role};
    use super::*;
    use crate::model::Secret;
    use crate::provider::alibaba::{PROVIDER, sign_rpc};
    use crate::wire::Credentials;
    use crate::wire::{Body, Request, Stamp};

    const ROLE: Role<'static> =
        Role { arn: "acs:ram::1:role/r", session: None, seconds: Some(900), policy: None, external_id: None, region: None };

    fn account() -> Credentials {
        let (id, secret) = PROVIDER.emulation.credentials;
        Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None }
    }

    fn sent(request: &Request, credentials: &Credentials, store: &mut Store, at: &str) -> Reply {
        let time = at.parse().unwrap();
        let signature = sign_rpc::sign(request, credentials, &Stamp { time, nonce: uuid::Uuid::new_v4() });
        handle(&Incoming::from_request(&request.clone().signed(signature), time), store)
    }

    fn describe() -> Request {
        let mut request = sts::assume_role(&ROLE).unwrap().request;
        request.query = [
            ("Action", "DescribeVpnConnection"),
            ("Version", "2016-04-28"),
            ("RegionId", "cn-shanghai"),
            ("VpnConnectionId", "vco-bp1bbi27hojx80nck9k1i"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        request.body = Body::Empty;
        request
    }

    #[test]
    fn temporary_credentials_work_with_their_token_and_until_they_expire() {
        let mut store = crate::emulator::seeded();
        let call = sts::assume_role(&ROLE).unwrap();
        let given = (call.read)(&sent(&call.request, &account(), &mut store, "2030-01-01T00:00:00Z")).unwrap();
        assert_eq!(sent(&describe(), &given, &mut store, "2030-01-01T00:14:00Z").status, 200);
        let code = |credentials: &Credentials, store: &mut Store, at: &str| {
            sent(&describe(), credentials, store, at).json().unwrap()["Code"].as_str().unwrap().to_owned()
        };
        assert_eq!(code(&given, &mut store, "2030-01-01T00:15:00Z"), "InvalidSecurityToken.Expired");
        let (id, secret) = (given.id.clone(), given.secret.expose().to_owned());
        let with = |token: Option<&str>| Credentials {
            id: id.clone(),
            secret: Secret::new(secret.clone()),
            token: token.map(Secret::new),
            bearer: None,
        };
        assert_eq!(code(&with(None), &mut store, "2030-01-01T00:01:00Z"), "MissingSecurityToken");
        assert_eq!(code(&with(Some("other")), &mut store, "2030-01-01T00:01:00Z"), "InvalidSecurityToken.MismatchWithAccessKey");
    }

    #[test]
    fn a_role_that_cannot_be_is_refused() {
        let mut store = crate::emulator::seeded();
        for (role, code) in [
            (Role { arn: "role/r", ..ROLE }, "InvalidParameter.RoleArn"),
            (Role { session: Some("a b"), ..ROLE }, "InvalidParameter.RoleSessionName"),
            (Role { seconds: Some(60), ..ROLE }, "InvalidParameter.DurationSeconds"),
            (Role { arn: "acs:ram::1:role/forbidden", ..ROLE }, "NoPermission"),
        ] {
            let request = sts::assume_role(&role).unwrap().request;
            assert_eq!(sent(&request, &account(), &mut store, "2030-01-01T00:00:00Z").json().unwrap()["Code"], code);
        }
    }
}
