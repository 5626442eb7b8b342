//! The sealing key: this installation's own, or a file that the user or a CI job names.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::super::disk::{Disk, RealDisk};
use super::super::id::OperationId;
use crate::error::{Error, exit};
use crate::model::hex;
use crate::system::files::write_new;
use crate::system::private;

/// The flag that names a sealing key file.
pub const FLAG: &str = "--seal-key-file";
/// The environment variable that names a sealing key file.
pub const VARIABLE: &str = "TUNNELCTL_SEAL_KEY_FILE";

/// Length of a key, in bytes.
const LENGTH: usize = 32;
/// The most bytes that a key file may hold: 64 hex digits and some white space.
const MOST: usize = 256;
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A sealing key.
pub struct SealKey {
    bytes: Zeroizing<[u8; LENGTH]>,
    from: PathBuf,
    name: String,
}

impl SealKey {
    /// Makes a key of these bytes; errors name the file `from`.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; LENGTH]>, from: PathBuf) -> Self {
        let digest = Sha256::new().chain_update(b"tunnelctl seal key").chain_update(*bytes).finalize();
        let name = hex(digest.get(..4).unwrap_or_default());
        Self { bytes, from, name }
    }

    /// Reads the key of a file: 32 bytes, raw, as 64 hex digits or in base64.
    ///
    /// # Errors
    /// When there is no such file, others can read or change it, or it does not hold a key.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let refused = |what: &str| {
            Error::new(exit::CREDENTIALS, format!("{}: {what}", path.display()))
                .state("nothing was sent")
                .next("a sealing key is 32 random bytes, raw, as 64 hex digits or in base64: openssl rand -hex 32")
        };
        let bytes = private::read_bytes(path, MOST)?.ok_or_else(|| refused("there is no such file"))?;
        let key = parse(&bytes).map_err(refused)?;
        Ok(Self::new(key, path.to_owned()))
    }

    /// Reads this installation's own key, `seal.key` in the configuration directory; `None` where there is none yet.
    ///
    /// # Errors
    /// As [`SealKey::from_file`].
    pub fn own(directory: &Path) -> Result<Option<Self>, Error> {
        let path = own_path(directory);
        if path.symlink_metadata().is_err_and(|cause| cause.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        Self::from_file(&path).map(Some)
    }

    /// Reads this installation's own key, or creates it. Runs that create it at the same time get the same key.
    ///
    /// # Errors
    /// As [`SealKey::from_file`], and when the key cannot be created.
    pub fn own_or_new(directory: &Path) -> Result<Self, Error> {
        if let Some(key) = Self::own(directory)? {
            return Ok(key);
        }
        let path = own_path(directory);
        make(&path).map_err(|cause| {
            Error::new(exit::CREDENTIALS, format!("cannot create the sealing key {}: {cause}", path.display()))
                .state("nothing was sent")
                .next(format!("name a key file with {FLAG} or {VARIABLE}"))
        })?;
        Self::from_file(&path)
    }

    /// The key's short name: the first eight hex digits of a SHA-256 over it. It tells two keys apart and reveals nothing, since
    /// keys are random.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes. Called only where keys are sealed and opened.
    pub(super) fn expose(&self) -> &[u8; LENGTH] {
        &self.bytes
    }

    /// The error of a key that is not the one an operation's keys are sealed under.
    #[must_use]
    pub fn is_not(&self, other: &str, id: &OperationId) -> Error {
        let message =
            format!("the keys of operation {id} are sealed under the sealing key {other}, but {} holds {}", self.from.display(), self.name);
        Error::new(exit::CREDENTIALS, message).state("nothing was sent").next(advice(id))
    }
}

fn advice(id: &OperationId) -> String {
    format!(
        "name the file that held the key when the operation began: {FLAG} FILE, or {VARIABLE}=FILE, with `tunnelctl operation resume {id}`"
    )
}

fn own_path(directory: &Path) -> PathBuf {
    directory.join("seal.key")
}

/// Creates a key file: written beside its place and then linked there, so that nobody reads half a key and the first run wins.
/// It is on the disk when this returns, since everything sealed under a lost key is lost too.
fn make(path: &Path) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    RealDisk::default().make_directory(directory)?;
    let mut key = Zeroizing::new([0; LENGTH]);
    getrandom::fill(key.as_mut_slice()).map_err(io::Error::other)?;
    let mut chance = [0; 4];
    getrandom::fill(&mut chance).map_err(io::Error::other)?;
    let part = directory.join(format!(".seal.key.{}.part", hex(&chance)));
    write_new(&part, key.as_slice())?;
    let linked = fs::hard_link(&part, path);
    let _ = fs::remove_file(&part);
    match linked {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    File::open(directory)?.sync_all()
}

fn parse(bytes: &[u8]) -> Result<Zeroizing<[u8; LENGTH]>, &'static str> {
    let mut key = Zeroizing::new([0; LENGTH]);
    let text = bytes.trim_ascii();
    if bytes.len() == LENGTH {
        // Random bytes are all printable once in 10^13 files: this is half a key in hex, or a password.
        if text.iter().all(u8::is_ascii_graphic) {
            return Err("holds 32 characters, which are weaker than 32 random bytes");
        }
        key.copy_from_slice(bytes);
    } else if text.len() == 2 * LENGTH {
        for (place, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
            let pair = pair.iter().all(u8::is_ascii_hexdigit).then(|| std::str::from_utf8(pair).ok()).flatten();
            *place = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or("holds 64 characters that are not hex digits")?;
        }
    } else {
        let decoded = Zeroizing::new(BASE64.decode(text).unwrap_or_default());
        if decoded.len() != LENGTH {
            return Err("does not hold a sealing key");
        }
        key.copy_from_slice(&decoded);
    }
    if key.iter().all(|byte| Some(byte) == key.first()) {
        return Err("holds the same byte 32 times, which protects nothing");
    }
    Ok(key)
}

impl fmt::Debug for SealKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SealKey({} from {})", self.name, self.from.display())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn file(directory: &Path, bytes: &[u8]) -> PathBuf {
        let path = directory.join("key");
        let _ = fs::remove_file(&path);
        write_new(&path, bytes).unwrap();
        path
    }

    #[test]
    fn a_key_is_read_raw_in_hex_and_in_base64() {
        let directory = tempfile::tempdir().unwrap();
        let raw: Vec<u8> = (0..32).collect();
        let base64 = BASE64.encode(&raw);
        let forms: [&[u8]; 6] = [
            &raw,
            HEX.as_bytes(),
            &format!("{}\n", HEX.to_uppercase()).into_bytes(),
            base64.as_bytes(),
            format!("{base64}\r\n").leak().as_bytes(),
            base64.trim_end_matches('=').as_bytes(),
        ];
        for form in forms {
            let key = SealKey::from_file(&file(directory.path(), form)).unwrap();
            assert_eq!(key.expose().as_slice(), raw, "{}", String::from_utf8_lossy(form));
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        let directory = tempfile::tempdir().unwrap();
        for text in
            ["", "canary", &HEX[..63], &HEX[..32], &HEX.replace('a', "g"), &HEX.replace("00", "+0"), &"0".repeat(64), &"A".repeat(300)]
        {
            let error = SealKey::from_file(&file(directory.path(), text.as_bytes())).unwrap_err();
            assert_eq!(error.exit, exit::CREDENTIALS);
            assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
        }
        let error = SealKey::from_file(&directory.path().join("none")).unwrap_err();
        assert!(error.message.contains("no such file"), "{error}");
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), HEX.as_bytes());
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(SealKey::from_file(&path).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn runs_that_make_the_own_key_at_once_get_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config/tunnelctl");
        assert!(SealKey::own(&config).unwrap().is_none());
        let names: Vec<String> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| SealKey::own_or_new(&config).unwrap().name().to_owned())).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
        assert_eq!(SealKey::own(&config).unwrap().unwrap().name(), names[0]);
        assert_eq!(fs::read_dir(&config).unwrap().count(), 1);
        assert_eq!(fs::metadata(own_path(&config)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn debug_shows_the_name_only() {
        let key = SealKey::new(Zeroizing::new([7; 32]), PathBuf::from("seal.key"));
        assert_eq!(format!("{key:?}"), format!("SealKey({} from seal.key)", key.name()));
        assert_eq!(key.name().len(), 8);
    }
}
