//! Reading a journal: its records, and what is torn or damaged.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::super::disk::Disk;
use super::super::id::OperationId;
use super::line::{first_line, follows, has_end, is_torn};
use crate::error::{Error, exit};

/// The extension of a journal's file name.
const EXTENSION: &str = "journal";

/// What was read from a journal.
#[derive(Debug)]
pub struct Reading<T> {
    /// The records, up to any damage.
    pub records: Vec<T>,
    /// Whether a torn last line was left out: it was never written whole.
    pub torn: bool,
    /// What is wrong with the record after them.
    pub damage: Option<Error>,
    /// Whether the end of the file was lost, and with it any number of records.
    pub cut: bool,
}

/// Reads a journal without a lock, even a damaged one, or one that another process appends to.
///
/// # Errors
/// When the file cannot be read.
pub fn peek<T: DeserializeOwned>(disk: &dyn Disk, directory: &Path, id: &OperationId) -> Result<Reading<T>, Error> {
    let path = path(directory, id);
    let bytes = disk.read(&path).map_err(|cause| unread(id, &path, &cause))?;
    Ok(scan(&bytes, id, &path).reading)
}

/// Lists the operations that have a journal, the oldest first.
///
/// # Errors
/// When the directory exists and cannot be read.
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

/// The file of an operation's journal.
#[must_use]
pub fn path(directory: &Path, id: &OperationId) -> PathBuf {
    directory.join(format!("{id}.{EXTENSION}"))
}

/// What is in the bytes of a journal.
pub(super) struct Scan<'a, T> {
    pub(super) reading: Reading<T>,
    /// Length of the intact lines.
    pub(super) good: usize,
    /// The last intact line.
    pub(super) previous: Option<&'a [u8]>,
}

pub(super) fn scan<'a, T: DeserializeOwned>(bytes: &'a [u8], id: &OperationId, path: &Path) -> Scan<'a, T> {
    let mut scan = Scan { reading: Reading { records: Vec::new(), torn: false, damage: None, cut: false }, good: 0, previous: None };
    // No line holds a zero byte.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    scan.reading.cut = end == bytes.len();
    let mut rest = bytes.get(..end).unwrap_or_default();
    while !rest.is_empty() {
        let (line, behind, found) = first_line(rest);
        match found {
            Err(_) if is_torn(line) => {
                scan.reading.torn = true;
                return scan;
            }
            // A line is synced before the next one is begun, so this one is not torn.
            Err(what) => {
                scan.reading.damage = Some(damaged(&scan, what, id, path));
                return scan;
            }
            Ok((hash, json)) => {
                scan.reading.cut &= scan.previous.is_some() || has_end(hash);
                let outcome = if follows(hash, scan.previous) {
                    read(json, &mut scan.reading.records)
                } else {
                    Err("does not follow from the one before it: a record was changed, added or removed".to_owned())
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

fn read<T: DeserializeOwned>(json: &[u8], records: &mut Vec<T>) -> Result<(), String> {
    // A line with one unreadable record counts as a whole as unreadable.
    let before = records.len();
    for record in serde_json::Deserializer::from_slice(json).into_iter() {
        match record {
            Ok(record) => records.push(record),
            Err(cause) => {
                records.truncate(before);
                return Err(format!("is intact, but this version of tunnelctl cannot read it ({cause})"));
            }
        }
    }
    Ok(())
}

fn damaged<T>(scan: &Scan<'_, T>, what: &str, id: &OperationId, path: &Path) -> Error {
    let number = scan.reading.records.len() + 1;
    let message = format!("the journal of operation {id} is damaged: record {number} of {} {what}", path.display());
    Error::new(exit::UNKNOWN, message)
        .state("what the operation did up to there is on record; what it did after that is not known")
        .next(format!("tunnelctl operation show {id}"))
        .next(format!("check the disk, or restore {} from a backup", path.display()))
        .next(format!("or, once you have checked the ends yourself, set it aside: mv {0} {0}.damaged", path.display()))
}

pub(super) fn unread(id: &OperationId, path: &Path, cause: &io::Error) -> Error {
    if cause.kind() == io::ErrorKind::NotFound {
        return Error::new(exit::NOT_FOUND, format!("operation {id} is not on record ({} does not exist)", path.display()))
            .next("tunnelctl operation list");
    }
    Error::new(exit::FAILED, format!("cannot read the journal of operation {id}: {}: {cause}", path.display()))
        .next("make it readable, or restore it from a backup")
        .next(format!("or, once you have checked the ends yourself, set it aside: mv {0} {0}.damaged", path.display()))
}
