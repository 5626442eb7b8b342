//! Locks that keep two runs off the same thing. The kernel frees a lock when its holder ends, however it ends.
//!
//! So no lock is ever stale. A lock is on an open file; the content of the file names the holder, for messages only.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::disk::{Disk, RealDisk};
use super::id::OperationId;
use crate::error::{Error, exit, one_line};
use crate::model::hex;
use crate::print::gate::escape;

/// The longest file name, in bytes.
const NAME_MAX: usize = 255;
/// The extension of a lock file's name.
const EXTENSION: &str = ".lock";
/// The most bytes that are read of what a holder wrote.
const LIMIT: u64 = 4 << 10;
/// How often a lock file may be removed while it is being locked.
const TRIES: usize = 8;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process id.
    pub pid: u32,
    /// The name of the machine.
    pub host: String,
    /// When the run began.
    pub since: DateTime<Utc>,
    /// The command's verb, such as `rotate`.
    pub verb: String,
    /// The operation that the run works on, once there is one.
    pub operation: Option<OperationId>,
}

impl Holder {
    /// This process.
    #[must_use]
    pub fn this(verb: &str, operation: Option<&OperationId>, now: DateTime<Utc>) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { pid: std::process::id(), host, since: now, verb: verb.to_owned(), operation: operation.cloned() }
    }
}

/// The error of a lock that another run holds; `holder` is none where that run has not written who it is.
fn held(name: &str, holder: Option<&Holder>) -> Error {
    // The file holds somebody else's text: it must not control the terminal or look like a line of ours.
    let clean = |text: &str| escape(&one_line(text)).chars().take(80).collect::<String>();
    let mut message = format!("another run holds {name}");
    let operation = holder.and_then(|holder| holder.operation.as_ref());
    if let Some(holder) = holder {
        let since = holder.since.format("%Y-%m-%d %H:%M:%SZ");
        message.push_str(&format!(": pid {} on {} since {since}, {}", holder.pid, clean(&holder.host), clean(&holder.verb)));
    }
    if let Some(id) = operation {
        message.push_str(&format!(", operation {id}"));
    }
    let next = operation.map_or("tunnelctl operation list".to_owned(), |id| format!("tunnelctl operation show {id}"));
    Error::new(exit::HELD, message).state("this run did nothing").next(next)
}

/// A lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of a name, such as a reference to a connection, without waiting.
    ///
    /// The lock file stays when the lock is free again. If it were removed, one run could still lock the old file while the next
    /// one creates and locks a new file: both would hold "the" lock.
    ///
    /// # Errors
    /// [`exit::HELD`] with the holder when another run has the lock; otherwise that the file cannot be created or locked.
    pub fn take(directory: &Path, name: &str, holder: &Holder) -> Result<Self, Error> {
        let path = directory.join(file_name(name));
        let failed = |cause: io::Error| {
            let (code, next) = match cause.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (exit::FAILED, "make room on that disk"),
                _ => (exit::CREDENTIALS, "set XDG_STATE_HOME to a writable directory"),
            };
            Error::new(code, format!("cannot lock {name}: {}: {cause}", path.display())).state("this run did nothing").next(next)
        };
        RealDisk::default().make_directory(directory).map_err(failed)?;
        for _ in 0..TRIES {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0)).open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(name, read(&file).as_ref())),
                Err(TryLockError::Error(cause)) => return Err(failed(cause)),
            }
            // If [`Lock::remove`] removed the file after it was opened here, other runs will lock another file.
            if !is_same(&file, &path) {
                continue;
            }
            let lock = Self { file, path };
            lock.say(Some(holder));
            return Ok(lock);
        }
        Err(failed(io::Error::other("its file was removed again and again")))
    }

    /// Takes the locks of several names, or none. All runs take them in the same order: of two runs that want the same locks, one
    /// gets all.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn take_all(directory: &Path, names: &[&str], holder: &Holder) -> Result<Vec<Self>, Error> {
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| Self::take(directory, name, holder)).collect()
    }

    /// Writes who holds the lock; best effort.
    pub fn say(&self, holder: Option<&Holder>) {
        let text = holder.and_then(|holder| serde_json::to_string(holder).ok()).map(|text| text + "\n").unwrap_or_default();
        let _ = self.file.set_len(0);
        let _ = rustix::io::pwrite(&self.file, text.as_bytes(), 0);
    }

    /// Removes the lock's file, for a name that is never locked again, such as a removed operation's. Safe because
    /// [`Lock::take`] checks that the file it locked is still there.
    pub fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the lock is free: the next holder's file must never show this one.
        self.say(None);
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Who the file says holds the lock; none where it cannot be read.
fn read(mut file: &File) -> Option<Holder> {
    let mut text = String::new();
    (&mut file).take(LIMIT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// The file name for a lock's name: letters, digits and `-_.@+=,` as they are, the rest as `%XX`, and a long name cut and ended
/// by its hash. Two names never share a file.
fn file_name(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len() + EXTENSION.len());
    for (place, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-_@+=,".contains(&byte) || (byte == b'.' && place > 0);
        if plain { escaped.push(char::from(byte)) } else { escaped.push_str(&format!("%{byte:02X}")) }
    }
    let room = NAME_MAX - EXTENSION.len();
    if escaped.len() > room {
        // A tilde is always escaped, so no shorter name looks like this one.
        let hash = hex(Sha256::digest(name).get(..16).unwrap_or_default());
        escaped.truncate(room - 1 - hash.len());
        escaped = format!("{escaped}~{hash}");
    }
    escaped + EXTENSION
}

#[cfg(test)]
mod tests;
