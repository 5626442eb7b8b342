//! Refusals: signatures, values, faults.

use super::*;

#[test]
fn refusals_have_the_clouds_codes() {
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
        let missing = world.provider.show(&target("connection", "vco-missing"));
        assert_eq!(world.code(&missing), "InvalidVpnConnectionInstanceId.NotFound");
        let elsewhere = world.provider.show(&attachment());
        assert_eq!(world.code(&elsewhere), "InvalidVpnConnectionInstanceId.NotFound");
        let none = world.provider.show(&target("ipsec-server", "iss-missing"));
        assert_eq!(world.call(&none), Err(Trouble::Read(ReadError::Missing("iss-missing".into()))));
        world.provider = (PROVIDER.connect)(profile("cn-nowhere", signature));
        let show = world.provider.show(&shanghai());
        assert_eq!(world.code(&show), "InvalidRegionId.NotFound");
    }
    let mut world = World::new("cn-hangzhou", None);
    let id = attachment().id;
    let wrong_kind = world.modify(&target("connection", &id), None, &settings(&shanghai(), &[(Key::Name, "a")]), "t");
    assert_eq!(world.code(&wrong_kind), "OperationUnsupported.AttachType");
}

#[test]
fn a_nonce_is_accepted_once() {
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
        if let Body::Form(form) = &mut request.body {
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
fn faults_have_the_clouds_codes() {
    let world = World::new("cn-shanghai", None);
    let request = world.provider.show(&shanghai()).request;
    let incoming = Incoming::from_request(&request, world.now);
    for (refusal, class) in [(Refusal::Throttle, Class::Rate), (Refusal::Busy, Class::Busy), (Refusal::Internal, Class::Ambiguous)] {
        assert_eq!(world.provider.error(&refuse(refusal, &incoming)).unwrap().class, class);
    }
}
