//! Everything that operations do to files, behind one small trait: a test can drop what was not synced, tear a write,
//! or die at any effect.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, OFlags, fallocate};
use rustix::io::Errno;

mod memory;

pub use memory::{Death, MemoryDisk};

/// The most that a file may hold to be read: a journal is a few KiB.
const LIMIT: u64 = 16 << 20;

/// A place for files. Every file is its owner's only, and none is reached through a link.
pub trait Disk: fmt::Debug {
    /// Makes a directory, and those above it, that only its owner can enter; their names last.
    ///
    /// # Errors
    /// The system's own.
    fn make_directory(&self, directory: &Path) -> io::Result<()>;

    /// The names in a directory, in no order.
    ///
    /// # Errors
    /// The system's own; not found where there is no directory.
    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>>;

    /// What a file holds.
    ///
    /// # Errors
    /// The system's own, and where the file is larger than anything that operations write (16 MiB).
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Makes a new, empty file and reserves room in it. Its name lasts after [`Disk::sync_directory`] only.
    ///
    /// # Errors
    /// The system's own: the file exists, or the room is not there.
    fn create(&self, path: &Path, reserve: u64) -> io::Result<()>;

    /// Reserves room for a file of so many bytes, where the file system can; its length stays.
    ///
    /// # Errors
    /// The system's own, such as a full disk.
    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()>;

    /// Writes at a file's end. It lasts after [`Disk::sync`] only.
    ///
    /// # Errors
    /// The system's own; a part may have been written.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Writes over a file from its beginning; what is behind that stays.
    ///
    /// # Errors
    /// The system's own; a part may have been written.
    fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was written to a file last (fdatasync).
    ///
    /// # Errors
    /// The system's own. After one, nobody knows what lasts, and a second sync that succeeds proves nothing.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Cuts a file to a length and gives back the room behind it.
    ///
    /// # Errors
    /// The system's own.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Gives a file another name in the same directory, in place of what has that name.
    ///
    /// # Errors
    /// The system's own.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Takes a file away.
    ///
    /// # Errors
    /// The system's own.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory last.
    ///
    /// # Errors
    /// The system's own.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;

    /// Writes a file whole: beside its place, synced, moved there, and the directory synced. At every instant there is the
    /// old file or the new one. One writer at a time.
    ///
    /// # Errors
    /// The system's own; the old file is there then, or the new one.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let part = beside(path);
        // A part that an earlier run left is worth nothing.
        present(self.remove(&part))?;
        self.create(&part, 0)?;
        let placed = self.append(&part, bytes).and_then(|()| self.sync(&part)).and_then(|()| self.rename(&part, path));
        if placed.is_err() {
            let _ = self.remove(&part);
        }
        placed?;
        self.sync_directory(path.parent().unwrap_or(Path::new(".")))
    }

    /// Takes a file away that held secrets, and a part of it that an earlier run left: zeros are written over it first. Best
    /// effort: a journal of the file system, a copy-on-write one, a flash disk or a backup may keep what was there.
    ///
    /// # Errors
    /// The system's own; no file is no error.
    fn shred(&self, path: &Path) -> io::Result<()> {
        for path in [path.to_owned(), beside(path)] {
            let Some(held) = present(self.read(&path))? else { continue };
            // What cannot be written over can still be taken away.
            let _ = self.overwrite(&path, &vec![0; held.len()]).and_then(|()| self.sync(&path));
            self.remove(&path)?;
        }
        self.sync_directory(path.parent().unwrap_or(Path::new(".")))
    }
}

/// The name under which a file is written before it is moved into its place.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

/// `None` where there is no such file.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// The real one. It keeps the file open that it appended to last: an operation appends to one journal.
#[derive(Debug, Default)]
pub struct RealDisk {
    open: RefCell<Option<(PathBuf, File)>>,
}

impl RealDisk {
    /// Does something with the open end of a file.
    fn with<T>(&self, path: &Path, work: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let mut slot = self.open.borrow_mut();
        let entry = match slot.take().filter(|(open, _)| open == path) {
            Some(entry) => entry,
            None => (path.to_owned(), options().append(true).open(path)?),
        };
        let (_, file) = slot.insert(entry);
        work(file)
    }

    /// Lets go of the open file, where it is this one.
    fn forget(&self, path: &Path) {
        self.open.borrow_mut().take_if(|(open, _)| open == path);
    }
}

/// A link in a file's place is never followed.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0));
    options
}

/// Room behind the end that the file system keeps; one that cannot is no reason to stop.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    match if bytes == 0 { Ok(()) } else { fallocate(file, FallocateFlags::KEEP_SIZE, 0, bytes) } {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
        other => Ok(other?),
    }
}

impl Disk for RealDisk {
    fn make_directory(&self, directory: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = directory.ancestors().take_while(|step| !step.as_os_str().is_empty() && !step.is_dir()).collect();
        for step in missing.into_iter().rev() {
            match DirBuilder::new().mode(0o700).create(step) {
                // Another run was first.
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                other => other?,
            }
            if let Some(above) = step.parent() {
                self.sync_directory(above)?;
            }
        }
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut file = options().read(true).open(path)?;
        // The first read of most files is their last.
        let mut bytes = Vec::with_capacity(8 << 10);
        (&mut file).take(LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIMIT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("the file holds more than {LIMIT} bytes")));
        }
        Ok(bytes)
    }

    fn create(&self, path: &Path, room: u64) -> io::Result<()> {
        let file = options().append(true).create_new(true).mode(0o600).open(path)?;
        if let Err(cause) = reserve(&file, room) {
            let _ = fs::remove_file(path);
            return Err(cause);
        }
        *self.open.borrow_mut() = Some((path.to_owned(), file));
        Ok(())
    }

    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        self.with(path, |file| reserve(file, bytes))
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.with(path, |file| file.write_all(bytes))
    }

    fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // Not the open end: what is appended goes to the end, wherever one writes.
        options().write(true).open(path)?.write_all(bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // The same open file that was written to: it is told what went wrong with the writing.
        self.with(path, |file| file.sync_data())
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.with(path, |file| file.set_len(length))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.forget(from);
        self.forget(to);
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.forget(path);
        fs::remove_file(path)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        File::open(directory)?.sync_all()
    }
}

#[cfg(test)]
mod tests;
