//! The other end that agrees with an end in everything.

use ipnet::IpNet;

use super::address::{Address, Peers};
use super::beside::Bgp;
use super::end::{Child, End};
use super::identity::IdKind;

impl End {
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
            Peers::Listed(nets) | Peers::Within(nets) => nets.first().map_or(Address::Unknown, |net| Address::Known(net.addr())),
            Peers::Presumed(address) => Address::Presumed(*address),
            Peers::Any => Address::Any,
            Peers::Unknown => Address::Unknown,
        };
        let swap = |child: &Child| Child { local: child.remote.clone(), remote: child.local.clone(), ..child.clone() };
        Self {
            name: format!("mirror of {}", self.name),
            reference: None,
            connection: None,
            form: None,
            is_right: false,
            tunnel: None,
            address,
            public_address: None,
            peers,
            local_id: self.expects().filter(|id| id.kind != IdKind::Any),
            remote_id: self.sends(),
            children: self.children.as_ref().map(|children| children.iter().map(swap).collect()),
            keyring: None,
            turned: None,
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
