//! Opens and reads a key file, and refuses one that others could replace or change.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::agreement::parse::LIMIT;
use crate::system::private::is_ours;

/// Opens a file without following a link, and without waiting for a pipe.
pub(super) fn open(real: &Path) -> io::Result<(File, Metadata)> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    let file = OpenOptions::new().read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or(0)).open(real)?;
    let meta = file.metadata()?;
    Ok((file, meta))
}

/// The whole content of a file.
pub(super) fn all(file: File) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for a whole file: growing would leave copies of a key in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT { Err(io::Error::other(format!("it is larger than {LIMIT} bytes"))) } else { Ok(bytes) }
}

/// Checks that only its owner can change the file, and that it can be replaced.
///
/// # Errors
/// Why not, and what to do.
pub(super) fn guard(real: &Path, meta: &Metadata) -> Result<(), (String, String)> {
    let shown = real.display();
    if !meta.is_file() {
        return Err(("is not a regular file".to_owned(), String::new()));
    }
    if !is_ours(meta.uid()) {
        return Err((format!("belongs to another user (uid {})", meta.uid()), format!("sudo chown \"$USER\" {shown}")));
    }
    if meta.mode() & 0o022 != 0 {
        return Err((format!("other users can change it (mode {:o})", meta.mode() & 0o777), format!("chmod go-w {shown}")));
    }
    if meta.nlink() > 1 {
        let cause = format!("has {} names (hard links): the other names would keep the old key", meta.nlink());
        return Err((cause, "use a file with only one name".to_owned()));
    }
    let directory = real.parent().unwrap_or_else(|| Path::new("/"));
    if directory.metadata().is_ok_and(|meta| meta.mode() & 0o1002 == 0o002) {
        let cause = format!("is in {}, where any user can replace it", directory.display());
        return Err((cause, format!("chmod o-w {}", directory.display())));
    }
    Ok(())
}
