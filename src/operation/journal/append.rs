//! Writing a journal: a record is on the disk before what it announces is done.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::disk::Disk;
use super::super::id::OperationId;
use super::line::{compose, format, sum};
use super::read::{path, scan, unread};
use crate::error::{Error, exit};

/// Zeros behind the lines, reserved before anything is sent, so that a full disk fails early. An operation writes a few KiB.
const RESERVED: u64 = 64 << 10;
/// The least that follows the last line.
const END: &[u8] = b"\0";

/// When a record must last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Before `append` returns: the next action depends on it.
    Now,
    /// Together with the next record that must last. Until then it is in memory only and lost with the process: for what can
    /// be found out again.
    WithNext,
}

/// The journal of an operation, to append to. Its owner holds the operation's lock.
#[derive(Debug)]
pub struct Journal {
    disk: Rc<dyn Disk>,
    path: PathBuf,
    id: OperationId,
    /// Hash of the last line, in hex.
    previous: String,
    /// Length of the lines, in bytes.
    length: usize,
    /// Whether the end was lost that another process had written.
    cut: bool,
    /// Whether this process began it.
    own: bool,
    /// Records of the next line.
    waiting: Vec<u8>,
    /// What must be repaired before anything is appended.
    before: Option<Mend>,
    /// Whether an append failed: then it is not known what the file holds.
    broken: bool,
}

/// What another process left on the disk.
#[derive(Debug)]
struct Mend {
    /// The intact lines.
    lines: Vec<u8>,
    /// Bytes behind them that are no line.
    tail: usize,
}

impl Journal {
    /// Begins a journal: creates its file and reserves room for the operation. Both survive a power cut.
    ///
    /// # Errors
    /// When the file cannot be created, such as on a full disk; then there is none.
    pub fn create(disk: Rc<dyn Disk>, directory: &Path, id: &OperationId) -> Result<Self, Error> {
        let path = path(directory, id);
        let made = disk.make_directory(directory).and_then(|()| disk.create(&path, RESERVED)).and_then(|()| {
            let synced = disk.sync_directory(directory);
            if synced.is_err() {
                let _ = disk.remove(&path);
            }
            synced
        });
        made.map_err(|cause| failed("begin", id, &path, &cause).state("nothing was sent"))?;
        let (id, previous) = (id.clone(), format());
        Ok(Self { disk, path, id, previous, length: 0, cut: false, own: true, waiting: Vec::new(), before: None, broken: false })
    }

    /// Opens a journal to append to it. Nothing is written before the first append.
    ///
    /// # Errors
    /// When the file cannot be read, or is damaged before its end.
    pub fn open<T: DeserializeOwned>(disk: Rc<dyn Disk>, directory: &Path, id: &OperationId) -> Result<(Vec<T>, Self), Error> {
        let path = path(directory, id);
        let bytes = disk.read(&path).map_err(|cause| unread(id, &path, &cause))?;
        let scan = scan(&bytes, id, &path);
        if let Some(damage) = scan.reading.damage {
            return Err(damage);
        }
        let previous = scan.previous.map_or_else(format, sum);
        let lines = bytes.get(..scan.good).unwrap_or_default().to_vec();
        let before = Some(Mend { lines, tail: bytes.len() - scan.good });
        let (id, length, cut) = (id.clone(), scan.good, scan.reading.cut);
        let journal = Self { disk, path, id, previous, length, cut, own: false, waiting: Vec::new(), before, broken: false };
        Ok((scan.reading.records, journal))
    }

    /// Whether the end was lost that another process had written, and with it any number of records. The first record that is
    /// appended must say so: with it, the file gets an end again.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Whether this process began it, so that its records are what was done.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the record may not last. That is final: after a failed sync it is not known what the disk holds, so nothing that a
    /// record announces may be done, and every later append is refused.
    pub fn append<T: Serialize>(&mut self, record: &T, sync: Sync) -> Result<(), Error> {
        let outcome = self.try_append(record, sync);
        self.end(outcome)
    }

    /// Writes the records that wait.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn flush(&mut self) -> Result<(), Error> {
        let outcome = if self.waiting.is_empty() { Ok(()) } else { self.write_line() };
        self.end(outcome)
    }

    /// Ends the journal: writes what waits, and gives the reserved room back.
    ///
    /// # Errors
    /// As [`Journal::append`]. It is no error where the file system keeps the room.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.flush()?;
        // Before anything was written by this process, the file is as another one left it.
        if self.before.is_none() {
            let _ = self.disk.truncate(&self.path, (self.length + END.len()) as u64);
        }
        Ok(())
    }

    fn end(&mut self, outcome: io::Result<()>) -> Result<(), Error> {
        if self.broken {
            let text = format!("the journal of operation {} could not be written before: nothing more is done", self.id);
            return Err(Error::new(exit::FAILED, text));
        }
        self.broken = outcome.is_err();
        outcome.map_err(|cause| failed("write", &self.id, &self.path, &cause))
    }

    fn try_append<T: Serialize>(&mut self, record: &T, sync: Sync) -> io::Result<()> {
        if self.broken {
            return Ok(());
        }
        if !self.waiting.is_empty() {
            self.waiting.push(b' ');
        }
        serde_json::to_writer(&mut self.waiting, record)?;
        if sync == Sync::Now { self.write_line() } else { Ok(()) }
    }

    fn write_line(&mut self) -> io::Result<()> {
        if self.broken {
            return Ok(());
        }
        self.mend()?;
        let mut line = compose(&self.waiting, &self.previous)?;
        self.waiting.clear();
        let previous = sum(&line);
        let length = self.length + line.len();
        line.extend_from_slice(END);
        self.disk.write(&self.path, self.length as u64, &line)?;
        self.disk.sync(&self.path)?;
        (self.previous, self.length) = (previous, length);
        Ok(())
    }

    /// Overwrites a torn line with zeros, and writes the intact ones again in place. The process that wrote them may have ended
    /// before its sync, or because of a failed one, after which the system shows bytes that are not on the disk.
    fn mend(&mut self) -> io::Result<()> {
        let Some(Mend { mut lines, tail }) = self.before.take() else { return Ok(()) };
        if self.cut {
            // It gets an end again only together with the record that says what was lost.
            self.disk.truncate(&self.path, lines.len() as u64)?;
        } else {
            lines.resize(lines.len() + tail, 0);
            self.disk.extend(&self.path, RESERVED)?;
        }
        self.disk.write(&self.path, 0, &lines)?;
        self.disk.sync(&self.path)?;
        // The file's name may not be on the disk either.
        self.disk.sync_directory(self.path.parent().unwrap_or(Path::new(".")))
    }
}

/// The error of a journal that cannot be begun or written.
fn failed(doing: &str, id: &OperationId, path: &Path, cause: &io::Error) -> Error {
    let error = Error::new(exit::FAILED, format!("cannot {doing} the journal of operation {id}: {}: {cause}", path.display()));
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => error.next("make room on that disk"),
        _ => error,
    }
}
