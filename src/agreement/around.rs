//! Everything around the negotiation: lifetimes, DPD, who starts, NAT, BGP.

use super::attempt::UNREAD;
use super::beside::Start;
use super::cause::Cause;
use super::end::{Encapsulation, End};
use super::finding::{Finding, Severity};
use super::side::Side;
use super::verdict::{Exchange, Verdict};
use crate::model::Term;

/// Compares what the negotiation does not cover. Each finding holds for both directions.
pub(super) fn compare(left: &End, right: &End) -> Vec<Finding> {
    let mut findings = Vec::new();
    lifetimes(left, right, &mut findings);
    dpd(left, right, &mut findings);
    start(left, right, &mut findings);
    nat(left, right, &mut findings);
    bgp(left, right, &mut findings);
    findings
}

type Pair<T> = (T, T);

/// A finding that does not keep the tunnel down.
fn note(cause: Cause, fields: Pair<&'static str>, values: Pair<String>, severity: Severity, explanation: &str) -> Finding {
    Finding { severity, ..Finding::new(cause, fields, values, explanation.to_owned()) }
}

fn speaks_v1(end: &End) -> bool {
    end.versions.as_ref().is_some_and(|versions| versions.first() == Some(&Term::Ikev1))
}

fn lifetimes(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let v1 = speaks_v1(left) || speaks_v1(right);
    let severity = if v1 { Severity::Warn } else { Severity::Info };
    let ike = |end: &End| Some((end.ike_renewal_secs, end.ike_lifetime_secs?));
    let child = |end: &End| Some((end.child_renewal_secs, end.child_lifetime_secs?));
    for (field, ours, theirs) in [("ike.lifetime_secs", ike(left), ike(right)), ("ipsec.lifetime_secs", child(left), child(right))] {
        // A daemon has a time of renewal besides: a lifetime between renewal and end is its own.
        let within = |value: u64, (renewal, end): (Option<u64>, u64)| value <= end && renewal.unwrap_or(end) <= value;
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && !within(ours.1, theirs)
            && !within(theirs.1, ours)
        {
            let (ours, theirs) = (ours.1, theirs.1);
            let text = if v1 {
                "the lifetimes differ: IKEv1 negotiates them, and a peer may insist on its own; otherwise the end with the shorter one rekeys, without loss"
            } else {
                "the lifetimes differ: each end keeps its own, and the end with the shorter one rekeys, without loss"
            };
            findings.push(note(Cause::Lifetime, (field, field), (ours.to_string(), theirs.to_string()), severity, text));
        }
    }
    for (end, is_left) in [(left, true), (right, false)] {
        if let (Some(ike), Some(child)) = (end.ike_lifetime_secs, end.child_lifetime_secs)
            && child > ike
            && ike > 0
        {
            let value = format!("{child} > IKE {ike}");
            let values = if is_left { (value, "-".to_owned()) } else { ("-".to_owned(), value) };
            let (field, cause) = ("ipsec.lifetime_secs", Cause::ChildOutlives(if is_left { Side::Left } else { Side::Right }));
            findings.push(note(cause, (field, field), values, Severity::Warn, "a Child SA should not live longer than its IKE SA"));
        }
    }
}

fn dpd(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    match (left.dpd.enabled, right.dpd.enabled) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            let text = "only one end detects a dead peer: the other keeps its SAs until their lifetime ends";
            let field = "ike.dpd.enabled";
            findings.push(note(Cause::Dpd, (field, field), (switch(ours), switch(theirs)), Severity::Warn, text));
        }
        (Some(false), Some(false)) => {
            let text = "neither end detects a dead peer: after one end crashes, the tunnel loses all traffic until the lifetime ends";
            findings.push(note(Cause::NoDpd, ("ike.dpd.enabled", "ike.dpd.enabled"), (switch(false), switch(false)), Severity::Warn, text));
        }
        _ => {}
    }
    let clears = |end: &End| end.dpd.enabled != Some(false) && end.dpd.action == Some(Term::Clear);
    if clears(left) && clears(right) {
        let text = "both ends clear the SAs of a dead peer and create no new ones: the tunnel stays down until somebody starts it";
        let values = ("clear".to_owned(), "clear".to_owned());
        findings.push(note(Cause::DpdClears, ("ike.dpd.action", "ike.dpd.action"), values, Severity::Warn, text));
    }
}

fn start(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let field = ("negotiation", "negotiation");
    let values = || {
        let word = |end: &End| end.start.map_or_else(|| UNREAD.to_owned(), |start| start.word().to_owned());
        (word(left), word(right))
    };
    let (Some(one), Some(other)) = (left.start, right.start) else { return };
    if !left.can_start() && !right.can_start() {
        let mut finding = note(Cause::NobodyStarts, field, values(), Severity::Error, "both ends only answer: neither ever starts");
        finding.effect = Verdict::Down { exchange: Exchange::Start };
        finding.exchange = Some(Exchange::Start);
        finding.log = "timeout".to_owned();
        findings.push(finding);
    } else if one != Start::Always && other != Start::Always {
        let text = if one == Start::OnTraffic || other == Start::OnTraffic {
            "neither end starts on its own: the tunnel comes up only when traffic arrives at an end that starts on traffic"
        } else {
            "neither end starts on its own: somebody must start the tunnel"
        };
        findings.push(note(Cause::NotByItself, field, values(), Severity::Warn, text));
    }
}

fn nat(left: &End, right: &End, findings: &mut Vec<Finding>) {
    for (end, other, is_left) in [(left, right, true), (right, left, false)] {
        let behind = end.is_behind_nat();
        let off = [end, other].iter().any(|end| end.encapsulation == Some(Encapsulation::Off));
        if behind && off {
            let value = [("", end.address), (" seen as ", end.seen_address())]
                .iter()
                .map(|(word, address)| {
                    format!("{word}{}", address.get().map_or_else(|| "an unknown address".to_owned(), |address| address.to_string()))
                })
                .collect::<String>();
            let values = if is_left { (value, "-".to_owned()) } else { ("-".to_owned(), value) };
            let text = "an end is behind a NAT, and NAT traversal is off at one end: most NATs do not pass ESP";
            let cause = Cause::NatOff(if is_left { Side::Left } else { Side::Right });
            findings.push(note(cause, ("nat_traversal", "nat_traversal"), values, Severity::Warn, text));
        }
    }
}

fn bgp(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let (ours, theirs) = (&left.bgp, &right.bgp);
    let mut differ = |fields, one: Option<String>, other: Option<String>, text: &str| {
        if let (Some(one), Some(other)) = (one, other)
            && one != other
        {
            findings.push(note(Cause::Bgp, fields, (one, other), Severity::Error, text));
        }
    };
    let switch = |on: Option<bool>| on.map(|on| if on { "on" } else { "off" }.to_owned());
    differ(("bgp.enabled", "bgp.enabled"), switch(ours.enabled), switch(theirs.enabled), "BGP is on at only one end");
    if ours.enabled == Some(false) || theirs.enabled == Some(false) {
        return;
    }
    let number = |asn: Option<u64>| asn.map(|asn| asn.to_string());
    let asn = "an end's AS number is not the one that the other end expects: there is no BGP session, and there are no routes";
    differ(("bgp.local_asn", "bgp.peer_asn"), number(ours.local_asn), number(theirs.peer_asn), asn);
    differ(("bgp.peer_asn", "bgp.local_asn"), number(ours.peer_asn), number(theirs.local_asn), asn);
    let address = "an end's BGP address is not the one that the other end expects";
    differ(("bgp.local_address", "bgp.peer_address"), ours.local_address.clone(), theirs.peer_address.clone(), address);
    differ(("bgp.peer_address", "bgp.local_address"), ours.peer_address.clone(), theirs.local_address.clone(), address);
    differ(("bgp.tunnel_cidr", "bgp.tunnel_cidr"), ours.cidr.clone(), theirs.cidr.clone(), "the BGP tunnel networks differ");
}
