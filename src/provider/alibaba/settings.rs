//! Alibaba's settings: one table per operation.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::vocabulary as words;
use crate::model::Key;
use crate::provider::field::{Field, Form, Rule, Shape};
use crate::provider::rule::{IPV4_ADDRESS, IPV4_NETWORK, prefixed};

const NAME: Rule = Rule {
    text: "1 to 100 characters that do not start with http:// or https://",
    check: |text| (1..=100).contains(&text.chars().count()) && !text.starts_with("http://") && !text.starts_with("https://"),
};

const IDENTITY: Rule = Rule {
    text: "an IP address or domain name of 1 to 100 characters without spaces",
    check: |text| (1..=100).contains(&text.chars().count()) && !text.contains(|c: char| c.is_whitespace() || c.is_control()),
};

/// Characters that a key may contain besides letters and digits. A backslash or single quote only gets a warning: the
/// vendor's pages contradict each other.
const PSK_MARKS: &str = "~!`@#$%^&*()_-+={}[]|;:\",.<>/?\\'";

const PSK: Rule = Rule {
    text: "1 to 100 letters, digits and characters of ~!`@#$%^&*()_-+={}[]|;:\",.<>/? without spaces",
    check: |text| (1..=100).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || PSK_MARKS.contains(c)),
};

const CUSTOMER_GATEWAY: Rule = Rule { text: "an id such as cgw-p0w2jemrcj5u61un8", check: |text| prefixed(text, "cgw-") };

const TUNNEL_CIDR: Rule = Rule {
    text: "a /30 network inside 169.254.0.0/16 such as 169.254.11.0/30, except 169.254.0.0 to 169.254.6.0 and 169.254.169.252",
    check: |text| text.parse::<Ipv4Net>().is_ok_and(|network| is_tunnel_network(&network)),
};

fn is_tunnel_network(network: &Ipv4Net) -> bool {
    let [first, second, third, fourth] = network.addr().octets();
    let reserved = (fourth == 0 && third <= 6) || (third == 169 && fourth == 252);
    network.prefix_len() == 30 && network.network() == network.addr() && (first, second) == (169, 254) && !reserved
}

const CLIENT_POOL: Rule = Rule {
    text: "one IPv4 network with a prefix length of 16 to 29, such as 10.0.0.0/24",
    check: |text| text.parse::<Ipv4Net>().is_ok_and(|network| (16..=29).contains(&network.prefix_len())),
};

const PROBE_ADDRESS: Rule = Rule { text: "an IPv4 address", check: |text| text.parse::<Ipv4Addr>().is_ok() };

const LIFETIME: Shape = Shape::Duration { min: 0, max: 86_400, unit_ms: 1000, form: Form::Native };
const SUBNETS: Shape = Shape::List { max: usize::MAX, each: IPV4_NETWORK, comma: true };
const SWITCH: Shape = Shape::Switch(Form::Native);

const fn field(key: Key, write: &'static str, read: &'static [&'static str], shape: Shape, default: &'static str) -> Field {
    Field { key, write, read, shape, default }
}

macro_rules! fields {
    ($($key:ident $write:literal [$($read:literal),*] $shape:expr, $default:literal;)*) => {
        &[$(field(Key::$key, $write, &[$($read),*], $shape, $default),)*]
    };
}

// No page gives bounds for these two; a day and a thousand are far above any sensible value.
const INTERVAL: Shape = Shape::Duration { min: 1, max: 86_400, unit_ms: 1000, form: Form::Text };
const RETRIES: Shape = Shape::Number { min: 1, max: 1000, form: Form::Text };

const TUNNEL_CIDRS: Shape = Shape::List { max: 2, each: TUNNEL_CIDR, comma: true };

/// The rows that both attribute operations share for a single-tunnel connection, after an operation's own rows.
macro_rules! single_tunnel {
    ($($own:tt)*) => { fields! {
        $($own)*
        Name "Name" ["Name"] Shape::Text(NAME), "";
        LocalSubnets "LocalSubnet" ["LocalSubnet"] SUBNETS, "";
        RemoteSubnets "RemoteSubnet" ["RemoteSubnet"] SUBNETS, "";
        Psk "IkeConfig.Psk" ["IkeConfig.Psk"] Shape::Secret(PSK), "16 random characters";
        NatTraversal "EnableNatTraversal" ["EnableNatTraversal"] SWITCH, "on";
        EffectImmediately "EffectImmediately" ["EffectImmediately"] SWITCH, "off";
        AutoConfigRoute "AutoConfigRoute" ["AutoConfigRoute"] SWITCH, "on";
        IkeVersion "IkeConfig.IkeVersion" ["IkeConfig.IkeVersion"] Shape::Words(&words::IKE_VERSION), "ikev1";
        IkeMode "IkeConfig.IkeMode" ["IkeConfig.IkeMode"] Shape::Words(&words::IKE_MODE), "main";
        IkeEncryption "IkeConfig.IkeEncAlg" ["IkeConfig.IkeEncAlg"] Shape::Words(&words::ENCRYPTION), "aes128";
        IkeIntegrity "IkeConfig.IkeAuthAlg" ["IkeConfig.IkeAuthAlg"] Shape::Words(&words::INTEGRITY), "md5";
        IkeDhGroup "IkeConfig.IkePfs" ["IkeConfig.IkePfs"] Shape::Words(&words::DH_GROUP), "group2";
        IkeLifetime "IkeConfig.IkeLifetime" ["IkeConfig.IkeLifetime"] LIFETIME, "86400";
        RemoteId "IkeConfig.RemoteId" ["IkeConfig.RemoteId"] Shape::Text(IDENTITY), "address of the customer gateway";
        DpdEnabled "EnableDpd" ["EnableDpd"] SWITCH, "on";
        IpsecEncryption "IpsecConfig.IpsecEncAlg" ["IpsecConfig.IpsecEncAlg"] Shape::Words(&words::ENCRYPTION), "aes128";
        IpsecIntegrity "IpsecConfig.IpsecAuthAlg" ["IpsecConfig.IpsecAuthAlg"] Shape::Words(&words::INTEGRITY), "md5";
        IpsecPfs "IpsecConfig.IpsecPfs" ["IpsecConfig.IpsecPfs"] Shape::Words(&words::PFS), "group2";
        IpsecLifetime "IpsecConfig.IpsecLifetime" ["IpsecConfig.IpsecLifetime"] LIFETIME, "86400";
        BgpEnabled "BgpConfig.EnableBgp" ["VpnBgpConfig.EnableBgp"] Shape::Switch(Form::Text), "off";
        BgpLocalAsn "BgpConfig.LocalAsn" ["VpnBgpConfig.LocalAsn"] Shape::Asn(Form::Text), "45104";
        BgpTunnelCidr "BgpConfig.TunnelCidr" ["VpnBgpConfig.TunnelCidr"] Shape::Text(TUNNEL_CIDR), "";
        BgpLocalAddress "BgpConfig.LocalBgpIp" ["VpnBgpConfig.LocalBgpIp"] Shape::Text(IPV4_ADDRESS), "";
        BgpPeerAsn "" ["VpnBgpConfig.PeerAsn"] Shape::Asn(Form::Native), "";
        BgpPeerAddress "" ["VpnBgpConfig.PeerBgpIp"] Shape::Text(IPV4_ADDRESS), "";
        BgpState "" ["VpnBgpConfig.Status"] Shape::Words(&words::SESSION), "";
        HealthCheckEnabled "HealthCheckConfig.enable" ["VcoHealthCheck.Enable"] Shape::Switch(Form::Text), "off";
        HealthCheckLocal "HealthCheckConfig.sip" ["VcoHealthCheck.Sip"] Shape::Text(PROBE_ADDRESS), "";
        HealthCheckRemote "HealthCheckConfig.dip" ["VcoHealthCheck.Dip"] Shape::Text(PROBE_ADDRESS), "";
        HealthCheckInterval "HealthCheckConfig.interval" ["VcoHealthCheck.Interval"] INTERVAL, "3";
        HealthCheckRetries "HealthCheckConfig.retry" ["VcoHealthCheck.Retry"] RETRIES, "3";
        HealthCheckState "" ["VcoHealthCheck.Status"] Shape::Words(&words::SESSION), "";
        LocalId "IkeConfig.LocalId" ["IkeConfig.LocalId"] Shape::Text(IDENTITY), "address of the cloud's end";
        TunnelsBgp "EnableTunnelsBgp" ["EnableTunnelsBgp"] SWITCH, "off";
        TunnelsBgpCidrs "TunnelOptionsSpecification.TunnelBgpConfig.TunnelCidr" [] TUNNEL_CIDRS, "";
    } };
}

/// `ModifyVpnConnectionAttribute` of a single-tunnel connection.
pub(super) static CONNECTION: &[Field] = single_tunnel! {
    CustomerGateway "" ["CustomerGatewayId"] Shape::Text(CUSTOMER_GATEWAY), "";
    NetworkType "" ["NetworkType"] Shape::Words(&words::NETWORK), "public";
    RemoteCa "RemoteCaCertificate" ["RemoteCaCertificate", "RemoteCaCert"] Shape::Certificate, "";
    HealthCheckPolicy "" ["VcoHealthCheck.Policy"] Shape::Words(&words::HEALTH_POLICY), "";
};

/// `ModifyVpnAttachmentAttribute` of a single-tunnel connection.
pub(super) static ATTACHMENT: &[Field] = single_tunnel! {
    CustomerGateway "CustomerGatewayId" ["CustomerGatewayId"] Shape::Text(CUSTOMER_GATEWAY), "";
    NetworkType "NetworkType" ["NetworkType"] Shape::Words(&words::NETWORK), "public";
    RemoteCa "RemoteCaCert" ["RemoteCaCert", "RemoteCaCertificate"] Shape::Certificate, "";
    HealthCheckPolicy "HealthCheckConfig.Policy" ["VcoHealthCheck.Policy"] Shape::Words(&words::HEALTH_POLICY), "revoke-route";
};

/// `UpdateIpsecServer`. The key is beside `IkeConfig`, not in it.
pub(super) static SERVER: &[Field] = fields! {
    Name "IpsecServerName" ["IpsecServerName"] Shape::Text(NAME), "";
    LocalSubnets "LocalSubnet" ["LocalSubnet"] SUBNETS, "";
    ClientPool "ClientIpPool" ["ClientIpPool"] Shape::Text(CLIENT_POOL), "";
    Psk "Psk" ["Psk"] Shape::Secret(PSK), "16 random characters";
    PskEnabled "PskEnabled" ["PskEnabled"] SWITCH, "";
    EffectImmediately "EffectImmediately" ["EffectImmediately"] SWITCH, "off";
    IkeVersion "IkeConfig.IkeVersion" ["IkeConfig.IkeVersion"] Shape::Words(&words::IKE_VERSION), "ikev2";
    IkeMode "IkeConfig.IkeMode" ["IkeConfig.IkeMode"] Shape::Words(&words::IKE_MODE), "main";
    IkeEncryption "IkeConfig.IkeEncAlg" ["IkeConfig.IkeEncAlg"] Shape::Words(&words::ENCRYPTION), "aes128";
    IkeIntegrity "IkeConfig.IkeAuthAlg" ["IkeConfig.IkeAuthAlg"] Shape::Words(&words::INTEGRITY), "sha1";
    IkeDhGroup "IkeConfig.IkePfs" ["IkeConfig.IkePfs"] Shape::Words(&words::DH_GROUP), "group2";
    IkeLifetime "IkeConfig.IkeLifetime" ["IkeConfig.IkeLifetime"] LIFETIME, "86400";
    LocalId "IkeConfig.LocalId" ["IkeConfig.LocalId"] Shape::Text(IDENTITY), "address of the VPN gateway";
    RemoteId "IkeConfig.RemoteId" ["IkeConfig.RemoteId"] Shape::Text(IDENTITY), "";
    IpsecEncryption "IpsecConfig.IpsecEncAlg" ["IpsecConfig.IpsecEncAlg"] Shape::Words(&words::ENCRYPTION), "aes128";
    IpsecIntegrity "IpsecConfig.IpsecAuthAlg" ["IpsecConfig.IpsecAuthAlg"] Shape::Words(&words::INTEGRITY), "sha1";
    IpsecPfs "IpsecConfig.IpsecPfs" ["IpsecConfig.IpsecPfs"] Shape::Words(&words::PFS), "group2";
    IpsecLifetime "IpsecConfig.IpsecLifetime" ["IpsecConfig.IpsecLifetime"] LIFETIME, "86400";
};

/// One tunnel of a dual-tunnel connection: `ModifyTunnelAttribute`, and an entry of `TunnelOptionsSpecification`.
pub(super) static TUNNEL: &[Field] = fields! {
    CustomerGateway "CustomerGatewayId" ["CustomerGatewayId"] Shape::Text(CUSTOMER_GATEWAY), "";
    Psk "TunnelIkeConfig.Psk" ["TunnelIkeConfig.Psk"] Shape::Secret(PSK), "16 random characters";
    NatTraversal "EnableNatTraversal" ["EnableNatTraversal"] SWITCH, "on";
    RemoteCa "RemoteCaCertificate" ["RemoteCaCertificate", "RemoteCaCert"] Shape::Certificate, "";
    IkeVersion "TunnelIkeConfig.IkeVersion" ["TunnelIkeConfig.IkeVersion"] Shape::Words(&words::IKE_VERSION), "ikev1";
    IkeMode "TunnelIkeConfig.IkeMode" ["TunnelIkeConfig.IkeMode"] Shape::Words(&words::IKE_MODE), "main";
    IkeEncryption "TunnelIkeConfig.IkeEncAlg" ["TunnelIkeConfig.IkeEncAlg"] Shape::Words(&words::ENCRYPTION), "aes128";
    IkeIntegrity "TunnelIkeConfig.IkeAuthAlg" ["TunnelIkeConfig.IkeAuthAlg"] Shape::Words(&words::INTEGRITY), "md5";
    IkeDhGroup "TunnelIkeConfig.IkePfs" ["TunnelIkeConfig.IkePfs"] Shape::Words(&words::DH_GROUP), "group2";
    IkeLifetime "TunnelIkeConfig.IkeLifetime" ["TunnelIkeConfig.IkeLifetime"] LIFETIME, "86400";
    LocalId "TunnelIkeConfig.LocalId" ["TunnelIkeConfig.LocalId"] Shape::Text(IDENTITY), "address of the tunnel";
    RemoteId "TunnelIkeConfig.RemoteId" ["TunnelIkeConfig.RemoteId"] Shape::Text(IDENTITY), "address of the customer gateway";
    DpdEnabled "EnableDpd" ["EnableDpd"] SWITCH, "on";
    IpsecEncryption "TunnelIpsecConfig.IpsecEncAlg" ["TunnelIpsecConfig.IpsecEncAlg"] Shape::Words(&words::ENCRYPTION), "aes128";
    IpsecIntegrity "TunnelIpsecConfig.IpsecAuthAlg" ["TunnelIpsecConfig.IpsecAuthAlg"] Shape::Words(&words::INTEGRITY), "md5";
    IpsecPfs "TunnelIpsecConfig.IpsecPfs" ["TunnelIpsecConfig.IpsecPfs"] Shape::Words(&words::PFS), "group2";
    IpsecLifetime "TunnelIpsecConfig.IpsecLifetime" ["TunnelIpsecConfig.IpsecLifetime"] LIFETIME, "86400";
    BgpEnabled "" ["TunnelBgpConfig.EnableBgp"] SWITCH, "";
    BgpLocalAsn "TunnelBgpConfig.LocalAsn" ["TunnelBgpConfig.LocalAsn"] Shape::Asn(Form::Native), "45104";
    BgpTunnelCidr "TunnelBgpConfig.TunnelCidr" ["TunnelBgpConfig.TunnelCidr"] Shape::Text(TUNNEL_CIDR), "";
    BgpLocalAddress "TunnelBgpConfig.LocalBgpIp" ["TunnelBgpConfig.LocalBgpIp"] Shape::Text(IPV4_ADDRESS), "";
    BgpPeerAsn "" ["TunnelBgpConfig.PeerAsn"] Shape::Asn(Form::Native), "";
    BgpPeerAddress "" ["TunnelBgpConfig.PeerBgpIp"] Shape::Text(IPV4_ADDRESS), "";
    BgpState "" ["TunnelBgpConfig.BgpStatus"] Shape::Words(&words::SESSION), "";
};

/// The JSON block that contains a setting in requests, if any.
pub(super) fn block(field: &Field) -> Option<&'static str> {
    field.write.split_once('.').map(|(block, _)| block)
}

#[cfg(test)]
mod tests;
