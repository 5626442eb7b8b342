//! How writing a key file ends.

use std::io;

use crate::error::{Error, exit};
use crate::keyfile::place::Place;

/// A successful write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file now holds the new key, on disk.
    Now,
    /// The file already held the new key, and it is on disk.
    Already,
}

/// A failed write.
#[derive(Debug)]
pub enum WriteError {
    /// The file cannot be read, or must not be written. Nothing was written.
    Refused(Error),
    /// The file holds a key that was not expected, with this fingerprint. Nothing was written.
    Conflict(String),
    /// The file was changed since it was read. Nothing was written.
    Changed,
    /// The system refused the write. Nothing was written.
    NotWritten(io::Error),
    /// The file holds the new key, but a power cut may bring back the old one.
    NotSynced(io::Error),
}

impl WriteError {
    /// Whether the file holds the new key.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        matches!(self, Self::NotSynced(_))
    }

    /// The error to report.
    #[must_use]
    pub fn error(self, place: &Place) -> Error {
        let path = place.path.display();
        let unchanged = |message: String| Error::new(exit::FAILED, message).state(format!("{path} is unchanged"));
        match self {
            Self::Refused(error) => error,
            Self::Conflict(found) => unchanged(format!("{place} holds a third key (fp {found}): somebody else changed it"))
                .next("find out who changed it; this run changes nothing"),
            Self::Changed => unchanged(format!("somebody else changed {place} while this run was about to write it"))
                .next("run this again when nobody else is editing the file"),
            Self::NotWritten(cause) if cause.kind() == io::ErrorKind::ResourceBusy => {
                unchanged(format!("{path} cannot be replaced: it is a mount point ({cause})")).next("use the file outside the container")
            }
            Self::NotWritten(cause) => {
                unchanged(format!("{path} cannot be written: {cause}")).next("make the directory writable: the file is replaced as a whole")
            }
            Self::NotSynced(cause) => {
                Error::new(exit::UNKNOWN, format!("{path} was written, but its directory could not be synced: {cause}"))
                    .state("the file holds the new key; after a power cut it may hold the old one again")
            }
        }
    }
}
