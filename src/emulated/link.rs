//! A tunnel between two emulated ends: whether it is up, and until when.

use serde::{Deserialize, Serialize};

/// One end of a tunnel: the thing's index in the store, and the number of its tunnel.
pub(crate) type Spot = (usize, usize);

/// A tunnel between two ends; a single end has a peer that is not emulated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    /// The ends.
    pub(crate) ends: Vec<Spot>,
    /// Whether it was up when nothing disturbed it. A negotiation ends in this state when it is not known whether the ends
    /// agree, as with a single end.
    pub(crate) usually_up: bool,
    /// Its state.
    pub(crate) state: State,
}

/// The state of a tunnel. Times are the store's milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// It has SAs. They stay when the key changes.
    Up {
        /// When the negotiation ended.
        since_ms: i64,
        /// When the ends next authenticate, if that fails with their current keys.
        fails_ms: Option<i64>,
    },
    /// The ends negotiate; there is no SA meanwhile.
    Negotiating {
        /// When the negotiation ends.
        due_ms: i64,
        /// Whether it fails, even if the ends agree.
        fails: bool,
    },
    /// It is down until an end starts a negotiation.
    Down {
        /// When an end tries again by itself, if one does.
        retries_ms: Option<i64>,
    },
}

impl Link {
    /// When its state changes by itself.
    pub(crate) fn due_ms(&self) -> Option<i64> {
        match self.state {
            State::Up { fails_ms, .. } => fails_ms,
            State::Negotiating { due_ms, .. } => Some(due_ms),
            State::Down { retries_ms } => retries_ms,
        }
    }

    /// Shifts all its times.
    pub(crate) fn shift(&mut self, by_ms: i64) {
        match &mut self.state {
            State::Up { since_ms, fails_ms } => {
                *since_ms += by_ms;
                *fails_ms = fails_ms.map(|ms| ms + by_ms);
            }
            State::Negotiating { due_ms, .. } => *due_ms += by_ms,
            State::Down { retries_ms } => *retries_ms = retries_ms.map(|ms| ms + by_ms),
        }
    }
}

/// The first renewal after `now_ms` of an IKE SA that is renewed every `lifetime_ms`.
pub(crate) fn next_renewal(since_ms: i64, lifetime_ms: i64, now_ms: i64) -> i64 {
    let lifetime_ms = lifetime_ms.max(1);
    since_ms + ((now_ms - since_ms).max(0) / lifetime_ms + 1) * lifetime_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ike_sa_is_renewed_at_each_end_of_its_lifetime() {
        assert_eq!([0, 99, 100, 101, 250].map(|now| next_renewal(0, 100, now)), [100, 100, 200, 200, 300]);
        assert_eq!(next_renewal(500, 100, 0), 600);
    }
}
