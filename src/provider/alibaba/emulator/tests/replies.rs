//! The forms of requests and replies: SDK style, pages, XML, seeds.

use super::*;

#[test]
fn requests_in_the_style_of_the_sdks_are_accepted() {
    let mut world = World::new("cn-shanghai", Some("acs3"));
    // A GET with its parameters in the query, switches as Python writes them, and a header that our client does not send.
    let mut request = world.modify(&shanghai(), None, &settings(&shanghai(), &[(Key::Name, "a")]), "t").request;
    if let Body::Form(form) = std::mem::take(&mut request.body) {
        request.query = form;
    }
    request.method = Method::Get;
    request.query.push(("EnableDpd".into(), "False".into()));
    request.headers.push(("x-acs-credentials-provider".into(), "static_ak".into()));
    assert_eq!(world.send(&request).status, 200);
    world.store.advance(Store::SETTLE_MS);
    assert_eq!(world.show(&shanghai()).settings.switch(Key::DpdEnabled), Some(false));
    // An x-acs header that is not signed.
    let stamp = Stamp { time: world.now, nonce: uuid::Uuid::new_v4() };
    let signature = world.provider.sign(&request, &world.credentials, &stamp);
    let mut incoming = Incoming::from_request(&request.signed(signature), world.now);
    incoming.headers.push(("x-acs-extra".into(), "1".into()));
    assert_eq!(world.provider.error(&handle(&incoming, &mut world.store)).unwrap().code, "IncompleteSignature");
}

#[test]
fn lists_are_paged_and_replies_can_be_xml() {
    let mut world = World::new("cn-shanghai", None);
    let mut request = world.provider.show(&shanghai()).request;
    request.query =
        vec![("Action".into(), "DescribeVpnConnections".into()), ("Version".into(), "2016-04-28".into()), ("PageSize".into(), "1".into())];
    request.body = Body::Form(vec![("RegionId".into(), "cn-shanghai".into())]);
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
fn each_seed_is_read_and_its_key_is_hidden() {
    for (region, target, tunnels) in [
        ("cn-shanghai", shanghai(), 0),
        ("cn-hangzhou", attachment(), 0),
        ("cn-shanghai", server(), 0),
        ("cn-guangzhou", target("connection", "vco-7xvpartnertencent001"), 0),
        ("cn-beijing", target("connection", "vco-2zedualtunnel00001"), 2),
    ] {
        let mut world = World::new(region, None);
        let connection = world.show(&target);
        assert_eq!(connection.tunnels.len(), tunnels);
        let shown = format!("{connection:?}{}", connection.to_json());
        for key in ["pgw6dy7d1i8in7x5", "1234AbcdEfgh5678", "Cfd123Emulated01", "tencenttest", "DualMaster2026key", "DualSlave2026keyB"] {
            assert!(!shown.contains(key), "{key}");
        }
        // A signature error repeats what was signed; the key is cut out of it.
        world.credentials = credentials("wrong");
        let call = world.modify(&target, None, &settings(&target, &[(Key::Psk, "canary-psk")]), "t");
        let Err(Trouble::Api(error)) = world.call(&call) else { panic!() };
        assert!(!format!("{error:?} {call:?}").contains("canary"), "{error:?}");
    }
}
