//! Outer addresses.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use super::section::Section;
use crate::agreement::connection::net;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Address, Peers};

/// The address of the end. Of several, it starts from the first.
pub(super) fn own(section: &Section, notes: &mut Vec<String>) -> Result<Address, Fault> {
    let Some(setting) = section.get("local_addrs") else { return Ok(Address::Any) };
    let Some(first) = setting.items().next() else { return Ok(Address::Any) };
    match place(first) {
        Some(Place::Any | Place::Nets(_)) => Ok(Address::Any),
        Some(Place::One(address)) => Ok(Address::Known(address)),
        None if first.starts_with('%') => Ok(Address::Any),
        None if is_host(first) => {
            notes.push(unresolved("local_addrs", first));
            Ok(Address::Unknown)
        }
        None => Err(setting.fault("the first local address must be an address, a host name or %any")),
    }
}

/// Whether an item may be the name of a host.
fn is_host(item: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    item.chars().all(is_name) && item.chars().any(|c| c.is_ascii_alphabetic())
}

fn unresolved(name: &str, host: &str) -> String {
    format!("{name} = {host}: host names are not resolved, so this address is not known")
}

/// The addresses that it accepts as its peer's. It starts to the first that is neither a network nor a range.
pub(super) fn peers(section: &Section, notes: &mut Vec<String>) -> Result<Peers, Fault> {
    let Some(setting) = section.get("remote_addrs") else { return Ok(Peers::Any) };
    if let Some(host) = setting.items().find(|item| place(item).is_none() && is_host(item)) {
        notes.push(unresolved("remote_addrs", host));
        return Ok(Peers::Unknown);
    }
    let places = setting.items().map(place).collect::<Option<Vec<Place>>>();
    let places = places.ok_or_else(|| setting.fault("only addresses, host names, networks and ranges can be read"))?;
    let start = places.iter().find_map(|place| match place {
        Place::One(address) => Some(Some(*address)),
        Place::Any => Some(None),
        Place::Nets(_) => None,
    });
    let takes_any = places.iter().any(|place| matches!(place, Place::Any));
    let mut nets: Vec<IpNet> = places.into_iter().flat_map(Place::nets).collect();
    match start {
        // The first address is the one to start to.
        Some(Some(start)) => {
            let start = IpNet::from(start);
            nets.retain(|net| *net != start);
            nets.insert(0, start);
            Ok(Peers::Listed(nets))
        }
        _ if takes_any || nets.is_empty() || nets.iter().any(|net| net.prefix_len() == 0) => Ok(Peers::Any),
        _ => Ok(Peers::Within(nets)),
    }
}

/// An item of a list of addresses.
enum Place {
    Any,
    One(IpAddr),
    Nets(Vec<IpNet>),
}

impl Place {
    fn nets(self) -> Vec<IpNet> {
        match self {
            Self::Any => ["0.0.0.0/0", "::/0"].iter().filter_map(|text| text.parse().ok()).collect(),
            Self::One(address) => vec![address.into()],
            Self::Nets(nets) => nets,
        }
    }
}

fn place(item: &str) -> Option<Place> {
    if item.starts_with("%any") {
        return Some(Place::Any);
    }
    if let Ok(address) = item.parse::<IpAddr>() {
        return Some(if address.is_unspecified() { Place::Any } else { Place::One(address) });
    }
    if let Some((first, last)) = item.split_once('-') {
        return Some(Place::Nets(match (first.trim().parse().ok()?, last.trim().parse().ok()?) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => Ipv4Subnets::new(first, last, 0).map(IpNet::from).collect(),
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => Ipv6Subnets::new(first, last, 0).map(IpNet::from).collect(),
            _ => return None,
        }));
    }
    net(item).map(|net| Place::Nets(vec![net.trunc()]))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn read_peers(list: &str) -> Peers {
        read(&format!("connections {{\n a {{\n remote_addrs = {list}\n }}\n}}\n"), "a").unwrap().remove(0).1.peers
    }

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn host_names_are_not_known_and_noted() {
        let text = "connections {\n a {\n remote_addrs = gw.example.com, 192.0.2.1\n local_addrs = hq\n }\n}\n";
        let end = read(text, "a").unwrap().remove(0).1;
        assert_eq!((end.address, end.peers), (Address::Unknown, Peers::Unknown));
        assert_eq!(end.notes.len(), 2);
        assert!(read(&text.replace("gw.example.com", "gw/x"), "a").is_err());
    }

    #[test]
    fn the_first_single_address_is_the_one_to_start_to() {
        assert_eq!(read_peers("192.0.2.1"), Peers::Listed(nets(&["192.0.2.1/32"])));
        assert_eq!(read_peers("192.0.2.1, %any"), Peers::Listed(nets(&["192.0.2.1/32", "0.0.0.0/0", "::/0"])));
        assert_eq!(read_peers("192.0.2.0/24, 192.0.2.1"), Peers::Listed(nets(&["192.0.2.1/32", "192.0.2.0/24"])));
        for list in ["%any, 192.0.2.1", "%any", "0.0.0.0/0", "0.0.0.0", "::", ""] {
            assert_eq!(read_peers(list), Peers::Any, "{list}");
        }
        for list in ["192.0.2.1/32", "192.0.2.1-192.0.2.1"] {
            assert_eq!(read_peers(list), Peers::Within(nets(&["192.0.2.1/32"])), "{list}");
        }
        assert_eq!(read_peers("192.0.2.0-192.0.2.5"), Peers::Within(nets(&["192.0.2.0/30", "192.0.2.4/31"])));
    }
}
