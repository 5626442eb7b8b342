//! One side of a tunnel, as its configuration needs it.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::words::{Identity, Suite};
use crate::model::Secret;

/// One tunnel, seen from the peer.
#[derive(Debug)]
pub(super) struct Peer {
    /// The name for sections: letters, digits, `-` and `_`.
    pub name: String,
    /// A shorter name, of at most 24 characters, for devices that limit names.
    pub short: String,
    /// The connection's ref.
    pub reference: String,
    /// Its own outer address.
    pub address: Option<IpAddr>,
    /// The cloud's outer address.
    pub cloud: Option<IpAddr>,
    /// Its own identity.
    pub id: Identity,
    /// The cloud's identity.
    pub cloud_id: Identity,
    /// Whether IKEv2 is used; otherwise IKEv1.
    pub ikev2: bool,
    /// Whether IKEv1 aggressive mode is used.
    pub aggressive: bool,
    /// The algorithms of phase 1.
    pub ike: Suite,
    /// The algorithms of phase 2; no group means no PFS.
    pub ipsec: Suite,
    /// The lifetime of the IKE SA, in seconds.
    pub ike_secs: u64,
    /// The lifetime of Child SAs, in seconds.
    pub ipsec_secs: u64,
    /// The traffic after which a Child SA is rekeyed, in KB.
    pub ipsec_kb: Option<u64>,
    /// The time between probes, in seconds.
    pub dpd_secs: u64,
    /// Its own network and the cloud's, one pair for each Child SA.
    pub pairs: Vec<(IpNet, IpNet)>,
    /// Its own address inside the tunnel, where the cloud expects one.
    pub inside: Option<String>,
    /// The number of the interface that the tunnel is bound to.
    pub interface: Option<u32>,
    /// The key; `None`: a placeholder is written.
    pub key: Option<Arc<Secret>>,
}

impl Peer {
    /// Whether the tunnel accepts all traffic, so that routes select it.
    pub(super) fn is_route_based(&self) -> bool {
        self.pairs.iter().all(|(own, cloud)| own.prefix_len() == 0 && cloud.prefix_len() == 0)
    }
}
