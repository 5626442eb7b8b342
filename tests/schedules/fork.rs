//! What a process leaves behind when it ends, and what becomes of the request that it was waiting for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tunnelctl::testing::operation::MemoryDisk;
use tunnelctl::testing::{Fault, Registration, Store, What};

/// What becomes of a write whose reply is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was never executed.
    Not,
    /// It was executed.
    Applied,
    /// It is executed this many milliseconds later.
    Late(u64),
}

impl Fate {
    /// Until when the request may still arrive.
    pub fn until(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Self::Late(ms) = self { Some(now + Duration::from_millis(ms + 2_000)) } else { None }
    }

    pub fn fault(self) -> Fault {
        match self {
            Self::Not => Fault::new(What::Cut),
            Self::Applied => Fault::new(What::LoseReply),
            Self::Late(ms) => Fault { ms, ..Fault::new(What::Late) },
        }
    }
}

/// How long after a crash the next run begins.
pub const GAP: Duration = Duration::from_secs(5);
/// Delays: before the next run begins, and while it runs or waits.
const LATE: [u64; 2] = [2_000, 8_000];
/// A request later than this arrives after most of the next run.
pub const SOON: TimeDelta = TimeDelta::seconds(30);

/// The names of [`fates`].
pub const FATE_NAMES: [&str; 5] = ["not executed", "executed", "executed 2 s later", "executed 8 s later", "executed at the last moment"];

/// What may become of a request to a cloud whose reply is lost.
pub fn fates(registration: &Registration) -> [Fate; FATE_NAMES.len()] {
    // The latest time at which the cloud still accepts it, with a margin for clocks that differ.
    let last = u64::try_from(registration.validity.as_millis()).unwrap() - 5_000;
    [Fate::Not, Fate::Applied, Fate::Late(LATE[0]), Fate::Late(LATE[1]), Fate::Late(last)]
}

/// What a process leaves behind when it ends.
#[derive(Debug)]
pub struct Fork {
    /// Where and how it ended.
    pub label: String,
    /// The disk, as the next process finds it.
    pub disk: MemoryDisk,
    /// The clouds, and the requests on their way to them.
    pub store: Store,
    /// Whether anything was ever sent.
    pub sent: bool,
    /// Until when a late request may still arrive.
    pub late: Option<DateTime<Utc>>,
}

impl Fork {
    pub fn copy(&self) -> Self {
        Self { label: self.label.clone(), disk: self.disk.copy(), store: self.store.clone(), ..*self }
    }
}
