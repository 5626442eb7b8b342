//! Wires to the emulator inside the process. Its state is in a file, for `--emulated`, or in memory, for tests.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::answer::{Answer, answer};
use super::run;
use crate::emulated::{Incoming, Store, Thing};
use crate::error::{Error, exit};
use crate::model::time::{after_ms, after_secs};
use crate::provider::{registration, seeded};
use crate::system::files::{private_dir, read_regular};
use crate::wire::{Reply, Request, SendError, Wire};

/// Delivers one of our requests. `base` is the time that the store is ahead of.
fn deliver(provider: &str, request: &Request, store: &mut Store, base: DateTime<Utc>) -> Result<Reply, SendError> {
    let Some(registration) = registration(provider) else { return Err(SendError::NotSent(format!("{provider} is not emulated"))) };
    let at = after_secs(store.ahead_of(base), store.skew_secs);
    match answer(registration, &Incoming::from_request(request, at), store) {
        Answer::Reply(reply, delay) => {
            store.advance(i64::try_from(delay).unwrap_or(i64::MAX));
            Ok(reply)
        }
        Answer::Cut => Err(SendError::Lost("the emulator cut the connection".to_owned())),
    }
}

/// The duration in milliseconds.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Opens a file for writing. A new one is readable by its owner only.
fn private(path: &Path, truncate: bool) -> io::Result<File> {
    // Non-blocking: a pipe in its place is an error, and not a wait.
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    OpenOptions::new().write(true).create(true).truncate(truncate).mode(0o600).custom_flags(flags).open(path)
}

/// The emulator inside the process. Its state is in a file, so that the next command finds it.
#[derive(Debug)]
pub struct Emulated {
    /// The file.
    path: PathBuf,
}

impl Emulated {
    /// The emulator whose state is in this directory.
    ///
    /// # Errors
    /// When the directory or the state cannot be used.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        private_dir(directory)?;
        let emulated = Self { path: directory.join("state.json") };
        emulated.with(|_| ())?;
        Ok(emulated)
    }

    /// The regions in which a cloud holds something that can be listed, in order.
    ///
    /// # Errors
    /// When the state cannot be used.
    pub fn regions(&self, provider: &str) -> Result<Vec<String>, Error> {
        self.with(|store| {
            let listed = |thing: &&Thing| thing.provider == provider && matches!(thing.class.as_str(), "connection" | "ipsec-server");
            let regions: BTreeSet<&String> = store.things.iter().filter(listed).map(|thing| &thing.region).collect();
            regions.into_iter().cloned().collect()
        })
    }

    /// Runs `work` on the store, and saves it. A lock keeps other processes out meanwhile.
    fn with<T>(&self, work: impl FnOnce(&mut Store) -> T) -> Result<T, Error> {
        let failed = |cause: &dyn std::fmt::Display| {
            Error::new(exit::CREDENTIALS, format!("the emulator's state {} cannot be used: {cause}", self.path.display()))
                .next(format!("start with a new state: rm {}", self.path.display()))
        };
        // The lock is a file of its own: the state is replaced, never written in place, so that a killed run leaves it whole.
        let lock = private(&self.path.with_extension("lock"), false).map_err(|cause| failed(&cause))?;
        lock.lock().map_err(|cause| failed(&cause))?;
        let text = match read_regular(&self.path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(failed(&cause)),
            text => text.unwrap_or_default(),
        };
        let mut store = if text.is_empty() { seeded() } else { serde_json::from_str(&text).map_err(|cause| failed(&cause))? };
        let result = work(&mut store);
        let saved = serde_json::to_string(&store).map_err(|cause| failed(&cause))?;
        if saved != text {
            self.replace(saved.as_bytes()).map_err(|cause| failed(&cause))?;
        }
        Ok(result)
    }

    /// Replaces the state, as a whole or not at all. The caller holds the lock, so the new file has one writer.
    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let written = private(&fresh, true).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&fresh, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        written
    }
}

impl Wire for Emulated {
    fn send(&self, provider: &'static str, request: &Request) -> Result<Reply, SendError> {
        let delivered = self.with(|store| deliver(provider, request, store, Utc::now()));
        delivered.unwrap_or_else(|error| Err(SendError::NotSent(error.message)))
    }

    fn advance(&self, by: Duration) {
        if !by.is_zero() {
            // The next request reports a state that cannot be saved.
            let _ = self.with(|store| store.advance(millis(by)));
        }
    }

    /// The machine's time, ahead by the waits that were skipped.
    fn now(&self) -> DateTime<Utc> {
        /// The one member of the state that is needed here.
        #[derive(Default, Deserialize)]
        struct Clock {
            ahead_ms: i64,
        }
        // Reading needs no lock: the state is replaced as a whole.
        let text = read_regular(&self.path).unwrap_or_default();
        let clock: Clock = serde_json::from_str(&text).unwrap_or_default();
        after_ms(Utc::now(), clock.ahead_ms)
    }
}

/// The emulator in memory. Only [`Wire::advance`] moves its clock. Several clients can share it.
#[derive(Debug, Clone)]
pub struct InMemory {
    /// The store.
    store: Rc<RefCell<Store>>,
    /// The time at which the clock starts.
    begins: DateTime<Utc>,
}

impl InMemory {
    /// A wire to a store, with a clock that starts at `begins`.
    #[must_use]
    pub const fn new(store: Rc<RefCell<Store>>, begins: DateTime<Utc>) -> Self {
        Self { store, begins }
    }

    /// The store, as the last request left it; [`InMemory::run`] brings it to the present.
    #[must_use]
    pub const fn store(&self) -> &Rc<RefCell<Store>> {
        &self.store
    }

    /// Lets everything happen that is due.
    pub fn run(&self) {
        let mut store = self.store.borrow_mut();
        let now = store.ahead_of(self.begins);
        run::run(&mut store, now);
    }
}

impl Wire for InMemory {
    fn send(&self, provider: &'static str, request: &Request) -> Result<Reply, SendError> {
        deliver(provider, request, &mut self.store.borrow_mut(), self.begins)
    }

    fn advance(&self, by: Duration) {
        self.store.borrow_mut().advance(millis(by));
    }

    fn now(&self) -> DateTime<Utc> {
        self.store.borrow().ahead_of(self.begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_that_cannot_be_written_leaves_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let emulated = Emulated::open(directory.path()).unwrap();
        let before = fs::read(&emulated.path).unwrap();
        // A directory in the place of the new file makes every write fail.
        fs::create_dir(emulated.path.with_extension("new")).unwrap();
        assert!(emulated.with(|store| store.advance(5)).is_err());
        assert_eq!(fs::read(&emulated.path).unwrap(), before);
        fs::remove_dir(emulated.path.with_extension("new")).unwrap();
        emulated.with(|store| store.advance(5)).unwrap();
        assert_ne!(fs::read(&emulated.path).unwrap(), before);
        assert!(!emulated.path.with_extension("new").exists());
    }

    #[test]
    fn partly_written_state_of_a_killed_run_is_ignored() {
        let directory = tempfile::tempdir().unwrap();
        let emulated = Emulated::open(directory.path()).unwrap();
        fs::write(emulated.path.with_extension("new"), "{\"things\":[").unwrap();
        emulated.with(|store| store.advance(5)).unwrap();
        assert!(Emulated::open(directory.path()).is_ok());
    }
}
