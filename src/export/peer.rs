//! One side of a tunnel, as its configuration needs it.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};

use super::name::Name;
use super::session::Session;
use super::words::{Identity, Suite};
use crate::model::Secret;

/// One tunnel, seen from the peer.
#[derive(Debug)]
pub(super) struct Peer {
    /// How it is called on a device.
    pub name: Name,
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
    pub inside: Option<IpNet>,
    /// The cloud's address inside the tunnel.
    pub cloud_inside: Option<IpAddr>,
    /// The BGP session inside the tunnel.
    pub bgp: Option<Session>,
    /// Its own networks, as far as the cloud knows them.
    pub own_nets: Vec<IpNet>,
    /// The cloud's networks.
    pub cloud_nets: Vec<IpNet>,
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

    /// The cloud's outer address, or what stands for it and is no address.
    pub(super) fn cloud_or_placeholder(&self) -> String {
        self.cloud.map_or("CLOUD-ADDRESS".to_owned(), |address| address.to_string())
    }

    /// The number of its tunnel interface: the one that the user gave, or one of this range.
    pub(super) fn unit(&self, first: u32, last: u32) -> u32 {
        self.interface.unwrap_or_else(|| self.name.number(first, last))
    }

    /// Its pairs of networks, for a format that is written for IPv4 only.
    pub(super) fn v4_pairs(&self, format: &str) -> Result<Vec<(Ipv4Net, Ipv4Net)>, String> {
        if self.cloud.or(self.address).is_some_and(|address| address.is_ipv6()) {
            return Err(format!("gateway address: for {format}, only IPv4 is written"));
        }
        let both = self.pairs.iter().map(|pair| match pair {
            (IpNet::V4(own), IpNet::V4(cloud)) => Ok((*own, *cloud)),
            _ => Err(format!("traffic selectors: for {format}, only IPv4 is written")),
        });
        both.collect()
    }

    /// Its address inside the tunnel with the mask, where that is IPv4.
    pub(super) fn inside_v4(&self) -> Option<Ipv4Net> {
        match self.inside {
            Some(IpNet::V4(net)) => Some(net),
            _ => None,
        }
    }

    /// The cloud's networks that routes must lead into the tunnel, where BGP does not do so.
    pub(super) fn routes(&self) -> Vec<Ipv4Net> {
        let nets = self.cloud_nets.iter().filter(|_| self.bgp.is_none());
        nets.filter_map(|net| if let IpNet::V4(net) = net { Some(*net) } else { None }).collect()
    }
}
