//! Configurations that a daemon refuses to load.

use super::case::{ALONE, Case, Daemon, Found, Peer};
use crate::agreement::algorithm::Algorithm;
use crate::agreement::cause::Cause;
use crate::agreement::verdict::{Exchange, Verdict};
use crate::model::Term;

/// A field, its value, and why Libreswan does not load it.
type Fact = (&'static str, String, &'static str);

/// Adds what an end does not load: what its file showed, and what an end that is known to be Libreswan refuses.
pub(super) fn compare(case: &mut Case<'_>) {
    for (peer, is_starter) in [(case.starter, true), (case.answerer, false)] {
        let daemon = match peer.daemon {
            Daemon::Strongswan => "strongSwan",
            Daemon::Libreswan => "Libreswan",
        };
        for refusal in &peer.end.doubts {
            let values = (refusal.value.clone(), ALONE.to_owned());
            let values = if is_starter { values } else { (values.1, values.0) };
            let (fields, effect) = ((refusal.field, refusal.field), Verdict::DependsOnPeer { on: vec![refusal.field] });
            let cause = Cause::MayNotLoad(peer.side);
            case.add(Found { cause, fields, values, effect, log: "", explanation: refusal.why.clone() });
        }
        let shown = peer.end.refusals.iter().map(|refusal| (refusal.field, refusal.value.clone(), refusal.why.as_str()));
        let known = if peer.daemon == Daemon::Libreswan && peer.certain { refusals(peer) } else { Vec::new() };
        for (field, value, why) in shown.chain(known) {
            let other = ALONE.to_owned();
            let values = if is_starter { (value, other) } else { (other, value) };
            let cause = Cause::NotLoaded(peer.side);
            case.fail((cause, field), values, Exchange::Load, "", &format!("{daemon} does not load this: {why}"));
        }
    }
}

fn refusals(peer: Peer<'_>) -> Vec<Fact> {
    let end = peer.end;
    let v1 = end.versions.as_ref().is_some_and(|versions| versions.first() == Some(&Term::Ikev1));
    let mut refusals: Vec<Fact> = Vec::new();
    for (proposals, encryption, group) in [(&end.ike, "ike.encryption", "ike.dh_group"), (&end.esp, "ipsec.encryption", "ipsec.pfs")] {
        for proposal in proposals {
            for cipher in proposal.encryption.iter().flatten() {
                if cipher.name() == "des" {
                    refusals.push((encryption, cipher.to_string(), "it does not support DES"));
                }
                if v1 && cipher.is_aead() && encryption == "ike.encryption" {
                    refusals.push((encryption, cipher.to_string(), "IKEv1 has no AEAD cipher for the IKE SA"));
                }
            }
            for number in proposal.groups.iter().flatten() {
                if matches!(number.group(), Some(1 | 2 | 22 | 23 | 24)) {
                    refusals.push((
                        group,
                        number.to_string(),
                        "it does not support groups 1, 2, 22, 23 and 24; give both ends group 14 or a higher one",
                    ));
                }
                if v1 && group == "ipsec.pfs" && matches!(number.group(), Some(19..=21 | 25..=32)) {
                    refusals.push((group, number.to_string(), "it does not support this PFS group in IKEv1"));
                }
            }
        }
    }
    for groups in end.ike.iter().filter(|_| v1).filter_map(|proposal| proposal.groups.as_ref()).filter(|groups| groups.len() > 1) {
        let text = groups.iter().map(Algorithm::name).collect::<Vec<_>>().join(", ");
        refusals.push(("ike.dh_group", text, "with IKEv1 it allows only one group in a proposal"));
    }
    if v1 {
        let mut groups: Vec<&Algorithm> = end.esp.iter().flat_map(|proposal| proposal.groups.iter().flatten()).collect();
        groups.sort();
        groups.dedup();
        if groups.len() > 1 && !end.pfs_of_ike {
            let text = groups.iter().map(|group| group.name()).collect::<Vec<_>>().join(", ");
            refusals.push(("ipsec.pfs", text, "with IKEv1 all proposals of Child SAs need one and the same group, or none"));
        }
    }
    if v1 && end.narrowing {
        refusals.push(("local_subnets", "narrowing=yes".to_owned(), "it allows narrowing only with IKEv2"));
    }
    refusals
}
