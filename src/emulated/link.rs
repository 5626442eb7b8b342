//! A tunnel between two emulated ends: whether it is up, and when that ends by itself.

use serde::{Deserialize, Serialize};

/// A tunnel of a thing: the thing's place in the store, and the tunnel's number.
pub(crate) type Spot = (usize, usize);

/// A tunnel between two ends; with one end, its peer is nobody that is emulated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    /// The ends.
    pub(crate) ends: Vec<Spot>,
    /// Whether it was up when it was last seen without a fault: what it is again where nobody can say whether the ends
    /// agree, as with one end.
    pub(crate) usually_up: bool,
    /// How it stands.
    pub(crate) state: State,
}

/// How a tunnel stands. Times are the store's milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// It has SAs, which outlive a change of the key.
    Up {
        /// When the first IKE SA of this negotiation was made.
        since_ms: i64,
        /// When the ends authenticate anew, where that will fail with the keys that they have now.
        fails_ms: Option<i64>,
    },
    /// The ends negotiate; nothing runs meanwhile.
    Negotiating {
        /// When it is known how that ends.
        due_ms: i64,
        /// Whether it comes to nothing, whatever the ends hold.
        fails: bool,
    },
    /// It is down, and stays so until an end starts anew.
    Down {
        /// When an end tries again by itself, where one does.
        retries_ms: Option<i64>,
    },
}

impl Link {
    /// When something happens to it by itself.
    pub(crate) fn due_ms(&self) -> Option<i64> {
        match self.state {
            State::Up { fails_ms, .. } => fails_ms,
            State::Negotiating { due_ms, .. } => Some(due_ms),
            State::Down { retries_ms } => retries_ms,
        }
    }

    /// Moves all of its times.
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

/// When an IKE SA that is renewed every `lifetime_ms` is renewed next, strictly after `now_ms`.
pub(crate) fn next_renewal(since_ms: i64, lifetime_ms: i64, now_ms: i64) -> i64 {
    let lifetime_ms = lifetime_ms.max(1);
    since_ms + ((now_ms - since_ms).max(0) / lifetime_ms + 1) * lifetime_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ike_sa_is_renewed_at_every_end_of_its_lifetime() {
        assert_eq!([0, 99, 100, 101, 250].map(|now| next_renewal(0, 100, now)), [100, 100, 200, 200, 300]);
        assert_eq!(next_renewal(500, 100, 0), 600);
    }
}
