//! Removing what is no longer needed: sealed keys, old operations, and leftovers.

use std::io;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::event::{Event, Record};
use super::super::id::OperationId;
use super::super::journal::{self, Sync};
use super::super::seal;
use super::store::Records;
use crate::error::{Error, exit};

impl Records {
    /// Shreds the sealed keys of a finished operation.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn shred(&self, id: &OperationId, now: DateTime<Utc>) -> Result<(), Error> {
        let mut opened = self.open(id.clone())?;
        self.disk
            .shred(&seal::path(&self.directory, id))
            .map_err(|cause| Error::new(exit::FAILED, format!("the keys of operation {id} cannot be removed: {cause}")))?;
        opened.journal.append(&Record { time: now, event: Event::Shredded }, Sync::Now)?;
        opened.journal.finish()
    }

    /// Removes an operation from the record.
    ///
    /// # Errors
    /// When its files cannot be removed.
    pub fn forget(&self, id: &OperationId) -> Result<(), Error> {
        let failed = |cause: io::Error| Error::new(exit::FAILED, format!("operation {id} cannot be removed: {cause}"));
        self.disk.remove(&journal::path(&self.directory, id)).map_err(failed)?;
        self.disk.sync_directory(&self.directory).map_err(failed)
    }

    /// Removes what operations left that never began: sealed keys, and journals without a plan, when they are a day old.
    ///
    /// # Errors
    /// When the directory cannot be read, or a file cannot be removed.
    pub fn sweep(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let failed = |cause: io::Error| Error::new(exit::FAILED, format!("{} cannot be cleaned up: {cause}", self.directory.display()));
        let mut planned = self.list()?;
        planned.retain(|id| !matches!(self.known(id), Ok((None, None))));
        let names = match self.disk.list(&self.directory) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
            names => names.map_err(failed)?,
        };
        for name in names {
            let id = name.to_str().and_then(|name| name.rsplit_once('.')?.0.parse::<OperationId>().ok());
            if let Some(id) = id.filter(|id| !planned.contains(id) && now - id.began() > TimeDelta::days(1)) {
                self.disk.shred(&seal::path(&self.directory, &id)).map_err(failed)?;
                match self.disk.remove(&journal::path(&self.directory, &id)) {
                    Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(cause)),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
