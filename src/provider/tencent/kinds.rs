//! What can be modified, and by which operations.

use super::cloud::{CONNECTION, v2, v3};
use super::settings;
use crate::provider::{GATEWAY, Kind, Operation, field, rule};

/// The kinds of the cloud.
pub const KINDS: &[Kind] = &[Kind {
    name: CONNECTION,
    about: "VPN tunnel of a VPN gateway",
    id_example: "vpnx-ol6bcqp0",
    id_rule: field::Rule { text: "vpnx- and letters or digits", check: |text| rule::prefixed(text, "vpnx-") },
    listed: true,
    operations: &[
        Operation { api: v3::API, name: v3::MODIFY, fields: settings::V3, address: &[], dry_run: false },
        Operation {
            api: v2::API,
            name: v2::MODIFY,
            fields: settings::V2,
            address: &[
                (v2::VPC_ID, "Id of the connection's VPC, such as vpc-03vihbk9"),
                (GATEWAY, "Id of the connection's VPN gateway, such as vpngw-kfldykuz"),
            ],
            dry_run: false,
        },
    ],
    example: "modify tencent vpnx-ol6bcqp0 --policy-rule 10.0.0.0/24=10.100.2.0/24 --ike-encryption aes256",
}];
