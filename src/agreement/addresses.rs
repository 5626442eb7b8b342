//! Outer addresses: what they are at an end, whether each end takes the other for its peer, whether ESP travels in UDP.

use std::net::IpAddr;

use ipnet::IpNet;

use super::case::{Case, Daemon, Found, Peer, UNREAD};
use super::end::Encapsulation;
use super::verdict::{Exchange, Verdict};

/// The outer address of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// Configured, or said by the cloud.
    Known(IpAddr),
    /// Not said; the end's identity is this address, which mostly is the same.
    Presumed(IpAddr),
    /// Any address of the machine (`%any`, `%defaultroute`).
    Any,
    /// Not read.
    Unknown,
}

impl Address {
    /// The address, where there is one.
    #[must_use]
    pub const fn get(self) -> Option<IpAddr> {
        match self {
            Self::Known(address) | Self::Presumed(address) => Some(address),
            Self::Any | Self::Unknown => None,
        }
    }
}

/// Which addresses an end accepts as its peer. The first is the one that it starts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peers {
    /// Any; such an end cannot start.
    Any,
    /// These networks, mostly single addresses.
    Listed(Vec<IpNet>),
    /// Not said; the identity that is expected is this address, which mostly is the same.
    Presumed(IpAddr),
    /// Not read.
    Unknown,
}

const ADDRESS: &str = "gateway_address";
const PEER: &str = "peer_address";

/// Whether an end takes the other for its peer: each direction by itself.
pub(super) fn compare(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    if case.answerer.end.is_behind_nat() {
        let exchange = Exchange::Start;
        let values = (format!("starts to {}", peers(&starter.peers)), "behind a NAT".to_owned());
        case.fail("nat_traversal", values, exchange, "timeout", "nothing reaches an end behind a NAT before it has started itself");
    }
    if starter.peers == Peers::Any {
        let values = (peers(&starter.peers), address(answerer.seen_address()));
        let fields = (PEER, ADDRESS);
        let explanation = "this end has no address to start to: only the other end can start".to_owned();
        case.add(Found { fields, values, effect: Verdict::Down { exchange: Exchange::Start }, log: "", explanation });
    } else {
        meets(case, (&starter.peers, answerer.seen_address()), (PEER, ADDRESS), false);
    }
    meets(case, (&answerer.peers, starter.seen_address()), (ADDRESS, PEER), true);
}

fn meets(case: &mut Case<'_>, (accepted, real): (&Peers, Address), fields: (&'static str, &'static str), starter_is_real: bool) {
    let holds = |address: IpAddr| match accepted {
        Peers::Any => true,
        Peers::Listed(nets) => nets.iter().any(|net| net.contains(&address)),
        Peers::Presumed(presumed) => *presumed == address,
        Peers::Unknown => false,
    };
    let shown = (peers(accepted), address(real));
    let values = if starter_is_real { (shown.1, shown.0) } else { shown };
    if *accepted == Peers::Any || real.get().is_some_and(holds) {
        return;
    }
    match (accepted, real) {
        (Peers::Listed(_), Address::Known(_)) => {
            let silent = !starter_is_real || case.answerer.daemon == Daemon::Libreswan;
            let log = if silent { "timeout" } else { "NO_PROPOSAL_CHOSEN" };
            let exchange = case.first_exchange();
            let explanation = "an end does not know the other's address as its peer's".to_owned();
            case.add(Found { fields, values, effect: Verdict::Down { exchange }, log, explanation });
        }
        // An end that listens on any of its addresses has the right one among them, or nobody can say.
        (_, Address::Any) => {}
        _ => case.unread(
            fields,
            values,
            "the outer address of an end, or the one that the other expects, is not in what was read and cannot be told from the identities",
        ),
    }
}

fn peers(peers: &Peers) -> String {
    match peers {
        Peers::Any => "any".to_owned(),
        Peers::Listed(nets) => {
            let text = |net: &IpNet| if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() };
            nets.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        Peers::Presumed(address) => format!("{address} (presumed)"),
        Peers::Unknown => UNREAD.to_owned(),
    }
}

fn address(address: Address) -> String {
    match address {
        Address::Known(address) => address.to_string(),
        Address::Presumed(address) => format!("{address} (presumed)"),
        Address::Any => "any".to_owned(),
        Address::Unknown => UNREAD.to_owned(),
    }
}

/// ESP in UDP: what one end forces and the other refuses.
pub(super) fn encapsulation(case: &mut Case<'_>) {
    let (one, other) = (case.starter, case.answerer);
    let off = |peer: Peer<'_>| peer.daemon == Daemon::Libreswan && peer.end.encapsulation == Some(Encapsulation::Off);
    let forced = |peer: Peer<'_>| peer.end.encapsulation == Some(Encapsulation::Forced);
    let text = |peer: Peer<'_>| match peer.end.encapsulation {
        Some(Encapsulation::Forced) => "forced".to_owned(),
        Some(Encapsulation::Off) => "off".to_owned(),
        Some(Encapsulation::Auto) => "on".to_owned(),
        None => UNREAD.to_owned(),
    };
    // Measured: started by the end that refuses it, IKEv1 carries traffic all the same.
    let lost = (off(one) && forced(other) && !case.is_v1()) || (off(other) && forced(one));
    if lost {
        let values = (text(one), text(other));
        let explanation = "one end forces ESP into UDP and the other refuses it: both show the tunnel up, and nothing passes".to_owned();
        let fields = ("nat_traversal", "nat_traversal");
        case.add(Found { fields, values, effect: Verdict::UpNoTraffic, log: "", explanation });
    }
}
