//! The two ends, and which of them is changed first.

use super::super::change::{Mend, Setting};
use crate::agreement::end::{End, Kind};
use crate::agreement::side::Side;

/// The two ends.
pub(in super::super) struct Ends<'a> {
    pub(in super::super) left: &'a End,
    pub(in super::super) right: &'a End,
}

impl<'a> Ends<'a> {
    pub(in super::super) fn of(&self, side: Side) -> &'a End {
        side.of((self.left, self.right))
    }

    /// The sides, a cloud's connection first: a command changes it.
    fn sides(&self) -> [Side; 2] {
        let is_file = |side: &Side| !is_cloud(self.of(*side));
        let mut sides = Side::BOTH;
        sides.sort_by_key(is_file);
        sides
    }

    /// The sides, the one with the weaker value first; of equals a cloud's connection.
    pub(super) fn weaker(&self, strength: impl Fn(&End) -> u8) -> [Side; 2] {
        let mut sides = self.sides();
        sides.sort_by_key(|side| strength(self.of(*side)));
        sides
    }

    /// Each end's settings, one mend for each of them: of an end and the other one.
    pub(super) fn each(&self, settings: impl Fn(&End, &End) -> Vec<Setting>) -> Vec<Mend> {
        self.sides().into_iter().flat_map(|side| self.at(side, &settings)).collect()
    }

    /// One end's settings, one mend for each of them.
    pub(super) fn at(&self, side: Side, settings: impl Fn(&End, &End) -> Vec<Setting>) -> Vec<Mend> {
        settings(self.of(side), self.of(side.other())).into_iter().map(|setting| Mend::one(side, setting)).collect()
    }

    /// The settings of both ends as one mend; none of them: no mend.
    pub(super) fn both(&self, setting: impl Fn(&End, &End) -> Option<Setting>) -> Option<Mend> {
        let parts = Side::BOTH.into_iter().filter_map(|side| Some((side, setting(self.of(side), self.of(side.other()))?)));
        let mend = parts.fold(Mend::default(), |mend, (side, setting)| mend.and(side, &setting).unwrap_or(mend));
        (!mend.changes.is_empty()).then_some(mend)
    }
}

/// Whether an end is at a cloud.
pub(super) fn is_cloud(end: &End) -> bool {
    matches!(end.kind, Kind::Cloud(_))
}
