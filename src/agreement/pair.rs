//! Which tunnel of one connection belongs to which tunnel of another.

use super::address::{Address, Peers};
use super::end::End;
use super::identity::{IdKind, Identity};

/// The tunnels of two connections, by their positions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    /// Tunnels that belong together.
    pub pairs: Vec<(usize, usize)>,
    /// Tunnels of the left connection without a partner.
    pub left_alone: Vec<usize>,
    /// Tunnels of the right connection without a partner.
    pub right_alone: Vec<usize>,
}

/// Pairs tunnels by their addresses and identities, or by order where these do not tell them apart.
#[must_use]
pub fn pair(left: &[End], right: &[End]) -> Pairing {
    let mut candidates: Vec<(u8, usize, usize)> = Vec::new();
    for (place, one) in left.iter().enumerate() {
        for (other_place, other) in right.iter().enumerate() {
            candidates.push((belong(one, other), place, other_place));
        }
    }
    // The best fit comes first; order decides between equal ones.
    candidates.sort_by_key(|(fit, left, right)| (std::cmp::Reverse(*fit), left.abs_diff(*right), *left));
    let mut pairing = Pairing::default();
    for (_, one, other) in candidates {
        if pairing.pairs.iter().all(|(left, right)| *left != one && *right != other) {
            pairing.pairs.push((one, other));
        }
    }
    pairing.pairs.sort_unstable();
    let alone = |count: usize, taken: &dyn Fn(usize) -> bool| (0..count).filter(|place| !taken(*place)).collect();
    pairing.left_alone = alone(left.len(), &|place| pairing.pairs.iter().any(|(left, _)| *left == place));
    pairing.right_alone = alone(right.len(), &|place| pairing.pairs.iter().any(|(_, right)| *right == place));
    pairing
}

/// How well two ends belong together: by their addresses, and by their identities.
pub(super) fn belong(one: &End, other: &End) -> u8 {
    fit(&one.peers, other.seen_address()) + fit(&other.peers, one.seen_address()) + known(one, other) + known(other, one)
}

/// How well the identity that an end sends is the one that the other end expects: as for addresses.
fn known(sender: &End, checker: &End) -> u8 {
    let (Some(sent), Some(expected)) = (sender.sends(), checker.expects()) else { return 1 };
    let same = |one: &Identity, other: &Identity| one.kind == other.kind && one.text.eq_ignore_ascii_case(&other.text);
    match expected.kind {
        IdKind::Any | IdKind::Host => 1,
        _ => 2 * u8::from(same(&sent, &expected)),
    }
}

/// How well an address fits: 2 where it is accepted, 1 where that is not known, 0 where it is refused.
fn fit(peers: &Peers, address: Address) -> u8 {
    let Some(address) = address.get() else { return 1 };
    match peers {
        Peers::Any | Peers::Unknown => 1,
        Peers::Listed(nets) | Peers::Within(nets) => 2 * u8::from(nets.iter().any(|net| net.contains(&address))),
        Peers::Presumed(presumed) => 2 * u8::from(*presumed == address),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn end(address: &str, peer: &str) -> End {
        let mut end = End::new(address, Kind::Unknown);
        end.address = Address::Known(address.parse().unwrap());
        end.peers = Peers::Presumed(peer.parse().unwrap());
        end
    }

    #[test]
    fn tunnels_are_paired_by_address_whatever_their_order() {
        let left = [end("192.0.2.1", "198.51.100.1"), end("192.0.2.2", "198.51.100.2")];
        let right = [end("198.51.100.2", "192.0.2.2"), end("198.51.100.1", "192.0.2.1")];
        assert_eq!(pair(&left, &right).pairs, [(0, 1), (1, 0)]);
    }

    #[test]
    fn identities_tell_tunnels_apart_that_have_one_address() {
        let named = |own: &str, far: &str| End {
            local_id: Some(Identity::parse(own)),
            remote_id: Some(Identity::parse(far)),
            ..End::new(own, Kind::Unknown)
        };
        let left = [named("a.example.com", "one.example.com"), named("b.example.com", "two.example.com")];
        let right = [named("two.example.com", "b.example.com"), named("one.example.com", "a.example.com")];
        assert_eq!(pair(&left, &right).pairs, [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_tunnel_without_a_partner_is_named() {
        let left = [end("192.0.2.1", "198.51.100.1"), end("192.0.2.2", "198.51.100.1")];
        let right = [end("198.51.100.1", "192.0.2.2")];
        let pairing = pair(&left, &right);
        assert_eq!((pairing.pairs, pairing.left_alone), (vec![(1, 0)], vec![0]));
    }
}
