//! Who the ends are, and where.

use super::super::change::{Mend, Setting};
use super::ends::{Ends, is_cloud};
use crate::agreement::end::End;
use crate::agreement::side::Side;

/// This end does not accept the other end's address, or has none.
pub(super) fn peer(side: Side, ends: &Ends<'_>) -> Vec<Mend> {
    ends.at(side, |_, other| other.seen_address().get().map(Setting::Peer).into_iter().collect())
}

/// What this end sends is not what the other end expects.
pub(super) fn identity(sender: Side, ends: &Ends<'_>) -> Vec<Mend> {
    let expect = |_: &End, sends: &End| sends.sends().map(Setting::RemoteId).into_iter().collect::<Vec<_>>();
    let send = |_: &End, expects: &End| expects.expects().map(Setting::LocalId).into_iter().collect::<Vec<_>>();
    let (checker, sender) = (ends.at(sender.other(), expect), ends.at(sender, send));
    let file = |side: Side| !is_cloud(ends.of(side));
    let mut mends = checker.into_iter().chain(sender).collect::<Vec<_>>();
    mends.sort_by_key(|mend| mend.changes.first().is_some_and(|change| file(change.side)));
    mends
}
