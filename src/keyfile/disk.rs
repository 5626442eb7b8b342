//! A key file on disk: read with its guards, written whole.
//!
//! The new text is written beside the file, synced, given the file's owner, mode and attributes, and renamed over it; then
//! the directory is synced. At every instant the file is the old one or the new one.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeyFile, Place};
use crate::agreement::parse::{self, LIMIT};
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::print::gate::watch;
use crate::system::private::{foreign_link, is_ours};

/// A key file as it was read.
#[derive(Debug)]
pub struct Opened {
    /// Where it is.
    pub place: Place,
    /// What stands in it.
    pub held: KeyFile,
    /// What is worth a word before it is used, a line each.
    pub warnings: Vec<String>,
    /// The file itself, behind all links.
    real: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
    inode: (u64, u64),
}

/// How a write ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file holds the new key, for good.
    Now,
    /// It held it already, and does so for good.
    Already,
}

/// How a write ended otherwise.
#[derive(Debug)]
pub enum WriteError {
    /// The file cannot be read, or may not be written. Nothing was written.
    Refused(Error),
    /// The file holds another key than it should, with this fingerprint. Nothing was written.
    Conflict(String),
    /// Somebody changed the file meanwhile. Nothing was written.
    Changed,
    /// The system refused. Nothing was written.
    NotWritten(io::Error),
    /// The file holds the new key, and a power cut may bring the old one back.
    NotSynced(io::Error),
}

impl WriteError {
    /// Whether the file holds the new key.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        matches!(self, Self::NotSynced(_))
    }

    /// What the operator is told.
    #[must_use]
    pub fn error(self, place: &Place) -> Error {
        let path = place.path.display();
        let unchanged = |message: String| Error::new(exit::FAILED, message).state(format!("{path} is as it was"));
        match self {
            Self::Refused(error) => error,
            Self::Conflict(found) => unchanged(format!("{place} holds a third key (fp {found}): somebody else changed it"))
                .next("find out who did; this run touches nothing"),
            Self::Changed => unchanged(format!("{place} was changed by somebody else while this run was about to write it"))
                .next("run this again when nobody else edits the file"),
            Self::NotWritten(cause) if cause.kind() == io::ErrorKind::ResourceBusy => {
                unchanged(format!("{path} cannot be replaced: it is a mount of its own ({cause})"))
                    .next("give the file outside of the container")
            }
            Self::NotWritten(cause) => {
                unchanged(format!("{path} cannot be written: {cause}")).next("the directory must be writable: the file is replaced whole")
            }
            Self::NotSynced(cause) => {
                Error::new(exit::UNKNOWN, format!("{path} is written, but its directory could not be synced: {cause}"))
                    .state("the file holds the new key; after a power cut it may hold the old one again")
            }
        }
    }
}

impl Place {
    /// Reads the file. A file that others can change is refused; one that they can read is warned of.
    ///
    /// # Errors
    /// What is wrong with it, and where; never its content.
    pub fn open(&self) -> Result<Opened, Error> {
        let path = self.path.display();
        let refused = |cause: String| Error::new(exit::CREDENTIALS, format!("{path}: {cause}")).state("nothing was sent");
        let real = fs::canonicalize(&self.path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => Error::new(exit::NOT_FOUND, format!("there is no file {path}")).state("nothing was sent"),
            _ => refused(format!("cannot be read: {cause}")),
        })?;
        if let Some(link) = foreign_link(&self.path) {
            return Err(refused(format!("is reached by the link {}, which belongs to another user", link.display())));
        }
        let (file, meta) = open(&real).map_err(|cause| refused(format!("cannot be read: {cause}")))?;
        let mut warnings = Vec::new();
        guard(&real, &meta).map_err(|(cause, next)| refused(cause).next(next))?;
        if meta.mode() & 0o044 != 0 {
            warnings.push(format!("{0} can be read by others (mode {1:o}); mend it: chmod 600 {0}", real.display(), meta.mode() & 0o777));
        }
        let bytes = all(file).map_err(|cause| refused(format!("cannot be read: {cause}")))?;
        let wrong = |fault: parse::Fault| Error::usage(format!("{path}: {fault}")).state("nothing was sent");
        let held = KeyFile::read(parse::text(&bytes).map_err(wrong)?, self.name.as_deref()).map_err(wrong)?;
        watch(held.key());
        warnings.extend(held.warnings().iter().map(|warning| format!("{path}: {warning}")));
        Ok(Opened { place: self.clone(), held, warnings, real, bytes, inode: (meta.dev(), meta.ino()) })
    }

    /// Puts a key into the file, if the one in it has this fingerprint, or is that very key.
    ///
    /// # Errors
    /// Why not, and whether anything was written.
    pub fn write_if(&self, expected: &str, key: &Secret) -> Result<Written, WriteError> {
        let opened = self.open().map_err(WriteError::Refused)?;
        let found = fingerprint(opened.held.key());
        if found != expected && !opened.held.key().matches(key) {
            return Err(WriteError::Conflict(found));
        }
        opened.write(key)
    }
}

impl Opened {
    /// The file itself, behind all links.
    #[must_use]
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// Puts a key into the file, if it still is what was read.
    ///
    /// # Errors
    /// Why not, and whether anything was written.
    pub fn write(&self, key: &Secret) -> Result<Written, WriteError> {
        if self.held.key().matches(key) {
            // An earlier run may have died between the rename and the sync.
            self.unchanged()?;
            File::open(&self.real).and_then(|file| file.sync_all()).map_err(WriteError::NotSynced)?;
            self.sync_directory()?;
            return Ok(Written::Already);
        }
        let text = self.held.with_key(key);
        // What was not proven to be read again is not written.
        if !KeyFile::read(&text, self.place.name.as_deref()).is_ok_and(|again| again.key().matches(key)) {
            let error = format!("{}: this key cannot be written into a {}", self.place.path.display(), self.held.form());
            return Err(WriteError::Refused(Error::usage(error).state("nothing was written")));
        }
        let beside = self.beside();
        let written = self.put(&beside, text.as_bytes()).map_err(WriteError::NotWritten).and_then(|()| {
            self.unchanged()?;
            fs::rename(&beside, &self.real).map_err(WriteError::NotWritten)
        });
        if let Err(error) = written {
            let _ = fs::remove_file(&beside);
            return Err(error);
        }
        self.sync_directory()?;
        Ok(Written::Now)
    }

    /// Always the same name, so that what a killed run left is found: one writer at a time is what the locks are for. No
    /// daemon includes it: it starts with a dot and ends in none of their endings.
    fn beside(&self) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.real.file_name().unwrap_or_default());
        name.push(".tunnelctl");
        self.real.with_file_name(name)
    }

    /// Writes the new text beside the file, as like it as it can be.
    fn put(&self, beside: &Path, text: &[u8]) -> io::Result<()> {
        match beside.symlink_metadata() {
            Ok(meta) if meta.is_file() && is_ours(meta.uid()) => fs::remove_file(beside)?,
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is in the way", beside.display()))),
            Err(_) => {}
        }
        let (model, meta) = open(&self.real)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (meta.uid(), meta.gid()) {
            fchown(&file, Some(meta.uid()), Some(meta.gid()))?;
        }
        attributes(&model, &file)?;
        file.set_permissions(Permissions::from_mode(meta.mode() & 0o777))?;
        file.write_all(text)?;
        file.sync_all()
    }

    /// The file is the one that was read, with the same content.
    fn unchanged(&self) -> Result<(), WriteError> {
        let same = open(&self.real).and_then(|(file, meta)| {
            Ok((meta.dev(), meta.ino()) == self.inode && guard(&self.real, &meta).is_ok() && *all(file)? == *self.bytes)
        });
        if same.is_ok_and(|same| same) { Ok(()) } else { Err(WriteError::Changed) }
    }

    fn sync_directory(&self) -> Result<(), WriteError> {
        let directory = self.real.parent().unwrap_or_else(|| Path::new("/"));
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(WriteError::NotSynced)
    }
}

/// Opened without waiting, and not through a link: a pipe in its place is no reason to hang.
fn open(real: &Path) -> io::Result<(File, fs::Metadata)> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    let file = OpenOptions::new().read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or(0)).open(real)?;
    let meta = file.metadata()?;
    Ok((file, meta))
}

fn all(file: File) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for a whole file: growing would leave copies of a key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT { Err(io::Error::other(format!("it holds more than {LIMIT} bytes"))) } else { Ok(bytes) }
}

/// Whether the file is one that only its owner can change and that can be replaced; else why not, and what mends it.
fn guard(real: &Path, meta: &fs::Metadata) -> Result<(), (String, String)> {
    let shown = real.display();
    if !meta.is_file() {
        return Err(("is not a regular file".to_owned(), String::new()));
    }
    if !is_ours(meta.uid()) {
        return Err((format!("belongs to another user (uid {})", meta.uid()), format!("sudo chown \"$USER\" {shown}")));
    }
    if meta.mode() & 0o022 != 0 {
        return Err((format!("can be changed by other users (mode {:o})", meta.mode() & 0o777), format!("chmod go-w {shown}")));
    }
    if meta.nlink() > 1 {
        let cause = format!("has {} names (hard links): the others would keep the old key", meta.nlink());
        return Err((cause, "give a file with one name".to_owned()));
    }
    let directory = real.parent().unwrap_or_else(|| Path::new("/"));
    if directory.metadata().is_ok_and(|meta| meta.mode() & 0o1002 == 0o002) {
        let cause = format!("stands in {}, where anybody can put another file in its place", directory.display());
        return Err((cause, format!("chmod o-w {}", directory.display())));
    }
    Ok(())
}

/// Access control lists and security labels: a daemon under SELinux may not read a file without them.
fn attributes(from: &File, to: &File) -> io::Result<()> {
    let unsupported = |cause: rustix::io::Errno| [rustix::io::Errno::NOTSUP, rustix::io::Errno::NOSYS].contains(&cause);
    let mut names = Vec::with_capacity(4096);
    match rustix::fs::flistxattr(from, rustix::buffer::spare_capacity(&mut names)) {
        Ok(_) => {}
        Err(cause) if unsupported(cause) => return Ok(()),
        Err(cause) => return Err(cause.into()),
    }
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = Vec::with_capacity(64 << 10);
        rustix::fs::fgetxattr(from, name, rustix::buffer::spare_capacity(&mut value))?;
        match rustix::fs::fsetxattr(to, name, &value, rustix::fs::XattrFlags::empty()) {
            Ok(()) => {}
            // Those of the system are set by the system.
            Err(cause) if unsupported(cause) || !name.starts_with(b"system.posix_acl") && cause == rustix::io::Errno::PERM => {}
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
