//! One end of a tunnel: what it offers and what it accepts.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::addresses::{Address, Peers};
use super::algorithm::Proposal;
use super::identity::{IdKind, Identity};
use crate::model::{Ref, Secret, Term};

/// Whose behaviour an end has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// strongSwan, as measured with 5.9.8.
    Strongswan,
    /// Libreswan, as measured with 4.10.
    Libreswan,
    /// A cloud's gateway, by the provider's id: it may behave as either.
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
    /// In hand.
    Known(Arc<Secret>),
    /// There is one, and it cannot be read.
    Unreadable,
    /// There is none for this peer.
    Missing,
}

/// One Child SA as configured: nets of either side, carried together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Child {
    /// Its name; empty where it has none.
    pub name: String,
    /// Nets on this end.
    pub local: Vec<IpNet>,
    /// Nets on the far end.
    pub remote: Vec<IpNet>,
}

/// Dead peer detection. What is `None` was not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dpd {
    /// On or off.
    pub enabled: Option<bool>,
    /// Time without an answer after which the peer counts as dead.
    pub timeout_secs: Option<u64>,
    /// Idle time before a probe.
    pub interval_secs: Option<u64>,
    /// What is done then: `clear`, `restart`, `on-traffic`.
    pub action: Option<Term>,
}

/// Whether ESP travels in UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encapsulation {
    /// Where a NAT is found.
    Auto,
    /// Always.
    Forced,
    /// Never.
    Off,
}

/// When an end starts a negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At once, and again when it is lost.
    Always,
    /// When traffic arrives.
    OnTraffic,
    /// When somebody asks for it.
    ByHand,
    /// Never; it only answers.
    Never,
}

impl Start {
    /// Its word.
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
    /// AS number that the peer must have.
    pub peer_asn: Option<u64>,
    /// Address of this end in the tunnel.
    pub local_address: Option<String>,
    /// Address of the peer in the tunnel.
    pub peer_address: Option<String>,
    /// Network of the tunnel.
    pub cidr: Option<String>,
}

/// What one end offers and accepts. `None` and `Unknown` mean that it was not read, never that it is off.
#[derive(Debug, Clone)]
pub struct End {
    /// What it is called in messages: a ref, or a file with its connection.
    pub name: String,
    /// Whose behaviour it has.
    pub kind: Kind,
    /// The connection at a cloud, where it is one.
    pub reference: Option<Ref>,
    /// The tunnel's id, where the connection has several.
    pub tunnel: Option<String>,
    /// Its outer address, as it is configured.
    pub address: Address,
    /// The address that the far end sees, where a NAT changes it.
    pub public_address: Option<IpAddr>,
    /// Addresses that it accepts.
    pub peers: Peers,
    /// IKE versions that it speaks, the one that it starts with first.
    pub versions: Option<Vec<Term>>,
    /// Exchange mode of IKEv1.
    pub mode: Option<Term>,
    /// Proposals of the IKE SA.
    pub ike: Vec<Proposal>,
    /// Identity that it sends; its outer address where `None` and that is known.
    pub local_id: Option<Identity>,
    /// Identity that it expects; the peer's address where `None` and that is known.
    pub remote_id: Option<Identity>,
    /// Its key: the one that it sends.
    pub psk: Psk,
    /// Further keys for this peer, which strongSwan accepts in IKEv2.
    pub older_keys: Vec<Arc<Secret>>,
    /// Its Child SAs.
    pub children: Option<Vec<Child>>,
    /// Proposals of its Child SAs.
    pub esp: Vec<Proposal>,
    /// Lifetime of the IKE SA.
    pub ike_lifetime_secs: Option<u64>,
    /// Lifetime of a Child SA.
    pub child_lifetime_secs: Option<u64>,
    /// Traffic after which a Child SA is renewed.
    pub child_lifetime_kb: Option<u64>,
    /// Whether an IKEv2 SA is renewed by authenticating anew rather than by a rekey.
    pub reauth: bool,
    /// Dead peer detection.
    pub dpd: Dpd,
    /// Whether ESP travels in UDP.
    pub encapsulation: Option<Encapsulation>,
    /// When it starts.
    pub start: Option<Start>,
    /// BGP.
    pub bgp: Bgp,
    /// Whether it answers a wider request with its own nets (Libreswan's `narrowing`; the others always do).
    pub narrowing: bool,
    /// Whether it cuts SHA-256 in ESP to 96 bits, as old stacks do.
    pub truncates_sha256: bool,
    /// Whether it asks for IP compression.
    pub compress: bool,
}

impl End {
    /// An end of which nothing is known.
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

    /// The address that the far end sees.
    #[must_use]
    pub fn seen_address(&self) -> Address {
        self.public_address.map_or(self.address, Address::Known)
    }

    /// Whether a NAT stands before it.
    #[must_use]
    pub fn is_behind_nat(&self) -> bool {
        self.public_address.is_some_and(|public| self.address.get() != Some(public))
    }

    /// The identity that it sends: what is set, or its own address.
    #[must_use]
    pub fn sends(&self) -> Option<Identity> {
        self.local_id.clone().or_else(|| self.address.get().map(Identity::address))
    }

    /// The identity that it expects: what is set, or the address that it starts to.
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

    /// Whether it can start at all.
    #[must_use]
    pub fn can_start(&self) -> bool {
        self.start != Some(Start::Never) && self.peers != Peers::Any
    }

    /// The far end that agrees with this one in everything.
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
