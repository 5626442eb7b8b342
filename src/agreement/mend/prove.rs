//! Whether a mend mends: it is made in memory, and the ends are checked again.

use super::accept::accepts;
use super::apply::applied;
use super::candidates::{Ends, candidates};
use super::change::Mend;
use super::words::settable;
use crate::agreement::check::{Agreement, Options, check};
use crate::agreement::end::End;
use crate::agreement::finding::Finding;
use crate::agreement::settled::settled;
use crate::agreement::side::Side;

/// How many mends are joined where one brings up another finding.
const DEPTH: u8 = 2;
/// How many mends are tried at each step.
const WIDTH: usize = 16;
/// How many mends of a finding that one of them brings up.
const FURTHER: usize = 4;

/// What came of a mend.
enum Tried {
    /// It keeps its promise.
    Works,
    /// The finding is gone, and another one came up that these resolve.
    Needs(Vec<Mend>),
    /// It does not help, makes something worse, or is refused.
    Fails,
}

/// Two ends before a mend, and their check.
pub(super) struct Before<'a> {
    pub(super) left: &'a End,
    pub(super) right: &'a End,
    pub(super) options: &'a Options,
    pub(super) agreement: &'a Agreement,
}

impl Before<'_> {
    /// The mends of a finding that are proved to work, the best first, at most so many. What is enough by itself comes before
    /// what needs more.
    pub(super) fn proved(&self, goal: &Finding, most: usize) -> Vec<Mend> {
        let mut open = possible(goal, self.left, self.right);
        let mut proved = Vec::new();
        for _ in 0..=DEPTH {
            let mut more: Vec<Mend> = Vec::new();
            for mend in open.into_iter().take(WIDTH) {
                match self.tried(&mend, goal) {
                    Tried::Works => proved.push(mend),
                    Tried::Needs(further) => more.extend(further.iter().take(FURTHER).filter_map(|further| mend.with(further))),
                    Tried::Fails => {}
                }
                if proved.len() == most {
                    break;
                }
            }
            if !proved.is_empty() {
                break;
            }
            open = more;
        }
        proved
    }

    /// Makes a mend in memory, and checks the ends again.
    fn tried(&self, mend: &Mend, goal: &Finding) -> Tried {
        let (left, right) = made(self.left, self.right, mend);
        let after = check(&left, &right, self.options);
        if after.findings.iter().any(|finding| finding.is_about(goal)) {
            return Tried::Fails;
        }
        match after.findings.iter().find(|finding| self.is_new(finding)) {
            Some(new) => Tried::Needs(possible(new, &left, &right)),
            None if self.is_no_worse(&after) && self.is_accepted(mend) => Tried::Works,
            None => Tried::Fails,
        }
    }

    /// Whether a finding was not there before, or was milder.
    fn is_new(&self, finding: &Finding) -> bool {
        let known = self.agreement.findings.iter().filter(|known| known.is_about(finding));
        !known.into_iter().any(|known| finding.severity <= known.severity && finding.effect.is_no_worse_than(&known.effect))
    }

    fn is_no_worse(&self, after: &Agreement) -> bool {
        let before = self.agreement;
        let pairs = [
            (&after.verdict, &before.verdict),
            (&after.left_initiates, &before.left_initiates),
            (&after.right_initiates, &before.right_initiates),
        ];
        pairs.into_iter().all(|(after, before)| after.is_no_worse_than(before))
    }

    fn is_accepted(&self, mend: &Mend) -> bool {
        mend.changes.iter().all(|change| accepts(change.side.of((self.left, self.right)), change))
    }
}

/// The mends of a finding that the ends can be set to; a policy's findings need none.
fn possible(finding: &Finding, left: &End, right: &End) -> Vec<Mend> {
    let (settled_left, settled_right) = (settled(left, right), settled(right, left));
    let ends = Ends { left: settled_left.as_ref().unwrap_or(left), right: settled_right.as_ref().unwrap_or(right) };
    let as_set = |mend: Mend| {
        let parts: Vec<_> = mend.parts().map(|(side, setting)| (side, setting.clone())).collect();
        parts.into_iter().try_fold(Mend::default(), |whole, (side, setting)| whole.and(side, &settable(ends.of(side), setting)?))
    };
    candidates(finding, &ends).into_iter().filter_map(as_set).collect()
}

/// The ends after a mend.
pub(super) fn made(left: &End, right: &End, mend: &Mend) -> (End, End) {
    let at = |side: Side, end: &End| mend.at(side).map_or_else(|| end.clone(), |change| applied(end, change));
    (at(Side::Left, left), at(Side::Right, right))
}
