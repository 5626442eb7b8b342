//! Outer addresses: whether each end accepts the other as its peer, and whether ESP can travel in UDP.

use std::net::IpAddr;

use ipnet::IpNet;

use super::case::{ALONE, Case, Daemon, Found, Peer, UNREAD};
use super::nat;
use crate::agreement::address::{Address, Peers};
use crate::agreement::cause::Cause;
use crate::agreement::end::Encapsulation;
use crate::agreement::verdict::{Exchange, Verdict};

const ADDRESS: &str = "gateway_address";
const PEER: &str = "peer_address";
const NAT: &str = "nat_traversal";

/// Compares the addresses, each direction on its own.
pub(super) fn compare(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    if case.answerer.end.is_behind_nat() {
        let exchange = Exchange::Start;
        let values = (format!("starts to {}", peers(&starter.peers)), "behind a NAT".to_owned());
        case.fail(
            (Cause::BehindNat, "nat_traversal"),
            values,
            exchange,
            "timeout",
            "nothing reaches an end behind a NAT until that end starts the negotiation",
        );
    }
    if starter.peers.is_startless() {
        // Where the other end's address is not known either, that is no other value.
        let far = answerer.seen_address();
        let values = (peers(&starter.peers), if far.get().is_some() { address(far) } else { ALONE.to_owned() });
        let (cause, fields) = (Cause::NoPeer(case.starter.side), (PEER, ADDRESS));
        let explanation = match &starter.peers {
            Peers::Any => "this end knows no peer address to start to: only the other end can start",
            _ => {
                "this end has only networks and ranges as its peer's address, and no single address to start to: only the other end can start"
            }
        };
        let explanation = explanation.to_owned();
        case.add(Found { cause, fields, values, effect: Verdict::Down { exchange: Exchange::Start }, log: "", explanation });
    } else {
        meets(case, (&starter.peers, answerer.seen_address()), (PEER, ADDRESS), false);
    }
    meets(case, (&answerer.peers, starter.seen_address()), (ADDRESS, PEER), true);
}

/// Whether an end accepts the address that the other one really has.
fn meets(case: &mut Case<'_>, (accepted, real): (&Peers, Address), fields: (&'static str, &'static str), starter_is_real: bool) {
    let holds = |address: IpAddr| match accepted {
        Peers::Any => true,
        // An end starts to one address only, and accepts all of them.
        Peers::Listed(_) if !starter_is_real => accepted.start() == Some(address),
        Peers::Listed(nets) | Peers::Within(nets) => nets.iter().any(|net| net.contains(&address)),
        Peers::Presumed(presumed) => *presumed == address,
        Peers::Unknown => false,
    };
    let shown = (peers(accepted), address(real));
    let values = if starter_is_real { (shown.1, shown.0) } else { shown };
    if *accepted == Peers::Any || real.get().is_some_and(holds) {
        return;
    }
    let end = if starter_is_real { case.starter.end } else { case.answerer.end };
    if let Some(public) = nat::supposed(end, accepted) {
        let hidden = format!("{}, behind a NAT", address(real));
        let values = if starter_is_real { (hidden, values.1) } else { (values.0, hidden) };
        let explanation = format!(
            "an end has a private address and is known to its peer as {public}: a NAT stands before it, and UDP 500 and 4500 must reach \
             it through that, at least when the other end starts"
        );
        case.add(Found { cause: Cause::NatSupposed, fields: (NAT, NAT), values, effect: Verdict::Up, log: "", explanation });
        return;
    }
    match (accepted, real) {
        (Peers::Listed(_) | Peers::Within(_), Address::Known(_)) => {
            let silent = !starter_is_real || case.answerer.daemon == Daemon::Libreswan;
            let log = if silent { "timeout" } else { "NO_PROPOSAL_CHOSEN" };
            let exchange = case.first_exchange();
            let lists = matches!(accepted, Peers::Listed(nets) if !starter_is_real && nets.iter().any(|net| real.get().is_some_and(|address| net.contains(&address))));
            let explanation = if lists {
                "of several addresses of its peer, an end starts to the first alone, and that is not the other end's"
            } else {
                "an end does not accept the other end's address as that of its peer"
            };
            let explanation = explanation.to_owned();
            let cause = Cause::Peer(if starter_is_real { case.answerer.side } else { case.starter.side });
            case.add(Found { cause, fields, values, effect: Verdict::Down { exchange }, log, explanation });
        }
        // An end that listens on all its addresses may well have the right one; nothing says otherwise.
        (_, Address::Any) => {}
        _ => case.unread(
            fields,
            values,
            "the outer address of an end, or the one that the other end expects, is not known and does not follow from the identities",
        ),
    }
}

fn peers(peers: &Peers) -> String {
    match peers {
        Peers::Any => "any".to_owned(),
        Peers::Listed(nets) | Peers::Within(nets) => {
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

/// Compares the encapsulation of ESP in UDP: one end may force what the other refuses.
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
    // Measured: when the end that refuses it starts, IKEv1 still carries traffic.
    let lost = (off(one) && forced(other) && !case.is_v1()) || (off(other) && forced(one));
    if lost {
        let values = (text(one), text(other));
        let explanation =
            "one end forces ESP into UDP and the other refuses it: both ends show the tunnel as up, but no traffic passes".to_owned();
        let fields = ("nat_traversal", "nat_traversal");
        case.add(Found { cause: Cause::Encapsulation, fields, values, effect: Verdict::UpNoTraffic, log: "", explanation });
    }
}
