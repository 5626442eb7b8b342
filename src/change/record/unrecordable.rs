//! The error of a change that cannot be put on record.

use crate::error::{Error, exit};

/// Turns the cause into the error of a change that cannot be put on record. A lock that another run holds stays what it is.
#[must_use]
pub fn unrecordable(cause: Error) -> Error {
    if cause.exit == exit::HELD {
        return cause;
    }
    let mut error =
        Error::new(exit::CREDENTIALS, format!("the change cannot be put on record: {}", cause.message)).state("nothing was sent");
    let place = "set XDG_STATE_HOME to a directory that you can write to, on a disk with room";
    error.next = cause.next.into_iter().filter(|next| !next.contains("XDG_STATE_HOME")).collect();
    error.next(place).next("or change it without a record, so that it cannot be rolled back: --no-record")
}
