//! What one end leaves open and the other end names: its outer address.

use ipnet::IpNet;

use super::address::Address;
use super::cause::Cause;
use super::end::End;
use super::finding::Finding;
use super::identity::Identity;
use super::side::Side;

/// An end that listens on all addresses of its machine, with the one address that the other end starts to. `None`: nothing is
/// left open, or the other end does not tell.
pub(super) fn settled(end: &End, other: &End) -> Option<End> {
    let seen = other.seen_address().get().map(IpNet::from);
    let lacks = |nets: fn(&super::Child) -> &Vec<IpNet>| end.children.iter().flatten().any(|child| nets(child).is_empty());
    let address = if end.address == Address::Any && end.public_address.is_none() { other.peers.start() } else { None };
    let (no_local, no_remote) = (lacks(|child| &child.local), lacks(|child| &child.remote));
    let far = seen.filter(|_| no_remote);
    if address.is_none() && far.is_none() {
        return None;
    }
    let mut settled = end.clone();
    if let Some(address) = address {
        settled.address = Address::Presumed(address);
    }
    // Networks that are left out are the hosts themselves.
    let own = settled.address.get().map(IpNet::from).filter(|_| no_local);
    for child in settled.children.iter_mut().flatten() {
        for (nets, host) in [(&mut child.local, own), (&mut child.remote, far)] {
            if nets.is_empty() {
                nets.extend(host);
            }
        }
    }
    Some(settled)
}

/// That an end is taken for the address that the other end names, where its own identity is not that address.
pub(super) fn note(end: &End, settled: Option<&End>, side: Side) -> Option<Finding> {
    let Address::Presumed(address) = settled?.address else { return None };
    if end.local_id == Some(Identity::address(address)) || end.address != Address::Any {
        return None;
    }
    let lacks = if end.local_id.is_some() { "no address of its own" } else { "neither an address nor an identity of its own" };
    let (this, that) = ("any".to_owned(), address.to_string());
    let (left, right) = if side == Side::Left { (this, that) } else { (that, this) };
    let fields = if side == Side::Left { ("gateway_address", "peer_address") } else { ("peer_address", "gateway_address") };
    let text = format!("this end names {lacks}: it is taken for {address}, which the other end starts to");
    Some(Finding::new(Cause::Presumed, fields, (left, right), text))
}
