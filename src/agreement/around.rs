//! What does not decide whether the tunnel comes up: lifetimes, DPD, who starts, BGP, weak algorithms, NAT.

use super::end::{Encapsulation, End, Start};
use super::verdict::{Exchange, Finding, Severity, Verdict};
use crate::model::Term;

/// Everything beside the negotiation. Each finding is for both directions.
pub(super) fn compare(left: &End, right: &End) -> Vec<Finding> {
    let mut findings = Vec::new();
    lifetimes(left, right, &mut findings);
    dpd(left, right, &mut findings);
    start(left, right, &mut findings);
    nat(left, right, &mut findings);
    bgp(left, right, &mut findings);
    findings
}

fn note(fields: (&'static str, &'static str), values: (String, String), severity: Severity, explanation: impl Into<String>) -> Finding {
    Finding {
        field: fields.0,
        right_field: fields.1,
        left: values.0,
        right: values.1,
        severity,
        effect: Verdict::Up,
        initiator: None,
        exchange: None,
        log: String::new(),
        explanation: explanation.into(),
        rule: None,
        mends: Vec::new(),
    }
}

fn speaks_v1(end: &End) -> bool {
    end.versions.as_ref().is_some_and(|versions| versions.first() == Some(&Term::Ikev1))
}

fn lifetimes(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let v1 = speaks_v1(left) || speaks_v1(right);
    let severity = if v1 { Severity::Warn } else { Severity::Info };
    for (field, ours, theirs) in [
        ("ike.lifetime_secs", left.ike_lifetime_secs, right.ike_lifetime_secs),
        ("ipsec.lifetime_secs", left.child_lifetime_secs, right.child_lifetime_secs),
    ] {
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours != theirs
        {
            let text = if v1 {
                "the lifetimes differ: IKEv1 sends them, and a peer may insist on its own; the shorter end renews, without loss"
            } else {
                "the lifetimes differ: each end keeps its own, the shorter end renews, without loss"
            };
            findings.push(note((field, field), (ours.to_string(), theirs.to_string()), severity, text));
        }
    }
    for (end, is_left) in [(left, true), (right, false)] {
        if let (Some(ike), Some(child)) = (end.ike_lifetime_secs, end.child_lifetime_secs)
            && child > ike
            && ike > 0
        {
            let value = format!("{child} > IKE {ike}");
            let values = if is_left { (value, "-".to_owned()) } else { ("-".to_owned(), value) };
            let field = "ipsec.lifetime_secs";
            findings.push(note((field, field), values, Severity::Warn, "a Child SA should not live longer than the IKE SA that made it"));
        }
    }
}

fn dpd(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    match (left.dpd.enabled, right.dpd.enabled) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            let text = "one end only looks for a dead peer: the other keeps its SAs until their lifetime ends";
            let field = "ike.dpd.enabled";
            findings.push(note((field, field), (switch(ours), switch(theirs)), Severity::Warn, text));
        }
        (Some(false), Some(false)) => {
            let text = "no end looks for a dead peer: after a crash of one the tunnel is a black hole until the lifetime ends";
            findings.push(note(("ike.dpd.enabled", "ike.dpd.enabled"), (switch(false), switch(false)), Severity::Warn, text));
        }
        _ => {}
    }
    let clears = |end: &End| end.dpd.enabled != Some(false) && end.dpd.action == Some(Term::Clear);
    if clears(left) && clears(right) {
        let text = "both ends clear a dead peer's SAs and nobody makes new ones: the tunnel stays down until somebody starts it";
        let values = ("clear".to_owned(), "clear".to_owned());
        findings.push(note(("ike.dpd.action", "ike.dpd.action"), values, Severity::Warn, text));
    }
}

fn start(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let field = ("negotiation", "negotiation");
    let values = || {
        let word = |end: &End| end.start.map_or_else(|| "(not read)".to_owned(), |start| start.word().to_owned());
        (word(left), word(right))
    };
    let (Some(one), Some(other)) = (left.start, right.start) else { return };
    if !left.can_start() && !right.can_start() {
        let mut finding = note(field, values(), Severity::Error, "both ends only answer: nobody ever starts");
        finding.effect = Verdict::Down { exchange: Exchange::Start };
        finding.exchange = Some(Exchange::Start);
        finding.log = "timeout".to_owned();
        findings.push(finding);
    } else if one != Start::Always && other != Start::Always {
        let text = if one == Start::OnTraffic || other == Start::OnTraffic {
            "no end starts by itself: the tunnel comes up with the first packet from the right side"
        } else {
            "no end starts by itself: somebody must"
        };
        findings.push(note(field, values(), Severity::Warn, text));
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
            let text = "an end is behind a NAT, and NAT traversal is off at one of them: ESP does not pass most NATs";
            findings.push(note(("nat_traversal", "nat_traversal"), values, Severity::Warn, text));
        }
    }
}

fn bgp(left: &End, right: &End, findings: &mut Vec<Finding>) {
    let (ours, theirs) = (&left.bgp, &right.bgp);
    let mut differ = |fields, one: Option<String>, other: Option<String>, text: &str| {
        if let (Some(one), Some(other)) = (one, other)
            && one != other
        {
            findings.push(note(fields, (one, other), Severity::Error, text));
        }
    };
    let switch = |on: Option<bool>| on.map(|on| if on { "on" } else { "off" }.to_owned());
    differ(("bgp.enabled", "bgp.enabled"), switch(ours.enabled), switch(theirs.enabled), "BGP is on at one end only");
    if ours.enabled == Some(false) || theirs.enabled == Some(false) {
        return;
    }
    let number = |asn: Option<u64>| asn.map(|asn| asn.to_string());
    let asn = "the AS number of an end is not the one that the other expects: no session, no routes";
    differ(("bgp.local_asn", "bgp.peer_asn"), number(ours.local_asn), number(theirs.peer_asn), asn);
    differ(("bgp.peer_asn", "bgp.local_asn"), number(ours.peer_asn), number(theirs.local_asn), asn);
    let address = "the BGP address of an end is not the one that the other expects";
    differ(("bgp.local_address", "bgp.peer_address"), ours.local_address.clone(), theirs.peer_address.clone(), address);
    differ(("bgp.peer_address", "bgp.local_address"), ours.peer_address.clone(), theirs.local_address.clone(), address);
    differ(("bgp.tunnel_cidr", "bgp.tunnel_cidr"), ours.cidr.clone(), theirs.cidr.clone(), "the networks of the BGP tunnel differ");
}
