//! One end of a tunnel: what it offers and what it accepts.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::address::{Address, Peers};
use super::beside::{Bgp, Dpd, Start};
use super::form::Form;
use super::identity::Identity;
use super::keyring::Keyring;
use super::method::Auth;
use super::proposal::Proposal;
use crate::model::{Connection, Ref, Secret, Term};

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
    /// Whether it asks for transport mode instead of tunnel mode.
    pub transport: bool,
    /// Proposals of its own; none: those of the end.
    pub esp: Vec<Proposal>,
}

/// Something that a daemon does not load, found while its file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The field that it belongs to, in the model's words.
    pub field: &'static str,
    /// The value.
    pub value: String,
    /// Why: the end of a sentence.
    pub why: String,
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

/// What one end offers and accepts. `None` and `Unknown` mean that a value is not known, never that it is off.
#[derive(Debug, Clone)]
pub struct End {
    /// Its name in messages: a ref, or a file and a connection in it.
    pub name: String,
    /// What it behaves like.
    pub kind: Kind,
    /// The connection at a cloud; `None` for other ends.
    pub reference: Option<Ref>,
    /// The connection as it was read, for the rules of its cloud.
    pub connection: Option<Arc<Connection>>,
    /// The format of the file that it was read from.
    pub form: Option<Form>,
    /// Whether it is the right one in its `ipsec.conf`.
    pub is_right: bool,
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
    /// How it authenticates, and what it expects of its peer.
    pub auth: Auth,
    /// Its key, which it authenticates with.
    pub psk: Psk,
    /// Further keys for this peer, which strongSwan also accepts in IKEv2.
    pub older_keys: Vec<Arc<Secret>>,
    /// All keys of a strongSwan: which of them it uses depends on who starts.
    pub keyring: Option<Keyring>,
    /// Its Child SAs.
    pub children: Option<Vec<Child>>,
    /// Proposals of its Child SAs.
    pub esp: Vec<Proposal>,
    /// Lifetime of the IKE SA, in seconds; `None` too where it does not end.
    pub ike_lifetime_secs: Option<u64>,
    /// When it is renewed at the earliest; `None`: near its end.
    pub ike_renewal_secs: Option<u64>,
    /// Lifetime of a Child SA, in seconds; `None` too where it does not end.
    pub child_lifetime_secs: Option<u64>,
    /// When it is renewed at the earliest; `None`: near its end.
    pub child_renewal_secs: Option<u64>,
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
    /// Whether it answers any proposal of IKEv1 that it supports, for the IKE SA and for Child SAs (Libreswan without `ike=`
    /// and `esp=`).
    pub answers_any: (bool, bool),
    /// Whether its Child SAs take the group of the IKE SA for PFS, because none is named.
    pub pfs_of_ike: bool,
    /// What the daemon does not load.
    pub refusals: Vec<Refusal>,
    /// What it may not load: that depends on its version or package.
    pub doubts: Vec<Refusal>,
    /// What a reader should know of how it was read.
    pub notes: Vec<String>,
    /// The same connection seen from its other side, where its file does not tell which side this machine is (`ipsec.conf`).
    pub turned: Option<Box<Self>>,
}

impl End {
    /// An end about which nothing else is known.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            reference: None,
            connection: None,
            form: None,
            is_right: false,
            tunnel: None,
            address: Address::Unknown,
            public_address: None,
            peers: Peers::Unknown,
            versions: None,
            mode: None,
            ike: Vec::new(),
            local_id: None,
            remote_id: None,
            auth: Auth::default(),
            psk: Psk::Unreadable,
            older_keys: Vec::new(),
            keyring: None,
            children: None,
            esp: Vec::new(),
            ike_lifetime_secs: None,
            ike_renewal_secs: None,
            child_lifetime_secs: None,
            child_renewal_secs: None,
            child_lifetime_kb: None,
            reauth: false,
            dpd: Dpd::default(),
            encapsulation: None,
            start: None,
            bgp: Bgp::default(),
            narrowing: false,
            truncates_sha256: false,
            compress: false,
            answers_any: (false, false),
            pfs_of_ike: false,
            refusals: Vec::new(),
            doubts: Vec::new(),
            notes: Vec::new(),
            turned: None,
        }
    }

    /// The address that the other end sees.
    #[must_use]
    pub fn seen_address(&self) -> Address {
        self.public_address.map_or(self.address, Address::Known)
    }

    /// States the address that the other end sees. It may tell which side of its file the end is.
    pub fn state_address(&mut self, seen: IpAddr) {
        if let Some(mut turned) = self.turned.take()
            && self.address.get() != Some(seen)
        {
            turned.state_address(seen);
            if turned.public_address.is_none() {
                *self = *turned;
                return;
            }
            self.turned = Some(turned);
        }
        match self.address {
            Address::Known(own) => self.public_address = Some(seen).filter(|seen| *seen != own),
            _ => self.address = Address::Known(seen),
        }
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
        let any = || matches!(self.peers, Peers::Any | Peers::Within(_)).then(Identity::any);
        self.remote_id.clone().or_else(|| self.peers.start().map(Identity::address)).or_else(any)
    }

    /// Whether it can start a negotiation at all.
    #[must_use]
    pub fn can_start(&self) -> bool {
        self.start != Some(Start::Never) && !self.peers.is_startless()
    }
}
