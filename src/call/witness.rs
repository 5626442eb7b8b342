//! Records every attempt before it is made.

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::Error;
use crate::wire::Stamp;

/// Is told of every attempt before it is made, and of each that was certainly not executed.
pub trait Witness {
    /// An attempt is about to be made.
    ///
    /// # Errors
    /// When that cannot be recorded: then the attempt is not made.
    fn announce(&mut self, stamp: &Stamp) -> Result<(), Error>;

    /// The last attempt that was announced was not executed.
    ///
    /// # Errors
    /// When that cannot be recorded: then nothing more is sent.
    fn refused(&mut self, code: &str, now: DateTime<Utc>) -> Result<(), Error>;
}

/// An attempt must be made within this time of its announcement; after that, a new one is announced.
pub const STALE: TimeDelta = TimeDelta::seconds(60);
