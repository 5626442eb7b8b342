//! The settings of the two operations, a row each: place, shape, bounds.

use super::vocabulary as words;
use crate::model::Key;
use crate::provider::field::{Field, Form, Rule, Shape};
use crate::provider::rule::{IPV4_ADDRESS, IPV4_NETWORK, prefixed};

/// Most characters of a name.
pub const NAME_MAX: usize = 60;

const NAME: Rule = Rule {
    text: "1 to 60 characters",
    check: |text| (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control),
};

/// No page says what a key may hold: what would be lost or changed on the way is kept out.
const PSK: Rule = Rule {
    text: "printable ASCII characters without a blank at either end",
    check: |text| !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text,
};

const CUSTOMER_GATEWAY: Rule = Rule { text: "the id of a customer gateway, such as cgw-idc00001", check: |text| prefixed(text, "cgw-") };

/// An identity is an address or a name: which of the two, its type decides.
const IDENTITY: Rule = Rule {
    text: "an IPv4 address or a name of 1 to 255 printable characters without blanks",
    check: |text| (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// What the pages want for the network of a BGP tunnel.
const SLASH_30: Rule = Rule {
    text: "an IPv4 network of length 30, such as 169.254.128.0/30",
    check: |text| text.parse::<ipnet::Ipv4Net>().is_ok_and(|net| net.prefix_len() == 30),
};

const SUBNETS: Shape = Shape::List { max: usize::MAX, each: IPV4_NETWORK, comma: false };

/// ModifyVpnConnectionAttribute of API 3.0, version 2017-03-12.
pub const V3: &[Field] = &[
    Field { key: Key::Name, write: "VpnConnectionName", read: &["VpnConnectionName"], shape: Shape::Text(NAME), default: "" },
    Field {
        key: Key::CustomerGateway,
        write: "CustomerGatewayId",
        read: &["CustomerGatewayId"],
        shape: Shape::Text(CUSTOMER_GATEWAY),
        default: "",
    },
    // Filled from the policy rules when a reply is read.
    Field { key: Key::LocalSubnets, write: "", read: &[], shape: SUBNETS, default: "" },
    Field { key: Key::RemoteSubnets, write: "", read: &[], shape: SUBNETS, default: "" },
    Field {
        key: Key::PolicyRules,
        write: "SecurityPolicyDatabases",
        read: &["SecurityPolicyDatabaseSet", "SecurityPolicyDatabases"],
        shape: Shape::Rules {
            max: usize::MAX,
            max_destinations: usize::MAX,
            network: IPV4_NETWORK,
            names: ("LocalCidrBlock", "RemoteCidrBlock", None),
        },
        default: "",
    },
    Field { key: Key::Psk, write: "PreShareKey", read: &["PreShareKey"], shape: Shape::Secret(PSK), default: "" },
    Field {
        key: Key::Negotiation,
        write: "NegotiationType",
        read: &["NegotiationType"],
        shape: Shape::Words(&words::NEGOTIATION),
        default: "active",
    },
    Field {
        key: Key::IkeVersion,
        write: "IKEOptionsSpecification.IKEVersion",
        read: &["IKEOptionsSpecification.IKEVersion"],
        shape: Shape::Words(&words::IKE_VERSION),
        default: "ikev1",
    },
    Field {
        key: Key::IkeMode,
        write: "IKEOptionsSpecification.ExchangeMode",
        read: &["IKEOptionsSpecification.ExchangeMode"],
        shape: Shape::Words(&words::IKE_MODE),
        default: "main",
    },
    Field {
        key: Key::IkeEncryption,
        write: "IKEOptionsSpecification.PropoEncryAlgorithm",
        read: &["IKEOptionsSpecification.PropoEncryAlgorithm"],
        shape: Shape::Words(&words::IKE_ENCRYPTION),
        default: "3des",
    },
    Field {
        key: Key::IkeIntegrity,
        write: "IKEOptionsSpecification.PropoAuthenAlgorithm",
        read: &["IKEOptionsSpecification.PropoAuthenAlgorithm"],
        shape: Shape::Words(&words::IKE_INTEGRITY),
        default: "sha1",
    },
    Field {
        key: Key::IkeDhGroup,
        write: "IKEOptionsSpecification.DhGroupName",
        read: &["IKEOptionsSpecification.DhGroupName"],
        shape: Shape::Words(&words::IKE_DH_GROUP),
        default: "group1",
    },
    Field {
        key: Key::IkeLifetime,
        write: "IKEOptionsSpecification.IKESaLifetimeSeconds",
        read: &["IKEOptionsSpecification.IKESaLifetimeSeconds"],
        shape: Shape::Duration { min: 60, max: 604_800, unit_ms: 1000, form: Form::Native },
        default: "86400",
    },
    Field {
        key: Key::LocalIdType,
        write: "IKEOptionsSpecification.LocalIdentity",
        read: &["IKEOptionsSpecification.LocalIdentity"],
        shape: Shape::Words(&words::IDENTITY),
        default: "ip",
    },
    // `LocalFqdnName` when the type is `FQDN`: see `identity.rs`.
    Field {
        key: Key::LocalId,
        write: "IKEOptionsSpecification.LocalAddress",
        read: &["IKEOptionsSpecification.LocalAddress", "IKEOptionsSpecification.LocalFqdnName"],
        shape: Shape::Text(IDENTITY),
        default: "",
    },
    Field {
        key: Key::RemoteIdType,
        write: "IKEOptionsSpecification.RemoteIdentity",
        read: &["IKEOptionsSpecification.RemoteIdentity"],
        shape: Shape::Words(&words::IDENTITY),
        default: "ip",
    },
    Field {
        key: Key::RemoteId,
        write: "IKEOptionsSpecification.RemoteAddress",
        read: &["IKEOptionsSpecification.RemoteAddress", "IKEOptionsSpecification.RemoteFqdnName"],
        shape: Shape::Text(IDENTITY),
        default: "",
    },
    Field { key: Key::DpdEnabled, write: "DpdEnable", read: &["DpdEnable"], shape: Shape::Switch(Form::ZeroOne), default: "off" },
    Field {
        key: Key::DpdTimeout,
        write: "DpdTimeout",
        read: &["DpdTimeout"],
        shape: Shape::Duration { min: 30, max: 60, unit_ms: 1000, form: Form::Text },
        default: "30",
    },
    Field { key: Key::DpdAction, write: "DpdAction", read: &["DpdAction"], shape: Shape::Words(&words::DPD_ACTION), default: "" },
    Field {
        key: Key::IpsecEncryption,
        write: "IPSECOptionsSpecification.EncryptAlgorithm",
        read: &["IPSECOptionsSpecification.EncryptAlgorithm"],
        shape: Shape::Words(&words::IPSEC_ENCRYPTION),
        default: "aes128",
    },
    Field {
        key: Key::IpsecIntegrity,
        write: "IPSECOptionsSpecification.IntegrityAlgorith",
        read: &["IPSECOptionsSpecification.IntegrityAlgorith", "IPSECOptionsSpecification.IntegrityAlgorithm"],
        shape: Shape::Words(&words::IPSEC_INTEGRITY),
        default: "sha1",
    },
    Field {
        key: Key::IpsecPfs,
        write: "IPSECOptionsSpecification.PfsDhGroup",
        read: &["IPSECOptionsSpecification.PfsDhGroup"],
        shape: Shape::Words(&words::IPSEC_PFS),
        default: "none",
    },
    Field {
        key: Key::IpsecLifetime,
        write: "IPSECOptionsSpecification.IPSECSaLifetimeSeconds",
        read: &["IPSECOptionsSpecification.IPSECSaLifetimeSeconds"],
        shape: Shape::Duration { min: 180, max: 604_800, unit_ms: 1000, form: Form::Native },
        default: "14400",
    },
    Field {
        key: Key::IpsecLifetimeKb,
        write: "IPSECOptionsSpecification.IPSECSaLifetimeTraffic",
        read: &["IPSECOptionsSpecification.IPSECSaLifetimeTraffic"],
        shape: Shape::Number { min: 2560, max: 4_294_967_295, form: Form::Native },
        default: "4096000000",
    },
    Field { key: Key::BgpLocalAsn, write: "", read: &["BgpConfig.LocalBgpAsn"], shape: Shape::Asn(Form::Text), default: "" },
    Field {
        key: Key::BgpTunnelCidr,
        write: "BgpConfig.TunnelCidr",
        read: &["BgpConfig.TunnelCidr"],
        shape: Shape::Text(SLASH_30),
        default: "",
    },
    Field {
        key: Key::BgpLocalAddress,
        write: "BgpConfig.LocalBgpIp",
        read: &["BgpConfig.LocalBgpIp"],
        shape: Shape::Text(IPV4_ADDRESS),
        default: "",
    },
    Field { key: Key::BgpPeerAsn, write: "", read: &["BgpConfig.RemoteBgpAsn"], shape: Shape::Asn(Form::Text), default: "" },
    Field {
        key: Key::BgpPeerAddress,
        write: "BgpConfig.RemoteBgpIp",
        read: &["BgpConfig.RemoteBgpIp"],
        shape: Shape::Text(IPV4_ADDRESS),
        default: "",
    },
    Field {
        key: Key::HealthCheckEnabled,
        write: "EnableHealthCheck",
        read: &["EnableHealthCheck"],
        shape: Shape::Switch(Form::Native),
        default: "off",
    },
    Field {
        key: Key::HealthCheckLocal,
        write: "HealthCheckLocalIp",
        read: &["HealthCheckLocalIp"],
        shape: Shape::Text(IPV4_ADDRESS),
        default: "",
    },
    Field {
        key: Key::HealthCheckRemote,
        write: "HealthCheckRemoteIp",
        read: &["HealthCheckRemoteIp"],
        shape: Shape::Text(IPV4_ADDRESS),
        default: "",
    },
    Field {
        key: Key::HealthCheckInterval,
        write: "HealthCheckConfig.ProbeInterval",
        read: &["HealthCheckConfig.ProbeInterval"],
        shape: Shape::Duration { min: 1000, max: 5000, unit_ms: 1, form: Form::Native },
        default: "",
    },
    Field {
        key: Key::HealthCheckTimeout,
        write: "HealthCheckConfig.ProbeTimeout",
        read: &["HealthCheckConfig.ProbeTimeout"],
        shape: Shape::Duration { min: 10, max: 5000, unit_ms: 1, form: Form::Native },
        default: "",
    },
    Field {
        key: Key::HealthCheckRetries,
        write: "HealthCheckConfig.ProbeThreshold",
        read: &["HealthCheckConfig.ProbeThreshold"],
        shape: Shape::Number { min: 3, max: 8, form: Form::Native },
        default: "",
    },
    Field {
        key: Key::HealthCheckProbe,
        write: "HealthCheckConfig.ProbeType",
        read: &["HealthCheckConfig.ProbeType"],
        shape: Shape::Words(&words::PROBE),
        default: "nqa",
    },
    Field { key: Key::HealthCheckState, write: "", read: &["HealthCheckStatus"], shape: Shape::Words(&words::NET_STATUS), default: "" },
];

/// ModifyVpnConnEx of API 2.0, as its page of 2018 has it: IKEv1 only, no DPD, BGP or health check.
pub const V2: &[Field] = &[
    Field { key: Key::Name, write: "vpnConnName", read: &["vpnConnName"], shape: Shape::Text(NAME), default: "" },
    Field { key: Key::CustomerGateway, write: "", read: &["unUserGwId"], shape: Shape::Text(CUSTOMER_GATEWAY), default: "" },
    Field { key: Key::LocalSubnets, write: "", read: &["sourceCidr"], shape: SUBNETS, default: "" },
    Field { key: Key::RemoteSubnets, write: "userGwCidrBlock", read: &["destinationCidr"], shape: SUBNETS, default: "" },
    // An object in JSON text on the wire: see `wire_v2.rs`.
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
    // The page's upper bound of 604800 is the seconds' one: the vendor's own replies are above it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::field::field;

    fn takes(fields: &'static [Field], key: Key, text: &str) -> bool {
        field(fields, key).unwrap().parse(&[text.to_owned()]).is_ok()
    }

    #[test]
    fn every_bound_holds_on_both_sides() {
        for fields in [V3, V2] {
            let name = "n".repeat(60);
            for (key, good, bad) in [
                (Key::Name, vec!["n", &name], vec!["", "n\n"]),
                (Key::IkeLifetime, vec!["60", "604800"], vec!["59", "604801"]),
                (Key::IpsecLifetime, vec!["180", "604800"], vec!["179", "604801"]),
                (Key::IpsecLifetimeKb, vec!["2560", "604801", "4294967295"], vec!["2559", "4294967296"]),
                (Key::Psk, vec!["x", "a b+c*d~e%f/g=h&i"], vec!["", " x", "x ", "x\n", "x\u{e9}"]),
                (Key::LocalId, vec!["203.0.113.7", "idc.example.test"], vec!["", "a b"]),
                (Key::PolicyRules, vec!["10.0.0.5/24=172.123.10.5/16"], vec!["10.0.0.0/33=1.1.1.0/24", "10.0.0.0/24"]),
                (Key::IkeIntegrity, vec!["md5", "sha1"], vec!["sha384", "sm3"]),
            ] {
                good.iter().for_each(|text| assert!(takes(fields, key, text), "{key:?} {text}"));
                bad.iter().for_each(|text| assert!(!takes(fields, key, text), "{key:?} {text:?}"));
            }
            assert!(!takes(fields, Key::Name, &"n".repeat(61)));
            assert!(takes(fields, Key::Name, &"\u{4e2d}".repeat(60)));
        }
        for (key, good, bad) in [
            (Key::DpdTimeout, vec!["30", "60"], vec!["29", "61"]),
            (Key::HealthCheckInterval, vec!["1000ms", "5"], vec!["999ms", "5001ms"]),
            (Key::HealthCheckTimeout, vec!["10ms", "5"], vec!["9ms", "5001ms"]),
            (Key::HealthCheckRetries, vec!["3", "8"], vec!["2", "9"]),
            (Key::BgpTunnelCidr, vec!["169.254.128.0/30"], vec!["169.254.128.0/29", "169.254.128.0/31", "x"]),
            (Key::CustomerGateway, vec!["cgw-idc00001"], vec!["cgw-", "vpngw-1", "cgw-a/b"]),
        ] {
            good.iter().for_each(|text| assert!(takes(V3, key, text), "{key:?} {text}"));
            bad.iter().for_each(|text| assert!(!takes(V3, key, text), "{key:?} {text}"));
        }
        assert!(!takes(V2, Key::IkeDhGroup, "group15"));
        assert!(takes(V3, Key::IkeDhGroup, "group15"));
    }

    #[test]
    fn every_default_is_a_value_of_its_field() {
        for field in V3.iter().chain(V2).filter(|field| !field.default.is_empty()) {
            assert!(field.parse(&[field.default.to_owned()]).is_ok(), "{:?}", field.key);
        }
    }
}
