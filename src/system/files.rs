//! Private files and directories: where they are, and reading them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use zeroize::Zeroizing;

use crate::error::{Error, exit};

pub use super::write::{Pending, Unplaced, put_in_place, write_new};

/// The directory for the program's state: `$XDG_STATE_HOME/tunnelctl`, or `~/.local/state/tunnelctl`.
///
/// # Errors
/// When there is neither.
pub fn state_dir() -> Result<PathBuf, Error> {
    let missing = || {
        Error::new(exit::CREDENTIALS, "there is no home directory for the program's state")
            .next("set XDG_STATE_HOME to a directory of your own")
    };
    let strategy = choose_base_strategy().map_err(|_| missing())?;
    Ok(strategy.state_dir().ok_or_else(missing)?.join("tunnelctl"))
}

/// Creates a directory that only its owner can enter.
///
/// # Errors
/// When it cannot be created.
pub fn private_dir(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|cause| {
        Error::new(exit::CREDENTIALS, format!("cannot create {}: {cause}", path.display()))
            .next("set XDG_STATE_HOME to a directory that you can write to")
    })
}

/// A text from a file, and whether others can read that file as well.
#[derive(Debug)]
pub struct SmallFile {
    /// The text.
    pub text: Zeroizing<String>,
    /// Whether group or others have access to the file.
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

/// Opens a regular file to read it. A pipe in its place would make the program wait for ever, and is an error.
///
/// # Errors
/// The system's error, or that it is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("is not a regular file")) }
}

/// Reads a regular file of text, as [`open_regular`] opens it.
///
/// # Errors
/// The system's error, or that it is no regular file, or no text.
pub fn read_regular(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_regular(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// The random key of this installation for fingerprints; created at the first use.
///
/// # Errors
/// When it can be neither read nor created.
pub fn fingerprint_key(state: &Path) -> io::Result<[u8; 32]> {
    let path = state.join("fingerprint.key");
    let mut key = [0; 32];
    match open_regular(&path) {
        Ok(mut file) => file.read_exact(&mut key)?,
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        Err(_) => {
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            fs::DirBuilder::new().recursive(true).mode(0o700).create(state)?;
            match write_new(&path, &key) {
                // Another run was faster: its key is used.
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => open_regular(&path)?.read_exact(&mut key)?,
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
    fn fingerprint_key_is_created_once() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        assert_eq!(fingerprint_key(&state).unwrap(), fingerprint_key(&state).unwrap());
    }

    #[test]
    fn pipe_in_place_of_a_file_is_an_error_and_not_a_wait() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("fingerprint.key");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert!(open_regular(&pipe).unwrap_err().to_string().contains("not a regular file"));
        assert!(fingerprint_key(directory.path()).is_err());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_place() {
        assert_eq!(read_limited(&b"a\nb\xc3\xa9\xff"[..], 99).unwrap_err(), "line 2, column 3: is not text (UTF-8)");
    }

    #[test]
    fn file_that_is_too_large_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("big");
        fs::write(&path, "12345").unwrap();
        assert!(read_small(&path, 4).unwrap_err().contains("more than 4"));
        assert_eq!(read_small(&path, 5).unwrap().text.as_str(), "12345");
    }
}
