//! Every setting of the model, described once: JSON path, flag, heading and help line.

/// The heading of a setting in help and tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Name, peer, traffic selectors, key and other settings of the whole connection.
    Connection,
    /// Phase 1: what the IKE SA is made from.
    Ike,
    /// Dead peer detection.
    Dpd,
    /// Phase 2: what Child SAs are made from.
    Ipsec,
    /// Border Gateway Protocol.
    Bgp,
    /// The cloud's own probe through the tunnel.
    HealthCheck,
}

impl Group {
    /// The heading's text.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::Ike => "IKE (phase 1)",
            Self::Dpd => "Dead peer detection",
            Self::Ipsec => "IPsec (phase 2)",
            Self::Bgp => "BGP",
            Self::HealthCheck => "Health check",
        }
    }
}

macro_rules! keys {
    ($($group:ident { $($name:ident $path:literal $flag:literal $help:literal,)* })*) => {
        /// A setting of a connection, in the order of plans and tables.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the help line of each row describes it")]
        pub enum Key { $($($name,)*)* }

        impl Key {
            /// Every key, in order.
            pub const ALL: &[Key] = &[$($(Key::$name,)*)*];

            /// The path in the model's JSON; dots nest.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $($(Key::$name => $path,)*)* }
            }

            /// The flag without its dashes; empty for a setting that can only be read.
            #[must_use]
            pub const fn flag(self) -> &'static str {
                match self { $($(Key::$name => $flag,)*)* }
            }

            /// The help line, imperative, without what a cloud adds (values, bounds).
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $($(Key::$name => $help,)*)* }
            }

            /// The heading.
            #[must_use]
            pub const fn group(self) -> Group {
                match self { $($(Key::$name => Group::$group,)*)* }
            }
        }
    };
}

// Durations end in their unit: `_secs` or `_ms`. Flags take seconds, or a number with `ms`, `s`, `m`, `h`, `d`.
keys! {
    Connection {
        Name "name" "name" "Name the connection",
        CustomerGateway "customer_gateway" "customer-gateway" "Move it to another customer gateway (peer)",
        NetworkType "network_type" "network-type" "Set the network type",
        LocalSubnets "local_subnets" "local-subnet" "Set the local traffic selectors (cloud side)",
        RemoteSubnets "remote_subnets" "remote-subnet" "Set the remote traffic selectors (peer side)",
        RemoteSubnetsV6 "remote_subnets_v6" "remote-subnet-v6" "Set the remote IPv6 traffic selectors",
        PolicyRules "policy_rules" "policy-rule" "Set the policy rules, LOCAL=REMOTE[,REMOTE...]",
        PolicyRulesV6 "policy_rules_v6" "policy-rule-v6" "Set the IPv6 policy rules, LOCAL=REMOTE[,REMOTE...]",
        ClientPool "client_pool" "client-pool" "Set the address pool of the clients",
        TunnelLocalAddress "tunnel_local_address" "tunnel-local-address" "Set the tunnel interface address of the cloud's gateway",
        TunnelPeerAddress "tunnel_peer_address" "tunnel-peer-address" "Set the tunnel interface address of the peer",
        Hub "hub" "hub" "Let branches reach each other through this gateway",
        Psk "psk" "" "Set the pre-shared key",
        PskEnabled "psk_enabled" "psk-enabled" "Turn on pre-shared key authentication; it cannot be turned off here",
        NatTraversal "nat_traversal" "nat-traversal" "Turn NAT traversal on or off",
        Negotiation "negotiation" "negotiation" "Choose who starts the negotiation",
        EffectImmediately "effect_immediately" "effect-immediately" "Renegotiate at once (drops the tunnel) instead of when traffic arrives",
        AutoConfigRoute "auto_config_route" "auto-config-route" "Publish routes automatically",
        RemoteCa "remote_ca" "remote-ca-file" "Set the peer's CA certificate, read from a PEM file",
    }
    Ike {
        IkeVersion "ike.version" "ike-version" "Set the IKE version",
        IkeMode "ike.mode" "ike-mode" "Set the IKEv1 exchange mode",
        IkeEncryption "ike.encryption" "ike-encryption" "Set the encryption of the IKE SA",
        IkeIntegrity "ike.integrity" "ike-integrity" "Set the integrity algorithm of the IKE SA",
        IkeDhGroup "ike.dh_group" "ike-dh-group" "Set the Diffie-Hellman group of the IKE SA",
        IkeLifetime "ike.lifetime_secs" "ike-lifetime" "Set the lifetime of the IKE SA",
        IkeAuthentication "ike.authentication" "" "Authentication method",
        LocalIdType "ike.local_id.type" "local-id-type" "Set the type of the local identity",
        LocalId "ike.local_id.value" "local-id" "Set the local identity",
        RemoteIdType "ike.remote_id.type" "remote-id-type" "Set the type of the remote identity",
        RemoteId "ike.remote_id.value" "remote-id" "Set the remote identity",
    }
    Dpd {
        DpdEnabled "ike.dpd.enabled" "dpd" "Turn dead peer detection on or off",
        DpdTimeout "ike.dpd.timeout_secs" "dpd-timeout" "Set the DPD timeout",
        DpdInterval "ike.dpd.interval_secs" "dpd-interval" "Set the idle time before DPD probes",
        DpdAction "ike.dpd.action" "dpd-action" "Choose what is done with a dead peer's SAs",
        DpdMessage "ike.dpd.message" "dpd-message" "Set the payload order of DPD messages",
    }
    Ipsec {
        IpsecEncryption "ipsec.encryption" "ipsec-encryption" "Set the encryption of Child SAs",
        IpsecIntegrity "ipsec.integrity" "ipsec-integrity" "Set the integrity algorithm of Child SAs",
        IpsecPfs "ipsec.pfs" "ipsec-pfs" "Set the PFS group of Child SAs, or none",
        IpsecLifetime "ipsec.lifetime_secs" "ipsec-lifetime" "Set the lifetime of Child SAs",
        IpsecLifetimeKb "ipsec.lifetime_kb" "ipsec-lifetime-kb" "Set the traffic after which a Child SA is renewed, in KB",
        IpsecEncapsulation "ipsec.encapsulation" "ipsec-encapsulation" "Set the encapsulation mode",
        IpsecProtocol "ipsec.protocol" "ipsec-protocol" "Set the security protocol",
    }
    Bgp {
        BgpEnabled "bgp.enabled" "bgp" "Turn BGP on or off",
        BgpLocalAsn "bgp.local_asn" "bgp-local-asn" "Set the local AS number, plain or as HIGH.LOW",
        BgpTunnelCidr "bgp.tunnel_cidr" "bgp-tunnel-cidr" "Set the network of the BGP tunnel",
        BgpLocalAddress "bgp.local_address" "bgp-local-address" "Set the local BGP address",
        BgpPeerAsn "bgp.peer_asn" "" "AS number of the peer",
        BgpPeerAddress "bgp.peer_address" "bgp-peer-address" "Set the peer's BGP address",
        BgpState "bgp.state" "" "State of the BGP session",
        TunnelsBgp "tunnels_bgp.enabled" "tunnels-bgp" "Turn BGP on or off for both tunnels of a dual-tunnel connection",
        TunnelsBgpCidrs "tunnels_bgp.cidrs" "tunnels-bgp-cidr" "Set the network of each tunnel's BGP, in the tunnels' order",
    }
    HealthCheck {
        HealthCheckEnabled "health_check.enabled" "health-check" "Turn the health check on or off",
        HealthCheckLocal "health_check.local_address" "health-check-local" "Set the address that probes are sent from",
        HealthCheckRemote "health_check.remote_address" "health-check-remote" "Set the address that is probed",
        HealthCheckInterval "health_check.interval_ms" "health-check-interval" "Set the time between probes",
        HealthCheckTimeout "health_check.timeout_ms" "health-check-timeout" "Set the time a probe may take",
        HealthCheckRetries "health_check.retries" "health-check-retries" "Set how many failed probes count as down",
        HealthCheckProbe "health_check.probe" "health-check-probe" "Set the probe type",
        HealthCheckPolicy "health_check.policy" "health-check-policy" "Choose what a failure does to the routes",
        HealthCheckState "health_check.state" "" "State of the health check",
    }
}

impl Key {
    /// The key of a flag.
    #[must_use]
    pub fn from_flag(flag: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| !key.flag().is_empty() && key.flag() == flag)
    }

    /// The name of the setting in errors: its flag with dashes, or the path when it can only be read.
    #[must_use]
    pub fn named(self) -> String {
        match (self, self.flag()) {
            (Self::Psk, _) => "--psk-file".to_owned(),
            (_, "") => self.path().to_owned(),
            (_, flag) => format!("--{flag}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_flags_are_unique() {
        let mut paths: Vec<_> = Key::ALL.iter().map(|key| key.path()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), Key::ALL.len());
        let mut flags: Vec<_> = Key::ALL.iter().map(|key| key.flag()).filter(|flag| !flag.is_empty()).collect();
        let count = flags.len();
        flags.sort_unstable();
        flags.dedup();
        assert_eq!(flags.len(), count);
    }

    #[test]
    fn key_is_found_by_its_flag() {
        assert_eq!(Key::from_flag("ike-lifetime"), Some(Key::IkeLifetime));
        assert_eq!(Key::from_flag(""), None);
    }
}
