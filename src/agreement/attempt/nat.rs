//! A NAT that no file tells of: an end with a private address that its peer reaches at a public one.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::agreement::address::Peers;
use crate::agreement::end::End;
use crate::agreement::identity::IdKind;

/// The addresses at which a NAT before an end most likely shows it, of those that its peer accepts; `None`: nothing speaks for
/// a NAT.
pub(super) fn supposed(end: &End, accepted: &Peers) -> Option<String> {
    if end.public_address.is_some() || !end.address.get().is_some_and(is_private) {
        return None;
    }
    let nets = match accepted {
        Peers::Listed(nets) => nets.clone(),
        Peers::Presumed(address) => vec![IpNet::from(*address)],
        _ => return None,
    };
    let own = end.local_id.as_ref().filter(|id| id.kind == IdKind::Ip).and_then(|id| id.text.parse::<IpAddr>().ok());
    match own.filter(|id| !is_private(*id)) {
        Some(id) => nets.iter().any(|net| net.contains(&id)).then(|| id.to_string()),
        None => {
            let public = nets.iter().find(|net| !is_private(net.addr()))?;
            Some(if public.prefix_len() == public.max_prefix_len() { public.addr().to_string() } else { public.to_string() })
        }
    }
}

/// Whether nobody outside can reach an address.
fn is_private(address: IpAddr) -> bool {
    match address {
        // RFC 1918, RFC 6598, RFC 3927.
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || (address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]))
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}
