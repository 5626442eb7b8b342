//! Settings of API 2.0, as the vendor documented them in 2018.

use super::values::{CUSTOMER_GATEWAY, IDENTITY, NAME, PSK, SUBNETS};
use crate::model::Key;
use crate::provider::field::{Field, Form, Shape};
use crate::provider::rule::IPV4_NETWORK;
use crate::provider::tencent::vocabulary as words;

/// Settings of `ModifyVpnConnEx`: IKEv1 only, no DPD, no BGP, no health check.
pub const V2: &[Field] = &[
    Field { key: Key::Name, write: "vpnConnName", read: &["vpnConnName"], shape: Shape::Text(NAME), default: "" },
    Field { key: Key::CustomerGateway, write: "", read: &["unUserGwId"], shape: Shape::Text(CUSTOMER_GATEWAY), default: "" },
    Field { key: Key::LocalSubnets, write: "", read: &["sourceCidr"], shape: SUBNETS, default: "" },
    Field { key: Key::RemoteSubnets, write: "userGwCidrBlock", read: &["destinationCidr"], shape: SUBNETS, default: "" },
    // On the wire this is the JSON text of an object: see `wire/v2.rs`.
    Field {
        key: Key::PolicyRules,
        write: "spdAcl",
        read: &["spdAcl"],
        shape: Shape::Rules {
            max: usize::MAX,
            max_destinations: usize::MAX,
            network: IPV4_NETWORK,
            names: ("source", "destinations", None),
        },
        default: "",
    },
    Field { key: Key::Psk, write: "preSharedKey", read: &["preSharedKey"], shape: Shape::Secret(PSK), default: "" },
    Field {
        key: Key::IkeMode,
        write: "IKESet.exchangeMode",
        read: &["IKESet.exchangeMode"],
        shape: Shape::Words(&words::V2_IKE_MODE),
        default: "main",
    },
    Field {
        key: Key::IkeEncryption,
        write: "IKESet.propoEncryAlgorithm",
        read: &["IKESet.propoEncryAlgorithm"],
        shape: Shape::Words(&words::V2_IKE_ENCRYPTION),
        default: "3des",
    },
    Field {
        key: Key::IkeIntegrity,
        write: "IKESet.propoAuthenAlgorithm",
        read: &["IKESet.propoAuthenAlgorithm"],
        shape: Shape::Words(&words::V2_INTEGRITY),
        default: "md5",
    },
    Field {
        key: Key::IkeDhGroup,
        write: "IKESet.dhGroupName",
        read: &["IKESet.dhGroupName"],
        shape: Shape::Words(&words::V2_IKE_DH_GROUP),
        default: "",
    },
    Field {
        key: Key::IkeLifetime,
        write: "IKESet.ikeSaLifetimeSeconds",
        read: &["IKESet.ikeSaLifetimeSeconds"],
        shape: Shape::Duration { min: 60, max: 604_800, unit_ms: 1000, form: Form::Native },
        default: "",
    },
    Field {
        key: Key::LocalIdType,
        write: "IKESet.localIdentity",
        read: &["IKESet.localIdentity"],
        shape: Shape::Words(&words::V2_IDENTITY),
        default: "ip",
    },
    Field {
        key: Key::LocalId,
        write: "IKESet.localAddress",
        read: &["IKESet.localAddress", "IKESet.localFqdnName"],
        shape: Shape::Text(IDENTITY),
        default: "",
    },
    Field {
        key: Key::RemoteIdType,
        write: "IKESet.remoteIdentity",
        read: &["IKESet.remoteIdentity"],
        shape: Shape::Words(&words::V2_IDENTITY),
        default: "ip",
    },
    Field {
        key: Key::RemoteId,
        write: "IKESet.remoteAddress",
        read: &["IKESet.remoteAddress", "IKESet.remoteFqdnName"],
        shape: Shape::Text(IDENTITY),
        default: "",
    },
    Field {
        key: Key::IpsecEncryption,
        write: "IPsecSet.encryptAlgorithm",
        read: &["IPsecSet.encryptAlgorithm"],
        shape: Shape::Words(&words::V2_IPSEC_ENCRYPTION),
        default: "3des",
    },
    Field {
        key: Key::IpsecIntegrity,
        write: "IPsecSet.integrityAlgorith",
        read: &["IPsecSet.integrityAlgorith"],
        shape: Shape::Words(&words::V2_INTEGRITY),
        default: "md5",
    },
    Field {
        key: Key::IpsecPfs,
        write: "IPsecSet.pfsDhGroup",
        read: &["IPsecSet.pfsDhGroup"],
        shape: Shape::Words(&words::V2_IPSEC_PFS),
        default: "none",
    },
    Field {
        key: Key::IpsecLifetime,
        write: "IPsecSet.ipsecSaLifetimeSeconds",
        read: &["IPsecSet.ipsecSaLifetimeSeconds"],
        shape: Shape::Duration { min: 180, max: 604_800, unit_ms: 1000, form: Form::Native },
        default: "",
    },
    // The vendor's page gives 604800, the limit of lifetimes in seconds, but its own replies exceed that.
    Field {
        key: Key::IpsecLifetimeKb,
        write: "IPsecSet.ipsecSaLifetimeTraffic",
        read: &["IPsecSet.ipsecSaLifetimeTraffic"],
        shape: Shape::Number { min: 2560, max: 4_294_967_295, form: Form::Native },
        default: "",
    },
    Field {
        key: Key::IpsecEncapsulation,
        write: "",
        read: &["IPsecSet.encapMode"],
        shape: Shape::Words(&words::V2_ENCAPSULATION),
        default: "",
    },
    Field { key: Key::IpsecProtocol, write: "", read: &["IPsecSet.securityProto"], shape: Shape::Words(&words::V2_PROTOCOL), default: "" },
];
