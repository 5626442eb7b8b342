//! Replies and requests that are cut or damaged.

use serde_json::Value as Json;

use crate::emulated::{Incoming, Store};
use crate::model::Key;
use crate::provider::tencent::cloud::{v2, v3};
use crate::provider::tencent::testing::World;
use crate::provider::tencent::{emulator, error};
use crate::provider::{Accepted, Edit};
use crate::wire::{Reply, decode_pairs};

#[test]
fn truncated_replies_never_panic_and_are_never_accepted() {
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
    for api in [v3::API, v2::API] {
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
            // Without spaces there are fewer places to cut.
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
fn requests_of_any_shape_are_answered() {
    let mut store = Store::new();
    emulator::seed(&mut store);
    let mut world = World::new("ap-guangzhou", v3::API, None);
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
