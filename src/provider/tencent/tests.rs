//! The whole way: build, sign, arrive at the emulator, read.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{PROVIDER, emulator, error, wire, wire_v2};
use crate::emulated::{Incoming, Refusal, Store};
use crate::error::{ApiError, Class, Violation};
use crate::model::{Connection, Key, Secret, Settings, Term, Value};
use crate::provider::field::field;
use crate::provider::{Accepted, Edit, Profile, Progress, Provider, Target};
use crate::wire::Credentials;
use crate::wire::{Body, Endpoint, Reply, Request, Stamp, decode_pairs};

const CANARY: &str = "canary-5d1f";

/// A client beside an emulator of its own.
struct World {
    store: Store,
    provider: Box<dyn Provider>,
    credentials: Credentials,
    now: DateTime<Utc>,
    /// How far the client's clock is off.
    skew_secs: i64,
    nonce: u128,
    api: usize,
}

impl World {
    fn new(region: &str, api: usize, signature: Option<&'static str>) -> Self {
        let mut store = Store::new();
        emulator::seed(&mut store);
        let (id, secret) = emulator::CREDENTIALS;
        let profile = Profile {
            region: region.to_owned(),
            endpoint: Some(Endpoint::parse("http://127.0.0.1:9").unwrap()),
            identity_endpoint: None,
            project_id: None,
            signature,
        };
        Self {
            store,
            provider: (PROVIDER.connect)(profile),
            credentials: Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None },
            now: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            skew_secs: 0,
            nonce: 7,
            api,
        }
    }

    fn target(&self, id: &str) -> Target {
        let kind = &PROVIDER.kinds[0];
        Target { kind, operation: &kind.operations[self.api], id: id.to_owned() }
    }

    fn arrive(&mut self, request: Request) -> Incoming {
        self.nonce += 1;
        let stamp = Stamp { time: self.now + Duration::seconds(self.skew_secs), nonce: Uuid::from_u128(self.nonce << 40) };
        let signature = self.provider.sign(&request, &self.credentials, &stamp);
        Incoming::from_request(&request.signed(signature), self.now)
    }

    fn send(&mut self, request: Request) -> Result<Reply, ApiError> {
        let incoming = self.arrive(request);
        self.store.begin(self.now);
        let reply = emulator::handle(&incoming, &mut self.store);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
        self.provider.error(&reply).map_or(Ok(reply), Err)
    }

    fn show(&mut self, id: &str) -> Result<Connection, ApiError> {
        let call = self.provider.show(&self.target(id));
        self.send(call.request).map(|reply| (call.read)(&reply).unwrap())
    }

    fn modify(&mut self, id: &str, change: &Settings, current: Option<&Connection>) -> Result<Accepted, ApiError> {
        let target = self.target(id);
        let edit = Edit { target: &target, current, change, address: &[], token: "t" };
        assert_eq!(self.provider.rules(&edit).violations, Vec::<Violation>::new());
        let call = self.provider.modify(&edit).unwrap();
        self.send(call.request).map(|reply| (call.read)(&reply).unwrap())
    }

    fn progress(&mut self, id: &str, accepted: Option<&Accepted>) -> Progress {
        let call = self.provider.progress(&self.target(id), None, accepted);
        let reply = self.send(call.request).unwrap();
        (call.read)(&reply).unwrap()
    }

    fn change(&self, rows: &[(Key, &str)]) -> Settings {
        let fields = self.target("x").operation.fields;
        rows.iter()
            .map(|(key, text)| {
                let texts: Vec<String> = text.split('|').map(str::to_owned).collect();
                (*key, field(fields, *key).unwrap().parse(&texts).unwrap())
            })
            .collect()
    }

    /// Changes, waits, reads, and compares what was asked with what is there.
    fn round_trip(&mut self, id: &str, rows: &[(Key, &str)]) {
        let change = self.change(rows);
        let before = self.show(id).unwrap();
        let accepted = self.modify(id, &change, Some(&before)).unwrap();
        assert_eq!(self.progress(id, Some(&accepted)).change, Term::Changing);
        let during = self.show(id).unwrap();
        assert_eq!((during.status.change, &during.settings), (Term::Changing, &before.settings));
        self.store.advance(Store::SETTLE_MS);
        assert_eq!(self.progress(id, Some(&accepted)).change, Term::Settled);
        assert_eq!(self.progress(id, None).change, Term::Settled);
        let after = self.show(id).unwrap();
        for (key, value) in change.iter() {
            assert_eq!(after.settings.get(key), Some(value), "{key:?}");
        }
        for (key, value) in before.settings.iter().filter(|(key, _)| !change.has(*key)) {
            let follows = matches!(key, Key::LocalSubnets | Key::RemoteSubnets | Key::PolicyRules | Key::LocalIdType | Key::RemoteIdType);
            assert!(follows || after.settings.get(key) == Some(value), "{key:?} changed too");
        }
    }
}

const V3: usize = 0;
const V2: usize = 1;

const ROWS_V3: &[&[(Key, &str)]] = &[
    &[(Key::Name, "renamed \u{4e2d} +&=")],
    &[(Key::CustomerGateway, "cgw-spare0001")],
    &[(Key::PolicyRules, "10.0.0.0/24=10.1.0.0/24,10.2.0.0/24|10.0.1.0/24=10.3.0.0/24")],
    &[(Key::Psk, "a b+c*d~e%f/g=h&i")],
    &[(Key::Psk, "@home")],
    &[(Key::Negotiation, "on-traffic")],
    &[(Key::IkeVersion, "ikev2"), (Key::IkeEncryption, "aes256gcm16"), (Key::IkeIntegrity, "sha512"), (Key::IkeDhGroup, "group21")],
    &[(Key::IkeMode, "aggressive"), (Key::IkeLifetime, "60")],
    &[(Key::LocalIdType, "fqdn"), (Key::LocalId, "Cloud.example.test"), (Key::RemoteId, "198.51.100.8")],
    &[(Key::DpdEnabled, "on"), (Key::DpdTimeout, "60"), (Key::DpdAction, "clear")],
    &[(Key::IpsecEncryption, "null"), (Key::IpsecIntegrity, "sha384"), (Key::IpsecPfs, "group20")],
    &[(Key::IpsecLifetime, "180"), (Key::IpsecLifetimeKb, "4294967295"), (Key::IpsecPfs, "none")],
    &[(Key::BgpTunnelCidr, "169.254.128.0/30"), (Key::BgpLocalAddress, "169.254.128.1"), (Key::BgpPeerAddress, "169.254.128.2")],
    &[(Key::HealthCheckEnabled, "on"), (Key::HealthCheckLocal, "169.254.128.5"), (Key::HealthCheckRemote, "169.254.128.6")],
    &[
        (Key::HealthCheckInterval, "1500ms"),
        (Key::HealthCheckTimeout, "10ms"),
        (Key::HealthCheckRetries, "8"),
        (Key::HealthCheckProbe, "nqa"),
    ],
];

#[test]
fn every_setting_of_api_3_0_is_seen_after_its_change_with_every_scheme() {
    for scheme in [None, Some("tc3"), Some("hmac-sha256"), Some("hmac-sha1")] {
        for rows in ROWS_V3 {
            World::new("ap-shanghai", V3, scheme).round_trip("vpnx-partneral01", rows);
        }
    }
    let tried = |key: Key| ROWS_V3.iter().any(|rows| rows.iter().any(|(row, _)| *row == key));
    let untried: Vec<Key> =
        super::settings::V3.iter().filter(|field| !field.write.is_empty() && !tried(field.key)).map(|field| field.key).collect();
    assert_eq!(untried, [Key::RemoteIdType]);
}

#[test]
fn every_setting_of_api_2_0_is_seen_after_its_change_with_every_scheme() {
    let all: &[&[(Key, &str)]] = &[
        &[(Key::Name, "renamed \u{4e2d} +&=")],
        &[(Key::RemoteSubnets, "10.100.2.0/24,10.100.3.0/24")],
        &[(Key::PolicyRules, "10.0.0.0/24=10.1.0.0/24,10.2.0.0/24")],
        &[(Key::Psk, "a b+c*d~e%f/g=h&i")],
        &[(Key::Psk, "@home")],
        &[(Key::IkeMode, "aggressive"), (Key::IkeEncryption, "aes256"), (Key::IkeIntegrity, "sha1"), (Key::IkeDhGroup, "group24")],
        &[(Key::IkeLifetime, "604800"), (Key::LocalId, "203.0.113.8"), (Key::RemoteIdType, "fqdn"), (Key::RemoteId, "Idc.example.test")],
        &[(Key::IpsecEncryption, "null"), (Key::IpsecIntegrity, "sha1"), (Key::IpsecPfs, "group14")],
        &[(Key::IpsecLifetime, "604800"), (Key::IpsecLifetimeKb, "2560"), (Key::IpsecPfs, "none")],
    ];
    for scheme in [None, Some("tc3"), Some("hmac-sha256"), Some("hmac-sha1")] {
        for region in ["ap-guangzhou", "gz"] {
            for rows in all {
                World::new(region, V2, scheme).round_trip("vpnx-ol6bcqp0", rows);
            }
        }
    }
}

#[test]
fn both_apis_negotiate_anew_and_the_key_goes_alone() {
    for (api, operation, ids) in [
        (V3, "ResetVpnConnection", json!({ "VpnGatewayId": "vpngw-kfldykuz", "VpnConnectionId": "vpnx-ol6bcqp0" })),
        (V2, "ResetVpnConnSA", json!({ "vpcId": "vpc-03vihbk9", "vpnGwId": "vpngw-kfldykuz", "vpnConnId": "vpnx-ol6bcqp0" })),
    ] {
        let mut world = World::new("ap-guangzhou", api, None);
        let current = world.show("vpnx-ol6bcqp0").unwrap();
        let change = world.provider.key_change(&current, None, &Secret::new(CANARY));
        assert_eq!(change.iter().map(|(key, _)| key).collect::<Vec<_>>(), [Key::Psk]);
        let (target, none) = (world.target("vpnx-ol6bcqp0"), Settings::new());
        let mut edit = Edit { target: &target, current: Some(&current), change: &none, address: &[], token: "t" };
        let call = world.provider.renegotiate(&edit).unwrap().unwrap();
        assert_eq!(call.request.operation, operation);
        let sent = match &call.request.body {
            Body::Json(text) => serde_json::from_str(text).unwrap(),
            Body::Form(pairs) => pairs[2..].iter().map(|(name, value)| (name.clone(), json!(value))).collect(),
            Body::Empty => Json::Null,
        };
        assert_eq!(sent, ids);
        let reply = world.send(call.request).unwrap();
        let accepted = (call.read)(&reply).unwrap();
        assert_eq!((accepted.task, accepted.request_id.is_some()), (None, api == V3));
        assert_eq!(world.progress("vpnx-ol6bcqp0", None).change, Term::Changing);
        // Without a read, the gateway has to be named.
        edit.current = None;
        assert!(world.provider.renegotiate(&edit).unwrap().is_err());
        let address = [(wire_v2::VPC_ID, "vpc-03vihbk9".to_owned()), (crate::provider::GATEWAY, "vpngw-kfldykuz".to_owned())];
        edit.address = &address;
        assert!(world.provider.renegotiate(&edit).unwrap().is_ok());
    }
}

#[test]
fn both_apis_show_the_same_tunnel() {
    let new = World::new("ap-guangzhou", V3, None).show("vpnx-ol6bcqp0").unwrap();
    let old = World::new("gz", V2, None).show("vpnx-ol6bcqp0").unwrap();
    for (key, value) in old.settings.iter() {
        if !matches!(key, Key::IpsecEncapsulation | Key::IpsecProtocol) {
            assert_eq!(new.settings.get(key), Some(value), "{key:?}");
        }
    }
    assert_eq!((new.gateway.as_deref(), old.gateway.as_deref()), (Some("vpngw-kfldykuz"), Some("vpngw-kfldykuz")));
    assert_eq!(old.gateway_address.as_deref(), Some("203.0.113.7"));
    assert_eq!((new.status.tunnel, old.status.tunnel), (Term::Up, Term::Up));
    assert_eq!(new.created, old.created);
    assert!(new.extra.get("LegacyId").is_none());
}

#[test]
fn a_second_change_meanwhile_is_busy() {
    for api in [V3, V2] {
        let mut world = World::new("ap-guangzhou", api, None);
        let current = world.show("vpnx-ol6bcqp0").unwrap();
        let change = world.change(&[(Key::Name, "a")]);
        world.modify("vpnx-ol6bcqp0", &change, Some(&current)).unwrap();
        let error = world.modify("vpnx-ol6bcqp0", &change, Some(&current)).unwrap_err();
        assert_eq!(error.class, Class::Busy, "{error:?}");
    }
}

#[test]
fn wrong_keys_clocks_and_regions_are_refused_in_the_cloud_s_words() {
    for (api, scheme, mismatch, expired, unknown) in [
        (V3, None, "AuthFailure.SignatureFailure", "AuthFailure.SignatureExpire", "AuthFailure.SecretIdNotFound"),
        (V3, Some("hmac-sha1"), "AuthFailure.SignatureFailure", "AuthFailure.SignatureExpire", "AuthFailure.SecretIdNotFound"),
        (V2, None, "4100 AuthFailure", "4200 RequestExpired", "4104 AuthFailure"),
    ] {
        let world = || World::new("ap-guangzhou", api, scheme);
        let mut wrong = world();
        wrong.credentials.secret = Secret::new("wrong");
        let error = wrong.show("vpnx-ol6bcqp0").unwrap_err();
        assert_eq!((error.code.as_str(), error.class), (mismatch, Class::Auth));
        let mut stranger = world();
        stranger.credentials.id = "AKIDsomebody".to_owned();
        assert_eq!(stranger.show("vpnx-ol6bcqp0").unwrap_err().code, unknown);
        for (skew_secs, good) in [(300, true), (-300, true), (301, false), (-301, false)] {
            let mut skewed = world();
            skewed.skew_secs = skew_secs;
            let result = skewed.show("vpnx-ol6bcqp0");
            assert_eq!(result.is_ok(), good, "{skew_secs}");
            if let Err(error) = result {
                assert_eq!((error.code.as_str(), error.class), (expired, Class::Clock));
            }
        }
        let mut elsewhere = World::new("ap-nowhere", api, scheme);
        // The old API has no code of its own for a region that does not exist.
        let class = if api == V2 { Class::Final } else { Class::NotFound };
        assert_eq!(elsewhere.show("vpnx-ol6bcqp0").unwrap_err().class, class);
    }
}

#[test]
fn an_unknown_id_is_not_found_and_so_is_one_of_another_region() {
    let mut world = World::new("ap-guangzhou", V3, None);
    for id in ["vpnx-nothing1", "vpnx-partneral01"] {
        assert_eq!(world.show(id).unwrap_err().class, Class::NotFound);
    }
    let mut old = World::new("gz", V2, None);
    let call = old.provider.show(&old.target("vpnx-nothing1"));
    let reply = old.send(call.request).unwrap();
    assert_eq!((call.read)(&reply), Err(crate::wire::ReadError::Missing("vpnx-nothing1".to_owned())));
    let current = old.show("vpnx-ol6bcqp0").unwrap();
    let change = old.change(&[(Key::Name, "a")]);
    assert_eq!(old.modify("vpnx-nothing1", &change, Some(&current)).unwrap_err().class, Class::NotFound);
}

#[test]
fn a_copy_of_a_request_is_refused_where_nonces_are_signed() {
    for (api, scheme, expected) in
        [(V2, None, Some("4500 ReplayAttack")), (V3, Some("hmac-sha256"), Some("AuthFailure.SignatureFailure")), (V3, None, None)]
    {
        let mut world = World::new("ap-guangzhou", api, scheme);
        let request = world.provider.show(&world.target("vpnx-ol6bcqp0")).request;
        let incoming = world.arrive(request);
        world.store.begin(world.now);
        let replies = [emulator::handle(&incoming, &mut world.store), emulator::handle(&incoming, &mut world.store)];
        let codes = replies.map(|reply| error::error(&reply).map(|error| error.code));
        assert_eq!(codes, [None, expected.map(str::to_owned)]);
    }
}

/// One call of any operation.
fn call(world: &mut World, operation: &'static str, parameters: Json) -> Result<Json, String> {
    let profile = Profile {
        region: "ap-shanghai".into(),
        endpoint: Some(Endpoint::parse("http://127.0.0.1:9").unwrap()),
        identity_endpoint: None,
        project_id: None,
        signature: None,
    };
    let parameters = parameters.as_object().unwrap().clone();
    let request = match world.api {
        V2 => wire_v2::request(&profile, operation, wire::flatten(&parameters)),
        _ => wire::request(&profile, operation, parameters),
    };
    world.send(request).map(|reply| reply.json().unwrap()).map_err(|error| error.code)
}

#[test]
fn listings_page_and_filter() {
    let mut world = World::new("ap-shanghai", V3, None);
    let mut ids = |parameters: Json| {
        call(&mut world, wire::DESCRIBE, parameters).map(|body| {
            let set = body["Response"]["VpnConnectionSet"].as_array().unwrap().len();
            (body["Response"]["TotalCount"].as_u64().unwrap(), set)
        })
    };
    assert_eq!(ids(json!({})), Ok((1, 1)));
    assert_eq!(ids(json!({ "Offset": 1, "Limit": 100 })), Ok((1, 0)));
    assert_eq!(ids(json!({ "Filters": [{ "Name": "vpn-gateway-id", "Values": ["x", "vpngw-partneral"] }] })), Ok((1, 1)));
    assert_eq!(ids(json!({ "Filters": [{ "Name": "vpc-id", "Values": ["x"] }] })), Ok((0, 0)));
    for (parameters, code) in [
        (json!({ "Limit": 101 }), "InvalidParameterValue.Range"),
        (json!({ "Limit": "x" }), "InvalidParameter"),
        (json!({ "Nonsense": 1 }), "UnknownParameter"),
        (json!({ "Filters": [{ "Name": "x", "Values": [] }] }), "InvalidParameter.FilterInvalidKey"),
        (json!({ "Filters": vec![json!({ "Name": "vpc-id", "Values": [] }); 11] }), "LimitExceeded.NumberOfFilters"),
        (json!({ "VpnConnectionIds": ["vpnx-partneral01"], "Filters": [{}] }), "InvalidParameter"),
        (json!({ "VpnConnectionIds": ["nonsense"] }), "InvalidParameterValue.Malformed"),
    ] {
        assert_eq!(ids(parameters), Err(code.to_owned()));
    }
    world.api = V2;
    let mut count = |parameters: Json| call(&mut world, wire_v2::DESCRIBE, parameters).map(|body| body["data"].as_array().unwrap().len());
    assert_eq!(count(json!({})), Ok(1));
    assert_eq!(count(json!({ "vpnConnId": "1022", "vpnGwId": 272, "vpnConnName": "of-ali" })), Ok(1));
    assert_eq!(count(json!({ "vpnConnName": "nothing" })), Ok(0));
    assert_eq!(count(json!({ "limit": 51 })), Err("InvalidParameter".to_owned()));
}

#[test]
fn values_are_checked_as_the_service_would() {
    let mut world = World::new("ap-shanghai", V3, None);
    for (parameters, code) in [
        (json!({}), "MissingParameter"),
        (json!({ "VpnConnectionId": 1 }), "InvalidParameterValue.Malformed"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "Psk": "x" }), "UnknownParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "VpnConnectionName": "n".repeat(61) }), "InvalidParameterValue.TooLong"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "PreShareKey": "" }), "InvalidParameterValue.Malformed"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "DpdTimeout": 30 }), "InvalidParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "DpdEnable": "1" }), "InvalidParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "DpdEnable": 2 }), "InvalidParameterValue"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "EnableHealthCheck": "true" }), "InvalidParameter"),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "IKEOptionsSpecification": { "PropoAuthenAlgorithm": "SHA1" } }),
            "InvalidParameterValue",
        ),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "IKEOptionsSpecification": { "IKESaLifetimeSeconds": 59 } }),
            "InvalidParameterValue.Range",
        ),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "IKEOptionsSpecification": { "LocalIdentity": "FQDN" } }), "MissingParameter"),
        (json!({ "VpnConnectionId": "vpnx-partneral01", "CustomerGatewayId": "cgw-nothing" }), "ResourceNotFound"),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "SecurityPolicyDatabases": [{ "LocalCidrBlock": "10.0.0.0/8", "RemoteCidrBlock": ["10.1.0.0/16"] }] }),
            "InvalidParameterValue.VpnConnSpdCidrConflict",
        ),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "SecurityPolicyDatabases": [{ "LocalCidrBlock": "10.0.0.0/8", "RemoteCidrBlock": "11.1.0.0/16" }] }),
            "InvalidParameterValue.Malformed",
        ),
        (
            json!({ "VpnConnectionId": "vpnx-partneral01", "BgpConfig": { "TunnelCidr": "169.254.128.0/30", "LocalBgpIp": "1.1.1.1", "RemoteBgpIp": "1.1.1.2" } }),
            "InvalidParameterValue.VpnConnBgpTunnelCidrNotSupported",
        ),
    ] {
        assert_eq!(call(&mut world, wire::MODIFY, parameters.clone()), Err(code.to_owned()), "{parameters}");
    }
    assert_eq!(call(&mut world, "NoSuchAction", json!({})), Err("InvalidAction".to_owned()));
    let body = call(
        &mut world,
        wire::MODIFY,
        json!({ "VpnConnectionId": "vpnx-partneral01", "IPSECOptionsSpecification": { "IntegrityAlgorithm": "MD5" } }),
    );
    let task = body.unwrap()["Response"]["RequestId"].clone();
    let status = |world: &mut World| call(world, wire_v2::TASK, json!({ "TaskId": task })).unwrap()["Response"]["Status"].clone();
    assert_eq!(status(&mut world), "RUNNING");
    world.store.advance(Store::SETTLE_MS);
    assert_eq!(status(&mut world), "SUCCESS");
    assert_eq!(world.show("vpnx-partneral01").unwrap().settings.term(Key::IpsecIntegrity), Some(Term::Md5));
}

#[test]
fn gateways_older_than_4_0_have_no_gcm() {
    let mut world = World::new("ap-guangzhou", V3, None);
    let change = world.change(&[(Key::IpsecEncryption, "aes256gcm16")]);
    assert_eq!(world.modify("vpnx-ol6bcqp0", &change, None).unwrap_err().code, "UnsupportedOperation.VersionNotSupported");
}

#[test]
fn api_2_0_takes_what_the_vendor_s_clients_send() {
    let mut world = World::new("ap-shanghai", V2, None);
    let address = json!({ "vpcId": "vpc-partneral", "vpnGwId": 272, "vpnConnId": "1022", "RequestClient": "SDK_PYTHON_2.0.15" });
    let with = |extra: Json| {
        let mut parameters = address.clone();
        parameters.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        parameters
    };
    for (extra, field, expected) in [
        (
            json!({ "spdAcl": { "10.9.0.0/24": ["172.16.0.0/16", "172.17.0.0/16"] } }),
            "destinationCidr",
            json!(["172.16.0.0/16", "172.17.0.0/16"]),
        ),
        (json!({ "IKESet": [{ "dhGroupName": "group14" }] }), "IKESet", json!("group14")),
    ] {
        let body = call(&mut world, wire_v2::MODIFY, with(extra)).unwrap();
        assert_eq!(body["data"]["vpcConnStatus"], 2);
        world.store.advance(Store::SETTLE_MS);
        let item = call(&mut world, wire_v2::DESCRIBE, json!({})).unwrap()["data"][0].clone();
        let seen = if field == "IKESet" { item[field]["dhGroupName"].clone() } else { item[field].clone() };
        assert_eq!(seen, expected);
    }
    for (extra, code) in [
        (json!({ "vpcId": "vpc-other" }), "InvalidVpc.NotFound"),
        (json!({ "vpnGwId": "vpngw-other" }), "InvalidVpnGw.NotFound"),
        (json!({ "vpnConnId": "vpnx-other" }), "InvalidVpnConn.NotFound"),
        (json!({ "vpnConnId": "" }), "InvalidParameter"),
        (json!({ "spdAcl": "nonsense" }), "InvalidParameter"),
        (json!({ "IKESet": { "dhGroupName": "group15" } }), "InvalidParameter"),
    ] {
        assert_eq!(call(&mut world, wire_v2::MODIFY, with(extra)), Err(code.to_owned()));
    }
    assert_eq!(call(&mut world, "AddVpnConnEx", json!({})), Err("6100 ActionNotFound".to_owned()));
}

#[test]
fn refusals_on_demand_have_the_class_that_they_name() {
    for api in [V3, V2] {
        let mut world = World::new("ap-guangzhou", api, None);
        let request = world.provider.show(&world.target("vpnx-ol6bcqp0")).request;
        let incoming = world.arrive(request);
        for (refusal, class) in [(Refusal::Throttle, Class::Rate), (Refusal::Busy, Class::Busy), (Refusal::Internal, Class::Ambiguous)] {
            assert_eq!(world.provider.error(&emulator::refuse(refusal, &incoming)).unwrap().class, class);
        }
    }
}

#[test]
fn only_what_was_asked_for_is_sent() {
    let world = World::new("ap-guangzhou", V3, None);
    let target = world.target("vpnx-ol6bcqp0");
    let change = world.change(&[(Key::IkeLifetime, "3600"), (Key::RemoteId, "idc.example.test"), (Key::Psk, CANARY)]);
    let edit = Edit { target: &target, current: None, change: &change, address: &[], token: "t" };
    let request = world.provider.modify(&edit).unwrap().request;
    let Body::Json(text) = &request.body else { panic!() };
    let expected = json!({
        "VpnConnectionId": "vpnx-ol6bcqp0",
        "PreShareKey": CANARY,
        "IKEOptionsSpecification": { "IKESaLifetimeSeconds": 3600, "RemoteIdentity": "FQDN", "RemoteFqdnName": "idc.example.test" },
    });
    assert_eq!(serde_json::from_str::<Json>(text).unwrap(), expected);
    let redacted = change.redacted();
    let shown = world.provider.modify(&Edit { change: &redacted, ..edit }).unwrap().request;
    assert_eq!(shown.body_text(), text.replace(CANARY, "(hidden)"));
}

#[test]
fn a_key_is_seen_nowhere_but_in_the_request() {
    for (api, scheme) in [(V3, None), (V3, Some("hmac-sha1")), (V2, None)] {
        let mut world = World::new("ap-shanghai", api, scheme);
        let change = world.change(&[(Key::Psk, CANARY)]);
        let current = world.show("vpnx-partneral01").unwrap();
        let target = world.target("vpnx-partneral01");
        let edit = Edit { target: &target, current: Some(&current), change: &change, address: &[], token: "t" };
        let call = world.provider.modify(&edit).unwrap();
        let stamp = Stamp { time: world.now, nonce: Uuid::nil() };
        let signature = world.provider.sign(&call.request, &world.credentials, &stamp);
        let findings = world.provider.rules(&edit);
        let mut seen = format!("{edit:?} {call:?} {:?} {:?} {findings:?}", signature.string_to_sign, call.request);
        world.modify("vpnx-partneral01", &change, Some(&current)).unwrap();
        world.store.advance(Store::SETTLE_MS);
        let after = world.show("vpnx-partneral01").unwrap();
        assert_eq!(after.settings.get(Key::Psk), Some(&Value::secret(CANARY)));
        seen.push_str(&format!("{after:?} {} {:?}", after.to_json(), after.extra));
        let bad = world.change(&[(Key::Psk, CANARY), (Key::Name, "n")]);
        let error = world.modify("vpnx-nothing1", &bad, Some(&current)).unwrap_err();
        seen.push_str(&format!("{error:?}"));
        assert!(!seen.contains("canary"), "{seen}");
    }
}

#[test]
fn replies_cut_anywhere_never_panic_and_never_pass_for_whole() {
    let fixtures: &[&str] = &[
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpnConnections.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/ModifyVpnConnectionAttribute.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpnConn.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/DescribeVpcTaskResult.v2.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/ModifyVpnConnEx.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-AuthFailure.v2.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-5100.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-ResourceNotFound.reply.json")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-InvalidState.reply.json")),
    ];
    for api in [V3, V2] {
        let world = World::new("ap-guangzhou", api, None);
        let target = world.target("vpnx-ol6bcqp0");
        let change = world.change(&[(Key::Name, "a")]);
        let address = [("vpc-id", "vpc-1".to_owned()), ("gateway", "vpngw-1".to_owned())];
        let modify =
            world.provider.modify(&Edit { target: &target, current: None, change: &change, address: &address, token: "t" }).unwrap();
        let show = world.provider.show(&target);
        let task = Accepted { request_id: None, task: Some("12614".to_owned()) };
        let progress = world.provider.progress(&target, None, Some(&task));
        for whole in fixtures {
            // Without its blanks: there are fewer places to cut.
            let compact = serde_json::from_str::<Json>(whole).unwrap().to_string();
            let bytes = compact.as_bytes();
            for end in 0..bytes.len() {
                let reply = Reply { status: 200, headers: Vec::new(), body: bytes[..end].to_vec() };
                assert_eq!(world.provider.error(&reply), None);
                assert!((show.read)(&reply).is_err() && (modify.read)(&reply).is_err() && (progress.read)(&reply).is_err());
            }
        }
    }
}

#[test]
fn the_error_fixtures_have_their_classes() {
    for (body, class) in [
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-AuthFailure.v2.reply.json")), Class::Auth),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-5100.reply.json")), Class::Busy),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-ResourceNotFound.reply.json")), Class::NotFound),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-InvalidState.reply.json")), Class::Busy),
    ] {
        let reply = Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        assert_eq!(error::error(&reply).unwrap().class, class);
    }
}

#[test]
fn requests_of_any_shape_are_answered() {
    let mut store = Store::new();
    emulator::seed(&mut store);
    let mut world = World::new("ap-guangzhou", V3, None);
    let request = world.provider.show(&world.target("vpnx-ol6bcqp0")).request;
    let good = world.arrive(request);
    for end in 0..=good.body.len() {
        let mut cut = good.clone();
        cut.body.truncate(end);
        let _ = emulator::handle(&cut, &mut store);
    }
    for place in 0..good.headers.len() {
        let mut less = good.clone();
        less.headers.remove(place);
        let _ = emulator::handle(&less, &mut store);
    }
    for target in ["/", "/v2/index.php", "/v2/index.php?Signature=%zz", "/?Action=X&SecretId=a&Signature=b&Timestamp=1&Nonce=1", ""] {
        for method in ["GET", "POST", "PUT"] {
            let odd = Incoming { method: method.into(), target: target.into(), headers: Vec::new(), body: vec![0xff], at: good.at };
            let reply = emulator::handle(&odd, &mut store);
            assert!(error::error(&reply).is_some(), "{method} {target}");
        }
    }
    assert!(decode_pairs("%zz").is_none());
}
