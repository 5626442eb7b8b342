//! What a daemon does not load: that end changes, and the other one only with it.

use super::super::change::{Mend, Setting};
use super::ends::Ends;
use super::proposals::{loadable, without_aead};
use super::versions::newer;
use crate::agreement::end::End;
use crate::agreement::finding::Finding;
use crate::agreement::proposal::Proposal;
use crate::agreement::side::Side;
use crate::model::Term;

/// What an end is set to instead of what it does not load.
pub(super) fn loads(finding: &Finding, side: Side, ends: &Ends<'_>) -> Vec<Mend> {
    match finding.field {
        "ike.version" => Mend::one(side, Setting::AllowIkev1).into_list().chain(newer(ends)).collect(),
        "ike.encryption" | "ike.integrity" | "ike.prf" | "ike.dh_group" => lists(side, ends, true),
        "ipsec.encryption" | "ipsec.integrity" | "ipsec.pfs" | "ipsec.esn" => lists(side, ends, false),
        "local_subnets" => Mend::one(side, Setting::NoNarrowing).into_list().chain(newer(ends)).collect(),
        _ => Vec::new(),
    }
}

fn lists(side: Side, ends: &Ends<'_>, is_ike: bool) -> Vec<Mend> {
    let list = |end: &End| if is_ike { end.ike.clone() } else { end.esp.clone() };
    let set = |list: Vec<Proposal>| if is_ike { Setting::Ike(list) } else { Setting::Esp(None, list) };
    let v1 = [ends.left, ends.right].iter().any(|end| end.versions.as_deref().and_then(<[Term]>::first) == Some(&Term::Ikev1));
    let mended = |end: &End| loadable(&list(end), is_ike, v1);
    let own = ends.at(side, |own, _| vec![set(mended(own))]);
    let others = ends.at(side, |_, other| vec![set(mended(other))]);
    let both = ends.both(|end, _| Some(set(mended(end))).filter(|_| mended(end) != list(end)));
    let same = ends.both(|_, _| Some(set(mended(ends.of(side)).into_iter().take(1).map(|proposal| proposal.first()).collect())));
    let plain = ends.at(side, |own, _| vec![set(without_aead(&list(own)))]);
    let versions = if v1 && is_ike { newer(ends) } else { None };
    own.into_iter().chain(others).chain(both).chain(versions).chain(plain).chain(same).collect()
}
