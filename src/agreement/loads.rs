//! What a daemon refuses to load.

use super::algorithm::Algorithm;
use super::case::{Case, Daemon};
use super::verdict::Exchange;
use crate::model::Term;

/// What Libreswan refuses to load.
pub(super) fn compare(case: &mut Case<'_>) {
    for (peer, is_starter) in [(case.starter, true), (case.answerer, false)] {
        if peer.daemon != Daemon::Libreswan || !peer.certain {
            continue;
        }
        let end = peer.end;
        let mut refuse = |field: &'static str, value: String, why: &str| {
            let other = "-".to_owned();
            let values = if is_starter { (value, other) } else { (other, value) };
            case.fail(field, values, Exchange::Load, "", &format!("Libreswan does not load this: {why}"));
        };
        let v1 = end.versions.as_ref().is_some_and(|versions| versions.first() == Some(&Term::Ikev1));
        for (proposals, encryption, group) in [(&end.ike, "ike.encryption", "ike.dh_group"), (&end.esp, "ipsec.encryption", "ipsec.pfs")] {
            for proposal in proposals {
                for cipher in proposal.encryption.iter().flatten() {
                    if cipher.name() == "des" {
                        refuse(encryption, cipher.to_string(), "it has no des");
                    }
                    if v1 && cipher.is_aead() && encryption == "ike.encryption" {
                        refuse(encryption, cipher.to_string(), "IKEv1 has no AEAD for the IKE SA");
                    }
                }
                for number in proposal.groups.iter().flatten() {
                    if matches!(number.group(), Some(1 | 2 | 22 | 23 | 24)) {
                        refuse(group, number.to_string(), "it has no groups 1, 2, 22, 23 and 24");
                    }
                    if v1 && group == "ipsec.pfs" && matches!(number.group(), Some(19..=21 | 25..=32)) {
                        refuse(group, number.to_string(), "it has no such PFS group in IKEv1");
                    }
                }
            }
        }
        let mut groups: Vec<&Algorithm> = end.ike.iter().flat_map(|proposal| proposal.groups.iter().flatten()).collect();
        groups.dedup();
        if v1 && groups.len() > 1 {
            let text = groups.iter().map(|group| group.name()).collect::<Vec<_>>().join(", ");
            refuse("ike.dh_group", text, "several groups in one list of IKEv1");
        }
        if v1 && end.narrowing {
            refuse("local_subnets", "narrowing=yes".to_owned(), "narrowing with IKEv1");
        }
    }
}
