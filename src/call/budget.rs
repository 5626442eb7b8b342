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
        (self.total + self.free.get()).saturating_sub(self.started.elapsed() + self.skipped.get())
    }

    /// Counts a wait that takes no real time.
    pub(super) fn skip(&self, duration: Duration) {
        self.skipped.set(self.skipped.get() + duration);
    }

    /// Leaves a real wait out of the count.
    pub(super) fn excuse(&self, duration: Duration) {
        self.free.set(self.free.get() + duration);
    }
}
