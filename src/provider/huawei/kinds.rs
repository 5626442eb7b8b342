//! What can be modified: VPN connections, by `UpdateVpnConnection`.

use super::cloud::UPDATE;
use super::settings;
use crate::provider::{Kind, Operation, rule};

/// Huawei Cloud's only kind.
pub static KINDS: &[Kind] = &[Kind {
    name: "connection",
    about: "Change a VPN connection",
    id_example: "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
    id_rule: rule::UUID,
    listed: true,
    operations: &[Operation { api: "", name: UPDATE, fields: settings::FIELDS, address: &[], dry_run: false }],
    example: "modify huawei connection 98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3 --ike-lifetime 3600 --ipsec-lifetime 3600",
}];
