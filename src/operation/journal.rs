//! The journal of an operation: an append-only file that says what was done and what is about to be done, before it is.
//!
//! A line is one write that was synced before the next line was begun, so only the last can ever be torn:
//!
//! ```text
//! LLLLLLLL CCCCCCCC HHHH...HHHH {json} {json}
//! ```
//!
//! `L` is the length in bytes of what follows the hash, `C` the CRC-32C of all that follows itself, `H` the SHA-256 of the
//! whole line before, its line feed included (zeros in the first line); all in lower-case hex. Records that need not last at
//! once wait for the next one that does, and share its line.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crc::{CRC_32_ISCSI, Crc, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::disk::Disk;
use super::id::OperationId;
use crate::error::{Error, exit};
use crate::model::hex;

/// How the name of a journal ends.
pub const EXTENSION: &str = "journal";
/// Room that is reserved before anything is sent, so that a full disk fails early. An operation writes a few KiB.
pub const RESERVED: u64 = 64 << 10;

/// Length, checksum, hash, each with the blank behind it.
const HEAD: usize = 9 + 9 + 65;
/// What is before the text that the checksum is over.
const CHECKED: usize = 9 + 9;
/// CRC-32C; a byte at a time would be half the cost of reading a journal.
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// When a record must last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Before `append` returns: what is done next depends on it.
    Now,
    /// Together with the next record that must last. Until then it is in memory only, and lost with the process: for what
    /// can be found out again.
    WithNext,
}

/// The journal of an operation, to append to. Whoever holds one holds the operation's lock.
#[derive(Debug)]
pub struct Journal {
    disk: Rc<dyn Disk>,
    path: PathBuf,
    id: OperationId,
    /// Hash of the last line, in hex.
    previous: String,
    /// Records of the next line.
    waiting: Vec<u8>,
    /// What must be put right before anything is appended.
    before: Option<Mend>,
    /// An append failed: nobody knows what is in the file.
    broken: bool,
}

/// What is on disk at the first append by another process than the one that wrote it.
#[derive(Debug)]
struct Mend {
    /// The whole lines.
    lines: Vec<u8>,
    /// Whether something is behind them.
    tail: bool,
}

/// What a journal holds.
#[derive(Debug)]
pub struct Reading<T> {
    /// The records, up to the damage if there is any.
    pub records: Vec<T>,
    /// Whether a last line was dropped that was never written whole.
    pub torn: bool,
    /// What is wrong with the record after those.
    pub damage: Option<Error>,
}

impl Journal {
    /// Begins a journal: the file is there and has room for the operation, also after a power cut.
    ///
    /// # Errors
    /// When it cannot be made, such as on a full disk; then it is not there.
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
        Ok(Self { disk, path, id: id.clone(), previous: "0".repeat(64), waiting: Vec::new(), before: None, broken: false })
    }

    /// Opens a journal to go on with it. Nothing is written before the first append.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged before its end.
    pub fn open<T: DeserializeOwned>(disk: Rc<dyn Disk>, directory: &Path, id: &OperationId) -> Result<(Vec<T>, Self), Error> {
        let path = path(directory, id);
        let bytes = disk.read(&path).map_err(|cause| unread(id, &path, &cause))?;
        let scan = scan(&bytes, id, &path);
        if let Some(damage) = scan.reading.damage {
            return Err(damage);
        }
        let tail = scan.good < bytes.len();
        let previous = scan.previous.map_or_else(|| "0".repeat(64), sum);
        let lines = bytes.get(..scan.good).unwrap_or_default().to_vec();
        let before = Some(Mend { lines, tail });
        let journal = Self { disk, path, id: id.clone(), previous, waiting: Vec::new(), before, broken: false };
        Ok((scan.reading.records, journal))
    }

    /// Whose journal it is.
    #[must_use]
    pub const fn id(&self) -> &OperationId {
        &self.id
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When it may not last. That is final: nobody knows what a disk holds after a sync that failed, so nothing may be done
    /// that a record announces, and every later append is refused.
    pub fn append<T: Serialize>(&mut self, record: &T, sync: Sync) -> Result<(), Error> {
        let outcome = self.try_append(record, sync);
        self.end(outcome)
    }

    /// Makes the records that wait last.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn flush(&mut self) -> Result<(), Error> {
        let outcome = if self.waiting.is_empty() { Ok(()) } else { self.write_line() };
        self.end(outcome)
    }

    /// Ends the journal: what waits is written, and the reserved room is given back.
    ///
    /// # Errors
    /// As [`Journal::append`]; a file system that keeps the room is no error.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.flush()?;
        if let Ok(bytes) = self.disk.read(&self.path) {
            let _ = self.disk.truncate(&self.path, bytes.len() as u64);
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
        let mut line = Vec::with_capacity(HEAD + self.waiting.len() + 1);
        write!(line, "{:08x} {:08x} {} ", self.waiting.len(), 0, self.previous)?;
        line.append(&mut self.waiting);
        let checksum = CRC.checksum(line.get(CHECKED..).unwrap_or_default());
        line.splice(9..17, format!("{checksum:08x}").into_bytes());
        line.push(b'\n');
        self.disk.append(&self.path, &line)?;
        self.disk.sync(&self.path)?;
        self.previous = sum(&line);
        Ok(())
    }

    /// Takes a torn line away, and writes the whole ones once more where they are: the process that wrote them may have
    /// ended before its sync, or because of one that failed, after which the system shows bytes that are not on the disk.
    fn mend(&mut self) -> io::Result<()> {
        let Some(Mend { lines, tail }) = self.before.take() else { return Ok(()) };
        if tail {
            self.disk.truncate(&self.path, lines.len() as u64)?;
        }
        self.disk.reserve(&self.path, RESERVED)?;
        self.disk.overwrite(&self.path, &lines)?;
        self.disk.sync(&self.path)?;
        // The same for the file's name.
        self.disk.sync_directory(self.path.parent().unwrap_or(Path::new(".")))
    }
}

/// Reads a journal without a lock, also while another process appends to it, and also a damaged one.
///
/// # Errors
/// When the file cannot be read.
pub fn peek<T: DeserializeOwned>(disk: &dyn Disk, directory: &Path, id: &OperationId) -> Result<Reading<T>, Error> {
    let path = path(directory, id);
    let bytes = disk.read(&path).map_err(|cause| unread(id, &path, &cause))?;
    Ok(scan(&bytes, id, &path).reading)
}

/// The operations that have a journal, the oldest first.
///
/// # Errors
/// When the directory is there and cannot be read.
pub fn list(disk: &dyn Disk, directory: &Path) -> Result<Vec<OperationId>, Error> {
    let names = match disk.list(directory) {
        Ok(names) => names,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(Error::new(exit::FAILED, format!("cannot read {}: {cause}", directory.display()))),
    };
    let mut ids: Vec<OperationId> = names.iter().filter_map(|name| identify(name)).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn identify(name: &OsStr) -> Option<OperationId> {
    name.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?.parse().ok()
}

/// Where an operation's journal lies.
#[must_use]
pub fn path(directory: &Path, id: &OperationId) -> PathBuf {
    directory.join(format!("{id}.{EXTENSION}"))
}

/// What is in the bytes of a journal.
struct Scan<'a, T> {
    reading: Reading<T>,
    /// Length of the whole lines.
    good: usize,
    /// The last of them.
    previous: Option<&'a [u8]>,
}

fn scan<'a, T: DeserializeOwned>(bytes: &'a [u8], id: &OperationId, path: &Path) -> Scan<'a, T> {
    let mut scan = Scan { reading: Reading { records: Vec::new(), torn: false, damage: None }, good: 0, previous: None };
    // A file system may have counted reserved room in after a power cut; no line holds a zero.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let mut rest = bytes.get(..end).unwrap_or_default();
    while !rest.is_empty() {
        let (line, behind, found) = first_line(rest);
        match found {
            // Whole lines are synced before the next is begun: this one cannot be torn.
            Err(what) if !behind.is_empty() || is_longer(line) => {
                scan.reading.damage = Some(damaged(&scan, what, id, path));
                return scan;
            }
            Err(_) => {
                scan.reading.torn = true;
                return scan;
            }
            Ok((hash, json)) => {
                let outcome = match follows(hash, scan.previous) {
                    false => Err("does not follow from the one before it: a record was changed, added or taken away".to_owned()),
                    true => read(json, &mut scan.reading.records),
                };
                if let Err(what) = outcome {
                    scan.reading.damage = Some(damaged(&scan, &what, id, path));
                    return scan;
                }
            }
        }
        scan.good += line.len();
        scan.previous = Some(line);
        rest = behind;
    }
    scan
}

/// The hash and the JSON of a line, when its length and checksum are right.
fn text(line: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let whole = line.strip_suffix(b"\n").ok_or("is cut short")?;
    let (head, json) = whole.split_at_checked(HEAD).ok_or("is cut short")?;
    let checksum = CRC.checksum(whole.get(CHECKED..).unwrap_or_default());
    // Compared as it was written: another spelling of the same number is a change too.
    if head.get(..CHECKED) != Some(format!("{:08x} {checksum:08x} ", json.len()).as_bytes()) {
        return Err("does not match its checksum");
    }
    Ok((head.get(CHECKED..HEAD - 1).unwrap_or_default(), json))
}

/// Whether the first line of a journal, its plan, is whole: what it says of the ends can be trusted.
pub(super) fn begins_well(bytes: &[u8]) -> bool {
    first_line(bytes).2.is_ok()
}

/// A line, what is behind it, and the line's hash and JSON.
type First<'a> = (&'a [u8], &'a [u8], Result<(&'a [u8], &'a [u8]), &'static str>);

/// The first line, with its line feed.
fn first_line(bytes: &[u8]) -> First<'_> {
    // Where the line says that it ends, if that is right: to look at each byte for the end costs as much as the checksum.
    if let Some((line, behind)) = said_end(bytes).and_then(|end| bytes.split_at_checked(end + 1))
        && let Ok(found) = text(line)
    {
        return (line, behind, Ok(found));
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |place| place + 1);
    let (line, behind) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    (line, behind, text(line))
}

/// Whether a line is longer than it says: two have become one, and the first of them was synced. A torn one is shorter.
fn is_longer(line: &[u8]) -> bool {
    said_end(line).is_some_and(|end| line.len() > end + 1)
}

/// Where a line says that its line feed is.
fn said_end(line: &[u8]) -> Option<usize> {
    Some(HEAD + usize::from_str_radix(std::str::from_utf8(line.get(..8)?).ok()?, 16).ok()?)
}

fn follows(hash: &[u8], previous: Option<&[u8]>) -> bool {
    match previous {
        None => hash.iter().all(|byte| *byte == b'0'),
        Some(line) => hash == sum(line).as_bytes(),
    }
}

/// The SHA-256 of a line, in hex.
fn sum(line: &[u8]) -> String {
    hex(&Sha256::digest(line))
}

fn read<T: DeserializeOwned>(json: &[u8], records: &mut Vec<T>) -> Result<(), String> {
    // A line that is right but for a record of it counts for nothing.
    let before = records.len();
    for record in serde_json::Deserializer::from_slice(json).into_iter() {
        match record {
            Ok(record) => records.push(record),
            Err(cause) => {
                records.truncate(before);
                return Err(format!("is whole, but this version of tunnelctl cannot read it ({cause})"));
            }
        }
    }
    Ok(())
}

fn damaged<T>(scan: &Scan<'_, T>, what: &str, id: &OperationId, path: &Path) -> Error {
    let number = scan.reading.records.len() + 1;
    let message = format!("the journal of operation {id} is damaged: record {number} of {} {what}", path.display());
    Error::new(exit::UNKNOWN, message)
        .state("what the operation did up to there is on record; what it did after is not known from here")
        .next(format!("tunnelctl operation show {id}"))
        .next(format!("look for disk faults, or put a backup of {} in its place", path.display()))
        .next(format!("or, when you have seen to its ends yourself, put it aside: mv {0} {0}.damaged", path.display()))
}

fn failed(doing: &str, id: &OperationId, path: &Path, cause: &io::Error) -> Error {
    let error = Error::new(exit::FAILED, format!("cannot {doing} the journal of operation {id}: {}: {cause}", path.display()));
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => error.next("make room on that disk"),
        _ => error,
    }
}

fn unread(id: &OperationId, path: &Path, cause: &io::Error) -> Error {
    if cause.kind() == io::ErrorKind::NotFound {
        return Error::new(exit::NOT_FOUND, format!("there is no operation {id} on record ({} is not there)", path.display()))
            .next("tunnelctl operation list");
    }
    Error::new(exit::FAILED, format!("cannot read the journal of operation {id}: {}: {cause}", path.display()))
}

#[cfg(test)]
mod tests;
