//! The time that a command may spend on waiting.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A deadline, counted from the start.
pub(super) struct Budget {
    /// The whole time.
    total: Duration,
    /// The start.
    started: Instant,
    /// Waits that took no real time, because they moved a wire's clock instead. They count.
    skipped: Cell<Duration>,
    /// Real waits that do not count.
    free: Cell<Duration>,
}

impl Budget {
    /// A budget that starts now.
    pub(super) fn new(total: Duration) -> Self {
        Self { total, started: Instant::now(), skipped: Cell::new(Duration::ZERO), free: Cell::new(Duration::ZERO) }
    }

    /// The time that is left.
    pub(super) fn remaining(&self) -> Duration {
        self.total.saturating_add(self.free.get()).saturating_sub(self.started.elapsed().saturating_add(self.skipped.get()))
    }

    /// Counts a wait that takes no real time.
    pub(super) fn skip(&self, duration: Duration) {
        self.skipped.set(self.skipped.get().saturating_add(duration));
    }

    /// Makes sure that at least this much is left.
    pub(super) fn renew(&self, least: Duration) {
        self.excuse(least.saturating_sub(self.remaining()));
    }

    /// Leaves a real wait out of the count.
    pub(super) fn excuse(&self, duration: Duration) {
        self.free.set(self.free.get().saturating_add(duration));
    }
}
