//! One end of a tunnel: what it offers and what it accepts.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::address::{Address, Peers};
use super::identity::{IdKind, Identity};
use super::proposal::Proposal;
use crate::model::{Ref, Secret, Term};

/// What an end behaves like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// strongSwan, measured with 5.9.8.
    Strongswan,
    /// Libreswan, measured with 4.10.
    Libreswan,
    /// A cloud's gateway, by the provider's id; it may behave like either daemon.
    Cloud(String),
    /// Not known.
    Unknown,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Strongswan => "strongswan",
            Self::Libreswan => "libreswan",
            Self::Cloud(provider) => provider,
            Self::Unknown => "unknown",
        })
    }
}

/// The pre-shared key of an end.
#[derive(Debug, Clone)]
pub enum Psk {
    /// The key itself.
    Known(Arc<Secret>),
    /// There is a key, but it cannot be read.
    Unreadable,
    /// There is no key for this peer.
    Missing,
}

/// One Child SA as configured: the networks that it connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Child {
    /// Its name; may be empty.
    pub name: String,
    /// Networks behind this end.
    pub local: Vec<IpNet>,
    /// Networks behind the other end.
    pub remote: Vec<IpNet>,
}

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

/// When ESP is encapsulated in UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encapsulation {
    /// When a NAT is detected.
    Auto,
    /// Always.
    Forced,
    /// Never.
    Off,
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

/// What one end offers and accepts. `None` and `Unknown` mean that a value is not known, never that it is off.
#[derive(Debug, Clone)]
pub struct End {
    /// Its name in messages: a ref, or a file and a connection in it.
    pub name: String,
    /// What it behaves like.
    pub kind: Kind,
    /// The connection at a cloud; `None` for other ends.
    pub reference: Option<Ref>,
    /// The tunnel's id, where the connection has several tunnels.
    pub tunnel: Option<String>,
    /// Its outer address as configured.
    pub address: Address,
    /// The address that the other end sees, where a NAT changes it.
    pub public_address: Option<IpAddr>,
    /// The addresses that it accepts as its peer.
    pub peers: Peers,
    /// The IKE versions that it supports; it starts with the first.
    pub versions: Option<Vec<Term>>,
    /// Exchange mode of IKEv1.
    pub mode: Option<Term>,
    /// Proposals of the IKE SA.
    pub ike: Vec<Proposal>,
    /// The identity that it sends; `None`: its outer address.
    pub local_id: Option<Identity>,
    /// The identity that it expects; `None`: the peer's address.
    pub remote_id: Option<Identity>,
    /// Its key, which it authenticates with.
    pub psk: Psk,
    /// Further keys for this peer, which strongSwan also accepts in IKEv2.
    pub older_keys: Vec<Arc<Secret>>,
    /// Its Child SAs.
    pub children: Option<Vec<Child>>,
    /// Proposals of its Child SAs.
    pub esp: Vec<Proposal>,
    /// Lifetime of the IKE SA, in seconds.
    pub ike_lifetime_secs: Option<u64>,
    /// Lifetime of a Child SA, in seconds.
    pub child_lifetime_secs: Option<u64>,
    /// Traffic after which a Child SA is rekeyed, in KB.
    pub child_lifetime_kb: Option<u64>,
    /// Whether an IKEv2 SA is renewed by reauthentication instead of a rekey.
    pub reauth: bool,
    /// Dead peer detection.
    pub dpd: Dpd,
    /// When ESP is encapsulated in UDP.
    pub encapsulation: Option<Encapsulation>,
    /// When it starts a negotiation.
    pub start: Option<Start>,
    /// BGP.
    pub bgp: Bgp,
    /// Whether it narrows a wider request to its own networks (Libreswan's `narrowing`; others always do).
    pub narrowing: bool,
    /// Whether it truncates SHA-256 in ESP to 96 bits, as old kernels do.
    pub truncates_sha256: bool,
    /// Whether it asks for IP compression.
    pub compress: bool,
}

impl End {
    /// An end about which nothing else is known.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            reference: None,
            tunnel: None,
            address: Address::Unknown,
            public_address: None,
            peers: Peers::Unknown,
            versions: None,
            mode: None,
            ike: Vec::new(),
            local_id: None,
            remote_id: None,
            psk: Psk::Unreadable,
            older_keys: Vec::new(),
            children: None,
            esp: Vec::new(),
            ike_lifetime_secs: None,
            child_lifetime_secs: None,
            child_lifetime_kb: None,
            reauth: false,
            dpd: Dpd::default(),
            encapsulation: None,
            start: None,
            bgp: Bgp::default(),
            narrowing: false,
            truncates_sha256: false,
            compress: false,
        }
    }

    /// The address that the other end sees.
    #[must_use]
    pub fn seen_address(&self) -> Address {
        self.public_address.map_or(self.address, Address::Known)
    }

    /// Whether it is behind a NAT.
    #[must_use]
    pub fn is_behind_nat(&self) -> bool {
        self.public_address.is_some_and(|public| self.address.get() != Some(public))
    }

    /// The identity that it sends: the configured one, or its own address.
    #[must_use]
    pub fn sends(&self) -> Option<Identity> {
        self.local_id.clone().or_else(|| self.address.get().map(Identity::address))
    }

    /// The identity that it expects: the configured one, or the address that it starts to.
    #[must_use]
    pub fn expects(&self) -> Option<Identity> {
        self.remote_id.clone().or_else(|| match &self.peers {
            Peers::Any => Some(Identity::any()),
            Peers::Listed(nets) => {
                nets.first().filter(|net| net.prefix_len() == net.max_prefix_len()).map(|net| Identity::address(net.addr()))
            }
            Peers::Presumed(address) => Some(Identity::address(*address)),
            Peers::Unknown => None,
        })
    }

    /// Whether it can start a negotiation at all.
    #[must_use]
    pub fn can_start(&self) -> bool {
        self.start != Some(Start::Never) && self.peers != Peers::Any
    }

    /// The other end that agrees with this one in everything.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let peers = match self.address {
            Address::Known(address) => Peers::Listed(vec![IpNet::from(address)]),
            Address::Presumed(address) => Peers::Presumed(address),
            Address::Any => Peers::Any,
            Address::Unknown => Peers::Unknown,
        };
        let address = match &self.peers {
            Peers::Listed(nets) => nets.first().map_or(Address::Unknown, |net| Address::Known(net.addr())),
            Peers::Presumed(address) => Address::Presumed(*address),
            Peers::Any => Address::Any,
            Peers::Unknown => Address::Unknown,
        };
        let swap = |child: &Child| Child { name: child.name.clone(), local: child.remote.clone(), remote: child.local.clone() };
        Self {
            name: format!("mirror of {}", self.name),
            reference: None,
            tunnel: None,
            address,
            public_address: None,
            peers,
            local_id: self.expects().filter(|id| id.kind != IdKind::Any),
            remote_id: self.sends(),
            children: self.children.as_ref().map(|children| children.iter().map(swap).collect()),
            bgp: Bgp {
                local_asn: self.bgp.peer_asn,
                peer_asn: self.bgp.local_asn,
                local_address: self.bgp.peer_address.clone(),
                peer_address: self.bgp.local_address.clone(),
                ..self.bgp.clone()
            },
            ..self.clone()
        }
    }
}
