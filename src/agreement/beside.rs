//! What stands beside the tunnel: who starts it, dead peer detection, and BGP inside it.

use crate::model::Term;

/// Dead peer detection. `None`: not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dpd {
    /// On or off.
    pub enabled: Option<bool>,
    /// Seconds without an answer after which the peer counts as dead.
    pub timeout_secs: Option<u64>,
    /// Idle seconds before a probe.
    pub interval_secs: Option<u64>,
    /// What happens then: `clear`, `restart`, `on-traffic`.
    pub action: Option<Term>,
}

/// BGP inside the tunnel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bgp {
    /// On or off.
    pub enabled: Option<bool>,
    /// AS number of this end.
    pub local_asn: Option<u64>,
    /// AS number that it expects of the peer.
    pub peer_asn: Option<u64>,
    /// Address of this end inside the tunnel.
    pub local_address: Option<String>,
    /// Address of the peer inside the tunnel.
    pub peer_address: Option<String>,
    /// Network of the tunnel.
    pub cidr: Option<String>,
}

/// When an end starts a negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At once, and again when the tunnel is lost.
    Always,
    /// When traffic arrives.
    OnTraffic,
    /// On request of an operator.
    ByHand,
    /// Never: it only answers.
    Never,
}

impl Start {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Always => "active",
            Self::OnTraffic => "on-traffic",
            Self::ByHand => "by hand",
            Self::Never => "passive",
        }
    }
}
