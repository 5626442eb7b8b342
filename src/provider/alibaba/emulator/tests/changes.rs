//! Changes: when they show, and what they leave alone.

use super::*;

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

/// Changes each kind of setting in turn: the change shows after the settling time and not earlier, and nothing else changes.
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
                    // What the cloud itself determines may change.
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
fn a_second_change_is_refused_while_one_is_in_progress() {
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
fn a_client_token_serves_one_change() {
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
fn a_block_without_a_key_gets_a_generated_key_and_the_defaults() {
    let mut world = World::new("cn-shanghai", None);
    let before = world.show(&shanghai());
    let mut request = world.modify(&shanghai(), Some(&before), &settings(&shanghai(), &[(Key::Name, "a")]), "t").request;
    if let Body::Form(form) = &mut request.body {
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
