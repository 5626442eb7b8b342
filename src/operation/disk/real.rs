//! The system's files.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, OFlags, fallocate};
use rustix::io::Errno;

use super::effects::Disk;

/// The largest file that is read, in bytes: a journal is a few KiB.
pub(super) const LIMIT: u64 = 16 << 20;

/// The system's files. The file last written to stays open, since an operation writes to one journal.
#[derive(Debug, Default)]
pub struct RealDisk {
    open: RefCell<Option<(PathBuf, File)>>,
}

impl RealDisk {
    /// Works on a file that is open for writing.
    fn with<T>(&self, path: &Path, work: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let mut slot = self.open.borrow_mut();
        let entry = match slot.take().filter(|(open, _)| open == path) {
            Some(entry) => entry,
            None => (path.to_owned(), options().write(true).open(path)?),
        };
        let (_, file) = slot.insert(entry);
        work(file)
    }

    /// Closes the open file, if it is this one.
    fn forget(&self, path: &Path) {
        self.open.borrow_mut().take_if(|(open, _)| open == path);
    }
}

/// Options that never follow a link in a file's place, nor wait for a pipe.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags(i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0));
    options
}

/// Adds zeros to the end of a file, with room on the disk where the file system can reserve it.
fn extend(file: &File, zeros: u64) -> io::Result<()> {
    if zeros == 0 {
        return Ok(());
    }
    let length = file.metadata()?.len();
    match fallocate(file, FallocateFlags::empty(), length, zeros) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => file.set_len(length + zeros),
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
        // Room to read most files at once.
        let mut bytes = Vec::with_capacity(8 << 10);
        (&mut file).take(LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIMIT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("the file holds more than {LIMIT} bytes")));
        }
        Ok(bytes)
    }

    fn create(&self, path: &Path, zeros: u64) -> io::Result<()> {
        let file = options().write(true).create_new(true).mode(0o600).open(path)?;
        if let Err(cause) = extend(&file, zeros) {
            let _ = fs::remove_file(path);
            return Err(cause);
        }
        *self.open.borrow_mut() = Some((path.to_owned(), file));
        Ok(())
    }

    fn extend(&self, path: &Path, zeros: u64) -> io::Result<()> {
        self.with(path, |file| extend(file, zeros))
    }

    fn write(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(path, |file| file.write_all_at(bytes, at))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // The same open file that was written to: the system reports write errors to it.
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
