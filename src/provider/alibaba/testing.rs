//! What the tests of this folder share.

use super::{PROVIDER, wire};
use crate::model::{Connection, Key, Settings};
use crate::provider::field::field;
use crate::provider::{Profile, Target};
use crate::wire::Reply;

/// A reply about a dual-tunnel connection, from the vendor's page.
pub(super) const DUAL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnConnection.dual.reply.json"));

/// A profile for a region.
pub(super) fn profile(region: &str, signature: Option<&'static str>) -> Profile {
    Profile { region: region.into(), endpoint: None, identity_endpoint: None, project_id: None, signature }
}

/// Something of a kind, with the kind's first operation.
pub(super) fn target(kind: &str, id: &str) -> Target {
    let kind = PROVIDER.kinds.iter().find(|known| known.name == kind).unwrap();
    Target { kind, operation: &kind.operations[0], id: id.into() }
}

/// Settings from the values of flags.
pub(super) fn settings(target: &Target, flags: &[(Key, &str)]) -> Settings {
    let value = |key: Key, text: &str| field(target.operation.fields, key).unwrap().parse(&[text.to_owned()]).unwrap();
    flags.iter().map(|&(key, text)| (key, value(key, text))).collect()
}

/// A reply with a JSON body.
pub(super) fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// Reads a connection or server in cn-hangzhou.
pub(super) fn read(target: &Target, body: &str) -> Connection {
    (wire::show(&profile("cn-hangzhou", None), target).read)(&reply(200, body)).unwrap()
}
