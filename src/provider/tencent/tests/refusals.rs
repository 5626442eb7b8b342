//! What the cloud refuses, and how that is read.

use crate::error::Class;
use crate::model::{Key, Secret};
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::testing::{World, reply};
use crate::provider::tencent::{emulator, error};
use crate::wire::ReadError;

#[test]
fn second_change_before_the_first_is_done_is_busy() {
    for api in [v3::API, v2::API] {
        let mut world = World::new("ap-guangzhou", api, None);
        let current = world.show("vpnx-ol6bcqp0").unwrap();
        let change = world.change(&[(Key::Name, "a")]);
        world.modify("vpnx-ol6bcqp0", &change, Some(&current)).unwrap();
        let error = world.modify("vpnx-ol6bcqp0", &change, Some(&current)).unwrap_err();
        assert_eq!(error.class, Class::Busy, "{error:?}");
    }
}

#[test]
fn wrong_keys_clocks_and_regions_are_refused_with_the_clouds_codes() {
    for (api, scheme, mismatch, expired, unknown) in [
        (v3::API, None, "AuthFailure.SignatureFailure", "AuthFailure.SignatureExpire", "AuthFailure.SecretIdNotFound"),
        (v3::API, Some("hmac-sha1"), "AuthFailure.SignatureFailure", "AuthFailure.SignatureExpire", "AuthFailure.SecretIdNotFound"),
        (v2::API, None, "4100 AuthFailure", "4200 RequestExpired", "4104 AuthFailure"),
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
        let class = if api == v2::API { Class::Final } else { Class::NotFound };
        assert_eq!(elsewhere.show("vpnx-ol6bcqp0").unwrap_err().class, class);
    }
}

#[test]
fn unknown_id_and_id_of_another_region_are_not_found() {
    let mut world = World::new("ap-guangzhou", v3::API, None);
    for id in ["vpnx-nothing1", "vpnx-partneral01"] {
        assert_eq!(world.show(id).unwrap_err().class, Class::NotFound);
    }
    let mut old = World::new("gz", v2::API, None);
    let call = old.provider.show(&old.target("vpnx-nothing1"));
    let reply = old.send(call.request).unwrap();
    assert_eq!((call.read)(&reply), Err(ReadError::Missing("vpnx-nothing1".to_owned())));
    let current = old.show("vpnx-ol6bcqp0").unwrap();
    let change = old.change(&[(Key::Name, "a")]);
    assert_eq!(old.modify("vpnx-nothing1", &change, Some(&current)).unwrap_err().class, Class::NotFound);
}

#[test]
fn repeated_request_is_refused_where_nonces_are_signed() {
    for (api, scheme, expected) in [
        (v2::API, None, Some("4500 ReplayAttack")),
        (v3::API, Some("hmac-sha256"), Some("AuthFailure.SignatureFailure")),
        (v3::API, None, None),
    ] {
        let mut world = World::new("ap-guangzhou", api, scheme);
        let request = world.provider.show(&world.target("vpnx-ol6bcqp0")).request;
        let incoming = world.arrive(request);
        world.store.begin(world.now);
        let replies = [emulator::handle(&incoming, &mut world.store), emulator::handle(&incoming, &mut world.store)];
        let codes = replies.map(|reply| error::error(&reply).map(|error| error.code));
        assert_eq!(codes, [None, expected.map(str::to_owned)]);
    }
}

#[test]
fn error_fixtures_have_their_classes() {
    for (body, class) in [
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-AuthFailure.v2.reply.json")), Class::Auth),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-5100.reply.json")), Class::Busy),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-ResourceNotFound.reply.json")), Class::NotFound),
        (include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/error-InvalidState.reply.json")), Class::Busy),
    ] {
        assert_eq!(error::error(&reply(body)).unwrap().class, class);
    }
}
