//! The effects that operations have on files, behind one trait.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// A place for files. Only its owner can access a file, and no file is reached through a link.
pub trait Disk: fmt::Debug {
    /// Creates a directory and its missing parents for their owner only, and syncs their names.
    ///
    /// # Errors
    /// The system's own.
    fn make_directory(&self, directory: &Path) -> io::Result<()>;

    /// Lists the names in a directory, in no order.
    ///
    /// # Errors
    /// The system's own; `NotFound` where there is no directory.
    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>>;

    /// Reads a file.
    ///
    /// # Errors
    /// The system's own, and for a file of more than 16 MiB, which operations never write.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Creates a file of this many zero bytes. Its name survives a power cut only after [`Disk::sync_directory`].
    ///
    /// # Errors
    /// The system's own: the file exists, or there is no room.
    fn create(&self, path: &Path, zeros: u64) -> io::Result<()>;

    /// Adds this many zero bytes to the end of a file.
    ///
    /// # Errors
    /// The system's own, such as a full disk.
    fn extend(&self, path: &Path, zeros: u64) -> io::Result<()>;

    /// Writes to a file from this place on; what follows stays. The bytes survive a power cut only after [`Disk::sync`].
    ///
    /// # Errors
    /// The system's own; a part may have been written.
    fn write(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Syncs what was written to a file (fdatasync).
    ///
    /// # Errors
    /// The system's own. After one, it is not known what is on the disk, and a second sync that succeeds proves nothing.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Cuts a file to a length and gives the room behind it back.
    ///
    /// # Errors
    /// The system's own.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Renames a file within its directory, replacing any file of that name.
    ///
    /// # Errors
    /// The system's own.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's own.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Syncs the names in a directory.
    ///
    /// # Errors
    /// The system's own.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;

    /// Replaces a file as a whole: writes and syncs it beside its place, renames it, and syncs the directory. At every instant
    /// either the old or the new file is there. One writer at a time.
    ///
    /// # Errors
    /// The system's own; either the old or the new file is there then.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let part = beside(path);
        // A part that an earlier run left is of no use.
        present(self.remove(&part))?;
        self.create(&part, 0)?;
        let placed = self.write(&part, 0, bytes).and_then(|()| self.sync(&part)).and_then(|()| self.rename(&part, path));
        if placed.is_err() {
            let _ = self.remove(&part);
        }
        placed?;
        self.sync_directory(path.parent().unwrap_or(Path::new(".")))
    }

    /// Overwrites a file of secrets with zeros and removes it, together with a part that an earlier run left. Best effort: a
    /// journaling or copy-on-write file system, a flash disk or a backup may keep the content.
    ///
    /// # Errors
    /// The system's own. A missing file is no error.
    fn shred(&self, path: &Path) -> io::Result<()> {
        for path in [path.to_owned(), beside(path)] {
            let Some(held) = present(self.read(&path))? else { continue };
            // What cannot be overwritten can still be removed.
            let _ = self.write(&path, 0, &vec![0; held.len()]).and_then(|()| self.sync(&path));
            self.remove(&path)?;
        }
        self.sync_directory(path.parent().unwrap_or(Path::new(".")))
    }
}

/// The name under which a file is written before it is renamed.
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
