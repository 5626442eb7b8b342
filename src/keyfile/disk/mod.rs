//! A key file on disk: checked when it is read, and replaced as a whole when it is written.
//!
//! The new text goes to a temporary file in the same directory, which gets the owner, mode and attributes of the key file,
//! is synced, and is renamed over it; then the directory is synced. At every instant the file is the old one or the new one.

mod guard;
mod outcome;

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::key_file::KeyFile;
use super::place::Place;
use crate::agreement::parse;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::print::gate::watch;
use crate::system::private::{foreign_link, is_ours};
use guard::{all, guard, open};

pub use outcome::{WriteError, Written};

/// A key file that was read.
#[derive(Debug)]
pub struct Opened {
    /// Where it is.
    pub place: Place,
    /// Its content.
    pub held: KeyFile,
    /// Warnings for the operator, one line each.
    pub warnings: Vec<String>,
    /// The file itself, with all links resolved.
    real: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
    inode: (u64, u64),
}

impl Place {
    /// Reads the file. Refuses it if other users can change it, and warns if they can read it.
    ///
    /// # Errors
    /// What is wrong with the file, and where. A message never contains its content.
    pub fn open(&self) -> Result<Opened, Error> {
        let path = self.path.display();
        let refused = |cause: String| Error::new(exit::CREDENTIALS, format!("{path}: {cause}")).state("nothing was sent");
        let real = fs::canonicalize(&self.path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => Error::new(exit::NOT_FOUND, format!("there is no file {path}")).state("nothing was sent"),
            _ => refused(format!("cannot be read: {cause}")),
        })?;
        if let Some(link) = foreign_link(&self.path) {
            return Err(refused(format!("is reached through the link {}, which belongs to another user", link.display())));
        }
        let (file, meta) = open(&real).map_err(|cause| refused(format!("cannot be read: {cause}")))?;
        let mut warnings = Vec::new();
        guard(&real, &meta).map_err(|(cause, next)| refused(cause).next(next))?;
        if meta.mode() & 0o044 != 0 {
            warnings.push(format!("{0} can be read by other users (mode {1:o}): run chmod 600 {0}", real.display(), meta.mode() & 0o777));
        }
        let bytes = all(file).map_err(|cause| refused(format!("cannot be read: {cause}")))?;
        let wrong = |fault: parse::Fault| Error::usage(format!("{path}: {fault}")).state("nothing was sent");
        let held = KeyFile::read(parse::text(&bytes).map_err(wrong)?, self.name.as_deref()).map_err(wrong)?;
        watch(held.key());
        warnings.extend(held.warnings().iter().map(|warning| format!("{path}: {warning}")));
        Ok(Opened { place: self.clone(), held, warnings, real, bytes, inode: (meta.dev(), meta.ino()) })
    }

    /// Writes a key into the file, if the current one has this fingerprint or is already that key.
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
    /// The file itself, with all links resolved.
    #[must_use]
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// Writes a key into the file, if its content is still what was read.
    ///
    /// # Errors
    /// Why not, and whether anything was written.
    pub fn write(&self, key: &Secret) -> Result<Written, WriteError> {
        self.write_as(key, None)
    }

    /// [`Opened::write`], with the key spelled as it was in the beginning where that reads as this key.
    ///
    /// # Errors
    /// As [`Opened::write`].
    pub fn write_as(&self, key: &Secret, original: Option<&Secret>) -> Result<Written, WriteError> {
        if self.held.key().matches(key) {
            // An earlier run may have died between the rename and the sync.
            self.unchanged()?;
            File::open(&self.real).and_then(|file| file.sync_all()).map_err(WriteError::NotSynced)?;
            self.sync_directory()?;
            return Ok(Written::Already);
        }
        let reads = |text: &str| KeyFile::read(text, self.place.name.as_deref()).is_ok_and(|again| again.key().matches(key));
        let as_before = original.and_then(|original| self.held.with_original(original)).filter(|text| reads(text));
        let text = as_before.unwrap_or_else(|| self.held.with_key(key));
        // Nothing is written unless it reads as the same key again.
        if !reads(&text) {
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

    /// The temporary file. Its name never varies, so that the leftover of a killed run is found; locks allow only one writer
    /// at a time. No daemon includes it: it starts with a dot and has none of the extensions that daemons read.
    fn beside(&self) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.real.file_name().unwrap_or_default());
        name.push(".tunnelctl");
        self.real.with_file_name(name)
    }

    /// Writes the new text to the temporary file, with the owner, mode and attributes of the key file.
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

    /// Checks that the file is still the one that was read, with the same content.
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

/// Copies access control lists and security labels. Without them, a daemon under SELinux may not be able to read the file.
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
            // The system sets the labels that we may not set.
            Err(cause) if unsupported(cause) || !name.starts_with(b"system.posix_acl") && cause == rustix::io::Errno::PERM => {}
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
