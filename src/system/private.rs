//! Reads files that may hold credentials, but only those that nobody else can read, write or replace.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::files::read_limited;
use crate::error::{Error, exit};

/// The most that a configuration or credentials file may hold.
const LIMIT: u64 = 1 << 20;
/// The longest chain of links; the kernel has the same limit.
const MOST_LINKS: usize = 40;

/// Whether a file may be readable by others when its directory keeps them out, as with the files of `tccli`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelter {
    /// No: only the file's own mode counts.
    None,
    /// Yes, in a directory that only its owner can enter.
    Directory,
}

/// Reads a private file; `None` when there is no such file.
///
/// # Errors
/// When it cannot be read, or others could read or change it; with the command that fixes that.
pub fn read(path: &Path, shelter: Shelter) -> Result<Option<Zeroizing<String>>, Error> {
    let Some(file) = open(path, shelter)? else { return Ok(None) };
    read_limited(file, LIMIT).map(Some).map_err(|cause| refused(path, &format!("cannot be read: {cause}")))
}

/// [`read`] for a file of at most `most` bytes that need not be text.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(path: &Path, most: usize) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let Some(file) = open(path, Shelter::None)? else { return Ok(None) };
    // Large enough from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 64));
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|cause| refused(path, &format!("cannot be read: {cause}")))?;
    if bytes.len() > most {
        return Err(refused(path, &format!("holds more than {most} bytes")));
    }
    Ok(Some(bytes))
}

/// The error for a file that is refused.
fn refused(path: &Path, cause: &str) -> Error {
    Error::new(exit::CREDENTIALS, format!("{}: {cause}", path.display())).state("nothing was sent")
}

/// Opens a file that nobody else can read, write or replace.
fn open(path: &Path, shelter: Shelter) -> Result<Option<File>, Error> {
    let refused = |cause: String| refused(path, &cause);
    let absent = |cause: &io::Error| matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    // Non-blocking: opening a pipe in its place must not hang.
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(cause) if absent(&cause) => {
            // A dangling link is an error, not a missing file: somebody wanted a file to be used.
            let link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
            let gone = || refused("is a link to a file that does not exist".to_owned()).next(format!("ls -l {}", path.display()));
            return if link { Err(gone()) } else { Ok(None) };
        }
        Err(cause) => return Err(refused(format!("cannot be read: {cause}"))),
    };
    if let Some(link) = foreign_link(path) {
        return Err(refused(format!("is reached by the link {}, which belongs to another user", link.display()))
            .next("replace the link by a file of your own"));
    }
    check(&file, path, shelter)?;
    Ok(Some(file))
}

/// Checks owner and mode of the opened file.
fn check(file: &File, path: &Path, shelter: Shelter) -> Result<(), Error> {
    let shown = path.display();
    let refused = |cause: String| refused(path, &cause);
    let meta = file.metadata().map_err(|cause| refused(format!("cannot be read: {cause}")))?;
    if !meta.is_file() {
        return Err(refused("is not a regular file".to_owned()));
    }
    if !is_ours(meta.uid()) {
        return Err(refused(format!("belongs to another user (uid {})", meta.uid())).next(format!("sudo chown \"$USER\" {shown}")));
    }
    let others = meta.mode() & 0o066;
    let sheltered = || {
        let directory = path.parent().and_then(|directory| directory.metadata().ok());
        directory.is_some_and(|directory| is_ours(directory.uid()) && directory.mode() & 0o077 == 0)
    };
    if others == 0 || (others & 0o022 == 0 && shelter == Shelter::Directory && sheltered()) {
        return Ok(());
    }
    let what = if others & 0o022 == 0 { "read" } else { "changed" };
    Err(refused(format!("can be {what} by other users (mode {:o})", meta.mode() & 0o777)).next(format!("chmod 600 {shown}")))
}

/// Whether an owner is this user, or root, who has access to everything anyway.
pub(crate) fn is_ours(uid: u32) -> bool {
    uid == rustix::process::geteuid().as_raw() || uid == 0
}

/// A link on the path to a file that belongs to somebody else, who could redirect it.
pub(crate) fn foreign_link(path: &Path) -> Option<PathBuf> {
    foreign_link_within(path, MOST_LINKS)
}

/// [`foreign_link`] along at most `left` links.
fn foreign_link_within(path: &Path, left: usize) -> Option<PathBuf> {
    let left = left.checked_sub(1)?;
    for step in path.ancestors() {
        let Ok(meta) = step.symlink_metadata() else { continue };
        if !meta.is_symlink() {
            continue;
        }
        if !is_ours(meta.uid()) {
            return Some(step.to_owned());
        }
        let target = step.read_link().map(|target| step.parent().map_or_else(|| target.clone(), |parent| parent.join(&target)));
        if let Ok(target) = target
            && let Some(link) = foreign_link_within(&target, left)
        {
            return Some(link);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};

    use super::*;

    fn file(directory: &Path, mode: u32) -> PathBuf {
        let path = directory.join("file");
        fs::write(&path, "text").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn file_that_others_can_read_or_change_is_refused_with_the_fix() {
        let directory = tempfile::tempdir().unwrap();
        for (mode, word) in [(0o644, "read"), (0o640, "read"), (0o604, "read"), (0o620, "changed"), (0o602, "changed"), (0o666, "changed")]
        {
            let path = file(directory.path(), mode);
            let error = read(&path, Shelter::None).unwrap_err();
            assert!(error.message.contains(word), "{mode:o}: {error}");
            assert_eq!(error.next, [format!("chmod 600 {}", path.display())]);
        }
        for mode in [0o600, 0o400, 0o700] {
            assert!(read(&file(directory.path(), mode), Shelter::None).unwrap().is_some(), "{mode:o}");
        }
    }

    #[test]
    fn dangling_link_is_an_error_and_missing_file_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        assert!(read(&path, Shelter::None).unwrap().is_none());
        symlink(directory.path().join("gone"), &path).unwrap();
        let error = read(&path, Shelter::None).unwrap_err();
        assert!(error.message.contains("link to a file that does not exist"), "{error}");
    }

    #[test]
    fn private_directory_protects_a_readable_file_if_allowed() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        assert!(read(&file(directory.path(), 0o644), Shelter::Directory).is_ok());
        assert!(read(&file(directory.path(), 0o666), Shelter::Directory).is_err());
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        assert!(read(&file(directory.path(), 0o644), Shelter::Directory).is_err());
    }

    #[test]
    fn missing_file_is_none_and_directory_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(read(&directory.path().join("none"), Shelter::None).unwrap().is_none());
        assert!(read(&file(directory.path(), 0o600).join("below"), Shelter::None).unwrap().is_none());
        assert!(read(directory.path(), Shelter::None).is_err());
    }

    #[test]
    fn file_or_link_of_another_user_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (file(directory.path(), 0o600), directory.path().join("link"));
        symlink(&path, &link).unwrap();
        assert!(read(&link, Shelter::None).is_ok());
        // Only root can give files away; other users cannot run the rest.
        if lchown(&link, Some(12_345), None).is_err() {
            return;
        }
        assert!(read(&link, Shelter::None).unwrap_err().message.contains("link"));
        let second = directory.path().join("second");
        symlink("link", &second).unwrap();
        assert!(read(&second, Shelter::None).unwrap_err().message.contains("link"));
        chown(&path, Some(12_345), None).unwrap();
        assert!(read(&path, Shelter::None).unwrap_err().message.contains("another user"));
    }
}
