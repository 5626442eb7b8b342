//! What can be modified at Alibaba Cloud, and by which operation.

use super::cloud::{MODIFY_ATTACHMENT, MODIFY_CONNECTION, MODIFY_TUNNEL, UPDATE_SERVER};
use super::settings;
use super::tunnels::{ADDRESS_OF_ATTACHMENT, ADDRESS_OF_CONNECTION};
use crate::provider::field::Rule;
use crate::provider::rule::prefixed;
use crate::provider::{CLIENT_TOKEN, GATEWAY, Kind, Operation};

const TOKEN: (&str, &str) =
    (CLIENT_TOKEN, "Idempotency token of the change, at most 64 ASCII characters: a repeat with the same token changes nothing");

const SERVER_GATEWAY: (&str, &str) = (GATEWAY, "VPN gateway of the server; its status shows when the change is done");

const CONNECTION_ID: Rule = Rule { text: "vco- and letters or digits", check: |text| prefixed(text, "vco-") };

const SERVER_ID: Rule = Rule { text: "iss- and letters or digits", check: |text| prefixed(text, "iss-") };

/// The kinds, the default first.
pub(super) static KINDS: &[Kind] = &[
    Kind {
        name: "connection",
        about: "an IPsec connection of a VPN gateway",
        id_example: "vco-bp1bbi27hojx80nck9k1i",
        id_rule: CONNECTION_ID,
        listed: true,
        operations: &[Operation {
            api: "",
            name: MODIFY_CONNECTION,
            fields: settings::CONNECTION,
            address: &[TOKEN, ADDRESS_OF_CONNECTION],
            dry_run: false,
        }],
        example: "modify alibaba connection vco-bp1bbi27hojx80nck9k1i --region cn-shanghai --ike-dh-group group14 --ike-lifetime 8h",
    },
    Kind {
        name: "attachment",
        about: "an IPsec connection of a transit router, or one that is not bound",
        id_example: "vco-p0w5112fgnl2ihlmf",
        id_rule: CONNECTION_ID,
        listed: true,
        operations: &[Operation {
            api: "",
            name: MODIFY_ATTACHMENT,
            fields: settings::ATTACHMENT,
            address: &[TOKEN, ADDRESS_OF_ATTACHMENT],
            dry_run: false,
        }],
        example: "modify alibaba attachment vco-p0w5112fgnl2ihlmf --region cn-hangzhou --health-check-policy reserve-route",
    },
    Kind {
        name: "ipsec-server",
        about: "an IPsec server, for remote clients",
        id_example: "iss-bp1bo3xuvcxo7ixll",
        id_rule: SERVER_ID,
        listed: true,
        operations: &[Operation {
            api: "",
            name: UPDATE_SERVER,
            fields: settings::SERVER,
            address: &[TOKEN, SERVER_GATEWAY],
            dry_run: true,
        }],
        example: "modify alibaba ipsec-server iss-bp1bo3xuvcxo7ixll --region cn-shanghai --client-pool 10.0.0.0/24",
    },
    Kind {
        name: "tunnel",
        about: "one tunnel of a dual-tunnel IPsec connection of a VPN gateway",
        id_example: "vco-2zedualtunnel00001",
        id_rule: CONNECTION_ID,
        listed: false,
        operations: &[Operation {
            api: "",
            name: MODIFY_TUNNEL,
            fields: settings::TUNNEL,
            address: &[TOKEN, ADDRESS_OF_CONNECTION],
            dry_run: false,
        }],
        example: "modify alibaba tunnel vco-2zedualtunnel00001 --region cn-beijing --tunnel slave --ike-lifetime 8h",
    },
];

/// The kind of this name.
pub(super) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_prefix() {
        for kind in KINDS {
            assert!((kind.id_rule.check)(kind.id_example), "{}", kind.name);
            assert!(!(kind.id_rule.check)("vpn-1"));
        }
    }
}
