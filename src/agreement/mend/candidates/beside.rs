//! What stands beside proposals, keys and networks.

use super::super::change::{Mend, Setting};
use super::ends::Ends;
use crate::agreement::beside::Bgp;
use crate::agreement::cause::Cause;
use crate::agreement::end::{Child, Encapsulation, End};
use crate::agreement::finding::Finding;
use crate::agreement::side::Side;
use crate::model::{Key, Term, Value};

/// What may resolve one of these findings.
pub(super) fn beside(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    let off = |end: &End| end.encapsulation == Some(Encapsulation::Off);
    let transport = |end: &End| end.children.iter().flatten().any(|child: &Child| child.transport);
    let list = |mend: Option<Mend>| mend.into_iter().collect::<Vec<_>>();
    let when = |fits: bool, setting: Setting| if fits { vec![setting] } else { Vec::new() };
    match finding.cause {
        Cause::Transport | Cause::TransportNets => list(ends.both(|end, _| transport(end).then_some(Setting::TunnelMode))),
        Cause::Truncation => ends.each(|end, _| when(end.truncates_sha256, Setting::FullSha256)),
        Cause::Compression(side) => vec![Mend::one(side, Setting::NoCompression)],
        Cause::Encapsulation => ends.each(|end, _| when(end.encapsulation != Some(Encapsulation::Auto), Setting::NatTraversal)),
        Cause::Lifetime => lifetimes(finding, ends),
        Cause::ChildOutlives(side) => outlives(side, ends),
        Cause::Dpd | Cause::NoDpd => list(ends.both(|end, _| (end.dpd.enabled == Some(false)).then_some(Setting::Dpd))),
        Cause::DpdClears => ends.each(|end, _| when(end.dpd.action == Some(Term::Clear), Setting::DpdRestart)),
        Cause::NobodyStarts | Cause::NotByItself => ends.each(|end, _| when(!end.peers.is_startless(), Setting::Start)),
        Cause::NatOff(_) => list(ends.both(|end, _| off(end).then_some(Setting::NatTraversal))),
        Cause::Bgp => bgp(finding, ends),
        _ => Vec::new(),
    }
}

/// Each end may take the other one's lifetime, unless its own Child SAs would outlive their IKE SA.
fn lifetimes(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    if finding.field == Key::IkeLifetime.path() {
        return ends.each(|_, other| other.ike_lifetime_secs.map(Setting::IkeLifetime).into_iter().collect());
    }
    let take = |own: &End, other: &End| {
        let fits = |secs: &u64| own.ike_lifetime_secs.is_none_or(|ike| *secs <= ike);
        other.child_lifetime_secs.filter(fits).map(Setting::ChildLifetime).into_iter().collect()
    };
    ends.each(take).into_iter().chain(shorter(ends)).collect()
}

/// A Child SA of this end outlives its IKE SA: the other end's value where that is right, else one that is right for both.
fn outlives(side: Side, ends: &Ends<'_>) -> Vec<Mend> {
    let own = ends.at(side, |own, other| {
        let most = own.ike_lifetime_secs.unwrap_or(u64::MAX);
        let theirs = other.child_lifetime_secs.filter(|secs| *secs <= most);
        theirs.into_iter().chain([most.min(USUAL)]).map(Setting::ChildLifetime).collect()
    });
    let longer = ends.at(side, |own, other| {
        let long = other.ike_lifetime_secs.filter(|ike| own.child_lifetime_secs.is_some_and(|child| child <= *ike));
        long.map(Setting::IkeLifetime).into_iter().collect()
    });
    own.into_iter().chain(shorter(ends)).chain(longer).collect()
}

/// The usual lifetime of a Child SA.
const USUAL: u64 = 3600;

/// One lifetime for the Child SAs of both ends that no IKE SA is shorter than.
fn shorter(ends: &Ends<'_>) -> Option<Mend> {
    let all = [ends.left, ends.right];
    let most = all.iter().filter_map(|end| end.ike_lifetime_secs).chain([USUAL]).min()?;
    ends.both(|end, _| (end.child_lifetime_secs != Some(most)).then_some(Setting::ChildLifetime(most)))
}

/// Each end may take what the other one expects.
fn bgp(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    let number = |value: Option<u64>| value.map(Value::Number);
    let take = |path: &str, other: &Bgp| -> Option<(Key, Value)> {
        let key = Key::ALL.iter().copied().find(|key| key.path() == path)?;
        let value = match key {
            Key::BgpEnabled => Value::Switch(true),
            Key::BgpLocalAsn => number(other.peer_asn)?,
            Key::BgpPeerAsn => number(other.local_asn)?,
            Key::BgpLocalAddress => text(&other.peer_address)?,
            Key::BgpPeerAddress => text(&other.local_address)?,
            Key::BgpTunnelCidr => text(&other.cidr)?,
            _ => return None,
        };
        Some((key, value))
    };
    let at = |side: Side| {
        let path = side.of((finding.field, finding.right_field));
        ends.at(side, |own, other| {
            let needed = path != Key::BgpEnabled.path() || own.bgp.enabled != Some(true);
            take(path, &other.bgp).filter(|_| needed).map(|(key, value)| Setting::Bgp(key, value)).into_iter().collect()
        })
    };
    ends.weaker(|_| 0).into_iter().flat_map(at).collect()
}
