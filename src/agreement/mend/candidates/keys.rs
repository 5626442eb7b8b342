//! Keys.

use std::sync::Arc;

use super::super::change::{Mend, Setting};
use super::ends::Ends;
use crate::agreement::address::Address;
use crate::agreement::end::{End, Kind, Psk};
use crate::agreement::finding::Finding;
use crate::agreement::identity::IdKind;
use crate::agreement::side::Side;

/// A key for the two ends; `None`: a new one.
fn key(secret: Option<&Arc<crate::model::Secret>>, own: &End, other: &End) -> Setting {
    // Of an end that takes whatever address it has, a daemon does not know in advance whose key it is.
    let is_sure = own.local_id.is_some() || matches!(own.address, Address::Known(_));
    // Libreswan looks for the key of the peer that it expects, strongSwan for that of the one that it meets.
    let far = if own.kind == Kind::Libreswan { own.expects().filter(|id| id.kind != IdKind::Any) } else { other.sends() };
    let ids = own.sends().into_iter().chain(far).filter(|_| is_sure);
    Setting::Key(secret.cloned(), ids.collect())
}

/// The other end's key.
fn others(own: &End, other: &End) -> Vec<Setting> {
    match &other.psk {
        Psk::Known(secret) => vec![key(Some(secret), own, other)],
        Psk::Unreadable | Psk::Missing => Vec::new(),
    }
}

/// One new key for both ends.
fn new(ends: &Ends<'_>) -> Option<Mend> {
    ends.both(|own, other| Some(key(None, own, other)))
}

/// An end has no key: it gets the other end's.
pub(super) fn missing(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    let lacks = |side: Side| side.of((&finding.left, &finding.right)) == "none";
    let mut mends = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| lacks(*side)) {
        // The key may be there and not be found, because nothing names the peer.
        mends.extend(ends.at(side, |own, other| {
            let far = other.sends();
            let unnamed = own.remote_id.as_ref().is_none_or(|id| id.kind == IdKind::Any);
            let is_held = unnamed && own.keyring.as_ref().is_some_and(|ring| ring.best(None, far.as_ref()).is_some());
            far.filter(|_| is_held).map(Setting::RemoteId).into_iter().collect()
        }));
        mends.extend(ends.at(side, others));
    }
    if Side::BOTH.into_iter().all(|side| matches!(ends.of(side).psk, Psk::Missing)) {
        mends.extend(new(ends));
    }
    mends
}

/// The keys differ: each end may take the other's.
pub(super) fn differ(ends: &Ends<'_>) -> Vec<Mend> {
    ends.each(others)
}

/// An answering end may not find its key: it gets one for both identities.
pub(super) fn depends(side: Side, ends: &Ends<'_>) -> Vec<Mend> {
    ends.at(side, |own, other| match (&other.psk, &own.psk) {
        (Psk::Known(secret), _) | (_, Psk::Known(secret)) => vec![key(Some(secret), own, other)],
        _ => Vec::new(),
    })
}
