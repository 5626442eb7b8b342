//! Private files and directories.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use zeroize::Zeroizing;

use crate::error::{Error, exit};

/// Where the program keeps what it must remember: `$XDG_STATE_HOME/tunnelctl`, or `~/.local/state/tunnelctl`.
///
/// # Errors
/// When there is neither.
pub fn state_dir() -> Result<PathBuf, Error> {
    let missing =
        || Error::new(exit::CREDENTIALS, "there is no home directory to keep state in").next("set XDG_STATE_HOME to a directory of yours");
    let strategy = choose_base_strategy().map_err(|_| missing())?;
    Ok(strategy.state_dir().ok_or_else(missing)?.join("tunnelctl"))
}

/// Makes a directory that only its owner can enter.
///
/// # Errors
/// When it cannot be made.
pub fn private_dir(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|cause| {
        Error::new(exit::CREDENTIALS, format!("cannot make {}: {cause}", path.display()))
            .next("set XDG_STATE_HOME to a directory that you can write to")
    })
}

/// Writes a new file whole, readable by its owner only; never over an existing one.
///
/// # Errors
/// The system's own, when the file exists or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if written.as_ref().is_err_and(|cause| cause.kind() != io::ErrorKind::AlreadyExists) {
        // Half a key is worse than none.
        let _ = fs::remove_file(path);
    }
    written
}

/// A file that is to be written.
#[derive(Debug)]
pub struct Pending<'a> {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub bytes: &'a [u8],
}

/// Why files were not written.
#[derive(Debug)]
pub struct Unplaced {
    /// The file that could not be written.
    pub path: PathBuf,
    /// The system's reason.
    pub cause: io::Error,
    /// Files that were replaced before and could not be brought back; mostly none.
    pub replaced: Vec<PathBuf>,
}

/// Writes files whole, readable by their owner only, all or none: each is written beside its place and then moved there.
/// Over an existing file only with `replace`; the old one is kept until all are in place, as far as the file system can
/// hold a file under two names.
///
/// # Errors
/// The file that could not be written, the system's reason, and what did not become as it was before.
pub fn put_in_place(files: &[Pending<'_>], replace: bool) -> Result<(), Unplaced> {
    let beside = |path: &Path, end: &str| {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.{end}", std::process::id()));
        path.with_file_name(name)
    };
    let (part, old) = (|path: &Path| beside(path, "part"), |path: &Path| beside(path, "old"));
    let mut placed: Vec<(&Path, bool)> = Vec::new();
    let mut failure = None;
    for file in files {
        if let Err(cause) = write_new(&part(&file.path), file.bytes) {
            failure = Some((file.path.clone(), cause));
            break;
        }
    }
    for file in files.iter().filter(|_| failure.is_none()).collect::<Vec<_>>() {
        let existed = replace && fs::symlink_metadata(&file.path).is_ok();
        // Where the old one cannot be kept, it is replaced all the same.
        let _ = if existed { fs::hard_link(&file.path, old(&file.path)) } else { Ok(()) };
        // A link fails where there is a file already; there is no moment between a look and the write.
        let moved = if replace { fs::rename(part(&file.path), &file.path) } else { fs::hard_link(part(&file.path), &file.path) };
        if let Err(cause) = moved {
            failure = Some((file.path.clone(), cause));
            break;
        }
        placed.push((&file.path, existed));
    }
    let mut replaced = Vec::new();
    for (path, existed) in placed.into_iter().filter(|_| failure.is_some()) {
        let back = if existed { fs::rename(old(path), path) } else { fs::remove_file(path) };
        if back.is_err() {
            replaced.push(path.to_owned());
        }
    }
    for file in files {
        let _ = fs::remove_file(part(&file.path));
        let _ = fs::remove_file(old(&file.path));
    }
    failure.map_or(Ok(()), |(path, cause)| Err(Unplaced { path, cause, replaced }))
}

/// A text that was read from a file, and whether others can read that file too.
#[derive(Debug)]
pub struct SmallFile {
    /// The text.
    pub text: Zeroizing<String>,
    /// Whether group or others can read the file.
    pub exposed: bool,
}

/// Reads a small text file: at most `limit` bytes, UTF-8.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read_small(path: &Path, limit: u64) -> Result<SmallFile, String> {
    let file = File::open(path).map_err(|cause| cause.to_string())?;
    let meta = file.metadata().map_err(|cause| cause.to_string())?;
    if meta.is_dir() {
        return Err("is a directory".to_owned());
    }
    let text = read_limited(file, limit)?;
    Ok(SmallFile { text, exposed: meta.is_file() && meta.mode() & 0o077 != 0 })
}

/// Reads at most `limit` bytes of UTF-8.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read_limited(source: impl Read, limit: u64) -> Result<Zeroizing<String>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    source.take(limit + 1).read_to_end(&mut bytes).map_err(|cause| cause.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("holds more than {limit} bytes"));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or_default();
            let (line, column) = (good.matches('\n').count() + 1, good.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
            Err(format!("line {line}, column {column}: is not text (UTF-8)"))
        }
    }
}

/// The random key of this installation that fingerprints are made with; made at its first use.
///
/// # Errors
/// When it can be neither read nor made.
pub fn fingerprint_key(state: &Path) -> io::Result<[u8; 32]> {
    let path = state.join("fingerprint.key");
    let mut key = [0; 32];
    match File::open(&path) {
        Ok(mut file) => file.read_exact(&mut key)?,
        Err(_) => {
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            fs::DirBuilder::new().recursive(true).mode(0o700).create(state)?;
            match write_new(&path, &key) {
                // Another run was first: its key is the one.
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => File::open(&path)?.read_exact(&mut key)?,
                other => other?,
            }
        }
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_once_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        write_new(&path, b"one").unwrap();
        assert!(write_new(&path, b"two").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn files_are_put_in_place_all_or_none() {
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
    fn what_was_replaced_comes_back_when_a_later_file_fails() {
        let directory = tempfile::tempdir().unwrap();
        let (one, new, two) = (directory.path().join("one"), directory.path().join("new"), directory.path().join("two"));
        fs::write(&one, "old").unwrap();
        fs::create_dir(&two).unwrap();
        let pending = |path: &Path| Pending { path: path.to_owned(), bytes: b"1" };
        let error = put_in_place(&[pending(&one), pending(&new), pending(&two)], true).unwrap_err();
        assert_eq!((error.path, error.replaced), (two, Vec::new()));
        assert_eq!(fs::read(&one).unwrap(), b"old");
        assert!(!new.exists());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing is left beside them");
    }

    #[test]
    fn the_fingerprint_key_is_made_once() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        assert_eq!(fingerprint_key(&state).unwrap(), fingerprint_key(&state).unwrap());
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(read_limited(&b"a\nb\xc3\xa9\xff"[..], 99).unwrap_err(), "line 2, column 3: is not text (UTF-8)");
    }

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("big");
        fs::write(&path, "12345").unwrap();
        assert!(read_small(&path, 4).unwrap_err().contains("more than 4"));
        assert_eq!(read_small(&path, 5).unwrap().text.as_str(), "12345");
    }
}
