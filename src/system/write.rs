//! Writes private files: a new one, or several, all or none.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes a new file, readable by its owner only. Never replaces an existing one.
///
/// # Errors
/// The system's error, when the file exists or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if written.as_ref().is_err_and(|cause| cause.kind() != io::ErrorKind::AlreadyExists) {
        // No key is better than half a key.
        let _ = fs::remove_file(path);
    }
    written
}

/// A file that is to be written.
#[derive(Debug)]
pub struct Pending<'a> {
    /// Its path.
    pub path: PathBuf,
    /// Its content.
    pub bytes: &'a [u8],
}

/// Why files were not written.
#[derive(Debug)]
pub struct Unplaced {
    /// The file that could not be written.
    pub path: PathBuf,
    /// The system's reason.
    pub cause: io::Error,
    /// Files that were replaced and could not be restored; usually none.
    pub replaced: Vec<PathBuf>,
}

/// Writes files, all or none, each readable by its owner only. Each is written beside its place and then moved there.
/// Existing regular files are replaced only with `replace`; nothing else ever is. They are kept until all new ones are in place, if the file system has
/// hard links.
///
/// # Errors
/// The file that could not be written, the system's reason, and the files that could not be restored.
pub fn put_in_place(files: &[Pending<'_>], replace: bool) -> Result<(), Unplaced> {
    let mut placed = Vec::new();
    let outcome = write_parts(files).and_then(|()| move_parts(files, replace, &mut placed));
    let outcome = outcome.map_err(|(path, cause)| Unplaced { path, cause, replaced: restore(&placed) });
    for file in files {
        let _ = fs::remove_file(part(&file.path));
        let _ = fs::remove_file(old(&file.path));
    }
    outcome
}

/// The file that could not be written, and why.
type Failure = (PathBuf, io::Error);

/// Writes each file beside its place.
fn write_parts(files: &[Pending<'_>]) -> Result<(), Failure> {
    files.iter().try_for_each(|file| write_new(&part(&file.path), file.bytes).map_err(|cause| (file.path.clone(), cause)))
}

/// Moves the files to their places. `placed` gets those that were moved, and whether each replaced another one.
fn move_parts<'a>(files: &'a [Pending<'_>], replace: bool, placed: &mut Vec<(&'a Path, bool)>) -> Result<(), Failure> {
    for file in files {
        let path = file.path.as_path();
        let existing = fs::symlink_metadata(path).ok().filter(|_| replace);
        if let Some(kind) = existing.as_ref().and_then(not_a_file) {
            return Err((file.path.clone(), io::Error::other(format!("it is {kind}, and only a regular file is replaced"))));
        }
        let existed = existing.is_some();
        // A file that cannot be kept is replaced all the same.
        let _ = if existed { fs::hard_link(path, old(path)) } else { Ok(()) };
        // A hard link fails when the file exists, without a gap between check and write.
        let moved = if replace { fs::rename(part(path), path) } else { fs::hard_link(part(path), path) };
        moved.map_err(|cause| (file.path.clone(), cause))?;
        placed.push((path, existed));
    }
    Ok(())
}

/// What a path is instead of a regular file: moving a file over a device, a pipe or a link would remove it.
fn not_a_file(meta: &fs::Metadata) -> Option<&'static str> {
    let kind = meta.file_type();
    match () {
        () if kind.is_file() => None,
        () if kind.is_symlink() => Some("a symbolic link"),
        () if kind.is_dir() => Some("a directory"),
        () => Some("a device, a pipe or a socket"),
    }
}

/// Restores what was there before, and returns the files for which that failed.
fn restore(placed: &[(&Path, bool)]) -> Vec<PathBuf> {
    let back = |(path, existed): &&(&Path, bool)| if *existed { fs::rename(old(path), path) } else { fs::remove_file(path) };
    placed.iter().filter(|file| back(file).is_err()).map(|(path, _)| path.to_path_buf()).collect()
}

/// The new content of a file, until it is moved.
fn part(path: &Path) -> PathBuf {
    beside(path, "part")
}

/// The old content of a file, until all are in place.
fn old(path: &Path) -> PathBuf {
    beside(path, "old")
}

/// A hidden file in the same directory.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.{end}", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn file_is_written_once_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        write_new(&path, b"one").unwrap();
        assert!(write_new(&path, b"two").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn all_files_are_put_in_place_or_none() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (directory.path().join("one"), directory.path().join("two"));
        let files = [Pending { path: one.clone(), bytes: b"1" }, Pending { path: two.clone(), bytes: b"2" }];
        fs::write(&two, "old").unwrap();
        assert_eq!(put_in_place(&files, false).unwrap_err().path, two);
        assert!(!one.exists());
        assert_eq!(fs::read(&two).unwrap(), b"old");
        put_in_place(&files, true).unwrap();
        assert_eq!(fs::read(&two).unwrap(), b"2");
        assert_eq!(fs::metadata(&two).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_not_a_regular_file_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link, socket) = (directory.path().join("target"), directory.path().join("link"), directory.path().join("socket"));
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, kind) in [(&link, "a symbolic link"), (&socket, "a device, a pipe or a socket")] {
            let error = put_in_place(&[Pending { path: path.clone(), bytes: b"1" }], true).unwrap_err();
            assert!(error.cause.to_string().contains(kind), "{}", error.cause);
        }
        assert_eq!(fs::read(&target).unwrap(), b"kept");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "no other files remain");
    }

    #[test]
    fn replaced_files_are_restored_when_a_later_file_fails() {
        let directory = tempfile::tempdir().unwrap();
        let (one, new, two) = (directory.path().join("one"), directory.path().join("new"), directory.path().join("two"));
        fs::write(&one, "old").unwrap();
        fs::create_dir(&two).unwrap();
        let pending = |path: &Path| Pending { path: path.to_owned(), bytes: b"1" };
        let error = put_in_place(&[pending(&one), pending(&new), pending(&two)], true).unwrap_err();
        assert_eq!((error.path, error.replaced), (two, Vec::new()));
        assert_eq!(fs::read(&one).unwrap(), b"old");
        assert!(!new.exists());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "no other files remain");
    }
}
