//! Tunnel mode and transport mode.

use std::net::IpAddr;

use ipnet::IpNet;

use super::case::{Case, Daemon, Found, Peer};
use super::meetings::Meeting;
use crate::agreement::cause::Cause;
use crate::agreement::end::Child;
use crate::agreement::verdict::Verdict;

const MODE: &str = "ipsec.mode";

/// Compares the modes of two children. Measured between both daemons, with the kernel's ESP.
pub(super) fn compare(case: &mut Case<'_>, meeting: &Meeting) {
    let Some((one, other)) = &meeting.children else { return };
    let text = |child: &Child| if child.transport { "transport" } else { "tunnel" }.to_owned();
    let values = (text(one), text(other));
    if one.transport != other.transport {
        differ(case, values);
        return;
    }
    let hosts = (case.starter.end.seen_address().get(), case.answerer.end.seen_address().get());
    let apart = |peer: Peer<'_>, child: &Child, (own, far): (Option<IpAddr>, Option<IpAddr>)| {
        peer.daemon == Daemon::Strongswan && child.transport && (lacks(&child.local, own) || lacks(&child.remote, far))
    };
    if apart(case.starter, one, hosts) || apart(case.answerer, other, (hosts.1, hosts.0)) {
        case.fail((Cause::TransportNets, MODE), values, case.child_exchange(), refusal(case), OUTSIDE);
    }
}

const OUTSIDE: &str = "in transport mode a Child SA connects the two hosts only, and its networks do not contain their addresses";

/// One end wants transport mode, the other tunnel mode.
fn differ(case: &mut Case<'_>, values: (String, String)) {
    let (transport, is_starter) = if values.0 == "transport" { (case.starter, true) } else { (case.answerer, false) };
    if case.is_v1() {
        // Libreswan answers whatever mode is asked for (measured with 4.10).
        let (effect, text) = match (case.answerer.daemon, is_starter) {
            (Daemon::Strongswan, _) => {
                let text = "one end wants transport mode, the other tunnel mode: in IKEv1 the mode is part of the proposal";
                case.fail((Cause::Transport, MODE), values, case.child_exchange(), "INVALID_ID_INFORMATION", text);
                return;
            }
            (Daemon::Libreswan, true) => {
                let text = "one end wants transport mode, the other tunnel mode, and neither refuses: the packets of one are not those of the other";
                (Verdict::UpNoTraffic, text)
            }
            (Daemon::Libreswan, false) => {
                (Verdict::Up, "the end that starts asks for tunnel mode, and Libreswan takes it in IKEv1, whatever it has itself")
            }
        };
        case.add(Found { cause: Cause::Transport, fields: (MODE, MODE), values, effect, log: "", explanation: text.to_owned() });
        return;
    }
    if transport.daemon == Daemon::Libreswan {
        let log = if is_starter { "" } else { "NO_PROPOSAL_CHOSEN" };
        let text = "one end wants transport mode, the other tunnel mode: Libreswan insists on transport mode";
        case.fail((Cause::Transport, MODE), values, case.child_exchange(), log, text);
        return;
    }
    let hosts = (transport.end.seen_address().get(), if is_starter { case.answerer } else { case.starter }.end.seen_address().get());
    let children = transport.end.children.iter().flatten().filter(|child| child.transport);
    if children.clone().next().is_some() && children.into_iter().all(|child| lacks(&child.local, hosts.0) || lacks(&child.remote, hosts.1))
    {
        case.fail((Cause::TransportNets, MODE), values, case.child_exchange(), refusal(case), OUTSIDE);
        return;
    }
    let text = "one end asks for transport mode, the other has tunnel mode: in IKEv2 the tunnel comes up in tunnel mode";
    let (fields, explanation) = ((MODE, MODE), text.to_owned());
    case.add(Found { cause: Cause::Transport, fields, values, effect: Verdict::Up, log: "", explanation });
}

/// Whether an address is known and in none of the networks.
fn lacks(nets: &[IpNet], address: Option<IpAddr>) -> bool {
    address.is_some_and(|address| !nets.iter().any(|net| net.contains(&address)))
}

fn refusal(case: &Case<'_>) -> &'static str {
    if case.is_v1() { "INVALID_ID_INFORMATION" } else { "TS_UNACCEPTABLE" }
}
