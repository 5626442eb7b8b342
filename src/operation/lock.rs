//! Who works on what: locks that the kernel frees when their holder dies, however it dies.
//!
//! Nothing needs to be unlocked by force. A lock is on an open file; the file says who holds it, for the message only.

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
use crate::error::one_line;
use crate::error::{Error, exit};
use crate::model::hex;
use crate::print::gate::escape;

/// The longest name of a file, in bytes.
const NAME_MAX: usize = 255;
/// How the name of a lock file ends.
const EXTENSION: &str = ".lock";
/// The most that is read of what a holder wrote.
const LIMIT: u64 = 4 << 10;
/// How often a lock file may be taken away while it is being locked.
const TRIES: usize = 8;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Name of the machine.
    pub host: String,
    /// When the run began.
    pub since: DateTime<Utc>,
    /// The command's verb, such as `rotate`.
    pub verb: String,
    /// The operation that it works on, once there is one.
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

/// The lock is another run's; `holder` is `None` where that did not say who it is, or not yet.
fn held(name: &str, holder: Option<&Holder>) -> Error {
    // What a file says is somebody's text: it must not act on a terminal, nor pass for a line of ours.
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

/// A lock that is held until it is dropped, or the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of a name, such as a reference to a connection, without waiting.
    ///
    /// Its file stays when it is free again. Taken away, it could be open in a run that is about to lock it while the next
    /// run makes and locks a new one: both would hold "the" lock.
    ///
    /// # Errors
    /// [`exit::HELD`] and who has it, when another run does; or that the file cannot be made or locked.
    pub fn take(directory: &Path, name: &str, holder: &Holder) -> Result<Self, Error> {
        let path = directory.join(file_name(name));
        let failed = |cause: io::Error| {
            let (code, next) = match cause.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (exit::FAILED, "make room on that disk"),
                _ => (exit::CREDENTIALS, "set XDG_STATE_HOME to a directory that you can write to"),
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
            // Taken away by [`Lock::remove`] after it was opened here: what is locked is not what others will find.
            if !is_same(&file, &path) {
                continue;
            }
            let lock = Self { file, path };
            lock.say(Some(holder));
            return Ok(lock);
        }
        Err(failed(io::Error::other("its file is taken away again and again")))
    }

    /// Takes the locks of several names, or none. All runs take them in the same order: of two that want the same ones,
    /// one gets all.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn take_all(directory: &Path, names: &[&str], holder: &Holder) -> Result<Vec<Self>, Error> {
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| Self::take(directory, name, holder)).collect()
    }

    /// Writes another holder, such as the same with its operation; best effort.
    pub fn say(&self, holder: Option<&Holder>) {
        let text = holder.and_then(|holder| serde_json::to_string(holder).ok()).map(|text| text + "\n").unwrap_or_default();
        let _ = self.file.set_len(0);
        let _ = rustix::io::pwrite(&self.file, text.as_bytes(), 0);
    }

    /// Takes the lock's file away, of a name that is never locked again, such as a removed operation's. Safe because
    /// [`Lock::take`] looks whether what it locked is still there.
    pub fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before it is free: the next holder's first instant must not show this one.
        self.say(None);
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// What the holder wrote; whatever cannot be read is nobody.
fn read(mut file: &File) -> Option<Holder> {
    let mut text = String::new();
    (&mut file).take(LIMIT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// A name as one file name: letters, digits and `-_.@+=,` as they are, the rest as `%XX`; the end of a long one as its hash.
/// Two names never share a file.
fn file_name(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len() + EXTENSION.len());
    for (place, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-_@+=,".contains(&byte) || (byte == b'.' && place > 0);
        if plain { escaped.push(char::from(byte)) } else { escaped.push_str(&format!("%{byte:02X}")) }
    }
    let room = NAME_MAX - EXTENSION.len();
    if escaped.len() > room {
        // No name is written with a tilde, so this one is like no shorter one.
        let hash = hex(Sha256::digest(name).get(..16).unwrap_or_default());
        escaped.truncate(room - 1 - hash.len());
        escaped = format!("{escaped}~{hash}");
    }
    escaped + EXTENSION
}

#[cfg(test)]
mod tests;
