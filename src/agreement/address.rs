//! Outer addresses: the one that an end has, and those that it accepts as its peer's.

use std::net::IpAddr;

use ipnet::IpNet;

/// The outer address of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// Configured, or returned by the cloud.
    Known(IpAddr),
    /// Not known; presumed to be the end's identity, which is this address.
    Presumed(IpAddr),
    /// Any address of the machine (`%any`, `%defaultroute`).
    Any,
    /// Not known.
    Unknown,
}

impl Address {
    /// The address, known or presumed.
    #[must_use]
    pub const fn get(self) -> Option<IpAddr> {
        match self {
            Self::Known(address) | Self::Presumed(address) => Some(address),
            Self::Any | Self::Unknown => None,
        }
    }
}

/// The addresses that an end accepts as its peer. It starts to the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peers {
    /// Any; such an end cannot start.
    Any,
    /// These networks, usually single addresses.
    Listed(Vec<IpNet>),
    /// These networks and ranges; it has no address to start to.
    Within(Vec<IpNet>),
    /// Not known; presumed to be the identity that the end expects, which is this address.
    Presumed(IpAddr),
    /// Not known.
    Unknown,
}

impl Peers {
    /// The address that the end starts to.
    #[must_use]
    pub fn start(&self) -> Option<IpAddr> {
        match self {
            Self::Listed(nets) => nets.first().filter(|net| net.prefix_len() == net.max_prefix_len()).map(IpNet::addr),
            Self::Presumed(address) => Some(*address),
            Self::Any | Self::Within(_) | Self::Unknown => None,
        }
    }

    /// Whether it is known that there is no address to start to.
    #[must_use]
    pub fn is_startless(&self) -> bool {
        !matches!(self, Self::Unknown) && self.start().is_none()
    }
}
